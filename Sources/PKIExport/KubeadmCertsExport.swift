package import KubernetesPKI
package import OpenSSLX509
package import StructuredText

/// The key with which `kubeadm join` decrypts the Secret `kubeadm-certs`.
///
/// See <https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-certs/#cmd-certs-certificate-key>.
package struct CertificateKey: Sendable {
  /// Its 32 bytes.
  let bytes: SecretBytes

  /// A new random key.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when OpenSSL gives no random bytes.
  package static func generate() throws(PKIError) -> CertificateKey {
    CertificateKey(
      bytes: SecretBytes(
        try exporting("the certificate key") { () throws(OpenSSLError) in
          try RandomBytes.generate(AESGCM.keySize)
        }))
  }

  private init(bytes: SecretBytes) { self.bytes = bytes }

  /// The key whose hexadecimal digits a file has; a line break may follow them. `nil` for anything else.
  package init?(hexadecimal text: SecretBytes) {
    var digits = text.copy[...]
    while digits.last == 0x0a || digits.last == 0x0d { digits = digits.dropLast() }
    guard digits.count == 2 * AESGCM.keySize else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: digits.startIndex, to: digits.endIndex, by: 2) {
      guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    self.bytes = SecretBytes(bytes)
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The key as kubeadm takes it: 64 hexadecimal digits; and a line break.
  package var hexadecimal: SecretBytes {
    let digits = Array("0123456789abcdef".utf8)
    return SecretBytes(bytes.copy.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] } + [0x0a])
  }
}

extension ExportSource {
  /// The Secret `kubeadm-certs`, encrypted, and the Role and RoleBinding with which joining nodes read it.
  ///
  /// It is what `kubeadm init phase upload-certs --upload-certs` makes, but for the token that lets kubeadm's Secret expire:
  /// cmd/kubeadm/app/phases/copycerts/copycerts.go, Kubernetes 1.36. A file that is not here, as the key of an external CA, has
  /// an empty value.
  package func kubeadmCerts(encryptedWith key: CertificateKey) throws(PKIError) -> [JSONValue] {
    let name = "kubeadm-certs"
    var secret = SecretObject(name, in: "kube-system")
    for (file, content) in try kubeadmFiles() {
      secret.data[file] = SecretBytes(
        try exporting(file) { () throws(OpenSSLError) in
          try content.map { (content) throws(OpenSSLError) in try AESGCM.seal(content, with: key.bytes) }
            ?? []
        })
    }
    return [secret.object] + Self.kubeadmAuthorization(for: name)
  }

  /// The files by their names in the Secret; `nil` for one that is not here.
  private func kubeadmFiles() throws(PKIError) -> [(name: String, content: SecretBytes?)] {
    var files: [(name: String, content: SecretBytes?)] = []
    func add(ca id: CatalogEntry.ID, _ name: String) throws(PKIError) {
      let (certificates, key) = (try certificates(id), try optional(tree[id].key))
      files.append(("\(name).crt", try exporting(name, certificates.pem)))
      files.append(("\(name).key", try exporting(name) { () throws(OpenSSLError) in try key?.pem() }))
    }
    try add(ca: .ca, "ca")
    try add(ca: .frontProxyCA, "front-proxy-ca")
    let (publicKeys, privateKey) = (try serviceAccountPublicKeys(), try serviceAccountKey())
    files.append(("sa.pub", try exporting("sa.pub", publicKeys.pem)))
    files.append(("sa.key", try exporting("sa.key", privateKey.pem)))
    guard let externalEtcd else {
      try add(ca: .etcdCA, "etcd-ca")
      return files
    }
    let etcd = try externalEtcdParts(externalEtcd)
    files.append(("external-etcd-ca.crt", try exporting("external-etcd-ca.crt", etcd.cas.pem)))
    files.append(("external-etcd.crt", try exporting("external-etcd.crt", etcd.certificates.pem)))
    files.append(("external-etcd.key", try exporting("external-etcd.key", etcd.key.pem)))
    return files
  }

  private static func kubeadmAuthorization(for secret: String) -> [JSONValue] {
    let (name, group): (JSONValue, JSONValue) = (.string("kubeadm:\(secret)"), "rbac.authorization.k8s.io")
    let metadata: JSONValue = ["name": name, "namespace": "kube-system"]
    return [
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata,
        "rules": [
          ["apiGroups": [""], "resources": ["secrets"], "resourceNames": [.string(secret)], "verbs": ["get"]]
        ],
      ],
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata,
        "roleRef": ["apiGroup": group, "kind": "Role", "name": name],
        "subjects": [
          [
            "apiGroup": group, "kind": "Group",
            "name": "system:bootstrappers:kubeadm:default-node-token",
          ]
        ],
      ],
    ]
  }
}
