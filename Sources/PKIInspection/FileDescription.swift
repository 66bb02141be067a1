internal import CertificateRequests
internal import FileStore
package import FoundationEssentials
internal import Kubeconfigs
package import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText
internal import Yams

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
  }

  /// The file's path, or `-` for standard input.
  package let path: String
  /// The things, in their order in the file.
  package let items: [Item]

  /// Describes the file at `path`, or standard input for `-`; `instant` is the time at which certificates are valid or not.
  ///
  /// - Throws: what the operating system refuses.
  package init(reading path: String, at instant: Date) throws(PKIError) {
    let content = try files(FileSystem.readStream(path, limit: FileSystem.sizeLimit))
    self.path = path
    var reading = Reading(path: path, instant: instant)
    reading.addBlocks(of: content)
    if reading.items.isEmpty { reading.addDocuments(of: content) }
    items = reading.items
  }

  /// The name of the file for a sentence.
  private var name: String { path == "-" ? "standard input" : path }

  /// What is wrong with the file: what cannot be used of it, or that there is nothing in it that pkigen knows.
  package var findings: [Finding] {
    let unusable = items.compactMap { item -> Finding? in
      guard case .unusable(let label, let problem) = item else { return nil }
      return Finding(
        .malformedFile, [path], "\(name) holds a \(label) that cannot be used: \(problem)",
        .getGoodCopy(name))
    }
    guard unusable.isEmpty, items.allSatisfy(\.isUnknown) else { return unusable }
    return [
      Finding(
        .malformedFile, [path], "\(name) holds nothing that pkigen knows",
        .nameInspectableFile)
    ]
  }
}

extension FileDescription.Item {
  fileprivate var isUnknown: Bool {
    if case .unknownBlock = self { true } else { false }
  }
}

/// Turns the content of a file into items.
private struct Reading {
  let path: String
  let instant: Date
  var items: [FileDescription.Item] = []

  mutating func addBlocks(of content: SecretBytes) {
    let (blocks, problems) = PEMBlock.read(content)
    for block in blocks {
      do throws(OpenSSLError) {
        items.append(try item(block))
      } catch {
        items.append(.unusable(label: block.label, problem: error.description))
      }
    }
    items += problems.map { .unusable(label: "PEM block", problem: "in line \($0.line), \($0.reason)") }
  }

  private func item(_ block: PEMBlock) throws(OpenSSLError) -> FileDescription.Item {
    switch block.label {
    case "CERTIFICATE":
      return .certificate(try CertificateDescription(Certificate(der: block.der.copy), at: instant))
    case _ where CertificateRequest.pemLabels.contains(block.label):
      return .request(try CSRDescription(CertificateRequest(der: block.der.copy)))
    case _ where PublicKey.pemLabels.contains(block.label):
      return .publicKey(try KeyDescription(PublicKey(block)))
    case _ where block.isPrivateKey && block.isEncrypted: return .encryptedPrivateKey(label: block.label)
    case _ where block.isPrivateKey: return .privateKey(try KeyDescription(PrivateKey(block).publicKey))
    default: return .unknownBlock(label: block.label)
    }
  }

  /// Adds the kubeconfig or the objects of a text in YAML or JSON; a text of anything else holds none.
  mutating func addDocuments(of content: SecretBytes) {
    let isKubeconfig = KubeconfigDocument.isKubeconfig(content)
    if isKubeconfig { items.append(kubeconfig(content)) }
    guard let text = content.utf8 else { return }
    let (documents, problem) = JSONValue.nodes(in: text)
    for document in documents.dropFirst(isKubeconfig ? 1 : 0) { items += objects(document) }
    // Only what says its kind is meant as an object. What is wrong with a kubeconfig has been said.
    if let problem, text.contains("kind"), !isKubeconfig || !documents.isEmpty {
      items.append(.unusable(label: "document", problem: problem.text))
    }
  }

  private func objects(_ document: Node) -> [FileDescription.Item] {
    do throws(JSONValue.Problem) {
      return try JSONValue(document).listedObjects
        .filter { $0["kind"]?.string == "CertificateSigningRequest" }.map(signingRequest)
    } catch {
      return [.unusable(label: "document", problem: error.text)]
    }
  }

  private func kubeconfig(_ content: SecretBytes) -> FileDescription.Item {
    do throws(KubeconfigProblem) {
      return .kubeconfig(KubeconfigDescription(try KubeconfigDocument(content, path: path), at: instant))
    } catch {
      return .unusable(label: "kubeconfig", problem: error.text)
    }
  }

  private func signingRequest(_ object: JSONValue) -> FileDescription.Item {
    do throws(JSONValue.Problem) {
      let request = try CertificateSigningRequest(object, origin: path, fileName: path)
      return .signingRequest(try CSRObjectDescription(request, at: instant))
    } catch {
      return .unusable(label: "CertificateSigningRequest", problem: error.text)
    }
  }
}
