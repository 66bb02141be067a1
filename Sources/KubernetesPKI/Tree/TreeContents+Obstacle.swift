internal import FileStore

extension TreeContents {
  /// That one of these files cannot be replaced, by what the kernel says of it; `nil` where nothing is known against it.
  func irreplaceableFinding(_ paths: [String]) -> Finding? {
    guard isOnDisk else { return nil }
    for path in paths {
      let isLink = ((try? FileSystem.status(path)) ?? nil)?.isSymbolicLink == true
      let place = isLink ? place(of: path) : path
      guard let obstacle = FileSystem.obstacle(place) else { continue }
      return Finding(
        .irreplaceableFile, [path], "\(FileError.irreplaceable(place, obstacle))",
        .makeReplaceable(place, obstacle), cause: obstacle.error)
    }
    return nil
  }
}
