import Foundation

/// What libFuzzer calls for each input, which is given to one of pkigen's readers as the file that it reads.
///
/// An input is survived when the reader makes something of it or throws an error that is the input's. Traps, leaks,
/// sanitizers' findings and inputs that take too long or too much memory are libFuzzer's to see.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Fuzzer.shared.run(Data(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// A reader, and the directory with a good tree in which, or beside which, its input lies.
private struct Fuzzer {
  static let shared = Fuzzer()

  private let reader: Reader
  private let directory: String

  private init() {
    let environment = ProcessInfo.processInfo.environment
    guard let reader = Reader(rawValue: environment["FUZZ_READER", default: ""]),
      let directory = environment["FUZZ_DIRECTORY"]
    else {
      let names = Reader.allCases.map(\.rawValue).joined(separator: ", ")
      fatalError("set FUZZ_DIRECTORY to a directory with a tree k8s, and FUZZ_READER to one of \(names)")
    }
    self.reader = reader
    self.directory = directory
  }

  func run(_ input: Data) {
    do {
      let path = "\(directory)/\(reader.path)"
      try reader.content(input).write(to: URL(fileURLWithPath: path))
      try reader.read(path, tree: "\(directory)/k8s")
    } catch {
      fatalError("\(reader): \(error)")
    }
  }
}
