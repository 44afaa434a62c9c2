// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import LumenCore

/// What kind of value an attribute has.
///
/// - Source: PS3.5 6.2.
public enum ValueRepresentation: String, Sendable, CaseIterable {
  /// Application Entity.
  case ae = "AE"
  /// Age String.
  case `as` = "AS"
  /// Attribute Tag.
  case at = "AT"
  /// Code String.
  case cs = "CS"
  /// Date.
  case da = "DA"
  /// Decimal String.
  case ds = "DS"
  /// Date Time.
  case dt = "DT"
  /// Floating Point Single.
  case fl = "FL"
  /// Floating Point Double.
  case fd = "FD"
  /// Integer String.
  case `is` = "IS"
  /// Long String.
  case lo = "LO"
  /// Long Text.
  case lt = "LT"
  /// Other Byte.
  case ob = "OB"
  /// Other Double.
  case od = "OD"
  /// Other Float.
  case of = "OF"
  /// Other Long.
  case ol = "OL"
  /// Other 64-bit Very Long.
  case ov = "OV"
  /// Other Word.
  case ow = "OW"
  /// Person Name.
  case pn = "PN"
  /// Short String.
  case sh = "SH"
  /// Signed Long.
  case sl = "SL"
  /// Sequence of Items.
  case sq = "SQ"
  /// Signed Short.
  case ss = "SS"
  /// Short Text.
  case st = "ST"
  /// Signed 64-bit Very Long.
  case sv = "SV"
  /// Time.
  case tm = "TM"
  /// Unlimited Characters.
  case uc = "UC"
  /// Unique Identifier.
  case ui = "UI"
  /// Unsigned Long.
  case ul = "UL"
  /// Unknown.
  case un = "UN"
  /// Universal Resource Identifier.
  case ur = "UR"
  /// Unsigned Short.
  case us = "US"
  /// Unlimited Text.
  case ut = "UT"
  /// Unsigned 64-bit Very Long.
  case uv = "UV"

  /// Whether values are characters.
  public var isText: Bool {
    switch self {
    case .ae, .as, .cs, .da, .ds, .dt, .is, .lo, .lt, .pn, .sh, .st, .tm, .uc, .ui, .ur, .ut: true
    default: false
    }
  }

  /// Whether a backslash is a character of the text and not the border of two values.
  var isOneText: Bool { self == .lt || self == .st || self == .ur || self == .ut }

  /// Most characters of a value; nil without limit.
  var characters: Int? {
    switch self {
    case .as: 4
    case .da: 8
    case .is: 12
    case .tm: 14
    case .ae, .cs, .ds, .sh: 16
    case .dt: 26
    case .lo, .ui: 64
    case .st: 1024
    case .lt: 10_240
    default: nil
    }
  }

  /// Whole numbers that fit; nil for other kinds of value.
  var integers: ClosedRange<Int>? {
    switch self {
    case .us: 0...0xFFFF
    case .ss: -0x8000...0x7FFF
    case .ul, .at, .ol: 0...0xFFFF_FFFF
    case .sl, .is: -0x8000_0000...0x7FFF_FFFF
    case .sv: Int.min...Int.max
    case .uv, .ov: 0...Int.max
    default: nil
    }
  }
}

/// What the standard's dictionary says of an attribute.
///
/// - Source: PS3.6, as DCMTK's dictionary has it.
struct DictionaryEntry: Sendable {
  let vr: ValueRepresentation
  let keyword: String
  /// Most values; nil for any number.
  let mostValues: Int?

  init?(_ tag: Tag) {
    var entry = cdcm_entry()
    guard cdcm_entry_of(tag.group, tag.element, &entry) != 0 else { return nil }
    let name = withUnsafeBytes(of: entry.vr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    guard let vr = ValueRepresentation(rawValue: name) else { return nil }
    self.vr = vr
    keyword = withUnsafeBytes(of: entry.keyword) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    mostValues = entry.most >= 0 ? Int(entry.most) : nil
  }
}
