import CertificateRequests
import FileStore
import KubernetesPKI
import OpenSSLX509

/// Prints signed certificates and objects, or writes them into a directory.
struct SigningOutput {
  let format: ObjectFormat
  let deniesObjects: Bool
  let isQuiet: Bool

  /// Prints what was signed, and what was granted in words.
  ///
  /// - Throws: ``PKIErrors`` with every denial, after everything else is done.
  func print(_ signed: [SignedCSR], to directory: String?) throws {
    let shown = signed.filter { $0.decision.grant != nil || deniesObjects && $0.object != nil }
    if let directory {
      let files = try shown.map { try file($0, in: directory) }
      try refuseClashes(shown, files, in: directory)
      try NewFiles.write(files.map(\.change))
    } else {
      try Terminal.output(try text(shown))
    }
    for case let (signed, certificate?) in signed.map({ ($0, $0.certificate) }) {
      let origin = signed.decision.request.origin
      if !isQuiet {
        let parts = [certificate.subject] + certificate.names + certificate.usages
        Terminal.note(
          "granted: \(origin): \(signed.decision.itemPrefix)\(parts.joined(separator: ", ")), until \(certificate.notAfter)"
        )
        let dropped = signed.decision.droppedAttributes.map(\.description)
        if !dropped.isEmpty { Terminal.note("dropped: \(origin): \(dropped.joined(separator: ", "))") }
      }
      if signed.endsWithCA { Terminal.warn("\(origin): the certificate is valid only until its CA expires") }
    }
    try signed.map(\.decision).throwDenials()
  }

  /// Objects of one name, and files of one name in two directories, would have one file.
  private func refuseClashes(_ signed: [SignedCSR], _ files: [PKIFile], in directory: String) throws {
    var owners: [String: String] = [:]
    var errors: [PKIError] = []
    for (signed, file) in zip(signed, files) {
      let origin = signed.decision.request.origin
      if let owner = owners.updateValue(origin, forKey: file.path) {
        errors.append(
          .invalidSetting(
            .option("--out"), value: directory,
            problem: "no place for both \(owner) and \(origin): each would be \(file.path)",
            hint: "sign them one after the other, each into its own directory"))
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
  }

  private func file(_ signed: SignedCSR, in directory: String) throws -> PKIFile {
    let path = "\(directory)/\(signed.decision.request.fileName)"
    guard let object = signed.object else {
      return PKIFile(.certificate, at: "\(path).crt", text: signed.pem ?? "")
    }
    return PKIFile(.object, at: "\(path).\(format.rawValue)", text: try format.text([object]))
  }

  private func text(_ signed: [SignedCSR]) throws -> String {
    let objects = signed.compactMap(\.object)
    let certificates = signed.compactMap { $0.object == nil ? $0.pem : nil }
    return certificates.joined() + (objects.isEmpty ? "" : try format.text(objects))
  }
}

extension CSRDecision {
  /// What a control plane uses the certificate for, before what is granted.
  fileprivate var itemPrefix: String { item.map { "\($0): " } ?? "" }
}

extension [CSRDecision] {
  /// Ends with every denial as an error, where there is any.
  func throwDenials() throws {
    let denials = flatMap { decision in decision.denials.map(DenialHint(request: decision.request).error) }
    if !denials.isEmpty { throw PKIErrors(denials) }
  }
}
