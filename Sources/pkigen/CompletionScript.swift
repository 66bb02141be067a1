import ArgumentParser

/// `pkigen completion`.
struct CompletionScript: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Print a shell's completions of pkigen's commands, names and files.",
    discussion: """
      EXAMPLES
        source <(pkigen completion bash)
        pkigen completion bash > /usr/share/bash-completion/completions/pkigen
        pkigen completion zsh > "${fpath[1]}/_pkigen"
        pkigen completion fish > ~/.config/fish/completions/pkigen.fish
      """)

  /// A shell that can complete.
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish

    fileprivate var parsers: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  @Argument(help: "The shell.") var shell: Shell

  func run() throws { try Terminal.output(Pkigen.completionScript(for: shell.parsers) + "\n") }
}
