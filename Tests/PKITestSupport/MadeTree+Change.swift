import FoundationEssentials
package import Kubeconfigs
package import OpenSSLX509
import TestSupport
import Testing

extension MadeTree {
  /// The names of all files below the directory, sorted, with `/` after those of directories.
  package var names: [String] {
    get throws {
      try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted()
    }
  }

  /// Every file with its bytes, mode and the time of its last change: equal when nothing was done to any.
  package var state: [String: String] {
    get throws {
      var state: [String: String] = [:]
      for name in try names {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        // A lock comes and goes in a directory.
        guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
        let content = try text(name)
        state[name] =
          "\(attributes[.posixPermissions] ?? "") \(attributes[.modificationDate] ?? "") \(content)"
      }
      return state
    }
  }

  package func write(_ content: SecretBytes, to name: String) throws {
    try Data(content.copy).write(to: URL(filePath: path(name)))
  }

  package func copy(_ name: String, to target: String) throws {
    try write(text(name), to: target)
  }

  package func certificate(_ name: String) throws -> Certificate {
    let certificates = try Certificate.all(pem: SecretBytes(Array(text("pki/\(name).crt").utf8)))
    return certificates[0]
  }

  package func key(_ name: String) throws -> PrivateKey {
    try PrivateKey(pem: SecretBytes(Array(text("pki/\(name).key").utf8)))
  }

  /// What a certificate says, for another one that differs in a few things.
  package func template(_ certificate: Certificate) throws -> CertificateTemplate {
    CertificateTemplate(
      serialNumber: try .random(), subject: certificate.subject, validity: certificate.validity,
      publicKey: certificate.publicKey,
      extensions: certificate.extensions.filter {
        $0.identifier != SubjectKeyIdentifier.identifier && $0.identifier != AuthorityKeyIdentifier.identifier
      })
  }

  /// Puts another certificate in place of one: signed by the same CA or another, with the same key.
  package func replace(
    _ name: String, signedBy authority: String,
    _ change: (inout CertificateTemplate) throws -> Void = { _ in }
  ) throws {
    var template = try template(certificate(name))
    try change(&template)
    let issuer = try (certificate(authority), key(authority))
    try write(template.signed(by: issuer.1, issuer: issuer.0).pem(), to: "pki/\(name).crt")
  }

  /// Puts another certificate of a CA in place of one: with the same key, signed by itself.
  package func replaceAuthority(_ name: String, _ change: (inout CertificateTemplate) throws -> Void) throws {
    var template = try template(certificate(name))
    try change(&template)
    try write(template.selfSigned(by: key(name)).pem(), to: "pki/\(name).crt")
  }

  /// The kubeconfig of this name.
  package func kubeconfig(_ name: String) throws -> Kubeconfig {
    try Kubeconfig(SecretBytes(Array(text(name).utf8)), path: path(name))
  }

  /// Puts another kubeconfig in place of one.
  package func replaceKubeconfig(
    _ name: String, server: String? = nil, authorities: [Certificate]? = nil, key: PrivateKey? = nil,
    signedBy authority: String = "ca", _ change: (inout CertificateTemplate) throws -> Void = { _ in }
  ) throws {
    let old = try kubeconfig(name)
    var template = try template(old.clientCertificates[0])
    try change(&template)
    let client = try template.signed(by: self.key(authority), issuer: certificate(authority))
    let new = Kubeconfig(
      clusterName: old.clusterName, userName: old.userName, contextName: old.contextName,
      server: server ?? old.server, certificateAuthorities: authorities ?? old.certificateAuthorities,
      clientCertificates: [client], clientKey: try #require(key ?? old.clientKey))
    try write(new.encoded(), to: name)
  }
}

extension CertificateTemplate {
  /// Puts an extension in place of the one of its kind.
  package mutating func set(_ value: some CertificateExtensionValue, isCritical: Bool = false) throws {
    let encoded = try value.encoded(isCritical: isCritical)
    extensions = extensions.filter { $0.identifier != encoded.identifier } + [encoded]
  }
}
