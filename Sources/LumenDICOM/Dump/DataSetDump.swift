// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import Glibc
public import LumenCore

/// A data set as text.
public struct DICOMDump: Sendable, Equatable {
  /// An attribute a line; items of sequences are indented.
  public internal(set) var lines: [String] = []
  /// Why the file ends before its data set does; nil for a whole file.
  public internal(set) var damage: ImageError?
}

extension DICOMFile {
  /// The data set of a file as text, an attribute a line: tag, VR, bytes, number of values, keyword, value. Items of
  /// sequences are indented; long values are cut; pixels are summarised; control characters are escaped. Of a damaged
  /// file it is what comes before the damage.
  ///
  ///     (0008,0060) CS         2    1  Modality                          SR
  ///     (0040,A730) SQ              2  ContentSequence
  ///       item 1
  ///         (0040,A010) CS        16    1  RelationshipType                  HAS CONCEPT MOD
  ///
  /// - Parameter hidingIdentity: shows only values that cannot name a patient: codes, numbers and UIDs of the standard,
  ///   equipment; names, ids, dates, descriptions, other UIDs and private attributes become "…".
  /// - Throws: `notFound`, `io`, `limitExceeded`; `malformed` for anything that is no DICOM file.
  public static func dump(
    _ path: String, hidingIdentity: Bool = false, limits: Limits = .standard
  ) throws(ImageError) -> DICOMDump {
    try DataSetGuard.check(path, limits)
    let (handle, damage) = try DICOMHandle.damaged(path)
    var info = stat()
    let size = stat(path, &info) == 0 ? Int(info.st_size) : 0
    // What a deflated file claims is in memory already, unless it is damaged.
    let isDeflated = handle.transferSyntax == .deflatedExplicitVRLittleEndian
    var writer = DataSetDump(
      handle: handle, hidingIdentity: hidingIdentity,
      longestValue: isDeflated ? (damage == nil ? .max : DataSetDump.shortValue) : max(size, DataSetDump.shortValue))
    if let meta = cdcm_meta(handle.file) { writer.write(DataSet(item: meta, file: handle.file), depth: 0) }
    do { writer.write(try handle.dataSet, depth: 0) } catch { throw error.at(path) }
    return DICOMDump(
      lines: writer.lines, damage: damage.map { ImageError(.malformed, "ends in damage: \($0)", place: path) })
  }
}

/// Writes data sets as lines.
struct DataSetDump {
  let handle: DICOMHandle
  let hidingIdentity: Bool
  /// Longer values are claims of a damaged file; they are not read.
  let longestValue: Int
  private(set) var lines: [String] = []

  /// Bytes of a value that are read in any case.
  static let shortValue = 4096
  /// Lines at most.
  static let mostLines = 1_000_000
  /// Levels that are shown; deeper ones are passed over.
  static let deepest = 64
  /// Characters of a value that are shown.
  static let width = 100

  init(handle: DICOMHandle, hidingIdentity: Bool, longestValue: Int) {
    self.handle = handle
    self.hidingIdentity = hidingIdentity
    self.longestValue = longestValue
  }

  /// Writes a data set; `characterSet` is that of the one around it.
  mutating func write(_ set: DataSet, depth: Int, characterSet: String = "") {
    let own = set.text(.specificCharacterSet)
    for current in set.elements {
      guard lines.count < Self.mostLines else { return }
      if lines.count == Self.mostLines - 1 {
        lines.append("… the rest is left out")
        return
      }
      write(current, of: set, depth, own.isEmpty ? characterSet : own)
    }
  }

