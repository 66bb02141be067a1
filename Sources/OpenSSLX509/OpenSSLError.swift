internal import COpenSSL

/// What OpenSSL refused to do, with every reason that it gave.
///
/// OpenSSL keeps the reasons of a failure in a queue of the calling thread; all of them are taken out here, so that
/// none turns up in the report of a later failure.
public struct OpenSSLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done, as a phrase that follows "cannot": "read the certificate".
  public let operation: String

  /// OpenSSL's reasons, the first cause first. Empty when it gave none.
  public let reasons: [String]

  /// An error with reasons of our own.
  public init(operation: String, reasons: [String]) {
    self.operation = operation
    self.reasons = reasons
  }

  /// One sentence: the operation and its reasons.
  public var description: String {
    reasons.isEmpty ? "cannot \(operation)" : "cannot \(operation): \(reasons.joined(separator: "; "))"
  }

  /// The error for `operation`, with all that the thread's queue holds.
  static func drainingQueue(_ operation: String) -> OpenSSLError {
    var reasons: [String] = []
    while case let code = ERR_get_error(), code != 0 {
      // A reason that OpenSSL has no text for still has a number that its documentation can be searched for.
      let text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "error code \(code)"
      if reasons.last != text { reasons.append(text) }
    }
    return OpenSSLError(operation: operation, reasons: reasons)
  }
}

/// Calls OpenSSL for an object that the caller then owns.
///
/// OpenSSL is started first, and the thread's error queue emptied, so that the reasons of a failure are this call's own.
func owned<Object>(
  _ operation: @autoclosure () -> String, _ call: () -> Object?
) throws(OpenSSLError) -> Object {
  OpenSSLLibrary.start()
  ERR_clear_error()
  guard let object = call() else { throw .drainingQueue(operation()) }
  return object
}

/// Calls OpenSSL for a status, of which one and above is success.
@discardableResult
func checked(_ operation: @autoclosure () -> String, _ call: () -> Int32) throws(OpenSSLError) -> Int32 {
  OpenSSLLibrary.start()
  ERR_clear_error()
  let status = call()
  guard status > 0 else { throw .drainingQueue(operation()) }
  return status
}
