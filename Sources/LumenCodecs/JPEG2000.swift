// SPDX-License-Identifier: Apache-2.0
import CJPEG2000
import LumenCore

/// JPEG 2000 and HTJ2K, decoded by OpenJPEG.
///
/// What the headers claim is compared with the bytes there are before the library allocates: every tile needs a
/// tile-part, every packet a byte.
///
/// - Source: ISO/IEC 15444-1 annexes A, B and I.
struct JPEG2000 {
  private(set) var header: CodestreamHeader
  /// The codestream without boxes around it.
  private let bytes: UnsafeRawBufferPointer
  private var grid = JPEG2000Grid()
  private var isHighThroughput = false

  init(_ file: UnsafeRawBufferPointer) throws(ImageError) {
    var colour = CodestreamHeader.Colour.unspecified
    bytes = try Self.codestream(file, &colour)
    header = CodestreamHeader(codec: .jpeg2000, columns: 0, rows: 0, components: 0, bits: 0, colour: colour)
    let first = try readSize()
    var style = JPEG2000Style(components: header.components)
    let body = try style.read(bytes, first..<bytes.count, until: 0xFF90)
    if style.convertsColour, header.components >= 3 { header.colour = .rgb }
    let styles = try readTileParts(body, style)
    isHighThroughput = style.isHighThroughput || styles.values.contains(where: \.isHighThroughput)
    try grid.checkPackets(styles, otherwise: style, bytes.count)
  }

  static let cut = ImageError(
    .malformed, "JPEG 2000 headers are cut or damaged", hint: "the data are damaged or cut; fetch the image again")

