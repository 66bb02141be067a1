import ArgumentParser
import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import StructuredText

/// `pkigen csr approve`.
struct CSRApprove: ParsableCommand {
  /// The forms of an approval.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case json, yaml, name
  }

  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Decide on the CertificateSigningRequests of a cluster, for kubectl certificate approve.",
    discussion: """
      Decides like csr sign, by the signer's rules and your policy: it grants only what an --allow option allows. \
      Signs nothing: once a request is approved, its signer signs it. For the signers kubernetes.io/…, that is \
      kube-controller-manager.

      Prints each approved object with the condition Approved, for its /approval; or with -o name, the names for \
      kubectl certificate approve. Only pending requests of a list are looked at. Denied requests are errors with the code \
      of each reason, and the status is 1.

      PATTERNS
      \(PatternHelp.text)

      EXAMPLES
        kubectl get csr -o yaml | pkigen csr approve - -o name \\
          --allow-cn 'system:node:*' --allow-san '*.example.com,10.0.32.0/20' \\
          | xargs -r kubectl certificate approve

        One request, for exactly the object that was read:
          kubectl get csr csr-7x2fq -o yaml \\
            | pkigen csr approve - --allow-cn system:node:w1 > approved.json
          URL=/apis/certificates.k8s.io/v1/certificatesigningrequests
          kubectl replace --raw $URL/csr-7x2fq/approval -f approved.json
      """)

  @Argument(
    help: ArgumentHelp("Objects in YAML or JSON; - for standard input.", valueName: "file"),
    completion: .file())
  var files: [String]

  @OptionGroup(title: "Policy") var policy: PolicyOptions

  @Option(help: ArgumentHelp("The signer that every object must name.", valueName: "domain/name"))
  var signerName: String?

  @OptionGroup(title: "Where") var tree: WhereOptions

  @Flag(help: "Print denied objects too, with the condition Denied.")
  var denyObject = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("json, yaml, or name for the names alone.", valueName: "format"))
  var output = Format.json

  @Flag(name: .shortAndLong, help: "Print only the result, warnings and errors.")
  var quiet = false

  func validate() throws {
    if denyObject, output == .name {
      throw ValidationError("--deny-object has no effect with -o name, which lists approved requests.")
    }
  }

  func run() throws {
    let instant = Date.now
    let requests = try requests()
    let policy = try policy.policy(for: requests, signerName: signerName, in: tree.location)
    if requests.isEmpty, !quiet { Terminal.note("no request is pending") }
    let decisions = requests.map { CSRExamination($0).decision(under: policy) }
    try Terminal.output(try text(decisions, at: instant))
    if !quiet { for decision in decisions { note(decision) } }
    try decisions.throwDenials()
  }

  /// The requests of all files; of a list, those that are pending.
  private func requests() throws -> [CertificateSigningRequest] {
    if let signerName, let problem = SignerRules.problem(ofSignerName: signerName) {
      throw PKIError.invalidSetting(.option("--signer-name"), value: signerName, problem: problem, hint: nil)
    }
    return try files.flatMap { file in
      let all = try CertificateSigningRequest.readObjects(file)
      return all.count == 1 ? all : all.filter { $0.state == .pending }
    }
  }

  private func text(_ decisions: [CSRDecision], at instant: Date) throws -> String {
    let shown = decisions.filter { $0.grant != nil || denyObject }
    let format: ObjectFormat
    switch output {
    case .name: return try shown.map { try name(of: $0.request) + "\n" }.joined()
    case .json: format = .json
    case .yaml: format = .yaml
    }
    let objects = shown.compactMap { $0.object(at: instant) }
    return objects.isEmpty ? "" : try format.text(objects)
  }

  /// The name as one word of a command line: nothing that a shell or xargs splits, or kubectl takes for an option.
  private func name(of request: CertificateSigningRequest) throws -> String {
    let name = request.name ?? ""
    let isWord = name.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || "-._:".utf8.contains(byte)
    }
    guard isWord, !name.isEmpty, !name.hasPrefix("-") else {
      throw PKIErrors([
        .invalidSetting(
          .option("--output"), value: "name",
          problem: "not possible for \(request.origin): its name \(name.quoted) is not one plain word",
          hint: "print the objects with -o json, and approve each with kubectl replace --raw")
      ])
    }
    return name
  }

  private func note(_ decision: CSRDecision) {
    guard let grant = decision.grant else { return }
    let subject = decision.request.request.subject.description
    let parts = [subject] + grant.names.map(\.description) + grant.usages.map(\.rawValue)
    Terminal.note("approved: \(decision.request.origin): \(parts.joined(separator: ", "))")
  }
}

/// The section on patterns of help pages.
enum PatternHelp {
  static let text = """
    In a pattern, * stands for one character or more, but never for a separator: for no : in --allow-cn and --allow-org, \
    and in --allow-san for no . of DNS names, no @ in email:… and no / in URI:…. Addresses are granted by --allow-san with \
    an address or a network, 10.0.0.0/16. A kubelet's serving certificate gets a name that does not begin with the \
    label of its node, as those of the API server and of other machines, only from a pattern for that name alone.
    """
}
