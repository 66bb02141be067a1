import FoundationEssentials
import TestSupport
import Testing

/// What is in the certificates, as OpenSSL reads it.
@Suite(.timeLimit(.minutes(20)))
struct CertificateTests {
  @Test(arguments: Algorithm.quick)
  func `CAs are RFC 5280 CAs and nothing else`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    for authority in Authority.allCases {
      let certificate = try await CertificateText(tree.certificate(authority.rawValue))
      #expect(certificate.subject == "CN = \(authority.commonName)")
      #expect(certificate.issuer == certificate.subject)
      #expect(
        certificate.extensions.filter { $0.key != "Subject Key Identifier" } == [
          "Basic Constraints: critical": "CA:TRUE",
          "Key Usage: critical": "Digital Signature, Certificate Sign, CRL Sign",
        ], "\(authority)")
      #expect(certificate.extensions["Subject Key Identifier"]?.isEmpty == false, "\(authority)")
    }
  }

  @Test(arguments: Algorithm.quick)
  func `leaves carry what the tables say`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    for leaf in Leaf.all {
      let certificate = try await CertificateText(tree.certificate(leaf.name))
      let issuer = try await CertificateText(tree.certificate(leaf.authority.rawValue))
      #expect(certificate.subject == leaf.subject)
      #expect(certificate.issuer == "CN = \(leaf.authority.commonName)")
      var expected: [String: String] = [
        "Basic Constraints: critical": "CA:FALSE",
        "Key Usage: critical": "Digital Signature" + (algorithm.isRSA ? ", Key Encipherment" : ""),
        "Extended Key Usage": leaf.usages.map(\.openSSLName).joined(separator: ", "),
        "Authority Key Identifier": try #require(issuer.extensions["Subject Key Identifier"]),
      ]
      if !leaf.names.isEmpty {
        expected["Subject Alternative Name"] = leaf.openSSLNames.joined(separator: ", ")
      }
      let extensions = certificate.extensions.filter { $0.key != "Subject Key Identifier" }
      #expect(extensions == expected, "\(leaf.name)")
      #expect(certificate.extensions["Subject Key Identifier"]?.isEmpty == false, "\(leaf.name)")
    }
  }

  @Test(arguments: Algorithm.quick)
  func `serial numbers are positive, long, at most 20 octets and never the same`(
    algorithm: Algorithm
  ) async throws {
    var serials: Set<String> = []
    for path in try await Trees.made(with: algorithm).certificates {
      let serial = try await CertificateText(path).serial
      #expect(!serial.hasPrefix("-") && (24...40).contains(serial.count), "\(path): \(serial)")
      serials.insert(serial)
    }
    #expect(serials.count == 14)
  }

  @Test(arguments: Algorithm.quick)
  func `all lifetimes start five minutes before the one moment of the run`(algorithm: Algorithm) async throws
  {
    let tree = try await Trees.made(with: algorithm)
    let authorities = Authority.allCases.map { tree.certificate($0.rawValue) }
    let start = try await CertificateText(tree.certificate("ca")).notBefore
    let moment = start.addingTimeInterval(5 * 60)
    #expect((-1...0).contains(tree.made.lowerBound.distance(to: moment)) || tree.made.contains(moment))
    var others: [String] = []
    for path in tree.certificates {
      let certificate = try await CertificateText(path)
      let days: Double = authorities.contains(path) ? 3650 : 365
      let end = moment.addingTimeInterval(days * 24 * 60 * 60)
      if certificate.notBefore != start || certificate.notAfter != end { others.append(path) }
    }
    #expect(others.isEmpty)
  }

  @Test(arguments: Algorithm.quick)
  func `certificates are v3, and signed with the hash that goes with the CA key`(
    algorithm: Algorithm
  ) async throws {
    let signature =
      switch algorithm {
      case .rsa2048, .rsa3072, .rsa4096: "sha256WithRSAEncryption"
      case .ecdsaP256: "ecdsa-with-SHA256"
      case .ecdsaP384: "ecdsa-with-SHA384"
      }
    for path in try await Trees.made(with: algorithm).certificates {
      let certificate = try await CertificateText(path)
      #expect(certificate.version == "3 (0x2)", "\(path)")
      #expect(certificate.signature == signature, "\(path)")
    }
  }

  @Test(arguments: Algorithm.quick)
  func `all names are printable strings, as all of them can be`(algorithm: Algorithm) async throws {
    for path in try await Trees.made(with: algorithm).certificates {
      let parsed = try await run(Judges.openssl, ["asn1parse", "-in", path]).stdout
      let strings = parsed.split(separator: "\n").filter { $0.contains("STRING   ") && $0.contains("prim:") }
        .filter { !$0.contains("OCTET STRING") && !$0.contains("BIT STRING") }
      #expect(strings.count >= 2, "\(path)")
      #expect(strings.allSatisfy { $0.contains("PRINTABLESTRING") }, "\(path): \(strings)")
    }
  }
}

extension Usage {
  fileprivate var openSSLName: String {
    switch self {
    case .server: "TLS Web Server Authentication"
    case .client: "TLS Web Client Authentication"
    }
  }
}

extension Leaf {
  fileprivate var openSSLNames: [String] {
    hosts.map { "DNS:\($0)" }
      + addresses.map { "IP Address:\($0 == "::1" ? "0:0:0:0:0:0:0:1" : $0)" }
  }
}
