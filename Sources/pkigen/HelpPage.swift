/// The pages of `--help`.
enum HelpPage {
  /// The page with a command's own options before those that it shares with others: ArgumentParser puts them last.
  static func ownOptionsFirst(_ page: String) -> String {
    var sections = page.split(separator: "\n\n", omittingEmptySubsequences: false).map(String.init)
    guard let own = sections.firstIndex(where: { $0.hasPrefix("OPTIONS:\n") }),
      let usage = sections.firstIndex(where: { $0.hasPrefix("USAGE:") })
    else { return page }
    let first =
      sections[usage...].firstIndex { !$0.hasPrefix("USAGE:") && !$0.hasPrefix("ARGUMENTS:") } ?? own
    guard first < own else { return page }
    let options = sections.remove(at: own)
    sections.insert(options, at: first)
    return sections.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }.joined(separator: "\n\n")
  }
}
