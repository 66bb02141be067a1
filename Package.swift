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
    .library(name: "OpenSSLX509", targets: ["OpenSSLX509"]),
    .library(name: "KubernetesPKI", targets: ["KubernetesPKI"]),
    .library(name: "PKIFixtures", targets: ["PKIFixtures"]),
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
    .target(name: "CArguments"),
    .target(name: "CStandIns"),
    .target(name: "OpenSSLX509", dependencies: ["COpenSSL"], swiftSettings: common),
    .target(name: "GoRules", dependencies: ["OpenSSLX509"], swiftSettings: safe),
    .target(
      name: "FileStore",
      dependencies: [
        "CFileSystem", "OpenSSLX509", .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: safe),
    .target(name: "StructuredText", dependencies: ["OpenSSLX509", "Yams"], swiftSettings: safe),
    .target(
      name: "Kubeconfigs", dependencies: ["FileStore", "OpenSSLX509", "StructuredText"],
      swiftSettings: safe),
    .target(
      name: "KubernetesPKI",
      dependencies: ["FileStore", "GoRules", "Kubeconfigs", "OpenSSLX509", "StructuredText"],
      swiftSettings: safe),
    .target(
      name: "KubeadmConfig", dependencies: ["FileStore", "KubernetesPKI", "OpenSSLX509", "StructuredText"],
      swiftSettings: safe),
    .target(
      name: "Fleet",
      dependencies: ["FileStore", "KubeadmConfig", "KubernetesPKI", "OpenSSLX509", "StructuredText"],
      swiftSettings: safe),
    .target(
      name: "StaticPods", dependencies: ["FileStore", "KubernetesPKI", "OpenSSLX509", "StructuredText"],
      swiftSettings: safe),
    .target(
      name: "CertificateRequests",
      dependencies: ["FileStore", "Kubeconfigs", "KubernetesPKI", "OpenSSLX509", "StructuredText"],
      swiftSettings: safe),
    .target(
      name: "PKIInspection",
      dependencies: [
        "CertificateRequests", "FileStore", "Kubeconfigs", "KubernetesPKI", "OpenSSLX509", "StructuredText",
        "Yams",
      ],
      swiftSettings: safe),
    .target(
      name: "PKIExport", dependencies: ["FileStore", "KubernetesPKI", "OpenSSLX509", "StructuredText"],
      swiftSettings: safe),
    .target(
      name: "PKIFixtures",
      dependencies: [
        "FileStore", "KubeadmConfig", "Kubeconfigs", "KubernetesPKI", "OpenSSLX509", "StructuredText",
      ],
      swiftSettings: safe),
    .executableTarget(
      name: "pkigen",
      dependencies: [
        "CArguments", "CStandIns", "CertificateRequests", "FileStore", "Fleet", "KubeadmConfig",
        "Kubeconfigs", "KubernetesPKI", "OpenSSLX509", "PKIExport", "PKIFixtures", "PKIInspection",
        "StaticPods",
        "StructuredText",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: safe),

    .target(
      name: "TestSupport",
      dependencies: [
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support", swiftSettings: common),
    // What the tests of several targets make their trees with.
    .target(
      name: "PKITestSupport",
      dependencies: [
        "CertificateRequests", "Kubeconfigs", "KubernetesPKI", "OpenSSLX509", "TestSupport",
      ],
      path: "Tests/PKITestSupport", swiftSettings: common),
    // Certificates and chains that are odd in one way each.
    .target(
      name: "OddCertificates", dependencies: ["OpenSSLX509"], path: "Tests/OddCertificates",
      swiftSettings: common),
    .testTarget(
      name: "GoRulesTests", dependencies: ["GoRules", "OddCertificates", "OpenSSLX509"], swiftSettings: common
    ),
    .testTarget(
      name: "OpenSSLX509Tests", dependencies: ["COpenSSL", "OpenSSLX509", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "StructuredTextTests", dependencies: ["OpenSSLX509", "StructuredText"], swiftSettings: common),
    .testTarget(
      name: "KubeconfigsTests",
      dependencies: ["Kubeconfigs", "OpenSSLX509", "PKITestSupport", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "FileStoreTests", dependencies: ["FileStore", "OpenSSLX509", "TestSupport"], swiftSettings: common
    ),
    .testTarget(
      name: "KubernetesPKITests",
      dependencies: [
        "FileStore", "Kubeconfigs", "KubernetesPKI", "OpenSSLX509", "PKITestSupport", "StructuredText",
        "TestSupport",
      ], swiftSettings: common),
    .testTarget(
      name: "KubeadmConfigTests",
      dependencies: ["KubeadmConfig", "KubernetesPKI", "OpenSSLX509", "PKITestSupport"], swiftSettings: common
    ),
    .testTarget(
      name: "FleetTests", dependencies: ["Fleet", "KubernetesPKI", "PKITestSupport", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "StaticPodsTests",
      dependencies: ["KubernetesPKI", "OpenSSLX509", "StaticPods", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "CertificateRequestsTests",
      dependencies: [
        "CertificateRequests", "KubernetesPKI", "OpenSSLX509", "PKITestSupport", "StructuredText",
        "TestSupport",
      ], swiftSettings: common),
    .testTarget(
      name: "PKIExportTests", dependencies: ["OpenSSLX509", "PKIExport"], swiftSettings: common),
    .testTarget(
      name: "PKIFixturesTests",
      dependencies: [
        "FileStore", "KubernetesPKI", "OpenSSLX509", "PKIFixtures", "PKITestSupport", "TestSupport",
      ], swiftSettings: common),
    .testTarget(
      name: "pkigenTests", dependencies: ["KubernetesPKI", "pkigen", "TestSupport"], swiftSettings: common),
    // The example of docs/library.md, a package of its own, built here too: as one outside this package, from what is public.
    .executableTarget(
      name: "example", dependencies: ["KubernetesPKI", "OpenSSLX509"], path: "Tests/example/Sources/example",
      packageAccess: false),
    .testTarget(
      name: "InteropTests",
      dependencies: [
        "GoRules", "Kubeconfigs", "OddCertificates", "OpenSSLX509", "TestSupport", "example", "pkigen",
      ],
      swiftSettings: common),
  ],
  swiftLanguageModes: [.v6]
)

// `make fuzz` alone builds the fuzzer: its main function is libFuzzer's, which comes with a flag of the compiler's.
if Context.environment["PKIGEN_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "pkigen-fuzz",
      dependencies: [
        "KubernetesPKI", "KubeadmConfig", "PKIFixtures", "PKIInspection", "CertificateRequests",
        "Kubeconfigs", "FileStore",
      ], path: "Tests/fuzz",
      exclude: ["fuzz.sh", "options.py"],
      swiftSettings: common + [.unsafeFlags(["-parse-as-library"])]))
}
