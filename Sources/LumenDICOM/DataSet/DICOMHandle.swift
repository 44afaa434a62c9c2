// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import Glibc
import LumenCore

/// A data set or sequence item inside an open file; valid as long as its handle.
struct DataSet {
  let item: OpaquePointer
  let file: OpaquePointer

  /// Whether the attribute is there, with or without value.
  func has(_ tag: Tag) -> Bool { cdcm_has(item, tag.group, tag.element) != 0 }

  /// The values as text, padding removed; "" when absent or longer than 64 KiB.
  func text(_ tag: Tag) -> String {
    Self.trimmed { cdcm_text(item, tag.group, tag.element, $0, $1) }
  }

  /// Text in the patient's language as UTF-8; "" when absent.
  func localText(_ tag: Tag) -> String {
    Self.trimmed { cdcm_utf8(file, item, tag.group, tag.element, $0, $1) }
  }

  /// Text of an element in hand, from a character set.
  static func localText(_ element: OpaquePointer, _ characterSet: String) -> String {
    trimmed { cdcm_element_utf8(element, characterSet, $0, $1) }
  }

  /// Its elements in their order.
  var elements: [OpaquePointer] {
    let capacity = cdcm_elements(item, nil, 0)
    let found = [OpaquePointer?](unsafeUninitializedCapacity: Int(capacity)) { buffer, count in
      count = Int(cdcm_elements(item, buffer.baseAddress, capacity))
    }
    return found.compactMap { $0 }
  }

  /// Every value that is a number; nil when one of them is none, or there are none.
  func numbers(_ tag: Tag) -> [Double]? {
    let text = text(tag)
    if text.isEmpty { return nil }
    var values: [Double] = []
    for part in text.utf8.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false) {
      guard let value = Self.number(part) else { return nil }
      values.append(value)
    }
    return values
  }

  /// The first value as a number.
  func number(_ tag: Tag) -> Double? {
    Self.number(text(tag).utf8.prefix { $0 != UInt8(ascii: "\\") })
  }

  private static func number(_ text: Substring.UTF8View) -> Double? {
    guard let value = Double(Substring(text).trimmingSpaces), value.isFinite else { return nil }
    return value
  }

  /// The first value as a whole number.
  func integer(_ tag: Tag) -> Int? {
    guard let value = number(tag), value == value.rounded(), abs(value) < 1e15 else { return nil }
    return Int(value)
  }

  /// Three numbers.
  func vector(_ tag: Tag) -> SIMD3<Double>? {
    guard let v = numbers(tag), v.count == 3, v.allSatisfy(\.isPlace) else { return nil }
    return SIMD3(v[0], v[1], v[2])
  }

  /// 16-bit words, for lookup tables; nil when absent, of another kind or more than `limit`.
  func words(_ tag: Tag, limit: Int) -> [UInt16]? {
    var found = false
    let words = [UInt16](unsafeUninitializedCapacity: limit) { buffer, count in
      let n = cdcm_words(item, tag.group, tag.element, buffer.baseAddress, Int32(limit))
      found = n >= 0
      count = max(0, Int(n))
    }
    return found ? words : nil
  }

  /// The value as little-endian bytes; nil when absent, a sequence, or more than `limit`.
  func bytes(_ tag: Tag, limit: Int) -> [UInt8]? {
    guard has(tag) else { return nil }
    var found = false
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      let n = cdcm_bytes(file, item, tag.group, tag.element, buffer.baseAddress, UInt64(limit))
      found = n >= 0
      count = max(0, Int(n))
    }
    return found ? bytes : nil
  }

  /// The first item of a sequence.
  func first(_ tag: Tag) -> DataSet? { next(tag, after: nil) }

  /// The item of a sequence after another.
  func next(_ tag: Tag, after previous: DataSet?) -> DataSet? {
    cdcm_next(item, tag.group, tag.element, previous?.item).map { DataSet(item: $0, file: file) }
  }

  private static func trimmed(_ read: (UnsafeMutablePointer<CChar>, Int32) -> Int32) -> String {
    for capacity in [256, 1 << 17] {
      let text = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer -> String? in
        let n = buffer.withMemoryRebound(to: CChar.self) { read($0.baseAddress!, Int32(capacity)) }
        return n == tooLong ? nil : trimmed(buffer[..<max(0, Int(n))])
      }
      if let text { return text }
    }
    return ""
  }

  /// What the C side says of a text beyond the capacity.
  private static let tooLong: Int32 = -2

  /// Bytes without a declared character set: UTF-8 where they are, else Latin-1.
  private static func trimmed(_ padded: Slice<UnsafeMutableBufferPointer<UInt8>>) -> String {
    var bytes = padded
    while let byte = bytes.first, byte == 0x20 || byte == 0 { bytes.removeFirst() }
    while let byte = bytes.last, byte == 0x20 || byte == 0 { bytes.removeLast() }
    // ASCII is by far the most.
    if bytes.allSatisfy({ $0 < 0x80 }) {
      return String(decoding: UnsafeMutableBufferPointer(rebasing: bytes), as: UTF8.self)
    }
    return String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}

