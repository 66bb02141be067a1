package import KubernetesPKI

/// A file of the host that an argument of a component names.
package struct FileUse: Hashable, Sendable {
  /// What a file holds.
  package enum Content: Hashable, Sendable {
    /// A certificate, whose key another argument names.
    case certificate(key: String)
    /// A private key.
    case key
    /// CA certificates.
    case cas
    /// A kubeconfig.
    case kubeconfig
    /// The keys that verify service-account tokens.
    case serviceAccountKeys
  }

  /// The component.
  package let component: ComponentReading.Component
  /// The argument, without dashes.
  package let argument: String
  /// What the file has to hold.
  package let content: Content
  /// The file as the pod sees it.
  package let path: String
  /// The file on the host; `nil` where the pod sees nothing of the host there.
  package let hostPath: String?
  /// The manifest, and the line of the argument.
  package let manifest: String
  /// The line of the argument, counted from one.
  package let line: Int
}

extension StaticPods {
  /// Every file that an argument names, pod by pod, in the order of the arguments.
  package var files: [FileUse] {
    pods.flatMap { pod in
      pod.arguments.compactMap { argument in
        guard let content = Self.contents(pod.component)[argument.name], argument.value.hasPrefix("/") else {
          return nil
        }
        return FileUse(
          component: pod.component, argument: argument.name, content: content, path: argument.value,
          hostPath: pod.hostPath(of: argument.value), manifest: pod.path, line: argument.line)
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
