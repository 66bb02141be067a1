import KubernetesPKI

extension FindingCode {
  /// What findings about rotations mean.
  static let rotationExplanations: [FindingCode: Explanation] = [
    .irregularRotation: Explanation(
      "A CA, or the service-account key, has other keys beside it than a rotation leaves.",
      breaks:
        "pkigen does not know what signs and what is trusted, and changes nothing. Components may trust what does not sign.",
      remedy:
        "Run `pkigen rotate status`, and restore the files of the last stage from a backup or from another node."
    ),
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
