// swift-tools-version: 6.2

import PackageDescription

/// A program that uses the libraries; docs/library.md shows it.
let package = Package(
  name: "example",
  dependencies: [.package(name: "pkigen", path: "../..")],
  targets: [
    .executableTarget(
      name: "example",
      dependencies: [
        .product(name: "KubernetesPKI", package: "pkigen"),
        .product(name: "OpenSSLX509", package: "pkigen"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
