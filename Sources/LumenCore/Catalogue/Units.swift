// SPDX-License-Identifier: Apache-2.0

/// A length in the patient. A bare number elsewhere means voxels, counts or ratios.
public struct Length: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Millimetres.
  public var millimetres: Double

  /// A length in millimetres.
  public static func mm(_ value: Double) -> Length { Length(millimetres: value) }
  /// A length in centimetres.
  public static func cm(_ value: Double) -> Length { Length(millimetres: 10 * value) }

  /// Shorter.
  public static func < (a: Length, b: Length) -> Bool { a.millimetres < b.millimetres }

  /// Parses "2mm", "0.5 cm" or "2" (millimetres); nil for anything else.
  public init?(_ text: String) {
    var number = Substring(text), factor = 1.0
    if text.hasSuffix("mm") {
      number = number.dropLast(2)
    } else if text.hasSuffix("cm") {
      number = number.dropLast(2)
      factor = 10
    }
    while number.last == " " { number = number.dropLast() }
    guard !number.contains(where: { $0 == "x" || $0 == "X" }), let value = Double(number), (value * factor).isFinite
    else { return nil }
    millimetres = value * factor
  }

  /// A length in millimetres.
  public init(millimetres: Double) { self.millimetres = millimetres }

  /// "2mm".
  public var description: String { shortest(millimetres) + "mm" }
}

/// The shortest decimal that reads back as the same number; whole numbers without ".0", "nan" and "inf" as words.
public func shortest(_ value: Double) -> String {
  if value.isNaN { return "nan" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  if value == value.rounded() && abs(value) < 0x1p54 { return value == 0 ? "0" : String(Int64(value)) }
  return "\(value)"
}
