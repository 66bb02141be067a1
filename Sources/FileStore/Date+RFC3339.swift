package import FoundationEssentials
internal import Glibc

extension Date {
  /// The instant as RFC 3339 writes it, in UTC and whole seconds: `2027-01-31T23:59:59Z`.
  package var rfc3339: String {
    // Foundation's formatter wants its time zones first, which takes longer than all certificates of a tree.
    var seconds = time_t(timeIntervalSince1970.rounded(.down))
    var parts = unsafe tm()
    unsafe gmtime_r(&seconds, &parts)
    return unsafe String(unsafeUninitializedCapacity: 32) { text in
      unsafe text.withMemoryRebound(to: CChar.self) { text in
        unsafe strftime(text.baseAddress, text.count, "%04Y-%m-%dT%H:%M:%SZ", &parts)
      }
    }
  }
}
