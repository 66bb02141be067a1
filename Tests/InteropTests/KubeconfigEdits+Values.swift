extension KubeconfigEdits {
  static let types: [KubeconfigEdit] = [
    .init("a number as a user's name") {
      $0.replacing("user: admin", "user: 1").replacing("name: admin", with: "name: 1")
    },
    .init("a number in quotes as a user's name") {
      $0.replacing("user: admin", "user: '1'").replacing("name: admin", with: "name: '1'")
    },
    .init("a boolean as a context's name") { $0.replacing("here", "yes") },
    .init("y as a context's name") { $0.replacing("here", "y") },
    .init(
      "Null as a context's name"
    ) { $0.replacing("here", "Null") },
    .init("a date as a context's name") { $0.replacing("here", "2026-11-21") },
    .init("an hour as a context's name") { $0.replacing("here", "12:30:45") },
    .init("a hexadecimal number as a context's name") { $0.replacing("here", "0x1F") },
    .init("an octal number as a context's name") { $0.replacing("here", "0o17") },
    .init("a binary number as a context's name") { $0.replacing("here", "0b11") },
    .init("a number with underscores as a context's name") { $0.replacing("here", "1_000") },
    .init("a number in exponents as a context's name") { $0.replacing("here", "1e3") },
    .init("a number too large for a float as a context's name") { $0.replacing("here", "1e999") },
    .init("a number too large for an integer as a context's name") {
      $0.replacing("here", "99999999999999999999")
    },
    .init("a version as a context's name") { $0.replacing("here", "1.2.3") },
    .init("a dot and a digit as a context's name") { $0.replacing("here", ".5") },
    .init("a sign as a context's name") { $0.replacing("here", "'+'") },
    .init("an unquoted sign as a context's name") { $0.replacing("here", "+") },
    .init("089 as a context's name") { $0.replacing("here", "089") },
    .init("1. as a context's name") { $0.replacing("here", "1.") },
    .init("a tagged string as a context's name") { $0.replacing("here", "!!str 1") },
    .init("a base64-tagged string as a context's name") { $0.replacing("here", "!!binary aGVyZQ==") },
    .init("a float-tagged integer as a context's name") { $0.replacing("here", "!!float 1") },
    .init("a number as a server") { $0.line("server", "server: 1") },
    .init("a list as a server") { $0.line("server", "server: [\($0.server)]") },
    .init("null as a server") { $0.line("server", "server:") },
    .init("a list as the preferences") { $0.replacing("preferences: {}", "preferences: []") },
    .init("null as the preferences") { $0.replacing("preferences: {}", "preferences: ~") },
    .init("a text as colors") { $0.replacing("preferences: {}", "preferences: {colors: 'true'}") },
    .init("yes as colors") { $0.replacing("preferences: {}", "preferences: {colors: yes}") },
    .init("an object as the users") { $0.replacing("users:\n- ", "users:\n  ") },
    .init("null as other clusters") { $0.entry("clusters", "{name: x, cluster: null}") },
    .init("a text as another cluster") { $0.entry("clusters", "{name: x, cluster: y}") },
    .init("a text as disable-compression") { $0.cluster("disable-compression: 'true'") },
    .init("a boolean as disable-compression") { $0.cluster("disable-compression: true") },
    .init("a number as a password") { $0.user("password: 1234") },
    .init("a text as groups") { $0.user("as: a", "as-groups: b") },
    .init("numbers as groups") { $0.user("as: a", "as-groups: [1]") },
    .init("a number in the settings of another user's auth-provider") {
      $0.entry("users", "{name: x, user: {auth-provider: {name: y, config: {a: 1}}}}")
    },
    .init("a wrong type in another user's exec") { $0.entry("users", "{name: x, user: {exec: {args: a}}}") },
  ]

  static let clusters: [KubeconfigEdit] = [
    .init("insecure beside a CA") { $0.cluster("insecure-skip-tls-verify: true") },
    .init("not insecure beside a CA") { $0.cluster("insecure-skip-tls-verify: false") },
    .init("insecure as text") { $0.cluster("insecure-skip-tls-verify: 'true'") },
    .init(
      "insecure without a CA",
      difference: "kubectl talks to every server; pkigen wants the API server to be verified"
    ) { $0.line("certificate-authority-data", "insecure-skip-tls-verify: true") },
    .init("no CA") { $0.line("certificate-authority-data", "x: y") },
    .init("an empty CA") { $0.line("certificate-authority-data", "certificate-authority-data: ''") },
    .init("an http server") { $0.replacing("https://", "http://") },
    .init("an HTTPS server") { $0.replacing("https://", "HTTPS://") },
    .init("a server without a scheme") { $0.replacing("https://", "") },
    .init("a server with a slash") { $0.line("server", "server: \($0.server)/") },
    .init("a server with a name and a password") { $0.replacing("https://", "https://a:b@") },
    .init("a server with a space") { $0.line("server", "server: '\($0.server) '") },
    .init("a server with a space before it") { $0.line("server", "server: ' \($0.server)'") },
    .init("a server with a bad port") { $0.line("server", "server: https://127.0.0.1:x") },
    .init("a server with another scheme") { $0.replacing("https://", "tcp://") },
    .init("a server with one slash") { $0.replacing("https://", "https:/") },
    .init("a server with a line break") { $0.line("server", "server: \"\($0.server)\\n\"") },
    .init("a server on two lines") { $0.line("server", "server:", "  \($0.server)") },
    .init("a server with a comment") { $0.line("server", "server: \($0.server) # here") },
    .init("a server with a comment too near") { $0.line("server", "server: \($0.server)# here") },
    .init("another name of the server") { $0.cluster("tls-server-name: kubernetes") },
    .init("another address of the server") { $0.cluster("tls-server-name: 10.96.0.1") },
    .init("a name that the server does not have") { $0.cluster("tls-server-name: other.example") },
    .init("an empty name of the server") { $0.cluster("tls-server-name: ''") },
    .init("a proxy of another kind") { $0.cluster("proxy-url: ftp://127.0.0.1") },
    .init("a proxy without a scheme") { $0.cluster("proxy-url: proxy.example") },
    .init("an empty proxy") { $0.cluster("proxy-url: ''") },
    .init("a proxy that is down", difference: "pkigen does not ask the proxy") {
      $0.cluster("proxy-url: http://127.0.0.1:1")
    },
    .init("another cluster's proxy of another kind") {
      $0.entry("clusters", "{name: x, cluster: {server: 'https://x', proxy-url: 'ftp://x'}}")
    },
    .init("another cluster's insecure CA") {
      $0.entry(
        "clusters",
        "{name: x, cluster: {insecure-skip-tls-verify: true, certificate-authority-data: \($0.authority)}}")
    },
    .init("a field in another case") { $0.replacing("    server:", "    Server:") },
  ]

  static let users: [KubeconfigEdit] = [
    .init("a token beside the certificate") { $0.user("token: abc") },
    .init("a token and a password") { $0.user("token: abc", "username: a", "password: b") },
    .init("a password") { $0.user("username: a", "password: b") },
    .init("a file with a token that is not there") { $0.user("tokenFile: none") },
    .init("a file with a token") { $0.user("tokenFile: token") },
    .init("a token and a file that is not there") { $0.user("token: abc", "tokenFile: none") },
    .init("an auth-provider") { $0.user("auth-provider: {name: gcp}") },
    .init("an auth-provider without a name") { $0.user("auth-provider: {}") },
    .init("exec") {
      $0.user(
        "exec: {command: /none, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}")
    },
    .init("exec of the beta") {
      $0.user("exec: {command: /none, apiVersion: client.authentication.k8s.io/v1beta1}")
    },
    .init("exec of the alpha") {
      $0.user(
        "exec: {command: /none, apiVersion: client.authentication.k8s.io/v1alpha1, interactiveMode: Never}")
    },
    .init("exec without a mode") {
      $0.user("exec: {command: /none, apiVersion: client.authentication.k8s.io/v1}")
    },
    .init("exec without a command") {
      $0.user("exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}")
    },
    .init("exec with a variable without a name") {
      $0.user(
        "exec: {command: /none, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, env: [{value: a}]}"
      )
    },
    .init("null as exec") { $0.user("exec:") },
    .init("impersonation") { $0.user("as: other") },
    .init("impersonation of groups alone") { $0.user("as-groups: [a]") },
    .init("impersonation of no groups") { $0.user("as-groups: []") },
    .init("impersonation of a UID alone") { $0.user("as-uid: a") },
    .init("impersonation of further values alone") { $0.user("as-user-extra: {a: [b]}") },
    .init("another user's exec without a command") { $0.entry("users", "{name: x, user: {exec: {}}}") },
    .init("another user's token and password") {
      $0.entry("users", "{name: x, user: {token: a, username: b}}")
    },
  ]
}
