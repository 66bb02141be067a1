internal import FileStore
public import FoundationEssentials
public import KubernetesPKI
internal import OpenSSLX509

extension FixtureDirectory {
  /// What is wrong with the set that the directory holds: files that are not what the specification gives, and
  /// certificates that end soon although that is not their defect.
  ///
  /// A set of a seed is made again and compared, byte for byte. Of fresh keys there is only what the manifest says.
  ///
  /// - Parameters:
  ///   - specification: what the set should be made of; without one, the copy in the directory.
  ///   - seed: the seed that was named beside the specification.
  ///   - margin: how long before it expires a certificate is reported.
  /// - Throws: ``PKIErrors`` when the directory holds no set.
  public func findings(
    specification: FixtureSpecification?, seed: String?, at instant: Date, margin: Lifetime, jobs: Int
  ) throws(PKIErrors) -> [Finding] {
    do throws(PKIError) {
      guard let manifest = try manifest() else {
        throw .unsound(
          Finding(
            .malformedFile, [absolute(FixtureManifest.fileName)],
            "\(path) holds no fixtures: there is no \(FixtureManifest.fileName) of pkigen's in it",
            .makeFixturesAgain(path)))
      }
      var findings = try damage(manifest)
      if let made = try remade(manifest, specification, seed: seed, jobs: jobs) {
        findings += difference(manifest, made)
      } else if let specification, try differs(specification) {
        findings.append(changed(FixtureSet.specificationName, "is not the specification that was named"))
      }
      return findings + expiry(manifest, at: instant, margin: margin)
    } catch {
      throw PKIErrors([error])
    }
  }

  /// The set as the specification gives it now; `nil` where its keys are fresh.
  private func remade(
    _ manifest: FixtureManifest, _ specification: FixtureSpecification?, seed: String?, jobs: Int
  ) throws(PKIError) -> FixtureSet? {
    guard let seed = seed ?? specification?.seed ?? manifest.seed else { return nil }
    do throws(PKIErrors) {
      var source = specification
      if source == nil { source = try FixtureSpecification(reading: absolute(FixtureSet.specificationName)) }
      guard let source else { return nil }
      guard let time = try? Date(manifest.time, strategy: .iso8601) else { return nil }
      return try FixtureSet(source, seed: seed, at: source.time ?? time, jobs: jobs)
    } catch {
      throw error.errors.first ?? .files(.notADirectory(path))
    }
  }

  /// Files that are not as the manifest says.
  private func damage(_ manifest: FixtureManifest) throws(PKIError) -> [Finding] {
    var findings: [Finding] = []
    for file in manifest.files {
      let path = absolute(file.path)
      guard try files(FileSystem.status(path))?.isRegular == true else {
        findings.append(
          Finding(.missingFile, [path], "\(path) is missing", .makeFixturesAgain(self.path)))
        continue
      }
      let content = try files(FileSystem.read(path)).copy
      if (try? Digest.sha256(content).hexadecimal) != file.sha256 {
        findings.append(changed(file.path, "is not what pkigen has made"))
      }
    }
    return findings
  }

  /// Files by which what is there and what the specification gives differ.
  private func difference(_ manifest: FixtureManifest, _ made: FixtureSet) -> [Finding] {
    let old = Dictionary(manifest.files.map { ($0.path, $0) }) { first, _ in first }
    let new = Dictionary(made.manifest.files.map { ($0.path, $0) }) { first, _ in first }
    return Set(old.keys).union(new.keys).sorted().compactMap { name in
      guard old[name] != new[name] else { return nil }
      if old[name] == nil {
        return changed(name, "belongs to the set by its specification, and was not made")
      }
      if new[name] == nil { return changed(name, "does not belong to the set by its specification") }
      return changed(name, "is not what the specification gives now")
    }
  }

  private func differs(_ specification: FixtureSpecification) throws(PKIError) -> Bool {
    let copy = absolute(FixtureSet.specificationName)
    guard try files(FileSystem.status(copy))?.isRegular == true else { return true }
    return try files(FileSystem.read(copy)).copy != Array(specification.text.utf8)
  }

  /// Certificates that end soon, but for those whose defect that is.
  private func expiry(_ manifest: FixtureManifest, at instant: Date, margin: Lifetime) -> [Finding] {
    manifest.files.compactMap { file in
      let defect = Defect.all.first { $0.name == file.defect }
      guard defect?.isAboutTheEnd != true, let text = file.notAfter,
        let end = try? Date(text, strategy: .iso8601),
        end < instant.addingTimeInterval(Double(margin.seconds))
      else { return nil }
      let path = absolute(file.path)
      return end < instant
        ? Finding(.expired, [path], "\(path) expired at \(text)", .changeFixtureTimes)
        : Finding(.expiringSoon, [path], "\(path) expires at \(text)", .changeFixtureTimes)
    }
  }

  private func changed(_ name: String, _ what: String) -> Finding {
    let path = absolute(name)
    return Finding(.fixtureChanged, [path], "\(path) \(what)", .makeFixturesAgain(self.path))
  }
}
