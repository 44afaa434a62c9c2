// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Finds where the pixel data of a file lie, so that frames can be read without the parser.
///
/// Walks the elements of the top level; sequences of known length are passed over, those of undefined length are
/// followed without recursion. What it finds is believed only where it agrees with the parser.
///
/// - Source: PS3.5 7.1, 7.5, A.4.
struct PixelLocator {
  /// The value of an element in the file; length nil where it is undefined.
  struct Value {
    var offset: Int
    var length: Int?
  }

  /// Pixel Data, Float or Double Float Pixel Data.
  private(set) var pixels: Value?
  /// Extended Offset Table (7FE0,0001).
  private(set) var extendedOffsets: Value?
  private var file: FileWindow

  /// - Throws: `unsupported` for a file whose byte order decoders read differently.
  init(_ fd: Int32, size: Int, _ syntax: TransferSyntax) throws(ImageError) {
    file = FileWindow(fd, size: size)
    guard syntax != .deflatedExplicitVRLittleEndian else { return }
    var at = 0
    if file.word32(128) == 0x4D43_4944 { at = 132 }
    while file.word16(at) == 2, let (length, header) = explicitLength(at) { at += header + length }
    file.isBig = syntax == .explicitVRBigEndian
    try walk(at, isImplicit: syntax == .implicitVRLittleEndian)
  }

  private mutating func walk(_ start: Int, isImplicit: Bool) throws(ImageError) {
    var at = start, depth = 0
    while let group = file.word16(at), let element = file.word16(at + 2), let plain = file.word32(at + 4) {
      if group == 0xFFFE {
        at += 8
        switch element {
        case 0xE000 where plain == 0xFFFF_FFFF: depth += 1
        case 0xE000: at += plain
        case 0xE00D, 0xE0DD: depth -= 1
        default: return
        }
        if depth < 0 { return }
        continue
      }
      let (length, header) = (isImplicit ? nil : explicitLength(at)) ?? (plain, 8)
      let value = Value(offset: at + header, length: length == 0xFFFF_FFFF ? nil : length)
      if depth == 0 && group == 0x7FE0 {
        switch element {
        case 0x0001: extendedOffsets = value
        case 0x0008, 0x0009, 0x0010:
          pixels = value
          return
        default: break
        }
      }
      if file.isBig, value.length == nil, file.bytes(at + 4, 2)?.elementsEqual([0x55, 0x4E]) == true {
        throw ImageError(
          .unsupported,
          "a big-endian file holds an element of unknown representation and undefined length: its byte order is "
            + "ambiguous", hint: "have the file written in a little-endian transfer syntax")
      }
      at = value.offset
      if let length = value.length { at += length } else { depth += 1 }
    }
  }

  /// Length and header bytes of an element with explicit VR; nil where there is none.
  private mutating func explicitLength(_ at: Int) -> (length: Int, header: Int)? {
    guard let vr = file.bytes(at + 4, 2), vr.allSatisfy({ (65...90).contains($0) }) else { return nil }
    let name = String(decoding: vr, as: UTF8.self)
    if ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"].contains(name) {
      return file.word32(at + 8).map { ($0, 12) }
    }
    return file.word16(at + 6).map { ($0, 8) }
  }

  /// Ranges of the items from `offset` to the sequence delimiter, the offset table first; nil when they are not sound.
  mutating func items(_ offset: Int) -> [Range<Int>]? {
    var at = offset, ranges: [Range<Int>] = []
    file.isBig = false
    while file.word16(at) == 0xFFFE, let element = file.word16(at + 2), let length = file.word32(at + 4) {
      if element == 0xE0DD { return ranges }
      guard element == 0xE000, at + 8 + length <= file.size else { return nil }
      ranges.append(at + 8..<at + 8 + length)
      at += 8 + length
    }
    // Some writers leave the delimiter out at the end of the file.
    return at == file.size && !ranges.isEmpty ? ranges : nil
  }
}

/// A small window on a file for reading a few bytes here and there.
struct FileWindow {
  let fd: Int32
  let size: Int
  var isBig = false
  private var window = [UInt8](repeating: 0, count: 1 << 12)
  private var start = 0, count = 0

  init(_ fd: Int32, size: Int) {
    self.fd = fd
    self.size = size
  }

  /// `n` bytes at `offset`; nil beyond the end.
  mutating func bytes(_ offset: Int, _ n: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, offset + n <= size, n <= window.count else { return nil }
    if offset < start || offset + n > start + count {
      start = offset
      count = window.withUnsafeMutableBytes { b in max(0, pread(fd, b.baseAddress, b.count, off_t(offset))) }
      guard n <= count else { return nil }
    }
    return window[offset - start..<offset - start + n]
  }

  mutating func word16(_ offset: Int) -> Int? {
    guard let b = bytes(offset, 2) else { return nil }
    let (x, y) = (Int(b[b.startIndex]), Int(b[b.startIndex + 1]))
    return isBig ? x << 8 | y : y << 8 | x
  }

  mutating func word32(_ offset: Int) -> Int? {
    guard let a = word16(offset), let b = word16(offset + 2) else { return nil }
    return isBig ? a << 16 | b : b << 16 | a
  }
}
