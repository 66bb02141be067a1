import ArgumentParser
import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// `pkigen bootstrap token`.
struct BootstrapTokenCommand: ParsableCommand {
  /// The forms of a token.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, secret, csv, json
  }

  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Make a token, or print one in a form that a cluster takes.",
    discussion: """
      FORMS
        text    the token alone
        secret  the Secret of kube-system, for kubectl apply
        csv     the line of a static token file, --token-auth-file
        json    the token and its terms

      EXAMPLES
        pkigen bootstrap token --out token
        pkigen bootstrap token --token-file token -o secret --ttl 2h \\
          --description "rack 7" | kubectl apply -f -
        pkigen bootstrap token -o csv --out /etc/kubernetes/pki/tokens.csv
      """)

  @Option(
    help: ArgumentHelp(
      "The file with an existing token; - for standard input. (default: a new token)", valueName: "file"),
    completion: .file())
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "How long it is valid; with 0 it does not expire. (default: 24h)", valueName: "duration"))
  var ttl: String?

  @Option(
    help: ArgumentHelp(
      "signing, authentication (repeatable, comma-separated). (default: both)", valueName: "usage"))
  var usages: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      A group of its user (repeatable, comma-separated). (default: system:bootstrappers:kubeadm:default-node-token, \
      with -o csv system:kubelet-bootstrap)
      """, valueName: "group"))
  var groups: [String] = []

  @Option(help: ArgumentHelp("A description for people.", valueName: "text"))
  var description: String?

  @Option(
    help: ArgumentHelp("With -o csv: its user's name. (default: kubelet-bootstrap)", valueName: "name"))
  var user: String?

  @Option(help: ArgumentHelp("With -o csv: its user's uid. (default: 10001)", valueName: "number"))
  var uid: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The form.", valueName: "form"))
  var output = Format.text

  @OptionGroup(title: "Output") var destination: SecretOutputOptions

  func validate() throws {
    let terms = [("--ttl", ttl != nil), ("--usages", !usages.isEmpty), ("--description", description != nil)]
    let user = [("--user", self.user != nil), ("--uid", uid != nil)]
    let groups = [("--groups", !groups.isEmpty)]
    let unused =
      switch output {
      case .text: terms + groups + user
      case .secret, .json: user
      case .csv: terms
      }
    for (option, isGiven) in unused where isGiven {
      throw ValidationError("\(option) has no effect with -o \(output.rawValue).")
    }
  }

  func run() throws {
    var terms = TokenTerms()
    terms.lifetime = Setting(ttl, from: "--ttl")
    terms.usages = Setting.list(usages, from: "--usages")
    terms.groups = Setting.list(groups, from: "--groups")
    terms.text = Setting(description, from: "--description")
    terms.user = Setting(user, from: "--user")
    terms.uid = Setting(uid, from: "--uid")
    let token =
      try Setting(tokenFile, from: "--token-file").map { try BootstrapToken(reading: $0) } ?? newToken()
    try destination.print(PKIFile(.token, at: destination.out, text: text(token, terms)))
  }

  private func newToken() throws -> BootstrapToken {
    try output == .csv ? .generateStatic() : .generate()
  }

  private func text(_ token: BootstrapToken, _ terms: TokenTerms) throws -> String {
    switch output {
    case .text: token.text + "\n"
    case .secret: try terms.secret(token, at: .now).manifest().yaml()
    case .csv: try terms.line(token)
    case .json: try JSONOutput.text(try terms.secret(token, at: .now))
    }
  }
}
