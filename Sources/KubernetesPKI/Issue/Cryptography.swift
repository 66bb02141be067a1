internal import FileStore
internal import OpenSSLX509

/// The cryptography of this process.
package enum Cryptography {
  /// Starts OpenSSL on another core, which takes as long as making the keys of a whole tree, and has it leave its tables as
  /// they are when the process ends, however far that has come.
  ///
  /// It is for the program to call, first of all, where it has something else to do meanwhile; the first use of OpenSSL
  /// waits for it. Without it, the first use of OpenSSL starts it.
  ///
  /// - Parameter besideThisThread: whether another thread may start OpenSSL; without one, its first use starts it.
  package static func start(besideThisThread: Bool = true) {
    OpenSSLLibrary.leaveAtExit()
    if besideThisThread { Threads.detach { OpenSSLLibrary.start() } }
  }
}
