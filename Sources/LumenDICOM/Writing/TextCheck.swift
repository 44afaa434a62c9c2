// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What text a VR may hold.
///
/// - Source: PS3.5 6.2, table 6.2-1.
enum TextCheck {
  /// The text, when every value of it is one of the VR.
  ///
  /// - Throws: `invalidParameter`; the text itself is not repeated, it may name a patient.
  static func checked(
    _ text: String, _ tag: Tag, _ vr: ValueRepresentation, mostValues: Int?
  ) throws(ImageError) -> String {
    if text.isEmpty { return text }
    guard vr.isText else {
      throw ImageError(.invalidParameter, "\(tag) has VR \(vr.rawValue), which holds no text")
    }
    let values =
      vr.isOneText ? [Substring(text)] : text.split(separator: "\\", omittingEmptySubsequences: false)
    if let mostValues, values.count > mostValues {
      throw ImageError(
        .invalidParameter, "the text of \(tag) has \(values.count) values, expected at most \(mostValues)")
    }
    for value in values {
      if let reason = fault(value, vr) {
        throw ImageError(.invalidParameter, "the text of \(tag) \(reason)", hint: "VR \(vr.rawValue), PS3.5 6.2")
      }
    }
    return text
  }

  /// Whether a text is one value, or several, of a VR.
  static func isSane(_ text: String, _ vr: ValueRepresentation) -> Bool {
    let values =
      vr.isOneText ? [Substring(text)] : text.split(separator: "\\", omittingEmptySubsequences: false)
    return text.isEmpty || values.allSatisfy { fault($0, vr) == nil }
  }

  private static func fault(_ value: Substring, _ vr: ValueRepresentation) -> String? {
    let scalars = value.unicodeScalars
    let isControl = { (c: Unicode.Scalar) in c.value < 32 || c.value == 127 }
    let isLong = vr == .st || vr == .lt || vr == .ut
    guard !scalars.contains(where: { isControl($0) && !(isLong && [9, 10, 12, 13].contains($0.value)) }) else {
      return "has control characters"
    }
    if vr == .pn {
      let groups = value.split(separator: "=", omittingEmptySubsequences: false)
      return groups.count > 3 || groups.contains { $0.unicodeScalars.count > 64 }
        ? "has more than 3 groups of 64 characters" : nil
    }
    if let most = vr.characters, scalars.count > most {
      return "has \(scalars.count) characters, expected at most \(most)"
    }
    if value.isEmpty { return nil }
    let digits = { (c: Unicode.Scalar) in ("0"..."9").contains(c) }
    switch vr {
    case .ui: return isUID(value) ? nil : "is not a UID, expected numbers and dots"
    case .is: return Int(value.trimmingSpaces) == nil ? "is not a whole number" : nil
    case .ds: return Double(value.trimmingSpaces).map { !$0.isFinite } ?? true ? "is not a number" : nil
    case .da: return scalars.count == 8 && scalars.allSatisfy(digits) ? nil : "is not a date YYYYMMDD"
    case .tm: return scalars.allSatisfy { digits($0) || $0 == "." } ? nil : "is not a time HHMMSS.FFFFFF"
    case .dt:
      return scalars.allSatisfy { digits($0) || "+-.".unicodeScalars.contains($0) } ? nil : "is not a date and time"
    case .cs:
      return scalars.allSatisfy { digits($0) || ("A"..."Z").contains($0) || $0 == "_" || $0 == " " }
        ? nil : "has other characters than upper-case letters, digits, blank and underscore"
    default: return nil
    }
  }

  /// Numbers without leading zeros, separated by dots, at most 64 characters (PS3.5 9.1).
  static func isUID(_ value: Substring) -> Bool {
    let parts = value.split(separator: ".", omittingEmptySubsequences: false)
    return value.utf8.count <= 64 && parts.count > 1
      && parts.allSatisfy { p in
        !p.isEmpty && p.utf8.allSatisfy { (48...57).contains($0) } && (p == "0" || p.first != "0")
      }
  }
}