extension Substring {
  /// Without spaces and NULs at both ends.
  var trimmingSpaces: Substring {
    var s = utf8
    while let c = s.first, c == 0x20 || c == 0 { s.removeFirst() }
    while let c = s.last, c == 0x20 || c == 0 { s.removeLast() }
    return Substring(s)
  }
}

/// Owner of one open file.
final class DICOMHandle {
  let file: OpaquePointer
  /// Where pixels lie in the file, as found before parsing.
  var pixelLocation: PixelLocation?

  /// Parses a file; large elements stay on disk.
  init(path: String) throws(ImageError) {
    var error = cdcm_error()
    guard let file = cdcm_open(path, &error) else {
      throw ImageError(
        .malformed, "is not a readable DICOM file: \(Self.text(error))", place: path,
        hint: "the transfer was probably cut; fetch the instance again")
    }
    self.file = file
  }

  /// A file to be filled.
  init(new: Void) throws(ImageError) {
    var error = cdcm_error()
    guard let file = cdcm_new(&error) else { throw ImageError(.limitExceeded, Self.text(error)) }
    self.file = file
  }

  /// Takes over an open file.
  init(taking file: OpaquePointer) { self.file = file }

  deinit { cdcm_close(file) }

  /// The data set.
  var dataSet: DataSet {
    get throws(ImageError) {
      guard let item = cdcm_dataset(file) else { throw ImageError(.malformed, "the file has no data set") }
      return DataSet(item: item, file: file)
    }
  }

  /// The transfer syntax of the file.
  var transferSyntax: TransferSyntax {
    let bytes = [UInt8](unsafeUninitializedCapacity: 128) { buffer, count in
      count = buffer.withMemoryRebound(to: CChar.self) { max(0, Int(cdcm_transfer_syntax(file, $0.baseAddress, 128))) }
    }
    return TransferSyntax(rawValue: String(Substring(decoding: bytes, as: UTF8.self).trimmingSpaces))
  }

  /// What kind of pixel data there is.
  var pixelInfo: cdcm_pixels { cdcm_pixel_info(file) }

  /// Fragments of compressed pixel data, without the offset table.
  var fragments: [(item: OpaquePointer, count: Int)] {
    let capacity = Int(pixelInfo.fragments)
    var items = [OpaquePointer?](repeating: nil, count: capacity), lengths = [UInt64](repeating: 0, count: capacity)
    let n = Int(cdcm_fragments(file, &items, &lengths, UInt32(capacity)))
    return zip(items, lengths).prefix(n).compactMap { item, length in item.map { ($0, Int(clamping: length)) } }
  }

  static func text(_ error: cdcm_error) -> String {
    withUnsafeBytes(of: error.text) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
