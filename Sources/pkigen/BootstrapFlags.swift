import ArgumentParser
import CertificateRequests
import KubernetesPKI
import StructuredText

/// `pkigen bootstrap flags`.
struct BootstrapFlags: ParsableCommand {
  /// The forms of arguments.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, yaml, json
  }

  static let configuration = CommandConfiguration(
    commandName: "flags",
    abstract: "Print the arguments that point the components to their files.",
    discussion: """
      The directories are those of the components' machine; nothing is read from them.

      With -o yaml: the command of a static pod, one document for each component.

      COMPONENTS
        \(ComponentArguments.components.joined(separator: " "))

      EXAMPLES
        pkigen bootstrap flags
        pkigen bootstrap flags kube-apiserver -o yaml
        pkigen bootstrap flags kubelet --kubeconfig-dir /etc/kubernetes
      """)

  @Argument(help: ArgumentHelp("Which components. (default: all)", valueName: "component"))
  var components: [String] = []

  @OptionGroup(title: "Where") var tree: WhereOptions

  @Option(
    help: ArgumentHelp(
      "The API server's static token file, instead of tokens in Secrets.", valueName: "file"),
    completion: .file())
  var tokenAuthFile: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the result.", valueName: "format"))
  var output = Format.text

  func validate() throws {
    if tokenAuthFile != nil, !components.isEmpty, !components.contains("kube-apiserver") {
      throw ValidationError("--token-auth-file is for kube-apiserver, which is not among the components.")
    }
  }

  func run() throws {
    let all = try ComponentArguments.of(
      components.map { Setting($0, from: .option("COMPONENT")) }, in: tree.location, tokenFile: tokenAuthFile)
    switch output {
    case .text: try Terminal.output(table(all))
    case .yaml: try Terminal.output(try JSONValue.yaml(all.map(\.command)))
    case .json: try Terminal.output(try JSONOutput.text(["components": all]))
    }
  }

  private func table(_ all: [ComponentArguments]) -> String {
    let rows = all.flatMap { component in
      component.arguments.enumerated().map { index, argument in
        (index == 0 ? component.component : "", argument.name, argument.value)
      }
    }
    let widths = (rows.map(\.0.count).max() ?? 0, rows.map(\.1.count).max() ?? 0)
    return rows.map { component, name, value in
      component.padded(to: widths.0) + "  " + name.padded(to: widths.1) + "  " + value + "\n"
    }.joined()
  }
}
