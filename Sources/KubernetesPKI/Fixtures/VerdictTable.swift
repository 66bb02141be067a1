/// What judges say of each defect, as the tests hear it from the programs themselves.
enum VerdictTable {
  static let rows: [String: Verdicts] = [:]
}
