internal import Dispatch
internal import OpenSSLX509

/// The cryptography of this process.
public enum Cryptography {
  /// Has OpenSSL read its configuration, load its algorithms and seed its generators on another core, which takes as long
  /// as making the keys of a whole tree; and leave them as they are when the process ends, however far that has come.
  ///
  /// It is for the program to call, first of all, where it has something else to do meanwhile; without it, the first use
  /// of OpenSSL does the same.
  public static func start() {
    OpenSSLLibrary.leaveAtExit()
    DispatchQueue.global(qos: .userInitiated).async {
      // What fails here fails again where it is used, and is told there.
      _ = try? PrivateKey.generate(.ecdsaP256)
    }
  }
}
