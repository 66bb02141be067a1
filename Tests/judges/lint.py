"""Lints certificates with pkilint as its lint_pkix_cert does, many in one process.

Usage: lint.py FILE... Prints a JSON list of findings of WARNING and above: file, severity, code, where and message.
"""

import json
import sys

from pkilint import loader
from pkilint.pkix import certificate, extension, name
from pkilint.validation import ValidationFindingSeverity

LINTER = certificate.create_pkix_certificate_validator_container(
    certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
    [
        certificate.create_issuer_validator_container([]),
        certificate.create_validity_validator_container(),
        certificate.create_subject_validator_container([]),
        certificate.create_extensions_validator_container([]),
        certificate.create_spki_validator_container([]),
    ],
)


def findings(path):
    with open(path, encoding="ascii") as file:
        document = loader.RFC5280CertificateDocumentLoader().load_pem_file(file, path)
    for result in LINTER.validate(document.root):
        for description in result.finding_descriptions:
            if description.finding.severity <= ValidationFindingSeverity.WARNING:
                yield {
                    "file": path,
                    "severity": description.finding.severity.name,
                    "code": description.finding.code,
                    "where": result.node.path,
                    "message": description.message or "",
                }


print(json.dumps([finding for path in sys.argv[1:] for finding in findings(path)]))
