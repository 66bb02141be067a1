import KubernetesPKI

extension FindingCode {
  /// What findings about rotations mean.
  static let rotationExplanations: [FindingCode: Explanation] = [
    .irregularRotation: Explanation(
      "A CA, or the service-account key, has other keys beside it than a rotation leaves, or lacks one of them.",
      breaks:
        "The rotation cannot go on, or cannot go back. Components may trust what does not sign.",
      remedy:
        "Run `pkigen rotate status`, and restore the files of the last stage from a backup or from another node."
    ),
    .crossCertificateMismatch: Explanation(
      "`ca-cross.crt` is not the successor of the CA, certified by it.",
      breaks:
        "`pkigen rotate switch` is refused: clients that trust only the old CA would refuse what the successor signs.",
      remedy:
        "Run `pkigen rotate prepare` again, after the switch `pkigen rotate switch`: it makes the file again."
    ),
    .crossCertificateMissing: Explanation(
      "The CA has a successor, and `ca-cross.crt`, by which it certifies that, is missing.",
      breaks:
        "`pkigen rotate switch` is refused without `--no-cross-sign`: clients that trust only the old CA would refuse what"
        + " the successor signs.",
      remedy:
        "Run `pkigen rotate prepare` again, after the switch `pkigen rotate switch`: it makes the file again. Or make sure"
        + " that everything trusts the successor."),
    .signingFileMismatch: Explanation(
      "`ca-signing.crt` is not the one certificate with which kube-controller-manager signs.",
      breaks:
        "kube-controller-manager signs nothing, or with a CA that is not trusted any more, so that kubelets cannot join or"
        + " rotate.",
      remedy: "Run the `pkigen rotate` command of the present stage again: it makes the file again."),
    .rotationOrder: Explanation(
      "A stage of a rotation comes too early or too late.",
      breaks: "Nothing yet: the run changed nothing.",
      remedy: "Run `pkigen rotate status`; it shows the stage and the next one."),
    .predecessorInUse: Explanation(
      "A rotation would stop trusting a CA or key that is still in use.",
      breaks: "Clients with such a certificate or token would get 401, or could not connect.",
      remedy: "Issue these certificates again with `pkigen rotate switch`; wait until pods have new tokens."),
    .successorNotTrusted: Explanation(
      "A rotation would let a CA or key sign that another node does not trust yet.",
      breaks: "That node would refuse what the successor signs.",
      remedy: "Copy the files of the successor to that node, and run `pkigen rotate prepare` there."),
    .signingFileShared: Explanation(
      "kube-controller-manager signs with a file that a rotation would give a second certificate.",
      breaks: "kube-controller-manager would sign nothing any more, so that kubelets cannot join or rotate.",
      remedy: "Let it sign with `ca-signing.crt`, then run `pkigen rotate prepare` again."),
  ]
}
