// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A value as Python scripts hold it: what a PyRadiomics parameter file gives and what its results print.
public enum PythonValue: Sendable, Equatable {
  case none
  case bool(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case list([PythonValue])
  case tuple([PythonValue])
  /// Keys in the order of insertion.
  case dictionary([Entry])

  /// A key of a dictionary and what it stands for.
  public struct Entry: Sendable, Equatable {
    /// The key.
    public var key: String
    /// The value.
    public var value: PythonValue

    /// A pair.
    public init(_ key: String, _ value: PythonValue) {
      self.key = key
      self.value = value
    }
  }

  /// As a number; nil for everything else. A Boolean is none.
  public var number: Double? {
    switch self {
    case .integer(let i): Double(i)
    case .real(let x): x
    default: nil
    }
  }

  /// As Python's `str` writes it.
  public var description: String {
    if case .text(let text) = self { return text }
    return representation
  }

  /// As Python's `repr` writes it.
  public var representation: String {
    switch self {
    case .none: "None"
    case .bool(let b): b ? "True" : "False"
    case .integer(let i): "\(i)"
    case .real(let x): Self.text(x)
    case .text(let s): Self.quoted(s)
    case .list(let items): "[" + items.map(\.representation).joined(separator: ", ") + "]"
    case .tuple(let items):
      "(" + items.map(\.representation).joined(separator: ", ") + (items.count == 1 ? ",)" : ")")
    case .dictionary(let entries):
      "{" + entries.map { "\(Self.quoted($0.key)): \($0.value.representation)" }.joined(separator: ", ") + "}"
    }
  }

  /// As Python's `json.dumps` writes it, with NaN and Infinity.
  public var json: String {
    switch self {
    case .none: "null"
    case .bool(let b): b ? "true" : "false"
    case .integer(let i): "\(i)"
    case .real(let x): x.isNaN ? "NaN" : x.isInfinite ? (x < 0 ? "-Infinity" : "Infinity") : Self.text(x)
    case .text(let s): Self.jsonQuoted(s)
    case .list(let items), .tuple(let items): "[" + items.map(\.json).joined(separator: ", ") + "]"
    case .dictionary(let entries):
      "{" + entries.map { "\(Self.jsonQuoted($0.key)): \($0.value.json)" }.joined(separator: ", ") + "}"
    }
  }

  private static func quoted(_ s: String) -> String {
    let quote = s.contains("'") && !s.contains("\"") ? "\"" : "'"
    var out = quote
    for c in s.unicodeScalars {
      switch c {
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "'" where quote == "'": out += "\\'"
      default: out.unicodeScalars.append(c)
      }
    }
    return out + quote
  }

  private static func jsonQuoted(_ s: String) -> String {
    var out = "\""
    for c in s.unicodeScalars {
      switch c {
      case "\\": out += "\\\\"
      case "\"": out += "\\\""
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default:
        if c.value < 0x20 || c.value > 0x7E {
          for unit in String(c).utf16 {
            let hex = String(unit, radix: 16)
            out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
          }
        } else {
          out.unicodeScalars.append(c)
        }
      }
    }
    return out + "\""
  }

  /// The shortest digits that read back as the same number, with an exponent where Python writes one: below 10⁻⁴ and
  /// from 10¹⁶.
  static func text(_ x: Double) -> String {
    if x.isNaN { return "nan" }
    if x.isInfinite { return x < 0 ? "-inf" : "inf" }
    let swift = "\(x)"
    guard let e = swift.firstIndex(of: "e"), let exponent = Int(swift[swift.index(after: e)...]) else {
      guard x.magnitude >= 1e16 else { return swift }
      // Digits that Swift writes out: "12345678901234567890.0".
      let digits = swift.dropLast(2).filter(\.isNumber)
      let significant = String(digits.reversed().drop { $0 == "0" }.reversed())
      let fraction = significant.dropFirst()
      return (x < 0 ? "-" : "") + String(significant.prefix(1)) + (fraction.isEmpty ? "" : "." + fraction)
        + "e+\(digits.count - 1)"
    }
    var mantissa = String(swift[..<e])
    if exponent >= 0 && exponent < 16 {
      let isNegative = mantissa.hasPrefix("-")
      var digits = mantissa.filter(\.isNumber)
      let whole = mantissa.filter { $0 != "-" }.prefix { $0 != "." }.count + exponent
      if mantissa.hasSuffix(".0") { digits.removeLast() }
      while digits.count < whole { digits += "0" }
      let fraction = digits.dropFirst(whole)
      return (isNegative ? "-" : "") + digits.prefix(whole) + "." + (fraction.isEmpty ? "0" : String(fraction))
    }
    if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
    let magnitude = abs(exponent)
    return mantissa + (exponent < 0 ? "e-" : "e+") + (magnitude < 10 ? "0" : "") + "\(magnitude)"
  }
}
