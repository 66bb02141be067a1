import FoundationEssentials

/// Where the programs are that the tests use as verifiers.
///
/// `Tests/judges/setup.sh` puts them there. One that is missing fails the test that needs it.
public enum Judges {
  // From Debian.

  /// OpenSSL's command.
  public static var openssl: String { get throws { try installed("openssl") } }
  /// GnuTLS's command for certificates.
  public static var certtool: String { get throws { try installed("certtool") } }
  /// CloudFlare's CA.
  public static var cfssl: String { get throws { try installed("cfssl") } }
  /// The etcd server.
  public static var etcd: String { get throws { try installed("etcd") } }
  /// The client of etcd.
  public static var etcdctl: String { get throws { try installed("etcdctl") } }
  /// Prometheus' checker of what it reads.
  public static var promtool: String { get throws { try installed("promtool") } }
  /// GNU time: what a program used.
  public static var time: String { get throws { try installed("time") } }

  // From PyPI.

  /// The client of Kubernetes.
  public static var kubectl: String { get throws { try ours("kubectl") } }
  /// The schemas of Kubernetes' objects.
  public static var kubernetesValidate: String { get throws { try ours("kubernetes-validate") } }
  /// Python, with cryptography and pkilint.
  public static var python: String { get throws { try ours("python3") } }
  /// pkilint's linter for RFC 5280, one certificate a run. `lint.py` does the same for many.
  public static var lintPKIX: String { get throws { try ours("lint_pkix_cert") } }
  /// The Go compiler.
  public static var go: String { get throws { try ours("go") } }

  // Our own.

  /// Go's crypto/x509: questions as JSON on standard input, answers as JSON.
  public static var goVerify: String { get throws { try ours("goverify") } }
  /// What Go's library reads: PEM blocks, certificates, chains. Questions and answers as JSON.
  public static var goRead: String { get throws { try ours("goread") } }
  /// An HTTPS server that kubectl takes for an API server.
  public static var goServe: String { get throws { try ours("goserve") } }
  /// Follows pairs of files as a running kube-apiserver does, while a command replaces them.
  public static var goWatch: String { get throws { try ours("gowatch") } }
  /// The verifier of Python's cryptography, asked and answering as ``goVerify``. A script for ``python``.
  public static var pythonVerify: String { repository + "/Tests/judges/pyverify.py" }
  /// pkilint over many certificates, findings as JSON. A script for ``python``.
  public static var lint: String { repository + "/Tests/judges/lint.py" }

  /// Runs a program at another time, in UTC, in which no second passes.
  public static var clock: String { repository + "/Tests/judges/clock.sh" }
  /// Shows the system calls of a program, or makes them fail.
  public static var strace: String { repository + "/Tests/judges/strace.sh" }
  /// Whether certificates are the successors of others: questions and answers as JSON. A script for ``python``.
  public static var succession: String { repository + "/Tests/judges/succession.py" }
  /// Whether documents fit a JSON schema. A script for ``python``.
  public static var schema: String { repository + "/Tests/judges/schema.py" }
  /// Makes trees as kubeadm does, and as a company might. A script for ``python``.
  public static var kubeadmTree: String { repository + "/Tests/judges/kubeadm-tree.py" }
  /// What requests say to Python's cryptography, as JSON. A script for ``python``.
  public static var pythonRequest: String { repository + "/Tests/judges/pyrequest.py" }
  /// Signs and verifies service-account tokens: questions and answers as JSON. A script for ``python``.
  public static var tokens: String { repository + "/Tests/judges/tokens.py" }
  /// Reads what pkigen exports. A script for ``python``.
  public static var exported: String { repository + "/Tests/judges/exported.py" }
  /// Makes requests that nobody should sign, and says why as JSON. A script for ``python``.
  public static var hostile: String { repository + "/Tests/judges/hostile.py" }

  /// The directory of the package.
  public static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().path

  private static var bin: String { repository + "/.build/judges/bin" }

  private static func ours(_ name: String) throws -> String {
    try first(name, in: [bin])
  }

  private static func installed(_ name: String) throws -> String {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
    return try first(name, in: [bin] + path.split(separator: ":").map(String.init))
  }

  private static func first(_ name: String, in directories: [String]) throws -> String {
    let candidates = directories.map { $0 + "/" + name }
    guard let path = candidates.first(where: FileManager.default.isExecutableFile) else {
      throw MissingJudge(name: name)
    }
    return path
  }
}

/// A program that the tests need is not on this machine.
public struct MissingJudge: Error, CustomStringConvertible {
  /// The program's name.
  public var name: String
  /// What to do about it.
  public var description: String { "\(name) is missing: run `make test`, which installs it" }
}
