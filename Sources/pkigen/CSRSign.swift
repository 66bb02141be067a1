import ArgumentParser
import CertificateRequests
import FoundationEssentials
import KubernetesPKI

/// `pkigen csr sign`.
struct CSRSign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Sign requests that the rules for them and your policy grant, and deny all others.",
    discussion: """
      A request in PEM without --signer-name is taken for one of a control plane, as csr create makes them: what its subject \
      may have is what pkigen init would give it, and the names beside it are for you to look at: every grant is told.

      An approver has two duties: to see that the subject of a request controls its key, and that it may have what it asks \
      for. The first is checked by the request's own signature. The second takes the rules of the signer and your policy: \
      nothing is granted that no --allow option lets through, and system:masters never is. A node may only ask for itself.

      Prints the certificate in PEM; or, where the request is an object of the API, the object in JSON with its approval and \
      its certificate, to be put to its /approval and then to its /status. Denied requests are told with the code of each \
      reason, and the status is 1.

      PATTERNS
      In a pattern, * stands for one character or more, but never for a separator: for no : in --allow-cn and \
      --allow-org, and in --allow-san for no . of host names, no @ in email:… and no / in URI:…. Addresses are granted by \
      --allow-san with an address or a network, 10.0.0.0/16.

      EXAMPLES
        With an authority's key, what csr create has made on another machine:
          pkigen csr sign *.csr --ca-cert ca.crt --ca-key ca.key --out signed

        A bare request, to a signer of one's own:
          pkigen csr sign web.csr --signer-name example.com/serving \\
            --allow-cn '*.shop.svc' \\
            --allow-san '*.shop,*.shop.svc,*.shop.svc.cluster.local' > web.crt

        A node's, from the cluster and back:
          kubectl get csr csr-7x2fq -o yaml \\
            | pkigen csr sign - --allow-cn 'system:node:*' > signed.json
          URL=/apis/certificates.k8s.io/v1/certificatesigningrequests
          kubectl replace --raw $URL/csr-7x2fq/approval -f signed.json
          kubectl replace --raw $URL/csr-7x2fq/status -f signed.json
      """)

  @Argument(
    help: ArgumentHelp(
      "Requests in PEM, or objects in YAML or JSON; - for standard input.", valueName: "file"))
  var files: [String]

  @OptionGroup(title: "Which authority") var authority: AuthorityOptions
  @OptionGroup(title: "Which policy") var policy: PolicyOptions

  @Flag(help: "Sign requests of subjects, names and usages that no control plane has, too.")
  var allowAnySubject = false

  @Option(
    help: ArgumentHelp(
      "The signer that a bare request is for; the one that an object must name.", valueName: "domain/name"))
  var signerName: String?

  @Option(
    help: ArgumentHelp(
      "A usage of a bare request, as csr manifest takes it. (default: what the signer wants, or else what the request asks for)",
      valueName: "usage"))
  var usage: [String] = []

  @Option(help: ArgumentHelp("The longest lifetime that is granted. (default: 365d)", valueName: "duration"))
  var validity: String?

  @Flag(help: "Print denied objects too, with the condition Denied.")
  var denyObject = false

  @Option(
    help: ArgumentHelp(
      "Write each certificate to FILE.crt, each object to NAME.json or NAME.yaml in there. (default: standard output)",
      valueName: "dir"))
  var out: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of objects: json or yaml.", valueName: "format"))
  var output = ObjectFormat.json

  @Flag(name: .shortAndLong, help: "Print nothing but the result and errors.")
  var quiet = false

  func validate() throws {
    if allowAnySubject, signerName != nil || policy.isStated {
      throw ValidationError(
        "--allow-any-subject is for requests of a control plane, and --signer-name and the policy are for others."
      )
    }
  }

  func run() throws {
    let instant = Date.now
    var policy = try policy.policy(signerName: signerName)
    policy.allowsAnySubject = allowAnySubject
    let longest = try Setting(validity, from: "--validity").map { try Lifetime($0) } ?? Grant.longestLifetime
    let requests = try requests()
    let authority = try authority.authority(in: authority.tree.location, at: instant)
    if requests.isEmpty, !quiet { Terminal.note("no request waits for a decision") }
    var answers: [RequestAnswer] = []
    for request in requests {
      answers.append(
        try Issuer(jobs: 1).answer(request, under: policy, longest: longest, by: authority, at: instant))
    }
    try SigningOutput(format: output, deniesObjects: denyObject, isQuiet: quiet).print(answers, to: out)
  }

  /// The requests of all files, each with what it needs; of a list, those that are still to be decided upon.
  private func requests() throws -> [CertificateSigningRequest] {
    var terms = RequestTerms()
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
