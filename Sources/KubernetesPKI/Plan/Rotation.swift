package import Kubeconfigs
package import OpenSSLX509

/// What the rotation of a CA makes of its files.
package enum CARotation: Sendable {
  /// A successor is made, and trusted.
  case prepare(CASuccessor)
  /// What is there takes other places: these files change.
  case arrange([RotatedFile])
  /// The certificate is made again with its key.
  case extend(CAExtension)
  /// What is lost of the stage is made again: these files.
  case complete([RotatedFile])
  /// The predecessor certifies the successor again.
  case certify(CACertification)

  /// The kind of key that has to be made.
  package var newKeyAlgorithm: KeyAlgorithm? {
    switch self {
    case .prepare(let successor):
      if case .made(let specification) = successor.origin {
        specification.content.key.newAlgorithm
      } else {
        nil
      }
    case .arrange, .complete, .extend, .certify: nil
    }
  }
}

/// A CA whose certificate is made again, with the same name and key and new dates: what it signed stays good.
package struct CAExtension: Sendable {
  /// The new certificate.
  package let specification: CertificateSpecification
  /// The certificate that it replaces.
  package let previous: Certificate
  /// The successor, certified again, where the CA is to be replaced; it ends with the CA.
  package let cross: CertificateSpecification?
  /// The files as they are.
  package let present: CAArrangement
}

/// The successor of a CA, which its predecessor certifies again, as the certificate that did so is lost.
package struct CACertification: Sendable {
  /// The certificate to be.
  package let specification: CertificateSpecification
  /// The predecessor.
  package let predecessor: Certificate
  /// The key of the predecessor.
  package let key: PrivateKey
  /// The other files as they are going to be.
  package let present: CAArrangement
}

/// A CA that is going to take the place of another.
package struct CASuccessor: Sendable {
  /// Where it comes from.
  package enum Origin: Sendable {
    /// It is made.
    case made(CertificateSpecification)
    /// It was made before.
    case given(Certificate, PrivateKey)
  }

  /// Where it comes from.
  package let origin: Origin
  /// The same, certified by its predecessor; `nil` where that certifies no CA.
  package let cross: CertificateSpecification?
  /// The files as they are.
  package let present: CAArrangement
}

/// What the rotation of the key of service-account tokens makes of its files.
package enum ServiceAccountRotation: Sendable {
  /// A successor is made, and verifies tokens.
  case prepare(KeyAlgorithm)
  /// What is there takes other places: these files change.
  case arrange([RotatedFile])

  /// The kind of key that has to be made.
  package var newKeyAlgorithm: KeyAlgorithm? {
    switch self {
    case .prepare(let algorithm): algorithm
    case .arrange: nil
    }
  }
}

/// A certificate that stays while what follows it, or what its kubeconfig trusts, changes.
package struct Adjustment: Sendable {
  /// The certificate.
  package let certificate: Certificate
  /// What follows it in its file.
  package let chain: [Certificate]
  /// The kubeconfig that holds it; `nil` for a certificate in a file of its own.
  package let client: KubeconfigClient?
  /// Whether the kubeconfig trusts nothing but the CA afterwards.
  package let isTrustExact: Bool
  /// Whether the certificate by which its CA is certified in the same run follows it, instead of ``chain``.
  package var takesNewCross = false
  /// Where the kubeconfig has it afterwards.
  package var place = Place.same

  /// Where a kubeconfig has its client certificate and key.
  package enum Place: Sendable {
    /// Where they are.
    case same
    /// In the kubeconfig.
    case embedded
    /// In the file at this path of the machine.
    case file(String)
  }
}
