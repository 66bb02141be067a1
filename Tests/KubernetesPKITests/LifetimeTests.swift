@testable import KubernetesPKI
import Testing

/// Lengths of time as people and Go write them.
struct LifetimeTests {
  @Test(arguments: [
    ("1s", 1), ("6mo", 15_552_000), ("30min", 1_800), ("1mo1min", 2_592_060), ("90d", 7_776_000),
    ("365d", 31_536_000), ("1y", 31_536_000), ("10y", 315_360_000),
    ("8760h", 31_536_000),
    ("87600h0m0s", 315_360_000), ("1h30m", 5_400), ("90m", 5_400), ("1h30m1.5s", 5_401), ("1.5h", 5_400),
    (".5h", 1_800),
    ("1.h", 3_600), ("1y1d1h1m1s", 31_626_061), ("1s1h", 3_601), ("+1h", 3_600), ("1500ms", 1),
    ("1000000us", 1),
    ("1000000µs", 1), ("1000000μs", 1), ("1000000000ns", 1), ("0h1s", 1), ("0.35m", 21), ("0.55m", 33),
    ("007d", 604_800),
    ("7999y", 252_256_464_000),
  ])
  func `a length of time is read`(text: String, seconds: Int) throws {
    #expect(try Lifetime(text).seconds == seconds)
  }

  /// Hundredths of a minute are multiples of 0.6 s: none may come out a second short for being a fraction.
  @Test func `fractions are not cut below the whole second that they are`() throws {
    for hundredths in stride(from: 5, through: 10_000, by: 5) {
      let text = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)m"
      #expect(try Lifetime(text).seconds == hundredths * 60 / 100, "\(text)")
    }
  }

  @Test(arguments: [
    ("", "empty; write a length of time such as 365d, 10y or 8760h"),
    ("+", "empty; write a length of time such as 365d, 10y or 8760h"),
    ("-1h", "negative; it must be more than zero"), ("-0", "negative; it must be more than zero"),
    ("0", "less than one second; it must be more than zero"),
    ("0s", "less than one second; it must be more than zero"),
    ("0y0d", "less than one second; it must be more than zero"),
    ("999ms", "less than one second; it must be more than zero"),
    ("8000y", "longer than 8000 years"), ("99999999999999999999999999y", "longer than 8000 years"),
    (String(repeating: "9", count: 400) + "d", "longer than 8000 years"),
    ("7999y366d", "longer than 8000 years"),
  ])
  func `what cannot be is refused with a reason`(text: String, problem: String) {
    #expect(throws: Lifetime.Problem.self) { try Lifetime(text) }
    do {
      _ = try Lifetime(text)
    } catch {
      #expect(error.text == problem)
    }
  }

  @Test(arguments: [
    "365", "1", "d", "h1", "1w", "1mon", "1mi", "1mos", "1D", "1H", "1 d", "1d ", " 1d", "1d 1h", "1.5.2h",
    ".h", "1..h",
    "1e3h", "0x10h",
    "infd", "nan", "1h-1m", "1h+1m", "++1h", "١d", "1d\n", "1d\0", "1,5h", "1_000h", "forever", "1d1",
  ])
  func `what is no length of time is refused`(text: String) {
    do {
      _ = try Lifetime(text)
      Issue.record("\(text) was read")
    } catch {
      #expect(error.text == "not a length of time; write 365d, 10y, 8760h or 1h30m")
    }
  }

  @Test func `lengths are compared and written as Go writes them`() throws {
    #expect(Lifetime.days(365).description == "8760h0m0s" && Lifetime(seconds: 3_725).description == "1h2m5s")
    #expect(Lifetime.days(1) < Lifetime.days(2) && Lifetime.days(1) == Lifetime(seconds: 86_400))
    #expect(try Lifetime(Lifetime(seconds: 3_725).description) == Lifetime(seconds: 3_725))
  }

  @Test(arguments: ["6m", "90m", "+6m", "0.5m"])
  func `minutes alone are not taken for a certificate's lifetime: months may be meant`(text: String) throws {
    let number = text.dropLast()
    let errors = #expect(throws: PKIErrors.self) { try Lifetime(Setting(text, from: .option("--validity"))) }
    #expect(
      errors?.errors == [
        .invalidSetting(
          .option("--validity"), value: text, problem: "minutes or months",
          hint: "write \(number)mo for months of 30 days, or \(number)min for minutes")
      ])
  }

  @Test(arguments: ["6mo", "30min", "1h30m", "8760h0m0s", "1h30m0s", "1d6m"])
  func `what is clear is taken`(text: String) {
    #expect(throws: Never.self) { try Lifetime(Setting(text, from: .option("--validity"))) }
  }
}
