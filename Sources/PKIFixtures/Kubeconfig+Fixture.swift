internal import Kubeconfigs
internal import OpenSSLX509

extension Kubeconfig {
  /// The kubeconfig in YAML; what keeps it from being written is thrown as an error of the signing.
  func encodedFixture() throws(OpenSSLError) -> SecretBytes {
    do throws(KubeconfigProblem) {
      return try encoded()
    } catch {
      throw OpenSSLError(operation: "write the kubeconfig of \(userName)", reasons: [error.text])
    }
  }
}
