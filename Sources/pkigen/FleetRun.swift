import ArgumentParser
import FileStore
import Fleet
import KubernetesPKI
import Synchronization

/// What a command does with every tree below a directory, on all cores: what fails for one does not stop the others, and the
/// status is the worst.
struct FleetRun {
  let fleet: Fleet
  private let jobs: Int

  /// Finds the trees, and reports the directories that cannot be looked into.
  ///
  /// - Throws: ``PKIError`` where there is no tree.
  init(_ options: TreesOptions, jobs: Int) throws(PKIError) {
    let directory = options.trees ?? ""
    let option = Setting.Origin.option("--trees")
    do throws(FileError) {
      fleet = try Fleet(below: directory)
    } catch {
      if case .system = error { throw .files(error) }
      throw .invalidSetting(option, value: directory, problem: "not a directory", hint: nil)
    }
    self.jobs = jobs
    for problem in fleet.problems { Terminal.report(.files(problem)) }
    guard !fleet.trees.isEmpty || !fleet.problems.isEmpty else {
      throw .invalidSetting(
        option, value: directory, problem: "without any PKI directory in it or below",
        hint: "a PKI directory has ca.crt or another of kubeadm's files; symbolic links are not followed")
    }
  }

  /// What came of one tree.
  struct Outcome<Value: Sendable>: Sendable {
    let tree: FleetTree
    let result: Result<Value, any Error>

    var value: Value? { try? result.get() }

    /// What kept the tree from being done.
    var errors: [PKIError] {
      guard case .failure(let error) = result else { return [] }
      return switch error {
      case let errors as PKIErrors: errors.errors
      case let error as PKIError: [error]
      case let error as FileError: [.files(error)]
      default: [.cryptography(subject: tree.name, reason: "\(error)")]
      }
    }
  }

  /// Does the work for each tree, and reports what failed.
  ///
  /// - Throws: ``PKIErrors`` when all failed for the same reason.
  func outcomes<Value: Sendable>(
    isQuiet: Bool, _ work: @Sendable (FleetTree) throws -> Value
  ) throws(PKIErrors) -> [Outcome<Value>] {
    let progress = Terminal.Progress("trees", total: fleet.trees.count, isQuiet: isQuiet)
    let count = Atomic(0)
    let outcomes = Parallel.map(fleet.trees, jobs: jobs) { tree in
      let outcome = Outcome(tree: tree, result: Result { try work(tree) })
      progress.update(count.add(1, ordering: .relaxed).newValue)
      return outcome
    }
    progress.finish()
    let errors = outcomes.map(\.errors)
    // What is wrong with an option fails for every tree, and nothing was done then.
    if let first = errors.first, !first.isEmpty, errors.allSatisfy({ $0 == first }) { throw PKIErrors(first) }
    for outcome in outcomes {
      for error in outcome.errors { Terminal.report(error, of: outcome.tree.name) }
    }
    return outcomes
  }

  /// Ends with the worst of these statuses, and of those of what failed.
  func end<Value>(_ outcomes: [Outcome<Value>], isFailure: (Value) -> Bool) throws {
    let statuses =
      fleet.problems.map { ExitStatus(PKIError.files($0)) }
      + outcomes.flatMap { $0.errors.map { ExitStatus($0) } }
      + outcomes.compactMap(\.value).filter(isFailure).map { _ in ExitStatus.findings }
    if let worst = statuses.map(\.rawValue).max() { throw ExitCode(worst) }
  }

  /// The number of trees and clusters, in words.
  var size: String {
    let clusters = Set(fleet.trees.map(\.cluster)).count
    return "\(fleet.trees.count.counted("tree")) in \(clusters.counted("cluster"))"
  }
}

extension Int {
  /// The number with a noun.
  func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
