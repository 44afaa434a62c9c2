// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The fields of a NRRD header, not yet interpreted.
///
/// - Source: teem, "Definition of NRRD File Format", NRRD0001 to NRRD0005.
struct NRRDHeader {
  /// Fields by name, lower case without spaces: "spacedirections".
  private(set) var fields: [String: Substring] = [:]
  /// Keys with their values, escapes resolved.
  private(set) var keys: [String: String] = [:]
  /// Names that follow `data file: LIST`.
  private(set) var list: [String] = []
  /// Offset of the first byte after the header.
  private(set) var end = 0

  /// Reads the lines up to the first empty one.
  init(_ bytes: [UInt8], limits: Limits) throws(ImageError) {
    guard bytes.count >= 8, bytes.starts(with: Array("NRRD".utf8)) else {
      throw ImageError(.malformed, "no NRRD header found", hint: "the file is no NRRD file, or cut")
    }
    let version = String(decoding: bytes[4..<8], as: UTF8.self)
    guard ["0001", "0002", "0003", "0004", "0005"].contains(version) else {
      throw ImageError(
        .unsupported, "NRRD version \"\(HeaderText.printable(version))\", 0001 to 0005 are read")
    }
    var at = 0, isFirst = true, isListed = false
    while at < bytes.count {
      guard at <= limits.textBytes else {
        throw ImageError(.limitExceeded, "NRRD header of more than \(limits.textBytes) bytes")
      }
      let newline = bytes[at...].prefix(limits.textBytes + 1).firstIndex(of: 0x0A)
      guard newline != nil || bytes.count - at <= limits.textBytes else {
        throw ImageError(.limitExceeded, "NRRD header line of more than \(limits.textBytes) bytes")
      }
      var line = Substring(String(decoding: bytes[at..<(newline ?? bytes.count)], as: UTF8.self))
      at = newline.map { $0 + 1 } ?? bytes.count
      end = at
      if line.hasSuffix("\r") { line.removeLast() }
      if isFirst {
        isFirst = false
        continue
      }
      if line.isEmpty { break }
      if isListed {
        list.append(String(HeaderText.trimmed(line)))
        continue
      }
      if line.hasPrefix("#") { continue }
      try add(line)
      isListed = fields["datafile"]?.hasPrefix("LIST") == true
    }
  }

  private mutating func add(_ line: Substring) throws(ImageError) {
    guard let colon = line.firstIndex(of: ":") else {
      throw ImageError(.malformed, "NRRD header line \"\(HeaderText.printable(line))\" is no field, key or comment")
    }
    let after = line.index(after: colon)
    // A field's name holds no "=", so ":=" is a key's mark.
    if after < line.endIndex, line[after] == "=" {
      keys[String(line[..<colon])] = Self.unescaped(line[line.index(after: after)...])
      return
    }
    let name = line[..<colon].lowercased().filter { !$0.isWhitespace }
    // Slicer once wrote the space in the words "data file" differently; names are compared without spaces.
    guard fields.updateValue(HeaderText.trimmed(line[after...]), forKey: name) == nil else {
      throw ImageError(.malformed, "NRRD field \"\(HeaderText.printable(name))\" is given twice")
    }
  }

  /// "\n" and "\\" in values stand for a line's end and a backslash.
  private static func unescaped(_ text: Substring) -> String {
    var out = "", escaped = false
    for c in text {
      if escaped {
        out += c == "n" ? "\n" : c == "\\" ? "\\" : "\\\(c)"
        escaped = false
      } else if c == "\\" {
        escaped = true
      } else {
        out.append(c)
      }
    }
    return escaped ? out + "\\" : out
  }

  /// A field that must be there.
  func required(_ name: String) throws(ImageError) -> Substring {
    guard let value = fields[name] else { throw ImageError(.malformed, "NRRD field \"\(name)\" is missing") }
    return value
  }

  /// A whole number, or the value for a field that is absent.
  func integer(_ name: String, _ absent: Int) throws(ImageError) -> Int {
    guard let value = fields[name] else { return absent }
    guard let number = Int(value) else { throw HeaderText.wrong("NRRD field \"\(name)\"", value, "a whole number") }
    return number
  }

  /// One real number for every axis; nil for an absent field.
  func reals(_ name: String, _ count: Int) throws(ImageError) -> [Double]? {
    guard let value = fields[name] else { return nil }
    let numbers = try HeaderText.reals(value, "NRRD field \"\(name)\"")
    guard numbers.count == count else {
      throw ImageError(.malformed, "NRRD field \"\(name)\" has \(numbers.count) numbers, expected \(count)")
    }
    return numbers
  }

  /// Vectors in brackets, padded with zeros to four numbers, nil for "none"; nil for an absent field.
  func vectors(_ name: String, _ count: Int, dimension: Int) throws(ImageError) -> [SIMD4<Double>?]? {
    guard var rest = fields[name] else { return nil }
    let value = rest
    var vectors: [SIMD4<Double>?] = []
    func wrong() -> ImageError {
      HeaderText.wrong("NRRD field \"\(name)\"", value, "\(count) vectors of \(dimension) numbers")
    }
    while true {
      rest = HeaderText.trimmed(rest)
      if rest.isEmpty { break }
      guard vectors.count < count else { throw wrong() }
      if rest.hasPrefix("none") {
        vectors.append(nil)
        rest = rest.dropFirst(4)
        continue
      }
      guard rest.hasPrefix("("), let close = rest.firstIndex(of: ")") else { throw wrong() }
      let parts = rest[rest.index(after: rest.startIndex)..<close].split(
        separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Double(HeaderText.trimmed($0)) }
      guard parts.count == dimension, numbers.count == dimension else { throw wrong() }
      // Newer writers give "nan" vectors to axes without a direction.
      let padded = numbers + [Double](repeating: 0, count: max(0, 4 - dimension))
      vectors.append(numbers.allSatisfy(\.isNaN) ? nil : SIMD4(padded[0], padded[1], padded[2], padded[3]))
      rest = rest[rest.index(after: close)...]
    }
    guard vectors.count == count else { throw wrong() }
    return vectors
  }

  /// Words in double quotes, one for every axis; nil for an absent field.
  func quoted(_ name: String) -> [String]? {
    guard let value = fields[name] else { return nil }
    return value.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }
}
