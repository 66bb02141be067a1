internal import FileStore
internal import FoundationEssentials
package import KubernetesPKI
internal import OpenSSLX509
package import StructuredText

extension CertificateSigningRequest {
  /// Reads the requests of a file: in PEM, or CertificateSigningRequest objects in YAML or JSON, also as a list.
  ///
  /// - Parameter path: the file; `-` for standard input.
  /// - Throws: ``PKIError/unsound(_:)`` when it holds anything else, or what the operating system refuses.
  package static func read(_ path: String) throws(PKIError) -> [CertificateSigningRequest] {
    let content = try files(FileSystem.readStream(path, limit: FileSystem.sizeLimit))
    do throws(JSONValue.Problem) {
      return try requests(
        in: content, origin(of: path), fileName: path == "-" ? "request" : baseName(of: path))
    } catch {
      throw unusable(
        path, "does not hold a certificate signing request that can be used: \(error.text)",
        remedy:
          "give a request in PEM, or a CertificateSigningRequest object as kubectl get csr -o yaml prints it")
    }
  }

  /// Reads the request of a file that holds one in PEM, and no object of the API.
  ///
  /// - Parameter path: the file; `-` for standard input.
  /// - Throws: ``PKIError/unsound(_:)`` when it holds anything else, or what the operating system refuses.
  package static func readBare(_ path: String) throws(PKIError) -> CertificateSigningRequest {
    let requests = try read(path)
    guard requests.count == 1, !requests[0].isObject else {
      let count = requests.isEmpty ? "no" : "more than one"
      throw unusable(
        path,
        requests.count == 1 ? "holds an object already, not a request in PEM" : "holds \(count) request",
        remedy: "give one request in PEM, as pkigen csr create makes it")
    }
    return requests[0]
  }

  /// Reads the requests of a file that holds objects of the API, and no request in PEM.
  ///
  /// - Parameter path: the file; `-` for standard input.
  /// - Throws: ``PKIError/unsound(_:)`` when it holds anything else, or what the operating system refuses.
  package static func readObjects(_ path: String) throws(PKIError) -> [CertificateSigningRequest] {
    let requests = try read(path)
    guard requests.allSatisfy(\.isObject) else {
      throw unusable(
        path, "holds a request in PEM, not a CertificateSigningRequest object",
        remedy:
          "give the object as kubectl get csr -o yaml prints it; pkigen csr sign signs requests in PEM")
    }
    return requests
  }

  private static func unusable(_ path: String, _ problem: String, remedy: String) -> PKIError {
    let name = origin(of: path)
    return .unsound(Finding(.malformedFile, [name], "\(name) \(problem)", .advice(remedy)))
  }

  private static func origin(of path: String) -> String { path == "-" ? "standard input" : path }

  private static func requests(
    in content: SecretBytes, _ origin: String, fileName: String
  ) throws(JSONValue.Problem) -> [CertificateSigningRequest] {
    let bare = try pem(content)
    if bare.count == 1 { return [Self(bare[0], origin: origin, fileName: fileName)] }
    guard bare.isEmpty else {
      return bare.enumerated().map { (index, request) in
        Self(request, origin: "\(origin), request \(index + 1)", fileName: "\(fileName)-\(index + 1)")
      }
    }
    guard let text = String(validating: content.copy, as: UTF8.self) else {
      throw .init("it is neither PEM nor UTF-8 text")
    }
    let documents = try JSONValue.documents(in: text)
    guard !documents.isEmpty else { throw .init("there is none in it") }
    // A list may be empty: there are no requests.
    let objects = documents.flatMap(\.listedObjects)
    if objects.count == 1 { return [try Self(objects[0], origin: origin, fileName: fileName)] }
    var requests: [CertificateSigningRequest] = []
    for (index, object) in objects.enumerated() {
      let name = object["metadata"]?["name"]?.string.map { $0.quoted } ?? "object \(index + 1)"
      do throws(JSONValue.Problem) {
        requests.append(
          try Self(object, origin: "\(name) in \(origin)", fileName: "\(fileName)-\(index + 1)"))
      } catch {
        throw .init("\(name): \(error.text)")
      }
    }
    return requests
  }

  /// The name of a file without its directory and without `.csr`.
  private static func baseName(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(".csr") && name.count > 4 ? String(name.dropLast(4)) : name
  }

