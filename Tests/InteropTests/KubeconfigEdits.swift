/// Edits that a person or a program might make, each by its name.
enum KubeconfigEdits {
  static let all = structure + yaml + types + clusters + users + files + data

  private static let structure: [KubeconfigEdit] = [
    .init("none") { $0.text },
    .init("a second user of the same name") {
      $0.entry("users", "{name: admin, user: {token: a}}")
    },
    .init("a second cluster of the same name") {
      $0.entry("clusters", "{name: kubernetes, cluster: {server: 'https://x'}}")
    },
    .init("a second context of the same name") { $0.entry("contexts", "{name: here, context: {}}") },
    .init("two other users of one name") {
      $0.replacing("users:\n", "users:\n- {name: x}\n- {name: x}\n")
    },
    .init("two other users without a name") { $0.replacing("users:\n", "users:\n- {}\n- {user: {}}\n") },
    .init("another user without a name") { $0.entry("users", "{}") },
    .init("a null user") { $0.entry("users", "null") },
    .init("a string among the users") { $0.entry("users", "admin") },
    .init("two extensions of one name") {
      $0.text + "extensions: [{name: a, extension: {}}, {name: a, extension: {}}]\n"
    },
    .init("two extensions of a cluster of one name") {
      $0.cluster("extensions: [{name: a, extension: 1}, {name: a, extension: 2}]")
    },
    .init("two extensions without content, of one name") {
      $0.cluster("extensions: [{name: a}, {name: a, extension: null}]")
    },
    .init("two extensions of one name, of which the second has no content") {
      $0.cluster("extensions: [{name: a, extension: 1}, {name: a}]")
    },
    .init("two extensions of one name, of which the first has no content") {
      $0.cluster("extensions: [{name: a}, {name: a, extension: 1}]")
    },
    .init("an extension without content") { $0.cluster("extensions: [{name: a}]") },
    .init("an unknown field") { $0.text + "x-unknown: [1, {a: b}]\n" },
    .init("an unknown field of the user") { $0.user("x: {y: [1]}") },
    .init("no kind") { $0.replacing("kind: Config\n", "") },
    .init("another kind") { $0.replacing("kind: Config", "kind: Secret") },
    .init("the kind in lower case") { $0.replacing("kind: Config", "kind: config") },
    .init("a null kind") { $0.replacing("kind: Config", "kind:") },
    .init("Kind with a capital") { $0.replacing("kind: Config", "Kind: Secret") },
    .init("Kind and kind") { $0.text + "Kind: Secret\n" },
    .init("no apiVersion") { $0.replacing("apiVersion: v1\n", "") },
    .init("apiVersion v2") { $0.replacing("apiVersion: v1", "apiVersion: v2") },
    .init("apiVersion v1beta1 of a group") { $0.replacing("apiVersion: v1", "apiVersion: a/v1") },
    .init("apiVersion /v1") { $0.replacing("apiVersion: v1", "apiVersion: /v1") },
    .init("a number as apiVersion") { $0.replacing("apiVersion: v1", "apiVersion: 1") },
    .init("no current-context") { $0.replacing("current-context: here\n", "") },
    .init("no current-context, and a context without a name") {
      $0.replacing("current-context: here\n", "").replacing("  name: here\n", with: "")
    },
    .init("a byte order mark before a name") {
      $0.replacing("name: admin", "name: \u{feff}admin")
    },
    .init("an unknown current-context") { $0.replacing("current-context: here", "current-context: there") },
    .init("an empty current-context") { $0.replacing("current-context: here", "current-context: ''") },
    .init("no contexts") { $0.replacing("contexts:\n- ", "x-contexts:\n- ") },
    .init("contexts in capitals") { $0.replacing("contexts:\n- ", "Contexts:\n- ") },
    .init("a context of an unknown user") { $0.replacing("user: admin", "user: x") },
    .init("a context of an unknown cluster") { $0.replacing("cluster: kubernetes", "cluster: x") },
    .init("a context without a user") { $0.replacing("    user: admin\n", "") },
    .init("another context of unknown entries") {
      $0.entry("contexts", "{name: x, context: {user: nobody, cluster: none}}")
    },
    .init("a namespace that is no label") {
      $0.replacing("    user: admin", "    namespace: A_b\n    user: admin")
    },
    .init("an empty file") { _ in "" },
    .init("a comment alone") { _ in "# nothing\n" },
    .init("a list") { "- \($0.text.replacing("\n", with: "\n  "))" },
    .init("a plain text") { _ in "kubeconfig\n" },
  ]

