internal import FileStore
package import FoundationEssentials
package import KubernetesPKI
package import OpenSSLX509

/// What a file holds: of certificates, keys, requests and kubeconfigs, one or several.
package struct FileDescription: Sendable {
  /// One of the things that a file holds.
  package enum Item: Sendable {
    /// A certificate.
    case certificate(CertificateDescription)
    /// A CSR.
    case request(CSRDescription)
    /// A private key, described by its public half.
    case privateKey(KeyDescription)
    /// A private key that needs a passphrase.
    case encryptedPrivateKey(label: String)
    /// A public key.
    case publicKey(KeyDescription)
    /// A kubeconfig.
    case kubeconfig(KubeconfigDescription)
    /// A CertificateSigningRequest object of the API.
    case signingRequest(CSRObjectDescription)
    /// A PEM block of a kind that Kubernetes has no use for.
    case unknownBlock(label: String)
    /// Something of a known kind that cannot be used, and why, as a sentence's second half.
    case unusable(label: String, problem: String)
    /// One of the things in a part of the file, as in a value of a Secret.
    indirect case part(of: String, Item)

    /// The thing itself, wherever in the file it is.
    package var content: Item { if case .part(_, let item) = self { item.content } else { self } }
  }

  /// The file's path, or `-` for standard input.
  package let path: String
  /// The things, in their order in the file.
  package let items: [Item]

  /// Describes the file at `path`, or standard input for `-`; `instant` is the time at which certificates are valid or not.
  ///
  /// - Parameter password: that of PKCS#12 files.
  /// - Throws: what the operating system refuses.
  package init(reading path: String, at instant: Date, password: SecretBytes? = nil) throws(PKIError) {
    let content = try files(FileSystem.readStream(path, limit: FileSystem.sizeLimit))
    self.path = path
    var reading = FileReading(path: path, instant: instant, password: password)
    reading.add(content)
    // Indented blocks in a document are no blocks of the text.
    if reading.items.allSatisfy(\.isTornBlock) {
      var documents = FileReading(path: path, instant: instant, password: password)
      documents.addDocuments(of: content)
      if !documents.items.isEmpty { reading = documents }
    }
    items = reading.items
  }

  /// The name of the file for a sentence.
  private var name: String { path == "-" ? "standard input" : path }

  /// Whether the file holds nothing that pkigen knows.
  var isUnknown: Bool { items.allSatisfy(\.isUnknown) }

  /// What is wrong with the file: what cannot be used of it, or that there is nothing in it that pkigen knows.
  package var findings: [Finding] {
    let unusable = items.compactMap { item -> Finding? in
      guard case .unusable(let label, let problem) = item.content else { return nil }
      return Finding(
        .malformedFile, [path], "\(name) holds a \(label) that cannot be used: \(problem)",
        label == FileReading.keyStoreLabel ? .namePassword : .getGoodCopy(name))
    }
    guard unusable.isEmpty, isUnknown else { return unusable }
    return [
      Finding(
        .malformedFile, [path], "\(name) holds nothing that pkigen knows",
        .nameInspectableFile)
    ]
  }
}

extension FileDescription.Item {
  fileprivate var isTornBlock: Bool {
    if case .unusable(FileReading.tornBlockLabel, _) = self { true } else { false }
  }

  fileprivate var isUnknown: Bool {
    if case .unknownBlock = content { true } else { false }
  }
}
