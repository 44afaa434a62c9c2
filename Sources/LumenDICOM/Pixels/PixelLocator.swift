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
    while file.word16(at) == 2, let (length, header) = file.explicitLength(at) { at += header + length }
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
      let (length, header) = (isImplicit ? nil : file.explicitLength(at)) ?? (plain, 8)
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
      if file.isBig, value.length == nil, file.word16(at + 4) == 0x554E {
        throw ImageError(
          .unsupported,
          "a big-endian file holds an element of unknown representation and undefined length: its byte order is "
            + "ambiguous", hint: "have the file written in a little-endian transfer syntax")
      }
      at = value.offset
      if let length = value.length { at += length } else { depth += 1 }
    }
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
