import ArgumentParser
import CertificateRequests
import FoundationEssentials
import KubernetesPKI

/// `pkigen csr sign`.
struct CSRSign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Sign CSRs that the signer's rules and your policy allow, and deny all others.",
    discussion: """
      A CSR in PEM without --signer-name is for a control plane, as csr create makes it. It gets what pkigen init \
      would give it. Review its SANs: every grant is printed.

      With --signer-name, and for objects of the API, the rules of the signer and your policy apply: nothing is granted \
      that no --allow option grants, and system:masters never is. A node may only ask for itself. In any case the \
      request's own signature must show that its subject has the key.

      Prints the certificate in PEM; for an object of the API, the object in JSON with its approval and its certificate. \
      Denied requests are errors with the code of each reason, and the status is 1.

      For the signers kubernetes.io/… of a running cluster, use csr approve: kube-controller-manager signs what is approved, \
      and the API server then refuses another certificate. Sign objects here for signers that no other program serves.

      PATTERNS
      \(PatternHelp.text)

      EXAMPLES
        With the CA's key, what csr create has made on another machine:
          pkigen csr sign *.csr --ca-cert ca.crt --ca-key ca.key --out signed

        A request in PEM, for a signer of your own:
          pkigen csr sign web.csr --signer-name example.com/serving \\
            --allow-cn '*.shop.svc' \\
            --allow-san '*.shop,*.shop.svc,*.shop.svc.cluster.local' > web.crt

        An object for a signer of your own, from the cluster and back:
          kubectl get csr web -o yaml | pkigen csr sign - \\
            --signer-name example.com/serving --allow-cn '*.shop.svc' \\
            --allow-san '*.shop.svc' > signed.json
          URL=/apis/certificates.k8s.io/v1/certificatesigningrequests
          kubectl replace --raw $URL/web/approval -f signed.json
          kubectl replace --raw $URL/web/status -f signed.json
      """)

  @Argument(
    help: ArgumentHelp(
      "CSRs in PEM, or objects in YAML or JSON; - for standard input.", valueName: "file"),
    completion: .file())
  var files: [String]

  @OptionGroup(title: "CA") var ca: CAOptions
  @OptionGroup(title: "Policy") var policy: PolicyOptions

  @Flag(help: "Also sign CSRs with subjects, SANs and usages that no control plane has.")
  var allowAnySubject = false

  @Flag(help: "Leave C, ST, L and OU out of subjects: certificates have CN and O only.")
  var dropSubjectAttributes = false

  @Option(
    help: ArgumentHelp(
      "The signer, for CSRs in PEM; objects must name it.", valueName: "domain/name"))
  var signerName: String?

  @Option(
    help: ArgumentHelp(
      "A usage for CSRs in PEM, as in csr manifest. (default: what the signer demands, or else what the CSR asks for)",
      valueName: "usage"))
  var usage: [String] = []

  @Option(help: ArgumentHelp("The longest lifetime that is granted. (default: 365d)", valueName: "duration"))
  var validity: String?

  @Flag(help: "Print denied objects too, with the condition Denied.")
  var denyObject = false

  @Option(
    help: ArgumentHelp(
      "Write each certificate to FILE.crt, each object to NAME.json or NAME.yaml in there. (default: standard output)",
      valueName: "dir"), completion: .directory)
  var out: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of objects: json or yaml.", valueName: "format"))
  var output = ObjectFormat.json

  @Flag(name: .shortAndLong, help: "Print only the result, warnings and errors.")
  var quiet = false

  func validate() throws {
    if allowAnySubject, signerName != nil || policy.isStated {
      throw ValidationError(
        "--allow-any-subject is for CSRs of a control plane; --signer-name and the policy are for other CSRs."
      )
    }
  }

  func run() throws {
    let instant = Date.now
    let requests = try requests()
    var policy = try policy.policy(for: requests, signerName: signerName, in: ca.tree.location)
    policy.allowsAnySubject = allowAnySubject
    policy.dropsSubjectAttributes = dropSubjectAttributes
    if let validity = Setting(validity, from: "--validity") {
      policy.longestLifetime = try Lifetime(validity)
    }
    let signer = try ca.ca(in: ca.tree.location, at: instant)
    if requests.isEmpty, !quiet { Terminal.note("no request is pending") }
    var signed: [SignedCSR] = []
    for request in requests {
      let decision = CSRExamination(request).decision(under: policy, by: signer.issuing)
      signed.append(try Issuer(jobs: 1).sign(decision, by: signer, at: instant))
    }
    try SigningOutput(format: output, deniesObjects: denyObject, isQuiet: quiet).print(signed, to: out)
  }

  /// The requests of all files, each with what it needs; of a list, those that are still to be decided.
  private func requests() throws -> [CertificateSigningRequest] {
    var terms = CSRTerms()
    terms.signerName = Setting(signerName, from: "--signer-name")
    terms.usages = Setting.list(usage, from: "--usage")
    var requests: [CertificateSigningRequest] = []
    for file in files {
      let all = try CertificateSigningRequest.read(file)
      let open = all.filter { all.count == 1 || $0.state == .pending || $0.state == .approved }
      for request in open {
        let isForCatalog = request.isForCatalog && signerName == nil && usage.isEmpty && !policy.isStated
        requests.append(isForCatalog ? request : try terms.complete(request))
      }
    }
    return requests
  }
}
