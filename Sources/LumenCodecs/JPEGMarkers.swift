// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The marker segments of a JPEG or JPEG-LS codestream up to its first scan.
///
/// - Source: ISO/IEC 10918-1 annex B, 14495-1 annex C; Adobe technical note 5116 (APP14).
struct JPEGMarkers {
  struct Component {
    var id: UInt8
    var horizontal: Int
    var vertical: Int
  }

  let bytes: UnsafeRawBufferPointer
  /// Second byte of the start of frame: C0 baseline … C3 lossless … F7 JPEG-LS.
  private(set) var frame: UInt8 = 0
  private(set) var bits = 0
  private(set) var rows = 0
  private(set) var columns = 0
  private(set) var components: [Component] = []
  /// Colour transform of the Adobe marker.
  private(set) var adobe: Int?
  private(set) var isJFIF = false
  /// Things a decoder warns of that are harmless: wrong scan limits of a sequential image, odd JFIF versions, bytes
  /// between segments.
  private(set) var oddities = 0
  private(set) var scans = 0
  private var firstScanComponents = 0

  init(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
    self.bytes = bytes
    var at = 2
    guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else {
      throw ImageError(.malformed, "JPEG does not begin with a start of image")
    }
    while let (marker, start, end) = Self.segment(bytes, &at, &oddities) {
      switch marker {
      case 0xDA:
        guard frame != 0 else { throw ImageError(.malformed, "JPEG has a scan before its frame header") }
        try countScans(from: start)
        return
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF, 0xF7: try readFrame(marker, start, end)
      case 0xE0 where end - start >= 7 && bytes[start..<start + 5].elementsEqual([0x4A, 0x46, 0x49, 0x46, 0]):
        isJFIF = true
        if bytes[start + 5] != 1 { oddities += 1 }
      case 0xEE where end - start >= 12 && bytes[start..<start + 5].elementsEqual([0x41, 0x64, 0x6F, 0x62, 0x65]):
        adobe = Int(bytes[start + 11])
        if bytes[start + 11] > 2 { oddities += 1 }
      default: break
      }
    }
    throw ImageError(
      .malformed, "JPEG ends before its first scan", hint: "the data are damaged or cut; fetch the image again")
  }

  /// The start of frame marker, for telling JPEG-LS from JPEG; nil when there is none.
  static func frameMarker(_ bytes: UnsafeRawBufferPointer) -> UInt8? {
    var at = 2, oddities = 0
    while let marker = marker(bytes, &at, &oddities) {
      switch marker {
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF, 0xF7: return marker
      case 0xDA: return nil
      default: if content(bytes, &at) == nil { return nil }
      }
    }
    return nil
  }

  /// The next marker segment with the range of its content; nil at the end of the image or of the bytes.
  static func segment(
    _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ oddities: inout Int
  ) -> (marker: UInt8, start: Int, end: Int)? {
    guard let marker = marker(bytes, &at, &oddities), let content = content(bytes, &at) else { return nil }
    return (marker, content.lowerBound, content.upperBound)
  }

  /// The next marker that a segment follows; nil at the end of the image or of the bytes.
  private static func marker(_ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ oddities: inout Int) -> UInt8? {
    while true {
      let start = at
      while at < bytes.count, bytes[at] != 0xFF { at += 1 }
      if at != start { oddities += 1 }
      while at < bytes.count, bytes[at] == 0xFF { at += 1 }
      guard at < bytes.count else { return nil }
      let marker = bytes[at]
      at += 1
      switch marker {
      case 0x00, 0x01, 0xD0...0xD8: continue
      case 0xD9: return nil
      default: return marker
      }
    }
  }

