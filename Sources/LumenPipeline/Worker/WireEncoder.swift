// SPDX-License-Identifier: Apache-2.0

/// Messages between a worker and its parent as bytes: what JSON would say, five times faster, and exact.
///
/// A number or text is one tag byte and its value (8 bytes, little endian; UTF-8). A list is its values, each after four
/// bytes of length; a structure the same with the name of the field before it (one byte of length). Nothing (nil) is one
/// zero byte. Both ends are the same executable.
enum Wire {
  /// A message that is no message of this kind.
  struct Malformed: Error {}

  static let null: UInt8 = 0, boolean: UInt8 = 1, signed: UInt8 = 2, unsigned: UInt8 = 3, double: UInt8 = 4
  static let text: UInt8 = 5

  /// The bytes of a message.
  ///
  /// - Throws: ``Malformed`` for numbers that are not finite; no one could use them.
  static func encode(_ value: some Encodable) throws -> [UInt8] {
    let buffer = WireBuffer()
    try WireEncoder(buffer: buffer).write(value)
    return buffer.bytes
  }
}

/// The message as it grows.
final class WireBuffer {
  var bytes: [UInt8] = []

  /// Room for a length that ``close(_:)`` fills in.
  func open() -> Int {
    bytes.append(contentsOf: [0, 0, 0, 0])
    return bytes.count
  }

  func close(_ start: Int) {
    let length = UInt32(truncatingIfNeeded: bytes.count - start)
    for i in 0..<4 { bytes[start - 4 + i] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(i))) }
  }

  func put(_ tag: UInt8, _ value: UInt64) {
    bytes.append(tag)
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  func put(key: String) throws {
    guard key.utf8.count < 256 else { throw Wire.Malformed() }
    bytes.append(UInt8(key.utf8.count))
    bytes.append(contentsOf: key.utf8)
  }
}

/// Writes one value. `outer` are the nested containers it is in, whose lengths grow with every write.
struct WireEncoder: Encoder {
  let buffer: WireBuffer
  var outer: [Int] = []
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Keyed<Key>(encoder: self))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { Unkeyed(encoder: self) }
  func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

  func write<T: Encodable>(_ value: T) throws {
    let kind = T.self
    if kind == String.self, let value = value as? String {
      buffer.bytes.append(Wire.text)
      buffer.bytes.append(contentsOf: value.utf8)
    } else if kind == Double.self, let value = value as? Double {
      try number(value)
    } else if kind == Bool.self, let value = value as? Bool {
      buffer.put(Wire.boolean, value ? 1 : 0)
    } else if kind == Float.self, let value = value as? Float {
      try number(Double(value))
    } else if let value = value as? any FixedWidthInteger {
      if let value = Int64(exactly: value) {
        buffer.put(Wire.signed, UInt64(bitPattern: value))
      } else if let value = UInt64(exactly: value) {
        buffer.put(Wire.unsigned, value)
      } else {
        throw Wire.Malformed()
      }
    } else {
      try value.encode(to: WireEncoder(buffer: buffer))
    }
    for start in outer { buffer.close(start) }
  }

  private func number(_ value: Double) throws {
    guard value.isFinite else { throw Wire.Malformed() }
    buffer.put(Wire.double, value.bitPattern)
  }

  func writeDelimited(_ value: some Encodable) throws {
    let start = buffer.open()
    try WireEncoder(buffer: buffer).write(value)
    buffer.close(start)
    for start in outer { buffer.close(start) }
  }

  func writeNull() {
    let start = buffer.open()
    buffer.bytes.append(Wire.null)
    buffer.close(start)
    for start in outer { buffer.close(start) }
  }

  /// A container that goes on growing after this call.
  func nested() -> WireEncoder { WireEncoder(buffer: buffer, outer: outer + [buffer.open()]) }

  struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil(forKey key: Key) throws {
      try encoder.buffer.put(key: key.stringValue)
      encoder.writeNull()
    }
    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
      try encoder.buffer.put(key: key.stringValue)
      try encoder.writeDelimited(value)
    }
    private func nested(_ key: String) -> WireEncoder {
      // A key that is too long is found when the message is read; the protocol leaves no way to say so here.
      try? encoder.buffer.put(key: key)
      return encoder.nested()
    }
    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { nested(key.stringValue).container(keyedBy: type) }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      nested(key.stringValue).unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { nested("super") }
    mutating func superEncoder(forKey key: Key) -> any Encoder { nested(key.stringValue) }
  }

  struct Unkeyed: UnkeyedEncodingContainer {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }
    var count = 0

    init(encoder: WireEncoder) { self.encoder = encoder }
    mutating func encodeNil() { encoder.writeNull() }
    mutating func encode<T: Encodable>(_ value: T) throws {
      count += 1
      try encoder.writeDelimited(value)
    }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
      encoder.nested().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.nested().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { encoder.nested() }
  }

  struct Single: SingleValueEncodingContainer {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() {
      encoder.buffer.bytes.append(Wire.null)
      for start in encoder.outer { encoder.buffer.close(start) }
    }
    mutating func encode<T: Encodable>(_ value: T) throws { try encoder.write(value) }
  }
}
