// SPDX-License-Identifier: Apache-2.0

extension Wire {
  /// The message in these bytes; every length is checked against what is there.
  ///
  /// - Throws: ``Malformed`` for anything that ``encode(_:)`` does not write.
  static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
    try WireDecoder(bytes: bytes, range: 0..<bytes.count).read(type)
  }
}

/// Reads one value: the bytes of `range`.
struct WireDecoder: Decoder {
  let bytes: [UInt8]
  let range: Range<Int>
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Keyed<Key>(self))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try Unkeyed(self) }
  func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoder: self) }

  var isNull: Bool { range.count == 1 && bytes[range.lowerBound] == Wire.null }

  func read<T: Decodable>(_ type: T.Type) throws -> T {
    // Each of these ends here: their own `init(from:)` comes back to this function.
    if type == String.self { return try same(text()) }
    if type == Double.self { return try same(number()) }
    if type == Bool.self { return try same(flag()) }
    if type == Float.self { return try same(Float(number())) }
    if let type = type as? any FixedWidthInteger.Type { return try same(integer(type)) }
    return try T(from: self)
  }

  private func same<T>(_ value: Any) throws -> T {
    guard let value = value as? T else { throw Wire.Malformed() }
    return value
  }

  private func text() throws -> String {
    guard range.count >= 1, bytes[range.lowerBound] == Wire.text else { throw Wire.Malformed() }
    return String(decoding: bytes[range.dropFirst()], as: UTF8.self)
  }

  /// The value behind a tag; nil behind another.
  private func word(_ tag: UInt8) throws -> UInt64? {
    guard range.count == 9 else { throw Wire.Malformed() }
    guard bytes[range.lowerBound] == tag else { return nil }
    var value: UInt64 = 0
    for i in 1...8 { value |= UInt64(bytes[range.lowerBound + i]) << (8 * UInt64(i - 1)) }
    return value
  }

  private func flag() throws -> Bool {
    guard let value = try word(Wire.boolean) else { throw Wire.Malformed() }
    return value == 1
  }

  private func number() throws -> Double {
    guard let value = try word(Wire.double).map(Double.init(bitPattern:)), value.isFinite else {
      throw Wire.Malformed()
    }
    return value
  }

  private func integer<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
    if let value = try word(Wire.signed), let whole = I(exactly: Int64(bitPattern: value)) { return whole }
    if let value = try word(Wire.unsigned), let whole = I(exactly: value) { return whole }
    throw Wire.Malformed()
  }

  /// The value that begins at an offset with its length.
  func delimited(at offset: Int) throws -> Range<Int> {
    guard offset >= range.lowerBound, range.upperBound - offset >= 4 else { throw Wire.Malformed() }
    var length = 0
    for i in 0..<4 { length |= Int(bytes[offset + i]) << (8 * i) }
    guard length <= range.upperBound - offset - 4 else { throw Wire.Malformed() }
    return offset + 4..<offset + 4 + length
  }

  /// Fields in any order; those of the order they were written in are found at once.
  final class Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let decoder: WireDecoder
    private var next: Int
    var codingPath: [any CodingKey] { [] }

    init(_ decoder: WireDecoder) {
      self.decoder = decoder
      next = decoder.range.lowerBound
    }

    /// The name and value of the field at an offset.
    private func field(at offset: Int) throws -> (name: Range<Int>, value: Range<Int>) {
      let length = Int(decoder.bytes[offset])
      guard length < decoder.range.upperBound - offset else { throw Wire.Malformed() }
      return (offset + 1..<offset + 1 + length, try decoder.delimited(at: offset + 1 + length))
    }

    private func find(_ key: String) throws -> Range<Int>? {
      let begin = decoder.range.lowerBound, end = decoder.range.upperBound, start = next
      var offset = start, wrapped = false
      while true {
        if offset >= end {
          if wrapped { return nil }
          wrapped = true
          offset = begin
        }
        if wrapped && offset >= start { return nil }
        let (name, value) = try field(at: offset)
        offset = value.upperBound
        if name.count == key.utf8.count, decoder.bytes[name].elementsEqual(key.utf8) {
          next = offset
          return value
        }
      }
    }

    private func value(_ key: Key) throws -> WireDecoder {
      guard let range = try find(key.stringValue) else { throw Wire.Malformed() }
      return WireDecoder(bytes: decoder.bytes, range: range)
    }

    var allKeys: [Key] {
      var keys: [Key] = [], offset = decoder.range.lowerBound
      while offset < decoder.range.upperBound, let (name, value) = try? field(at: offset) {
        if let key = Key(stringValue: String(decoding: decoder.bytes[name], as: UTF8.self)) { keys.append(key) }
        offset = value.upperBound
      }
      return keys
    }
    func contains(_ key: Key) -> Bool { (try? find(key.stringValue)) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNull }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try value(key).read(type) }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
      guard let range = try find(key.stringValue) else { return nil }
      let value = WireDecoder(bytes: decoder.bytes, range: range)
      return value.isNull ? nil : try value.read(type)
    }
    func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key) throws -> KeyedDecodingContainer<N> {
      try value(key).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try value(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder {
      guard let range = try find("super") else { throw Wire.Malformed() }
      return WireDecoder(bytes: decoder.bytes, range: range)
    }
    func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }
  }

  struct Unkeyed: UnkeyedDecodingContainer {
    private let decoder: WireDecoder
    private var offset: Int
    private let elements: Int
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements }
    var isAtEnd: Bool { offset >= decoder.range.upperBound }

    init(_ decoder: WireDecoder) throws {
      self.decoder = decoder
      offset = decoder.range.lowerBound
      var end = offset, n = 0
      while end < decoder.range.upperBound {
        end = try decoder.delimited(at: end).upperBound
        n += 1
      }
      elements = n
    }

    private mutating func value() throws -> WireDecoder {
      let range = try decoder.delimited(at: offset)
      offset = range.upperBound
      currentIndex += 1
      return WireDecoder(bytes: decoder.bytes, range: range)
    }
    mutating func decodeNil() throws -> Bool {
      guard WireDecoder(bytes: decoder.bytes, range: try decoder.delimited(at: offset)).isNull else { return false }
      _ = try value()
      return true
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try value().read(type) }
    mutating func nestedContainer<N: CodingKey>(keyedBy type: N.Type) throws -> KeyedDecodingContainer<N> {
      try value().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try value().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try value() }
  }

  struct Single: SingleValueDecodingContainer {
    let decoder: WireDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { decoder.isNull }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.read(type) }
  }
}
