/// kubeadm's spellings of commands, which stand for pkigen's.
enum KubeadmWords {
  /// kubeadm's words, and the words for the same here.
  static let commands: [(kubeadm: [String], pkigen: [String])] = [
    (["certs", "renew"], ["renew"]),
    (["certs", "check-expiration"], ["check-expiration"]),
    (["certs", "generate-csr"], ["csr", "create", "all"]),
    (["init", "phase", "certs"], ["phase", "cert"]),
    (["init", "phase", "kubeconfig"], ["phase", "kubeconfig"]),
  ]

  /// What to do instead of giving an option that kubeadm has.
  static let options: [String: String] = [
    "csr-only": "pkigen csr create makes keys and CSRs",
    "csr-dir": "pkigen csr create puts each CSR beside its key",
    "kubeconfig": "name the directory of the kubeconfigs: --kubeconfig-dir DIR",
    "pod-network-cidr": "leave it out: no certificate depends on the pod network",
    "skip-phases": "pkigen phase makes single certificates and kubeconfigs",
    "use-api": "leave it out: pkigen signs with the CA keys of the PKI directory",
  ]

  /// The arguments with kubeadm's words at their start replaced.
  static func translated(_ arguments: [String]) -> [String] {
    if arguments.first == "help" { return ["help"] + translated(Array(arguments.dropFirst())) }
    for (kubeadm, pkigen) in commands where arguments.starts(with: kubeadm) {
      return pkigen + arguments.dropFirst(kubeadm.count)
    }
    return arguments
  }
}
