@testable import FileStore
import Foundation
import TestSupport
import Testing

/// Which files a tree's paths lead to: those of a machine, of a machine whose root directory is elsewhere, or the tree's own.
struct FileReachTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for name in ["root/etc/kubernetes/pki", "root/var/pki", "other"] {
      try FileManager.default.createDirectory(
        atPath: directory.path(name), withIntermediateDirectories: true)
    }
  }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: directory.path(name), withDestinationPath: target)
  }

  private var tree: String { directory.path("root/etc/kubernetes") }
  private var alone: FileReach { .tree([tree + "/pki", tree]) }
  private var rooted: FileReach { .rootDirectory(directory.path("root"), [tree + "/pki", tree]) }

  @Test func `on its own machine, every path leads where it says`() {
    #expect(FileReach.machine.place(ofAbsolute: "/var/x") == "/var/x")
    #expect(FileReach.machine.place(ofRelative: "../x") == "../x")
    #expect(FileReach.rootDirectory("/", ["/a"]) == .machine)
  }

  @Test func `a tree alone has the files in its directories`() {
    #expect(alone.place(ofAbsolute: "\(tree)/pki/x.pem") == "\(tree)/pki/x.pem")
    #expect(alone.place(ofRelative: "\(tree)/x.pem") == "\(tree)/x.pem")
  }

  @Test(arguments: ["/../../var/x", "/pki/../../../x", "-2/x", ""])
  func `a tree alone has no other files`(path: String) {
    #expect(alone.place(ofAbsolute: tree + path) == nil && alone.place(ofRelative: tree + path) == nil)
  }

  @Test func `a link out of a tree leads to no file of it, there or not`() throws {
    try link("root/etc/kubernetes/pki/out", to: directory.path("other"))
    try link("root/etc/kubernetes/nothing", to: "/nonexistent/x")
    try link("root/etc/kubernetes/in", to: "pki")
    #expect(alone.place(ofAbsolute: "\(tree)/pki/out/x") == nil)
    #expect(alone.place(ofAbsolute: "\(tree)/nothing") == nil)
    #expect(alone.place(ofAbsolute: "\(tree)/in/x") == "\(tree)/in/x")
  }

  /// The characters of a name are fewer than its bytes.
  @Test func `a link out of a tree is found in a directory of any name`() throws {
    let tree = directory.path("ключи и сертификаты")
    try FileManager.default.createDirectory(atPath: "\(tree)/pki", withIntermediateDirectories: true)
    try link("ключи и сертификаты/pki/out", to: "../../other/x")
    let reach = FileReach.tree([tree])
    #expect(reach.place(ofRelative: "\(tree)/pki/out") == nil)
    #expect(reach.place(ofRelative: "\(tree)/pki/in") == "\(tree)/pki/in")
    let rooted = FileReach.rootDirectory(tree, [])
    #expect(rooted.place(ofRelative: "\(tree)/pki/in") == "\(tree)/pki/in")
  }

  @Test func `files that the caller counts among the tree's are its own`() {
    let reach = alone.including(["/home/x/.kube/config"])
    #expect(reach.place(ofAbsolute: "/home/x/.kube/config") == "/home/x/.kube/config")
    #expect(reach.place(ofAbsolute: "/home/x/.kube/other") == nil)
    #expect(
      rooted.including(["/home/x/c"]).place(ofAbsolute: "/home/x/c") == "/home/x/c")
  }

  @Test func `absolute paths are below the root directory`() {
    #expect(rooted.place(ofAbsolute: "/var/pki/x.pem") == directory.path("root/var/pki/x.pem"))
    #expect(rooted.place(ofAbsolute: "/nowhere/x") == directory.path("root/nowhere/x"))
    #expect(rooted.place(ofAbsolute: "/../../x") == directory.path("root/x"))
  }

  @Test func `links are followed below the root directory, and never lead out of it`() throws {
    try link("root/var/pki/current.pem", to: "/var/pki/dated.pem")
    try link("root/var/run", to: "../../../../other")
    try link("root/var/abs", to: "/other")
    #expect(rooted.place(ofAbsolute: "/var/pki/current.pem") == directory.path("root/var/pki/dated.pem"))
    #expect(rooted.place(ofAbsolute: "/var/run/x") == directory.path("root/other/x"))
    #expect(rooted.place(ofAbsolute: "/var/abs/x") == directory.path("root/other/x"))
  }

  @Test func `links in a circle end`() throws {
    try link("root/var/a", to: "/var/b")
    try link("root/var/b", to: "a")
    #expect(rooted.place(ofAbsolute: "/var/a")?.hasPrefix(directory.path("root/var/")) == true)
  }

  @Test func `relative paths count from the tree, and do not leave the root directory`() throws {
    #expect(
      rooted.place(ofRelative: "\(tree)/../../var/pki/x") == directory.path("root/var/pki/x"))
    #expect(rooted.place(ofRelative: directory.path("other/x")) == nil)
    let copy = FileReach.rootDirectory(directory.path("root"), [directory.path("other")])
    #expect(copy.place(ofRelative: directory.path("other/x")) == directory.path("other/x"))
  }

  @Test func `a place has the name that the machine has for it`() {
    #expect(rooted.absolutePath(of: directory.path("root/var/x")) == "/var/x")
    #expect(rooted.absolutePath(of: "/var/x") == "/var/x")
    #expect(alone.absolutePath(of: "\(tree)/x") == "\(tree)/x")
  }
}
