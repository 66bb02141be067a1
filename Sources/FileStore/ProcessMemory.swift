internal import CFileSystem

/// The memory of this process, in which private keys are.
package enum ProcessMemory {
  /// Has the kernel write no core dump of the process, and lets no other process of the same user look into it
  /// (`PR_SET_DUMPABLE`, prctl(2)); root still can.
  ///
  /// It is for the program to call, before it reads or makes a key; the library does not change its process unasked.
  package static func protect() {
    // The kernel refuses nothing here but values that it does not know.
    _ = shim_prctl_set_dumpable(0)
  }
}
