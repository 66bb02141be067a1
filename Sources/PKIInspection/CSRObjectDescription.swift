package import CertificateRequests
package import FoundationEssentials
internal import OpenSSLX509
package import StructuredText

/// All that a CertificateSigningRequest object says that concerns its certificate.
package struct CSRObjectDescription: Sendable, Encodable {
  /// The object's name.
  package let name: String?
  /// The signer that is asked.
  package let signerName: String?
  /// The usages that are asked for, in the words of the API: `server auth`.
  package let usages: [String]
  /// The lifetime that is asked for.
  package let expirationSeconds: Int?
  /// The user who asked.
  package let username: String?
  /// The user's groups.
  package let groups: [String]
  /// How far the cluster has come with it: `Pending`, `Approved`, `Denied`, `Failed`, `Issued`.
  package let state: String
  /// The request itself.
  package let request: CSRDescription
  /// The certificate that was issued, and its chain.
  package let certificates: [CertificateDescription]

  package init(_ object: CertificateSigningRequest, at instant: Date) throws(JSONValue.Problem) {
    name = object.name
    signerName = object.signerName
    usages = object.usages ?? []
    expirationSeconds = object.expirationSeconds
    username = object.requestor?.username
    groups = object.requestor?.groups ?? []
    state = object.state.rawValue
    do throws(OpenSSLError) {
      request = try CSRDescription(object.request)
    } catch {
      throw .init("its spec.request is unusable: \(error)")
    }
    certificates = try Self.issued(object.object?["status"]?["certificate"]?.string, at: instant)
  }

  private static func issued(
    _ base64: String?, at instant: Date
  ) throws(JSONValue.Problem) -> [CertificateDescription] {
    guard let base64, !base64.isEmpty else { return [] }
    guard let pem = Data(base64Encoded: base64) else { throw .init("its status.certificate is not base64") }
    do throws(OpenSSLError) {
      var descriptions: [CertificateDescription] = []
      for certificate in try Certificate.all(pem: SecretBytes(pem)) {
        descriptions.append(try CertificateDescription(certificate, at: instant))
      }
      return descriptions
    } catch {
      throw .init("its status.certificate is unusable: \(error)")
    }
  }
}