  private mutating func write(_ element: OpaquePointer, of set: DataSet, _ depth: Int, _ characterSet: String) {
    var d = cdcm_description()
    guard cdcm_describe(element, &d) != 0 else { return }
    let tag = Tag(d.group, d.element), indent = String(repeating: "    ", count: depth)
    let vr = withUnsafeBytes(of: d.vr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let keyword = withUnsafeBytes(of: d.keyword) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let isSequence = d.is_sequence != 0
    let (values, text) =
      isSequence ? (Int(d.count), "") : value(of: element, tag, vr, Int(d.length), set, characterSet)
    let shown = hidingIdentity && !text.isEmpty && !DumpPrivacy.isHarmless(tag, vr, text) ? "…" : text
    let line =
      "\(indent)\(tag) \(vr) \(padded(isSequence ? "" : String(d.length), 9, left: true))"
      + " \(padded(String(values), 4, left: true))  \(padded(escaped(Substring(keyword)), 34))\(shown)"
    lines.append(trimmedRight(line))
    guard isSequence else { return }
    guard depth < Self.deepest else {
      lines.append("\(indent)  … deeper levels are left out")
      return
    }
    var number = 0, item = cdcm_item_of(element, nil)
    while let current = item, lines.count < Self.mostLines - 1 {
      number += 1
      lines.append("\(indent)  item \(number)")
      write(DataSet(item: current, file: set.file), depth: depth + 1, characterSet: characterSet)
      item = cdcm_item_of(element, current)
    }
  }

  /// Number of values and the first of them as text.
  private func value(
    of element: OpaquePointer, _ tag: Tag, _ vr: String, _ length: Int, _ set: DataSet, _ characterSet: String
  ) -> (Int, String) {
    if tag == .pixelData && depthZero(set) { return pixels(length) }
    if length == 0 { return (0, "") }
    if length > longestValue { return (1, "… more than the file has") }
    let kind = ValueRepresentation(rawValue: vr)
    if kind?.isText ?? false || kind == .un {
      let text = DataSet.localText(element, characterSet)
      if !text.isEmpty {
        let isOne = kind?.isOneText ?? false
        let count = isOne ? 1 : 1 + text.utf8.count { $0 == UInt8(ascii: "\\") }
        return (count, shortened(text, kind))
      }
      if kind != .un {
        let head = bytes(of: element, 4 * Self.width)
        return (1, length > head.count ? escaped(Substring(String(decoding: head, as: UTF8.self))) + " …" : "")
      }
    }
    return numbers(of: element, kind, length)
  }

  private func numbers(of element: OpaquePointer, _ kind: ValueRepresentation?, _ length: Int) -> (Int, String) {
    let head = bytes(of: element, 128)
    let size: Int
    switch kind {
    case .us, .ss, .ow: size = 2
    case .ul, .sl, .fl, .of, .ol, .at: size = 4
    case .fd, .od, .sv, .uv, .ov: size = 8
    default: size = 1
    }
    let isList = kind != .ob && kind != .ow && kind != .un && kind != nil
    let shown = head.count / size
    let parts = head.withUnsafeBytes { raw in
      (0..<shown).map { i -> String in
        let at = i * size
        switch kind {
        case .us: return String(raw.loadUnaligned(fromByteOffset: at, as: UInt16.self))
        case .ss: return String(raw.loadUnaligned(fromByteOffset: at, as: Int16.self))
        case .ul, .ol: return String(raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        case .sl: return String(raw.loadUnaligned(fromByteOffset: at, as: Int32.self))
        case .fl, .of: return "\(raw.loadUnaligned(fromByteOffset: at, as: Float.self))"
        case .fd, .od: return shortest(raw.loadUnaligned(fromByteOffset: at, as: Double.self))
        case .sv: return String(raw.loadUnaligned(fromByteOffset: at, as: Int64.self))
        case .uv, .ov: return String(raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        case .at:
          return Tag(
            raw.loadUnaligned(fromByteOffset: at, as: UInt16.self),
            raw.loadUnaligned(fromByteOffset: at + 2, as: UInt16.self)
          ).description
        case .ow: return hex(Int(raw.loadUnaligned(fromByteOffset: at, as: UInt16.self)), 4)
        default: return hex(Int(raw[at]), 2)
        }
      }
    }
    var text = "", count = 0
    for part in parts {
      let separator = text.isEmpty ? "" : isList ? "\\" : " "
      if text.count + separator.count + part.count > Self.width { break }
      text += separator + part
      count += 1
    }
    let total = length / size
    if count < total { text += text.isEmpty ? "…" : " …" }
    return (isList ? total : 1, text)
  }

  private func depthZero(_ set: DataSet) -> Bool { (try? handle.dataSet.item) == set.item }

  private func pixels(_ length: Int) -> (Int, String) {
    let info = handle.pixelInfo
    guard info.encapsulated != 0 else {
      return (1, handle.transferSyntax.isEncapsulated ? "compressed pixels" : "\(length) bytes of pixels")
    }
    let fragments = handle.fragments, total = fragments.reduce(0) { $0 + $1.count }
    return (
      1, "\(fragments.count) fragment\(fragments.count == 1 ? "" : "s"), \(total) bytes of compressed pixels"
    )
  }

  private func bytes(of element: OpaquePointer, _ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, n in
      n = max(0, Int(cdcm_head(handle.file, element, buffer.baseAddress, UInt32(count))))
    }
  }

  private func shortened(_ text: String, _ kind: ValueRepresentation?) -> String {
    if kind == .ui, let name = cdcm_uid_name(text) { return "\(text) = \(String(cString: name))" }
    let cut = text.prefix(Self.width)
    return escaped(cut) + (cut.endIndex < text.endIndex ? " …" : "")
  }

  /// Text without characters that move the cursor or turn the direction of writing.
  private func escaped(_ text: Substring) -> String {
    var out = ""
    for c in text.unicodeScalars {
      switch c.value {
      case 10: out += "\\n"
      case 13: out += "\\r"
      case 9: out += "\\t"
      case 0..<32, 127..<160, 0x202A...0x202E, 0x2066...0x2069: out += "\\u{\(hex(Int(c.value), 2))}"
      default: out.unicodeScalars.append(c)
      }
    }
    return out
  }

  private func hex(_ value: Int, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  private func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + (space.isEmpty ? " " : space)
  }

  private func trimmedRight(_ line: String) -> String {
    var s = Substring(line)
    while s.last == " " { s.removeLast() }
    return String(s)
  }
}

/// Which values cannot tell who the patient is.
enum DumpPrivacy {
  /// Long and short strings that describe codes and equipment.
  private static let harmless: Set<Tag> = [
    .codeValue, .codingSchemeDesignator, .codingSchemeVersion, .codeMeaning, .longCodeValue, .manufacturer,
    .manufacturerModelName, .softwareVersions, .implementationVersionName, Tag(0x0018, 0x1210), Tag(0x0018, 0x1250),
    Tag(0x0054, 0x1101), Tag(0x0054, 0x1103), Tag(0x0054, 0x1105), Tag(0x0028, 0x1054), Tag(0x0028, 0x3002),
  ]

  /// Numbers, codes and UIDs of the standard are; of text only what describes codes and equipment is.
  static func isHarmless(_ tag: Tag, _ vr: String, _ text: String) -> Bool {
    guard tag.group % 2 == 0, tag.group != 0x0010, tag.group != 0x0012 else { return false }
    if tag == .pixelData || harmless.contains(tag) { return true }
    switch ValueRepresentation(rawValue: vr) {
    case .cs, .ds, .is, .us, .ss, .ul, .sl, .fl, .fd, .at, .sv, .uv, .ow, .of, .od, .ol, .ov: return true
    case .ui: return text.hasPrefix("1.2.840.10008.")
    case .ob: return tag.group == 0x0002
    default: return false
    }
  }
}
