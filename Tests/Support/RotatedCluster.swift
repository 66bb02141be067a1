import FoundationEssentials

/// The files of a cluster whose CAs are rotated: control-plane nodes `cp1`, `cp2` and `cp3` as copies of `/etc/kubernetes`, and
/// a worker `w1` below a root directory of its own, whose kubelet has renewed its certificate.
public final class RotatedCluster: Sendable {
  /// Where the nodes are.
  public let directory: TemporaryDirectory

  /// Makes the files.
  public init(nodes: Int = 3) async throws {
    directory = try TemporaryDirectory()
    var script = Self.shared
    for node in 1...nodes { script += "\nnode cp\(node) 10.0.0.1\(node)" }
    // The CAs are older than what replaces them, as in every cluster.
    let outcome = try await outcome(of: script + "\n" + Self.worker, at: "yesterday")
    guard outcome.status == 0 else { throw Failure(description: "\(outcome)") }
    try Self.write(Self.systemctl, to: directory.path("bin/systemctl"))
    _ = try await run("chmod", ["+x", directory.path("bin/systemctl")])
  }

  /// A script that failed.
  public struct Failure: Error, CustomStringConvertible {
    /// What it printed.
    public let description: String
  }

  /// Runs a script among the nodes, where pkigen and a stand-in for systemctl are in the path, and merges what it prints.
  @discardableResult
  public func shell(_ script: String, status: Int32 = 0) async throws -> String {
    let outcome = try await outcome(of: script)
    guard outcome.status == status else { throw Failure(description: "\(script): \(outcome)") }
    return outcome.stdout
  }

  /// Runs a script in the same way, whatever its status.
  ///
  /// - Parameter time: when, as date(1) reads it; `nil` for now.
  public func outcome(of script: String, at time: String? = nil) async throws -> Outcome {
    let binaries = URL(filePath: try Pkigen.path).deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try await run(
      "env", (time.map { [Judges.clock, $0] } ?? []) + ["bash", "-c", "exec 2>&1\numask 022\n" + script],
      environment: ["PATH": "\(directory.path("bin")):\(binaries):\(path)"], directory: directory.path)
  }

  /// What a file holds.
  public func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path(name), encoding: .utf8)
  }

  private static func write(_ text: String, to path: String) throws {
    try FileManager.default.createDirectory(
      atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  /// How a control-plane node is made, and how kube-controller-manager runs on it.
  private static let shared = """
    set -e
    options="--control-plane-endpoint k8s.example.com:6443 --key-algorithm ecdsa-p256 --style kubeadm -q"
    node() {
      if [ $1 != cp1 ]; then
        mkdir -p $1/pki
        tar -C cp1/pki -cf - ca.crt ca.key front-proxy-ca.crt front-proxy-ca.key etcd/ca.crt etcd/ca.key sa.key sa.pub \\
          | tar -C $1/pki -xpf -
      fi
      pkigen init -d $1 --node-name $1 --advertise-ip $2 $options
      mkdir $1/manifests
      cat > $1/manifests/kube-controller-manager.yaml <<END
    apiVersion: v1
    kind: Pod
    metadata: {name: kube-controller-manager}
    spec:
      containers:
      - name: kube-controller-manager
        command:
        - kube-controller-manager
        - --cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt
        - --cluster-signing-key-file=/etc/kubernetes/pki/ca.key
        volumeMounts:
        - {name: k8s-certs, mountPath: /etc/kubernetes/pki, readOnly: true}
      volumes:
      - {name: k8s-certs, hostPath: {path: /etc/kubernetes/pki}}
    END
    }
    """

  /// A worker's files, as a kubelet leaves them that has renewed its certificate.
  private static let worker = #"""
    mkdir -p w1/etc/kubernetes/pki w1/var/lib/kubelet/pki tmp
    cp cp1/pki/ca.crt w1/etc/kubernetes/pki
    cp -r cp1/pki tmp/pki
    pkigen phase kubeconfig kubelet -d tmp --node-name w1 --advertise-ip 10.0.0.21 $options
    value() { sed -n "s/^ *$1-data: //p" tmp/kubelet.conf; }
    current=kubelet-client-2026-11-28-08-00-00.pem
    (umask 077
     for part in client-certificate client-key; do value $part | base64 -d; done > w1/var/lib/kubelet/pki/$current
     sed 's|\(client-[a-z]*\)-data: .*|\1: /var/lib/kubelet/pki/kubelet-client-current.pem|' tmp/kubelet.conf \
       > w1/etc/kubernetes/kubelet.conf)
    ln -s $current w1/var/lib/kubelet/pki/kubelet-client-current.pem
    rm -r tmp
    """#

  /// What a kubelet does at its start, and kube-controller-manager of cp1 signs: without its file, the kubelet asks for a
  /// certificate, if kubelet.conf holds a pair.
  private static let systemctl = #"""
    #!/bin/bash
    set -e
    [ "$*" = "restart kubelet" ]
    pki=w1/var/lib/kubelet/pki
    [ ! -e $pki/kubelet-client-current.pem ] || exit 0
    grep -q client-key-data w1/etc/kubernetes/kubelet.conf
    umask 077
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $pki/new.key \
      -subj /O=system:nodes/CN=system:node:w1 -out $pki/new.csr 2> /dev/null
    openssl x509 -req -in $pki/new.csr -CA cp1/pki/ca-signing.crt -CAkey cp1/pki/ca.key -days 365 -out $pki/new.crt \
      -extfile <(printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nbasicConstraints=critical,CA:FALSE') \
      2> /dev/null
    cat $pki/new.crt $pki/new.key > $pki/kubelet-client-$RANDOM.pem
    ln -s $(basename $(ls -t $pki/kubelet-client-[0-9]*.pem | head -1)) $pki/kubelet-client-current.pem
    rm $pki/new.*

    """#
}