  /// All requests of a PEM text; none where there is no PEM in it.
  private static func pem(_ content: SecretBytes) throws(JSONValue.Problem) -> [CertificateRequest] {
    do throws(OpenSSLError) {
      var requests: [CertificateRequest] = []
      for block in try PEMBlock.blocks(in: content) {
        guard !block.isPrivateKey else { continue }
        guard CertificateRequest.pemLabels.contains(block.label) else {
          throw OpenSSLError(
            operation: "read the request", reasons: ["there is a \(block.label) block in it"])
        }
        requests.append(try CertificateRequest(der: block.der.copy))
      }
      return requests
    } catch {
      throw .init("\(error)")
    }
  }

  /// Reads an object of the API.
  ///
  /// - Parameter fileName: that of one without a name.
  package init(_ object: JSONValue, origin: String, fileName: String) throws(JSONValue.Problem) {
    guard object.object != nil else { throw .init("it is neither PEM nor an object in YAML or JSON") }
    guard object["kind"]?.string == "CertificateSigningRequest" else {
      throw .init(
        "its kind is \((object["kind"]?.string ?? "").quoted), not CertificateSigningRequest")
    }
    guard object["apiVersion"]?.string == "certificates.k8s.io/v1" else {
      throw .init(
        "its apiVersion is \((object["apiVersion"]?.string ?? "").quoted), not certificates.k8s.io/v1")
    }
    let name = object["metadata"]?["name"]?.string
    if let name, case .failure = Self.parseName(name) {
      throw .init("its metadata.name is \(name.quoted), which is no name of an object")
    }
    self.init(try Self.request(object["spec"]?["request"]), origin: origin, fileName: name ?? fileName)
    self.object = object
    self.name = name
    let spec = try Specification(object["spec"])
    signerName = spec.signerName
    usages = spec.usages
    expirationSeconds = spec.expirationSeconds
    requestor = spec.username.map { Requestor(username: $0, groups: spec.groups ?? []) }
    state = State(object["status"])
  }

  /// As the API server reads it: base64 of a PEM text whose first block is the request; more than that hides something.
  private static func request(_ value: JSONValue?) throws(JSONValue.Problem) -> CertificateRequest {
    guard let text = value?.string else { throw .init("it has no spec.request") }
    guard let data = Data(base64Encoded: text.filter { !" \n\r\t".contains($0) }), !data.isEmpty else {
      throw .init("its spec.request is not base64")
    }
    do throws(OpenSSLError) {
      let blocks = try PEMBlock.blocks(in: SecretBytes(data))
      guard blocks.count == 1, blocks[0].label == CertificateRequest.pemLabels[0] else {
        throw OpenSSLError(
          operation: "read the request", reasons: ["it is not one CERTIFICATE REQUEST block and nothing else"]
        )
      }
      return try CertificateRequest(der: blocks[0].der.copy)
    } catch {
      throw .init("its spec.request is unusable: \(error)")
    }
  }
}

extension CertificateSigningRequest {
  /// The fields of `spec` beside the request, each of its type.
  private struct Specification {
    let signerName: String?
    let usages: [String]?
    let expirationSeconds: Int?
    let username: String?
    let groups: [String]?

    init(_ spec: JSONValue?) throws(JSONValue.Problem) {
      signerName = try Self.text(spec, "signerName")
      username = try Self.text(spec, "username").flatMap { $0.isEmpty ? nil : $0 }
      usages = try Self.list(spec, "usages") ?? []
      groups = try Self.list(spec, "groups")
      switch spec?["expirationSeconds"] {
      case nil, .null: expirationSeconds = nil
      case .integer(let seconds): expirationSeconds = seconds
      default: throw .init("its spec.expirationSeconds is not a whole number")
      }
    }

    private static func text(_ spec: JSONValue?, _ name: String) throws(JSONValue.Problem) -> String? {
      switch spec?[name] {
      case nil, .null: return nil
      case .string(let text): return text
      default: throw .init("its spec.\(name) is not a text")
      }
    }

    private static func list(_ spec: JSONValue?, _ name: String) throws(JSONValue.Problem) -> [String]? {
      switch spec?[name] {
      case nil, .null: return nil
      case .array(let elements) where elements.allSatisfy({ $0.string != nil }):
        return elements.compactMap(\.string)
      default: throw .init("its spec.\(name) is not a list of texts")
      }
    }
  }
}

extension CertificateSigningRequest.State {
  /// What `status` says.
  package init(_ status: JSONValue?) {
    let types = (status?["conditions"]?.array ?? []).compactMap { condition in
      condition["status"]?.string ?? "True" == "False" ? nil : condition["type"]?.string
    }
    if status?["certificate"]?.string?.isEmpty == false {
      self = .issued
    } else if types.contains("Denied") {
      self = .denied
    } else if types.contains("Failed") {
      self = .failed
    } else {
      self = types.contains("Approved") ? .approved : .pending
    }
  }
}
