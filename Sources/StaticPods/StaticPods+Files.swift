package import KubernetesPKI

extension StaticPods {
  /// Every file that an argument names, pod by pod, in the order of the arguments.
  package var files: [FileUse] {
    pods.flatMap { pod in
      pod.arguments.compactMap { argument in
        guard let content = Self.contents(pod.component)[argument.name], argument.value.hasPrefix("/") else {
          return nil
        }
        return FileUse(
          pod.component, argument.name, content, at: argument.value, from: pod.source(of: argument.value),
          in: (pod.path, argument.line))
      }
    }
  }

  /// The arguments of a component that name files of the PKI.
  private static func contents(_ component: ComponentReading.Component) -> [String: FileUse.Content] {
    switch component {
    case .kubeAPIServer: apiServer
    case .kubeControllerManager: controllerManager
    case .kubeScheduler: serving.merging(kubeconfigs) { $1 }
    case .etcd: etcd
    case .kubelet: [:]
    }
  }

  private static let serving: [String: FileUse.Content] = [
    "tls-cert-file": .certificate(key: "tls-private-key-file"), "tls-private-key-file": .key,
    "client-ca-file": .cas, "requestheader-client-ca-file": .cas,
  ]

  private static let kubeconfigs: [String: FileUse.Content] = [
    "kubeconfig": .kubeconfig, "authentication-kubeconfig": .kubeconfig,
    "authorization-kubeconfig": .kubeconfig,
  ]

  private static let apiServer = serving.merging([
    "kubelet-client-certificate": .certificate(key: "kubelet-client-key"), "kubelet-client-key": .key,
    "kubelet-certificate-authority": .cas,
    "etcd-cafile": .cas, "etcd-certfile": .certificate(key: "etcd-keyfile"), "etcd-keyfile": .key,
    "proxy-client-cert-file": .certificate(key: "proxy-client-key-file"), "proxy-client-key-file": .key,
    "service-account-key-file": .serviceAccountKeys, "service-account-signing-key-file": .key,
  ]) { $1 }

  private static let controllerManager = serving.merging(kubeconfigs) { $1 }.merging([
    "root-ca-file": .cas, "cluster-signing-cert-file": .certificate(key: "cluster-signing-key-file"),
    "cluster-signing-key-file": .key, "service-account-private-key-file": .key,
  ]) { $1 }

  private static let etcd: [String: FileUse.Content] = [
    "cert-file": .certificate(key: "key-file"), "key-file": .key, "trusted-ca-file": .cas,
    "peer-cert-file": .certificate(key: "peer-key-file"), "peer-key-file": .key, "peer-trusted-ca-file": .cas,
  ]
}
