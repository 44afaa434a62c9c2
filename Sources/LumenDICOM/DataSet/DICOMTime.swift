// SPDX-License-Identifier: Apache-2.0

/// Dates and times as seconds.
///
/// - Source: PS3.5 6.2 (DA, TM, DT).
enum DICOMTime {
  /// TM as seconds of the day; nil when it is none. Colons of old files are passed over.
  static func secondsOfDay(_ text: String) -> Double? {
    let digits = Array(text.utf8.filter { $0 != 58 && $0 != 32 })
    let whole = digits.prefix { $0 != 46 }
    guard whole.count >= 2, whole.count <= 6, whole.count % 2 == 0, whole.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    var parts = [0, 0, 0]
    for (i, d) in whole.enumerated() { parts[i / 2] = parts[i / 2] * 10 + Int(d) - 48 }
    guard parts[0] < 24, parts[1] < 60, parts[2] <= 60 else { return nil }
    var fraction = 0.0
    if digits.count > whole.count {
      let tail = digits.dropFirst(whole.count + 1).prefix(6)
      guard tail.allSatisfy({ (48...57).contains($0) }) else { return nil }
      var scale = 0.1
      for d in tail {
        fraction += Double(d - 48) * scale
        scale /= 10
      }
    }
    return Double(parts[0] * 3600 + parts[1] * 60 + parts[2]) + fraction
  }

  /// DA as days since 1970-01-01; nil when it is none.
  static func days(_ text: String) -> Int? {
    let digits = Array(text.utf8.filter { $0 != 46 })
    guard digits.count == 8, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + Int($1) - 48 } }
    let (y, m, d) = (number(0..<4), number(4..<6), number(6..<8))
    guard y > 0, (1...12).contains(m), (1...31).contains(d) else { return nil }
    // Days of the proleptic Gregorian calendar, counted in years from March.
    let year = m <= 2 ? y - 1 : y, era = year / 400, yearOfEra = year - era * 400
    let dayOfYear = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// DA and TM as seconds since 1970-01-01.
  static func seconds(date: String, time: String) -> Double? {
    guard let days = days(date), let seconds = secondsOfDay(time) else { return nil }
    return Double(days) * 86_400 + seconds
  }

  /// DT; an offset from UTC is passed over, as the times it is compared with have none.
  static func seconds(dateTime text: String) -> Double? {
    let plain = text.prefix { $0 != "+" && $0 != "-" && $0 != "&" }
    guard plain.utf8.count >= 10 else { return nil }
    return seconds(date: String(plain.prefix(8)), time: String(plain.dropFirst(8)))
  }
}

extension DataSet {
  /// Text of a private attribute, which may have been sent as unknown.
  func privateText(_ tag: Tag) -> String {
    let known = text(tag)
    if !known.isEmpty { return known }
    guard let bytes = bytes(tag, limit: 1024), bytes.allSatisfy({ $0 == 0 || (32..<127).contains($0) }) else {
      return ""
    }
    return String(Substring(decoding: bytes, as: UTF8.self).trimmingSpaces)
  }

  /// First number of a private attribute: text, else two bytes unsigned, four or eight bytes of IEEE 754.
  func privateNumber(_ tag: Tag) -> Double? {
    if let number = number(tag) { return number }
    guard has(tag), let bytes = bytes(tag, limit: 1024), !bytes.isEmpty else { return nil }
    if bytes.allSatisfy({ $0 == 0 || (32..<127).contains($0) }) {
      let first = Substring(decoding: bytes, as: UTF8.self).split(separator: "\\").first
      if let value = first.flatMap({ Double($0.trimmingSpaces) }), value.isFinite { return value }
    }
    let word = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch bytes.count {
    case 2: return Double(word)
    case 4:
      let value = Double(Float(bitPattern: UInt32(truncatingIfNeeded: word)))
      return value.isFinite ? value : nil
    case 8:
      let value = Double(bitPattern: word)
      return value.isFinite ? value : nil
    default: return nil
    }
  }
}
