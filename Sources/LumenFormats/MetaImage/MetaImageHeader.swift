// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The header of a MetaImage file.
///
/// - Source: ITK, "MetaIO"; `MetaImageIO` of ITK 5.
struct MetaImageHeader {
  /// Values by key, lower case.
  private(set) var fields: [String: Substring] = [:]
  /// Lines that follow `ElementDataFile = LIST`.
  private(set) var list: [String] = []
  /// Offset of the first byte after the header.
  private(set) var end = 0

  /// Whether a file begins like one: lines "Key = Value", NDims among them.
  static func begins(_ head: [UInt8]) -> Bool {
    guard let first = head.first, (0x41...0x5A).contains(first & 0xDF) else { return false }
    let lines = head.prefix(ImageFormat.headBytes).split(separator: 0x0A, omittingEmptySubsequences: false)
    for line in lines {
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return false }
      let key = line[..<equals].filter { $0 != 0x20 && $0 != 0x09 }
      guard key.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) }) else { return false }
      if key.elementsEqual("NDims".utf8) { return true }
    }
    return false
  }

  /// Reads the lines up to ElementDataFile.
  init(_ bytes: [UInt8], limits: Limits) throws(ImageError) {
    guard Self.begins(bytes) else {
      throw ImageError(.malformed, "no MetaImage header found", hint: "the file is no MetaImage file, or cut")
    }
    var at = 0
    while at < bytes.count, fields["elementdatafile"] == nil || isListed {
      guard at <= limits.textBytes else {
        throw ImageError(.limitExceeded, "MetaImage header of more than \(limits.textBytes) bytes")
      }
      let newline = bytes[at...].prefix(limits.textBytes + 1).firstIndex(of: 0x0A)
      guard newline != nil || bytes.count - at <= limits.textBytes else {
        throw ImageError(.limitExceeded, "MetaImage header line of more than \(limits.textBytes) bytes")
      }
      let line = HeaderText.trimmed(Substring(String(decoding: bytes[at..<(newline ?? bytes.count)], as: UTF8.self)))
      at = newline.map { $0 + 1 } ?? bytes.count
      end = at
      if isListed {
        if !line.isEmpty { list.append(String(line)) }
        continue
      }
      if line.isEmpty { continue }
      guard let equals = line.firstIndex(of: "=") else {
        throw ImageError(.malformed, "MetaImage header line \"\(HeaderText.printable(line))\" is no key = value")
      }
      let key = HeaderText.trimmed(line[..<equals]).lowercased()
      guard fields.updateValue(HeaderText.trimmed(line[line.index(after: equals)...]), forKey: key) == nil else {
        throw ImageError(.malformed, "MetaImage key \"\(HeaderText.printable(key))\" is given twice")
      }
    }
    guard fields["elementdatafile"] != nil else {
      throw ImageError(.malformed, "MetaImage header without ElementDataFile", hint: "the file is cut")
    }
  }

  private var isListed: Bool { fields["elementdatafile"]?.hasPrefix("LIST") == true }

  /// The value of the first of these keys that is there.
  func text(_ keys: String...) -> Substring? {
    for key in keys { if let value = fields[key.lowercased()] { return value } }
    return nil
  }

  func flag(_ keys: String..., absent: Bool) throws(ImageError) -> Bool {
    for key in keys {
      guard let value = fields[key.lowercased()] else { continue }
      switch value.first {
      case "T", "t", "1": return true
      case "F", "f", "0": return false
      default: throw HeaderText.wrong("MetaImage \(key)", value, "True or False")
      }
    }
    return absent
  }

  func integer(_ key: String, absent: Int) throws(ImageError) -> Int {
    guard let value = fields[key.lowercased()] else { return absent }
    guard let number = Int(value) else { throw HeaderText.wrong("MetaImage \(key)", value, "a whole number") }
    return number
  }

  /// Numbers under the first of these keys that is there.
  func reals(_ keys: String..., count: Int) throws(ImageError) -> [Double]? {
    for key in keys {
      guard let value = fields[key.lowercased()] else { continue }
      let numbers = try HeaderText.reals(value, "MetaImage \(key)")
      guard numbers.count == count else {
        throw ImageError(.malformed, "MetaImage \(key) has \(numbers.count) numbers, expected \(count)")
      }
      return numbers
    }
    return nil
  }
}
