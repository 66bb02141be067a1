internal import FileStore
internal import StructuredText

/// The fields of a user beside its client certificate, and what client-go refuses of them: its functions validateAuthInfo
/// (tools/clientcmd/validation.go) and GetAuthProvider (rest/plugin.go).
struct OtherCredentials {
  private let user: ConfigurationValue
  /// The directory of the kubeconfig, from which relative paths count.
  private let directory: String

  /// The other credentials of a user with these fields.
  init(_ user: ConfigurationValue, _ directory: String) {
    self.user = user
    self.directory = directory
  }

  /// What is refused, as sentences' second halves.
  var problems: [String] { [token, impersonation, authProvider].compactMap(\.self) + exec }

  private var token: String? {
    if user.nonEmpty("token") != nil {
      guard user.nonEmpty("username") == nil, user.nonEmpty("password") == nil else {
        return "it has a token and a user name or password, of which kubectl takes one kind"
      }
      return nil
    }
    guard let path = user.nonEmpty("tokenFile") else { return nil }
    do throws(FileError) {
      _ = try FileSystem.read(KubeconfigDocument.Source.path(path, from: directory))
      return nil
    } catch {
      return "its tokenFile cannot be used: \(error)"
    }
  }

  private var impersonation: String? {
    let isAsked =
      user.nonEmpty("as-uid") != nil || !(user["as-groups"]?.elements ?? []).isEmpty
      || !(user["as-user-extra"]?.members ?? []).isEmpty
    return isAsked && user.nonEmpty("as") == nil ? "it impersonates a UID or groups without a user (as)" : nil
  }

  private var authProvider: String? {
    guard let provider = user.object("auth-provider") else { return nil }
    let name = provider.string("name") ?? ""
    // The others have been removed from client-go; whether this one works is the identity provider's matter.
    return name == "oidc" ? nil : "its auth-provider \(name.quoted) is none that kubectl has"
  }

  private var exec: [String] {
    guard let exec = user.object("exec") else { return [] }
    var problems: [String] = []
    if user.object("auth-provider") != nil { problems.append("it has both exec and auth-provider") }
    if exec.nonEmpty("command") == nil { problems.append("its exec has no command") }
    let beta = "client.authentication.k8s.io/v1beta1"
    let version = exec.string("apiVersion") ?? ""
    if ![beta, "client.authentication.k8s.io/v1"].contains(version) {
      problems.append("the apiVersion of its exec is none that kubectl knows")
    }
    if (exec["env"]?.elements ?? []).contains(where: { $0.nonEmpty("name") == nil }) {
      problems.append("its exec sets a variable without a name")
    }
    let mode = exec.nonEmpty("interactiveMode") ?? (version == beta ? "IfAvailable" : "")
    if !["Never", "IfAvailable", "Always"].contains(mode) {
      problems.append("the interactiveMode of its exec is not Never, IfAvailable or Always")
    }
    return problems
  }
}

extension ConfigurationValue {
  /// The object in a field, where there is one.
  fileprivate func object(_ field: String) -> ConfigurationValue? {
    guard let value = self[field], case .object = value.content else { return nil }
    return value
  }
}