  /// The content of a segment whose length lies at `at`; nil when it is cut.
  private static func content(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Range<Int>? {
    guard at + 2 <= bytes.count else { return nil }
    let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
    guard length >= 2, at + length <= bytes.count else { return nil }
    defer { at += length }
    return at + 2..<at + length
  }

  private mutating func readFrame(_ marker: UInt8, _ start: Int, _ end: Int) throws(ImageError) {
    guard frame == 0 else { throw ImageError(.malformed, "JPEG has two frame headers") }
    let count = end - start >= 6 ? Int(bytes[start + 5]) : 0
    guard count > 0, end - start >= 6 + 3 * count else {
      throw ImageError(.malformed, "the frame header of the JPEG has \(end - start) bytes for \(count) components")
    }
    frame = marker
    bits = Int(bytes[start])
    rows = Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
    columns = Int(bytes[start + 3]) << 8 | Int(bytes[start + 4])
    for i in 0..<count {
      let at = start + 6 + 3 * i
      components.append(
        Component(id: bytes[at], horizontal: Int(bytes[at + 1] >> 4), vertical: Int(bytes[at + 1] & 15)))
    }
  }

  /// Progressive and multi-scan images: every scan costs a pass over the image, so a limit stands against bombs.
  private mutating func countScans(from start: Int) throws(ImageError) {
    scans = 1
    firstScanComponents = start < bytes.count ? Int(bytes[start]) : 0
    noteLimits(start)
    guard frame != 0xF7, isProgressive || firstScanComponents < components.count else { return }
    var at = start
    while at + 1 < bytes.count {
      if bytes[at] == 0xFF && bytes[at + 1] == 0xDA {
        scans += 1
        noteLimits(at + 4)
        at += 1
      }
      at += 1
    }
    guard scans <= 500 else { throw ImageError(.limitExceeded, "JPEG has \(scans) scans, the limit is 500") }
  }

  /// Ss, Se, Ah and Al of a sequential scan have one right value; some encoders write another.
  private mutating func noteLimits(_ start: Int) {
    guard !isProgressive, !isLossless, frame != 0xF7, start < bytes.count else { return }
    let at = start + 1 + 2 * Int(bytes[start])
    guard at + 3 <= bytes.count else { return }
    if bytes[at] != 0 || bytes[at + 1] != 63 || bytes[at + 2] != 0 { oddities += 1 }
  }

  var isLossless: Bool { frame == 0xC3 || frame == 0xCB }
  var isProgressive: Bool { frame == 0xC2 || frame == 0xCA }
  /// Whether everything lies in one scan, so that a missing end marker loses nothing.
  var isSingleScan: Bool { !isProgressive && firstScanComponents == components.count }

  /// The shape, and what its markers say of colour.
  func header() throws(ImageError) -> CodestreamHeader {
    let isLS = frame == 0xF7
    let codec = isLS ? Codestream.jpegLS : .jpeg
    guard rows > 0, columns > 0 else {
      throw ImageError(
        rows == 0 && columns > 0 ? .unsupported : .malformed,
        "\(codec.name) says \(columns) columns and \(rows) rows in its frame header")
    }
    switch frame {
    case 0xF7, 0xC3: try expect(2...16, codec)
    case 0xC0, 0xC1, 0xC2, 0xC9, 0xCA:
      guard bits == 8 || bits == 12 else {
        throw ImageError(.unsupported, "JPEG with \(bits) bits a sample is not read, only 8 and 12")
      }
    default:
      throw ImageError(
        .unsupported, "JPEG process SOF\(frame - 0xC0) (hierarchical or arithmetic lossless) is not read")
    }
    guard isLS || components.count <= 4 else {
      throw ImageError(.unsupported, "JPEG with \(components.count) components is not read")
    }
    guard isLS || components.allSatisfy({ 1...4 ~= $0.horizontal && 1...4 ~= $0.vertical }) else {
      throw ImageError(.malformed, "the sampling factors of the JPEG are not 1 to 4")
    }
    var header = CodestreamHeader(
      codec: codec, columns: columns, rows: rows, components: components.count, bits: bits)
    header.canConvertYCC = !isLS && !isLossless && components.count == 3
    header.colour = isLS ? (components.count == 1 ? .grey : .unspecified) : colour
    return header
  }

  private func expect(_ range: ClosedRange<Int>, _ codec: Codestream) throws(ImageError) {
    guard range ~= bits else {
      throw ImageError(.malformed, "\(codec.name) has \(bits) bits a sample, expected \(range)")
    }
  }

  /// JFIF is YCbCr by definition; Adobe's marker says; components named R, G, B are that.
  private var colour: CodestreamHeader.Colour {
    switch components.count {
    case 1: return .grey
    case 3 where !isLossless:
      if isJFIF { return .ycc }
      if let adobe { return adobe == 0 ? .rgb : .ycc }
      return components.map(\.id) == [0x52, 0x47, 0x42] ? .rgb : .unspecified
    default: return .unspecified
    }
  }
}
