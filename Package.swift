// swift-tools-version: 6.2

import PackageDescription

/// What every target of ours is built with: warnings are errors, and the language's upcoming rules are on.
let common: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Everything above the OpenSSL wrapper is free of unchecked memory access, and the compiler proves it.
let safe: [SwiftSetting] = common + [.strictMemorySafety()]

let package = Package(
  name: "pkigen",
  products: [
    .executable(name: "pkigen", targets: ["pkigen"]),
    .library(name: "KubernetesPKI", targets: ["KubernetesPKI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CFileSystem"),
    .target(name: "OpenSSLX509", dependencies: ["COpenSSL"], swiftSettings: common),
    .target(
      name: "KubernetesPKI",
      dependencies: [
        "CFileSystem", "OpenSSLX509", "Yams",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: safe),
    .executableTarget(
      name: "pkigen",
      dependencies: [
        "KubernetesPKI", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: safe),

    .target(
      name: "TestSupport",
      dependencies: [
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support", swiftSettings: common),
    .testTarget(
      name: "OpenSSLX509Tests", dependencies: ["OpenSSLX509", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "KubernetesPKITests", dependencies: ["KubernetesPKI", "OpenSSLX509", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "pkigenTests", dependencies: ["pkigen", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "InteropTests", dependencies: ["TestSupport", "pkigen"], swiftSettings: common),
  ],
  swiftLanguageModes: [.v6]
)

// `make fuzz` alone builds the fuzzer: its main function is libFuzzer's, which comes with a flag of the compiler's.
if Context.environment["PKIGEN_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "pkigen-fuzz", dependencies: ["KubernetesPKI"], path: "Tests/fuzz",
      exclude: ["fuzz.sh", "options.py"],
      swiftSettings: common + [.unsafeFlags(["-parse-as-library"])]))
}
