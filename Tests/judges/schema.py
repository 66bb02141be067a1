"""Whether documents in YAML fit a JSON schema: schema.py SCHEMA FILE...

Prints for each file `ok`, or what is wrong first, one a line.
"""
import json
import sys

import jsonschema
import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        errors = sorted(validator.iter_errors(yaml.safe_load(file)), key=lambda error: list(map(str, error.path)))
    print(errors[0].message.replace("\n", " ") if errors else "ok")
