internal import CertificateRequests
internal import FoundationEssentials
internal import Kubeconfigs
internal import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText
internal import Yams

/// Turns the content of a file into items.
struct FileReading {
  let path: String
  let instant: Date
  let password: SecretBytes?
  var items: [FileDescription.Item] = []

  /// What a block is called that begins and cannot be decoded.
  static let tornBlockLabel = "PEM block"

  /// What a PKCS#12 file is called that cannot be read.
  static let keyStoreLabel = "PKCS#12 file"

  init(path: String, instant: Date, password: SecretBytes?) {
    self.path = path
    self.instant = instant
    self.password = password
  }

  /// Adds the blocks of a text in PEM, or what bytes in DER are; a text or bytes of anything else hold none.
  mutating func add(_ content: SecretBytes) {
    addBlocks(of: content)
    if items.isEmpty, content.copy.first == 0x30 { items += binaryItems(content) }
  }

  private mutating func addBlocks(of content: SecretBytes) {
    let (blocks, problems) = PEMBlock.read(content)
    for block in blocks {
      do throws(OpenSSLError) {
        items += try blockItems(block)
      } catch {
        items.append(.unusable(label: block.label, problem: error.description))
      }
    }
    items += problems.map {
      .unusable(label: Self.tornBlockLabel, problem: "in line \($0.line), \($0.reason)")
    }
  }

  private func blockItems(_ block: PEMBlock) throws(OpenSSLError) -> [FileDescription.Item] {
    switch block.label {
    case "CERTIFICATE": return [try item(Certificate(der: block.der.copy))]
    case _ where PKCS7.pemLabels.contains(block.label):
      return try certificates(PKCS7.certificates(der: block.der))
    case _ where CertificateRequest.pemLabels.contains(block.label):
      return [.request(try CSRDescription(CertificateRequest(der: block.der.copy)))]
    case _ where PublicKey.pemLabels.contains(block.label):
      return [.publicKey(try KeyDescription(PublicKey(block)))]
    case _ where block.isPrivateKey && block.isEncrypted: return [.encryptedPrivateKey(label: block.label)]
    case _ where block.isPrivateKey: return [.privateKey(try KeyDescription(PrivateKey(block).publicKey))]
    default: return [.unknownBlock(label: block.label)]
    }
  }

  private func item(_ certificate: Certificate) throws(OpenSSLError) -> FileDescription.Item {
    .certificate(try CertificateDescription(certificate, at: instant))
  }

  private func certificates(_ certificates: [Certificate]) throws(OpenSSLError) -> [FileDescription.Item] {
    try certificates.map { (certificate) throws(OpenSSLError) in try item(certificate) }
  }

  /// What bytes in DER are; nothing where they are none of the kinds that pkigen knows.
  private func binaryItems(_ der: SecretBytes) -> [FileDescription.Item] {
    if PKCS12.isFile(der) { return keyStore(der) }
    if let certificate = try? item(Certificate(der: der.copy)) { return [certificate] }
    if let items = try? certificates(PKCS7.certificates(der: der)) { return items }
    for label in [CertificateRequest.pemLabels[0], PublicKey.pemLabels[0], "PRIVATE KEY"] {
      if let items = try? blockItems(PEMBlock(label: label, der: der)) { return items }
    }
    return []
  }

  private func keyStore(_ der: SecretBytes) -> [FileDescription.Item] {
    do throws(OpenSSLError) {
      let contents = try PKCS12.read(der, password: password)
      let key = try contents.key.map { (key) throws(OpenSSLError) in try KeyDescription(key.publicKey) }
      return try (key.map { [.privateKey($0)] } ?? []) + certificates(contents.certificates)
    } catch {
      let reason = password == nil ? "it is encrypted, and no password was given" : error.description
      return [.unusable(label: Self.keyStoreLabel, problem: reason)]
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
      return try JSONValue(document).listedObjects.flatMap(objectItems)
    } catch {
      return [.unusable(label: "document", problem: error.text)]
    }
  }

  private func objectItems(_ object: JSONValue) -> [FileDescription.Item] {
    switch object["kind"]?.string {
    case "CertificateSigningRequest": [signingRequest(object)]
    case "Secret": values(of: object, encoded: "data", plain: "stringData")
    case "ConfigMap": values(of: object, encoded: "binaryData", plain: "data")
    default: []
    }
  }

  /// What the values of a Secret or a ConfigMap hold; values of anything else are left out.
  private func values(of object: JSONValue, encoded: String, plain: String) -> [FileDescription.Item] {
    let metadata = object["metadata"]
    let names = [metadata?["namespace"]?.string, metadata?["name"]?.string].compactMap(\.self)
    let title = [object["kind"]?.string ?? "", names.joined(separator: "/")].joined(separator: " ")
    return [(encoded, true), (plain, false)].flatMap { field, isEncoded in
      (object[field]?.object ?? [:]).sorted { $0.key < $1.key }.flatMap {
        key, value -> [FileDescription.Item] in
        guard let text = value.string else { return [] }
        let content = isEncoded ? Base64.decode(text) : SecretBytes(text.utf8)
        guard let content else {
          return [.unusable(label: title, problem: "its \(field).\(key) is not base64")]
        }
        return items(inValue: content).map { .part(of: "\(title), \(key)", $0) }
      }
    }
  }

  private func items(inValue content: SecretBytes) -> [FileDescription.Item] {
    var reading = FileReading(path: path, instant: instant, password: password)
    reading.add(content)
    if reading.items.isEmpty, KubeconfigDocument.isKubeconfig(content) {
      reading.items.append(kubeconfig(content))
    }
    return reading.items
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