  private static let yaml: [KubeconfigEdit] = [
    .init("a user repeated as a key") { $0.text + "users: []\n" },
    .init("a repeated key, the good one last") { "users: []\n" + $0.text },
    .init("a repeated field, the good one last") { $0.user("client-key-data: '!'") },
    .init("a repeated field, a bad one last") { $0.text + "    client-key-data: '!'\n" },
    .init("a repeated key in flow style") {
      $0.entry("contexts", "{name: x, name: x, context: {user: a, user: admin}}")
    },
    .init("a key thrice") { "kind: a\nkind: b\n" + $0.text },
    .init("a repeated key in quotes") { "\"kind\": Secret\n" + $0.text },
    .init("a merge key") {
      "x-base: &base {client-key-data: \($0.key)}\n"
        + $0.replacing("    client-key-data:", "    <<: *base\n    x:")
    },
    .init("a merge key before the field that it has") {
      "x-base: &base {client-key-data: '!'}\n" + $0.user("<<: *base")
    },
    .init("a merge key after the field that it has") {
      "x-base: &base {client-key-data: '!'}\n" + $0.text + "    <<: *base\n"
    },
    .init("a merge key of a list") {
      "x-a: &a {client-key-data: \($0.key)}\nx-b: &b {client-key-data: '!'}\n"
        + $0.replacing("    client-key-data:", "    <<: [*a, *b]\n    x:")
    },
    .init("a merge key of a string") { $0.user("<<: a") },
    .init("an alias") {
      "x-key: &key \($0.key)\n" + $0.replacing("client-key-data: \($0.key)", "client-key-data: *key")
    },
    .init("an alias of nothing") { $0.line("client-key-data", "client-key-data: *none") },
    .init("a second document") { $0.text + "---\nkind: Secret\n" },
    .init("a second document that is torn") { $0.text + "---\n[{\n" },
    .init("a first document that is empty") { "---\n---\n" + $0.text },
    .init("a trailing ---") { $0.text + "---\n" },
    .init("a trailing ...") { $0.text + "...\n" },
    .init("text after ...") { $0.text + "...\nx\n" },
    .init("a directive") { "%YAML 1.1\n---\n" + $0.text },
    .init("a directive of YAML 1.2") { "%YAML 1.2\n---\n" + $0.text },
    .init("a byte order mark") { "\u{feff}" + $0.text },
    .init("two byte order marks") { "\u{feff}\u{feff}" + $0.text },
    .init("line ends of Windows") { $0.text.replacing("\n", with: "\r\n") },
    .init("line ends of old Macs") { $0.text.replacing("\n", with: "\r") },
    .init(bytes: "UTF-16, low byte first") { text in
      [0xff, 0xfe] + text.text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    },
    .init(bytes: "UTF-16, high byte first") { text in
      [0xfe, 0xff] + text.text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    },
    .init(bytes: "UTF-16 without a mark") { $0.text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] } },
    .init(bytes: "bytes that are not UTF-8") { Array("# ".utf8) + [0xe9, 0x0a] + Array($0.text.utf8) },
    .init("a control character") { "# \u{1}\n" + $0.text },
    .init("a NUL at the end") { $0.text + "\0" },
    .init("a tab as indentation") { $0.replacing("    server:", "\tserver:") },
    .init("tabs after a value") { $0.replacing("kind: Config", "kind: Config\t\t# x") },
    .init("a torn flow mapping") { $0.text + "x: {a: [\n" },
    .init("a null key") { $0.text + "~: x\n" },
    .init("a list as a key") { $0.text + "? [a]\n: b\n" },
    .init("a number as a key") { $0.text + "1: b\n" },
    .init("a number that JSON does not have") { $0.text + "x: .inf\n" },
    .init("an unknown tag") { $0.replacing("kind: Config", "kind: !x Config") },
    .init("a tag of a number on text") { $0.text + "x: !!int a\n" },
    .init("more than 1,000 levels") { $0.text + "x: " + String(repeating: "[", count: 1100) + "\n" },
    .init("aliases of aliases", difference: "both have limits, and kubectl's is on the share of aliases") {
      text in
      (1...9).reduce("x0: &x0 [a, a]\n") { $0 + "x\($1): &x\($1) [*x\($1 - 1), *x\($1 - 1)]\n" } + text.text
    },
    .init("a bomb of aliases") { text in
      (1...14).reduce("x0: &x0 [a, a]\n") {
        let nine = Array(repeating: "*x\($1 - 1)", count: 9).joined(separator: ", ")
        return $0 + "x\($1): &x\($1) [\(nine)]\n"
      } + text.text
    },
    .init("40 aliases", difference: "pkigen reads at most 32 aliases, so that none of them is a bomb") {
      "x: &x a\ny: [\(Array(repeating: "*x", count: 40).joined(separator: ", "))]\n" + $0.text
    },
    .init("JSON") {
      """
      {"kind":"Config","apiVersion":"v1","current-context":"c","contexts":[{"name":"c","context":{"cluster":"k",
      \t"user":"u"}}],"clusters":[{"name":"k","cluster":{"certificate-authority-data":"\($0.authority)",
      "server":"\($0.server)"}}],"users":[{"name":"u","user":{"client-certificate-data":"\($0.certificate)",
      "client-key-data":"\($0.key)"}}]}
      """
    },
  ]
}
