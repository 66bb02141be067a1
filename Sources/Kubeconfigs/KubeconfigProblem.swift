internal import StructuredText

/// Why a kubeconfig cannot be used or written, as a sentence's second half: "it has no current-context".
package struct KubeconfigProblem: Error, Hashable, Sendable {
  /// What is wrong.
  package let text: String

  /// A problem.
  package init(_ text: String) { self.text = text }
}