  static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ count: Int) throws(ImageError) -> Int {
    guard at >= 0, at + count <= bytes.count else { throw cut }
    var value = 0
    for i in 0..<count { value = value << 8 | Int(bytes[at + i]) }
    return value
  }

  private func word(_ at: Int, _ count: Int) throws(ImageError) -> Int { try Self.word(bytes, at, count) }

  /// The contiguous codestream box of a JP2 file, or the bytes themselves.
  private static func codestream(
    _ file: UnsafeRawBufferPointer, _ colour: inout CodestreamHeader.Colour
  ) throws(ImageError) -> UnsafeRawBufferPointer {
    if file.starts(with: [0xFF, 0x4F]) { return file }
    var at = 0
    let end = file.count
    while at + 8 <= end {
      var length = try word(file, at, 4), start = at + 8
      let type = try word(file, at + 4, 4)
      if length == 1 {
        length = try word(file, at + 8, 4) == 0 ? try word(file, at + 12, 4) : file.count
        start += 8
      } else if length == 0 {
        length = end - at
      }
      guard length >= start - at else { throw cut }
      switch type {
      case 0x6A70_3263: return UnsafeRawBufferPointer(rebasing: file[min(start, end)..<min(at + length, end)])  // jp2c
      case 0x6A70_3268:  // jp2h: its boxes follow
        at = start
        continue
      case 0x7063_6C72: throw ImageError(.unsupported, "JP2 file with a palette is not read")  // pclr
      case 0x636F_6C72 where length >= 15:  // colr
        if try word(file, start, 1) == 1 {
          switch try word(file, start + 3, 4) {
          case 16: colour = .rgb
          case 17: colour = .grey
          case 18: colour = .ycc
          default: break
          }
        }
      default: break
      }
      at += length
    }
    throw ImageError(.malformed, "JP2 file without a codestream")
  }

  /// SIZ; the offset of the marker that follows.
  private mutating func readSize() throws(ImageError) -> Int {
    guard try word(0, 4) == 0xFF4F_FF51 else { throw Self.cut }
    let length = try word(4, 2), count = try word(40, 2)
    let (x1, y1, x0, y0) = (try word(8, 4), try word(12, 4), try word(16, 4), try word(20, 4))
    let (tileX, tileY, tileX0, tileY0) = (try word(24, 4), try word(28, 4), try word(32, 4), try word(36, 4))
    guard x1 > x0, y1 > y0, tileX > 0, tileY > 0, tileX0 <= x0, tileY0 <= y0, tileX0 + tileX > x0,
      tileY0 + tileY > y0, count > 0, length == 38 + 3 * count
    else { throw ImageError(.malformed, "JPEG 2000 has a contradictory image or tile size") }
    guard count <= 4 else { throw ImageError(.unsupported, "JPEG 2000 with \(count) components is not read") }
    header.columns = x1 - x0
    header.rows = y1 - y0
    header.components = count
    for i in 0..<count {
      let depth = try word(42 + 3 * i, 1)
      header.bits = max(header.bits, depth & 0x7F + 1)
      header.isSigned = header.isSigned || depth & 0x80 != 0
      let (dx, dy) = (try word(43 + 3 * i, 1), try word(44 + 3 * i, 1))
      guard dx > 0, dy > 0 else { throw ImageError(.malformed, "JPEG 2000 has a component without samples") }
      guard dx <= 4, dy <= 4 else {
        throw ImageError(.unsupported, "JPEG 2000 with a component sampled every \(max(dx, dy)) pixels is not read")
      }
      grid.steps.append((dx, dy))
    }
    guard header.bits <= 31 else {
      throw ImageError(.unsupported, "JPEG 2000 with \(header.bits) bits a sample is not read")
    }
    grid.x = JPEG2000Grid.Axis(start: x0, end: x1, tileStart: tileX0, tile: tileX)
    grid.y = JPEG2000Grid.Axis(start: y0, end: y1, tileStart: tileY0, tile: tileY)
    let tiles = grid.tiles
    // A tile-part has at least 14 bytes.
    guard tiles <= 65_535, tiles * 14 <= bytes.count else {
      throw ImageError(
        .malformed, "JPEG 2000 has \(bytes.count) bytes for \(tiles) tiles",
        hint: "the data are damaged or cut; fetch the image again")
    }
    return 4 + length
  }

  /// Every tile has to have a part, and every part has to be there; the tiles with a coding style of their own.
  private func readTileParts(_ first: Int, _ main: JPEG2000Style) throws(ImageError) -> [Int: JPEG2000Style] {
    let tiles = grid.tiles
    var seen = [Bool](repeating: false, count: tiles), missing = tiles, at = first
    var styles: [Int: JPEG2000Style] = [:]
    while at + 12 <= bytes.count, try word(at, 2) == 0xFF90 {
      let tile = try word(at + 4, 2), length = try word(at + 6, 4)
      guard tile < tiles else { throw ImageError(.malformed, "JPEG 2000 has a part of tile \(tile) of \(tiles)") }
      guard length == 0 || (length >= 14 && at + length <= bytes.count) else {
        throw ImageError(
          .malformed, "JPEG 2000 ends within a tile-part of \(length) bytes, \(max(0, bytes.count - at)) are there",
          hint: "the data are damaged or cut; fetch the image again")
      }
      let end = length == 0 ? bytes.count : at + length
      var style = styles[tile] ?? main
      style.isOfTile = false
      _ = try style.read(bytes, at + 12..<end, until: 0xFF93)
      if style.isOfTile {
        guard !seen[tile] else {
          throw ImageError(.malformed, "JPEG 2000 changes the coding style of tile \(tile) after its first part")
        }
        styles[tile] = style
      }
      if !seen[tile] { missing -= 1 }
      seen[tile] = true
      if length == 0 { return styles }  // the last part: to the end of the codestream
      at = end
    }
    guard missing == 0 else {
      throw ImageError(
        .malformed, "JPEG 2000 lacks \(missing) of \(tiles) tiles",
        hint: "the data are damaged or cut; fetch the image again")
    }
    return styles
  }

  func decode(into out: UnsafeMutableRawBufferPointer, threads: Int) throws(ImageError) {
    var shape = lumen_j2k_shape(
      columns: UInt32(header.columns), rows: UInt32(header.rows), components: UInt32(header.components),
      bits: UInt32(header.bits), is_signed: header.isSigned ? 1 : 0)
    var message = Message()
    // Damage of HTJ2K is found by assertions, which are survived on this thread alone.
    let threads = isHighThroughput ? 1 : Int32(threads)
    let failed = message.fill {
      lumen_j2k_decode(
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &shape, threads, out.baseAddress, $0)
    }
    guard failed == 0 else { throw Codestream.jpeg2000.failure(message.text) }
  }
}
