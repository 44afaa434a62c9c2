// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Pieces of text headers and of samples written as text.
enum HeaderText {
  /// The text without white space at its ends.
  static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let c = text.first, c.isWhitespace { text.removeFirst() }
    while let c = text.last, c.isWhitespace { text.removeLast() }
    return text
  }

  /// Words between white space.
  static func words(_ text: some StringProtocol) -> [Substring] {
    Substring(text).split(whereSeparator: \.isWhitespace)
  }

  /// Whole numbers between white space.
  ///
  /// - Parameter what: "NRRD sizes", for errors.
  static func integers(_ text: some StringProtocol, _ what: String) throws(ImageError) -> [Int] {
    var numbers: [Int] = []
    for word in words(text) {
      guard let number = Int(word) else { throw wrong(what, text, "whole numbers") }
      numbers.append(number)
    }
    return numbers
  }

  /// Real numbers between white space; "nan" is one.
  static func reals(_ text: some StringProtocol, _ what: String) throws(ImageError) -> [Double] {
    var numbers: [Double] = []
    for word in words(text) {
      guard let number = Double(word) else { throw wrong(what, text, "numbers") }
      numbers.append(number)
    }
    return numbers
  }

  static func wrong(_ what: String, _ found: some StringProtocol, _ expected: String) -> ImageError {
    ImageError(.malformed, "\(what) is \"\(printable(found))\", expected \(expected)")
  }

  /// The beginning of a text from a file, safe to print.
  static func printable(_ text: some StringProtocol) -> String {
    let shown = text.unicodeScalars.prefix(60).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }
    return shown.joined() + (text.unicodeScalars.count > 60 ? "…" : "")
  }

  /// Names that a printf pattern with one integer makes: "%03d min max step".
  ///
  /// - Parameter most: how many there may be.
  static func names(
    pattern: Substring, from first: Int, to last: Int, step: Int, most: Int
  ) throws(ImageError) -> [String] {
    guard let percent = pattern.firstIndex(of: "%") else {
      throw wrong("the pattern of data files", pattern, "one %d")
    }
    var rest = pattern[pattern.index(after: percent)...]
    var zeros = false, width = 0
    while let c = rest.first, let digit = c.wholeNumberValue, c.isASCII {
      if digit == 0 && width == 0 { zeros = true }
      width = width * 10 + digit
      guard width <= 64 else { throw wrong("the pattern of data files", pattern, "a width up to 64") }
      rest.removeFirst()
    }
    guard let kind = rest.first, "diu".contains(kind), !rest.dropFirst().contains("%") else {
      throw wrong("the pattern of data files", pattern, "one %d")
    }
    guard step != 0, (last >= first) == (step > 0) || first == last else {
      throw ImageError(.malformed, "data files are numbered from \(first) to \(last) in steps of \(step)")
    }
    let (span, overflow) = last.subtractingReportingOverflow(first)
    guard !overflow, span.magnitude < 1 << 40, step.magnitude < 1 << 40, (span / step) < most else {
      throw ImageError(.limitExceeded, "more than \(most) data files are named")
    }
    return (0...(span / step)).map { k in
      let number = first + k * step
      let digits = String(number.magnitude)
      let sign = number < 0 ? "-" : ""
      let padding = String(repeating: zeros ? "0" : " ", count: max(0, width - digits.count - sign.count))
      return pattern[..<percent] + (zeros ? sign + padding : padding + sign) + digits + rest.dropFirst()
    }
  }

  /// Samples written as numbers between white space or commas, in host order.
  ///
  /// - Throws: `malformed` for text that is no number of the type; fewer numbers than `count` give fewer bytes.
  static func samples(_ text: ArraySlice<UInt8>, _ type: SampleType, count: Int) throws(ImageError) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(min(count, text.count / 2 + 1) * type.bytes)
    func put<T: FixedWidthInteger>(_ value: T) {
      for i in 0..<T.bitWidth / 8 { out.append(UInt8(truncatingIfNeeded: value >> T(truncatingIfNeeded: 8 * i))) }
    }
    func integer<T: FixedWidthInteger>(_ word: String, _: T.Type) -> Bool {
      guard let value = T(word) else { return false }
      put(value)
      return true
    }
    var at = text.startIndex, found = 0
    while found < count {
      func separates(_ c: UInt8) -> Bool { c == 0x20 || (0x09...0x0D).contains(c) || c == UInt8(ascii: ",") }
      while at < text.endIndex, separates(text[at]) { at += 1 }
      let start = at
      while at < text.endIndex, !separates(text[at]) { at += 1 }
      if start == at { break }
      guard at - start <= 64 else { throw ImageError(.malformed, "a number of \(at - start) characters") }
      let word = String(decoding: text[start..<at], as: UTF8.self)
      let isNumber =
        switch type {
        case .uint8: integer(word, UInt8.self)
        case .int8: integer(word, Int8.self)
        case .uint16: integer(word, UInt16.self)
        case .int16: integer(word, Int16.self)
        case .uint32: integer(word, UInt32.self)
        case .int32: integer(word, Int32.self)
        case .uint64: integer(word, UInt64.self)
        case .int64: integer(word, Int64.self)
        case .float32: Float(word).map { put($0.bitPattern) } != nil
        case .float64: Double(word).map { put($0.bitPattern) } != nil
        }
      guard isNumber else {
        throw ImageError(.malformed, "sample \(found) is no number of type \(type.rawValue)")
      }
      found += 1
    }
    return out
  }

  /// Bytes written as pairs of hexadecimal digits, white space between them ignored; at most `count`.
  static func hex(_ text: ArraySlice<UInt8>, count: Int) throws(ImageError) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(min(count, text.count / 2))
    var high: UInt8?
    for c in text {
      if out.count == count { break }
      let digit: UInt8
      switch c {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = c - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = c - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = c - UInt8(ascii: "A") + 10
      case 0x20, 0x09...0x0D: continue
      default: throw ImageError(.malformed, "byte \(c) among hexadecimal digits")
      }
      if let first = high {
        out.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return out
  }
}
