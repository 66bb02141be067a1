/// kubeadm's spellings of commands, which stand for pkigen's.
enum KubeadmWords {
  /// kubeadm's words, and the words for the same here.
  static let commands: [(kubeadm: [String], pkigen: [String])] = [
    (["certs", "renew"], ["renew"]),
    (["certs", "check-expiration"], ["check-expiration"]),
    (["certs", "generate-csr"], ["csr", "create", "all"]),
    (["alpha", "certs", "renew"], ["renew"]),
    (["alpha", "certs", "check-expiration"], ["check-expiration"]),
    (["init", "phase", "certs"], ["phase", "cert"]),
    (["init", "phase", "kubeconfig"], ["phase", "kubeconfig"]),
  ]

  /// What stands for a command of kubeadm's that pkigen does not have, or which program does it.
  private static let others: [(words: [String], hint: String)] = [
    (["config"], "kubeadm config prints and migrates configuration files; pkigen reads them with --config"),
    (
      ["init", "phase", "bootstrap-token"],
      "pkigen bootstrap token and pkigen bootstrap rbac print these objects"
    ),
    (
      ["init", "phase"],
      "pkigen makes certificates and kubeconfigs only: pkigen phase cert, pkigen phase kubeconfig; kubeadm init phase does"
        + " the rest"
    ),
    (
      ["join"],
      "pkigen does not join nodes, kubeadm join does; pkigen bootstrap token and pkigen ca-hash print what it needs"
    ),
    (["reset"], "pkigen does not clear a node, kubeadm reset does"),
    (["token", "delete"], "pkigen does not look into a cluster, kubeadm token delete does"),
    (["token", "list"], "pkigen does not look into a cluster, kubeadm token list does"),
    (["upgrade"], "pkigen does not upgrade a cluster, kubeadm upgrade does"),
    (["version"], "did you mean 'pkigen --version'?"),
  ]

  /// What to do instead of running a command that kubeadm has and pkigen does not; `nil` where kubeadm has none either.
  static func hint(for words: [String]) -> String? {
    others.first { words.starts(with: $0.words) }?.hint
  }

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
