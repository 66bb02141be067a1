package import FoundationEssentials

/// The time from an instant to the end of a certificate, in whole seconds; below zero when it has ended.
package struct ResidualTime: Hashable, Sendable, CustomStringConvertible {
  /// The length in seconds, cut off towards zero.
  package let seconds: Int

  /// So many seconds.
  package init(seconds: Int) { self.seconds = seconds }

  /// The time from `instant` to `end`.
  package init(from instant: Date, to end: Date) { self.init(seconds: Int(end.timeIntervalSince(instant))) }

  /// The text of kubectl and kubeadm: one or two units, the coarser the longer the time is; `<invalid>` when it is over.
  package var description: String {
    let (minute, hour, day, year) = (60, 3_600, 86_400, 31_536_000)
    return switch seconds {
    // One second more is forgiven to the clocks.
    case ..<(-1): "<invalid>"
    case ..<0: "0s"
    case ..<(2 * minute): "\(seconds)s"
    case ..<(10 * minute): text("m", minute, rest: "s", 1)
    case ..<(3 * hour): "\(seconds / minute)m"
    case ..<(8 * hour): text("h", hour, rest: "m", minute)
    case ..<(2 * day): "\(seconds / hour)h"
    case ..<(8 * day): text("d", day, rest: "h", hour)
    case ..<(2 * year): "\(seconds / day)d"
    case ..<(8 * year): text("y", year, rest: "d", day)
    default: "\(seconds / year)y"
    }
  }

  /// The time in two units, of which the smaller is left out where it counts zero.
  private func text(_ unit: String, _ size: Int, rest smallUnit: String, _ smallSize: Int) -> String {
    let rest = seconds % size / smallSize
    return rest == 0 ? "\(seconds / size)\(unit)" : "\(seconds / size)\(unit)\(rest)\(smallUnit)"
  }
}
