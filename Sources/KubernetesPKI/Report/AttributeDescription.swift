package import OpenSSLX509

/// An attribute of a distinguished name, apart from the others: in a name that is one text, a value has to be quoted.
package struct AttributeDescription: Sendable, Encodable {
  /// The type by OpenSSL's short name, or in dotted form where it has none: `CN`.
  package let type: String
  /// The value, where it is a text.
  package let value: String?
  /// The value in DER, in hexadecimal, where it is no text.
  package let der: String?

  /// Describes an attribute.
  package init(_ attribute: DistinguishedName.Attribute) {
    type = attribute.type.description
    value = attribute.isText ? attribute.value : nil
    der = attribute.isText ? nil : String(attribute.value.dropFirst())
  }
}

extension DistinguishedName {
  /// The attributes in their order.
  package var attributeDescriptions: [AttributeDescription] { attributes.map(AttributeDescription.init) }
}
