/// A value in DER of less than 64 KiB: its identifier octet and its content.
package func der(_ tag: UInt8, _ content: [UInt8]...) -> [UInt8] {
  let content = content.flatMap(\.self)
  let length: [UInt8] =
    switch content.count {
    case ..<0x80: [UInt8(content.count)]
    case ..<0x100: [0x81, UInt8(content.count)]
    default: [0x82, UInt8(content.count >> 8), UInt8(content.count & 0xff)]
    }
  return [tag] + length + content
}

/// The bytes that these hexadecimal digits write.
package func hex(_ digits: String) -> [UInt8] {
  let digits = digits.compactMap(\.hexDigitValue).map(UInt8.init)
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// An OBJECT IDENTIFIER.
package func oid(_ dotted: String) -> [UInt8] {
  let arcs = dotted.split(separator: ".").compactMap { Int($0) }
  return der(6, ([arcs[0] * 40 + arcs[1]] + arcs.dropFirst(2)).flatMap(base128))
}

private func base128(_ arc: Int) -> [UInt8] {
  var (octets, rest) = ([UInt8(arc & 0x7f)], arc >> 7)
  while rest > 0 {
    octets.insert(UInt8(rest & 0x7f) | 0x80, at: 0)
    rest >>= 7
  }
  return octets
}

/// A value of this tag whose content is a text.
package func text(_ tag: UInt8, _ text: String) -> [UInt8] { der(tag, Array(text.utf8)) }

/// An Extension: identifier, value in DER, and whether it is critical.
package func ext(_ identifier: String, _ value: [UInt8], critical: Bool = false) -> [UInt8] {
  der(0x30, oid(identifier), critical ? [1, 1, 0xff] : [], der(4, value))
}

/// A Name of one attribute.
package func name(_ type: String, _ value: [UInt8]) -> [UInt8] {
  der(0x30, der(0x31, der(0x30, oid(type), value)))
}

/// Random numbers that are the same in every run: SplitMix64.
package struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
