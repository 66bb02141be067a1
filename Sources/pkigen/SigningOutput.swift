import CertificateRequests
import FileStore
import KubernetesPKI
import OpenSSLX509

/// Prints, or writes into a directory, what became of requests.
struct SigningOutput {
  let format: ObjectFormat
  let deniesObjects: Bool
  let isQuiet: Bool

  /// Prints the answers; what was granted also in words.
  ///
  /// - Throws: ``PKIErrors`` with every denial, after everything else is done.
  func print(_ answers: [RequestAnswer], to directory: String?) throws {
    let shown = answers.filter { $0.denials.isEmpty || deniesObjects && $0.object != nil }
    if let directory {
      let files = try shown.map { try file($0, in: directory) }
      try refuseClashes(shown, files, in: directory)
      try NewFiles.write(files.map(\.change))
    } else {
      try Terminal.output(try text(shown))
    }
    if !isQuiet {
      for case let (answer, certificate?) in answers.map({ ($0, $0.certificate) }) {
        let parts = [certificate.subject] + certificate.names + certificate.usages
        let item = answer.item.map { "\($0): " } ?? ""
        Terminal.note(
          "granted: \(answer.request.origin): \(item)\(parts.joined(separator: ", ")), until \(certificate.notAfter)"
        )
        if answer.endsWithAuthority {
          Terminal.warn("\(answer.request.origin): the certificate is in force only until the authority ends")
        }
      }
    }
    let denials = answers.flatMap { answer in
      answer.denials.map { $0.error(origin: answer.request.origin) }
    }
    guard denials.isEmpty else { throw PKIErrors(denials) }
  }

  /// Objects of one name, and files of one name in two directories, would have one file.
  private func refuseClashes(_ answers: [RequestAnswer], _ files: [PKIFile], in directory: String) throws {
    var owners: [String: String] = [:]
    var errors: [PKIError] = []
    for (answer, file) in zip(answers, files) {
      if let owner = owners.updateValue(answer.request.origin, forKey: file.path) {
        errors.append(
          .invalidSetting(
            .option("--out"), value: directory,
            problem:
              "no place for both \(owner) and \(answer.request.origin): each would become \(file.path)",
            hint: "sign them one after the other, each into a directory of its own"))
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
  }

  private func file(_ answer: RequestAnswer, in directory: String) throws -> PKIFile {
    let path = "\(directory)/\(answer.request.fileName)"
    guard let object = answer.object else {
      return PKIFile(.certificate, at: "\(path).crt", text: answer.pem ?? "")
    }
    return PKIFile(.object, at: "\(path).\(format.rawValue)", text: try format.text([object]))
  }

  private func text(_ answers: [RequestAnswer]) throws -> String {
    let objects = answers.compactMap(\.object)
    let certificates = answers.compactMap { $0.object == nil ? $0.pem : nil }
    return certificates.joined() + (objects.isEmpty ? "" : try format.text(objects))
  }
}
