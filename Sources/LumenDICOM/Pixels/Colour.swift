// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore
import Synchronization

/// Colour frames as RGB.
///
/// - Source: PS3.3 C.7.6.3.1.2 (photometric interpretations), C.7.9 (palettes).
enum Colour {
  static func images(
    _ handle: DICOMHandle, _ reader: FrameReader, limits: Limits
  ) throws(ImageError) -> [ColourImage] {
    let h = reader.header
    let stored = ["RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR", "MONOCHROME2", ""]
    // Names of what a codestream does, undone by its decoder.
    let coded = ["YBR_RCT", "YBR_ICT", "YBR_PARTIAL_420", "YBR_PARTIAL_422"]
    guard
      stored.contains(h.photometricInterpretation)
        || (reader.source.isEncapsulated && coded.contains(h.photometricInterpretation))
    else {
      throw ImageError(.unsupported, "Photometric Interpretation \(h.photometricInterpretation) is not read")
    }
    guard h.bitsAllocated == 8 || h.bitsAllocated == 16 else {
      throw ImageError(.unsupported, "colour with \(h.bitsAllocated) bits a sample is not read, only 8 and 16")
    }
    // Pictures hold 16 bits a sample, whatever was stored.
    _ = try limits.checkedBytes(columns: h.columns, rows: h.rows, slices: h.frames, bytesPerVoxel: 6)
    let palette = h.photometricInterpretation == "PALETTE COLOR" ? try Palette(try handle.dataSet, h) : nil
    let images = Mutex([ColourImage?](repeating: nil, count: h.frames))
    try reader.forEachFrame { frame throws(ImageError) in
      var (samples, content) = try samples(reader, frame)
      if let palette {
        samples = palette.expand(samples, isSigned: h.isSigned)
      } else if content.model == .ybrFull {
        YCbCr.toRGB(&samples, bits: content.bits)
      }
      let image = ColourImage(
        columns: h.columns, rows: h.rows, bits: palette?.bits ?? content.bits, samples: samples)
      images.withLock { $0[frame] = image }
    }
    return images.withLock { $0.compactMap { $0 } }
  }

  /// Samples of a frame, interleaved; for a palette the indices, signed ones as two's complement.
  static func samples(
    _ reader: FrameReader, _ frame: Int
  ) throws(ImageError) -> ([UInt16], FrameReader.Content) {
    let count = reader.plane * reader.header.samplesPerPixel
    let geometry = Geometry(size: Size(columns: count, rows: 1))
    var content = FrameReader.Content(model: .asStored, bits: 0)
    if reader.header.bitsAllocated == 8 {
      let bytes = try Volume<UInt8>(geometry) { out throws(ImageError) in
        content = try reader.read(frame, into: UnsafeMutableRawBufferPointer(out))
      }
      return (bytes.withVoxels { $0.map { UInt16($0) } }, content)
    }
    let words = try Volume<UInt16>(geometry) { out throws(ImageError) in
      content = try reader.read(frame, into: UnsafeMutableRawBufferPointer(out))
    }
    return (words.withVoxels { Array($0) }, content)
  }
}

/// A palette: three lookup tables of 8- or 16-bit entries.
struct Palette: Sendable {
  /// 8 or 16.
  let bits: Int
  private let first: Int
  private let tables: [[UInt16]]

  init(_ set: DataSet, _ header: InstanceHeader) throws(ImageError) {
    var tables: [[UInt16]] = [], bits = 8, first = 0
    for channel: UInt16 in 0..<3 {
      let tag = Tag(0x0028, Tag.redPaletteColorLookupTableDescriptor.element + channel)
      guard let descriptor = set.words(tag, limit: 3), descriptor.count == 3 else {
        throw ImageError(.malformed, "Palette Color Lookup Table Descriptor \(tag) is missing or not three numbers")
      }
      let entries = descriptor[0] == 0 ? 65_536 : Int(descriptor[0])
      guard descriptor[2] == 8 || descriptor[2] == 16 else {
        throw ImageError(.unsupported, "palette entries of \(descriptor[2]) bits are not read")
      }
      bits = max(bits, Int(descriptor[2]))
      first = header.isSigned ? Int(Int16(bitPattern: descriptor[1])) : Int(descriptor[1])
      let data = Tag(0x0028, Tag.redPaletteColorLookupTableData.element + channel)
      let segmented = Tag(0x0028, Tag.segmentedRedPaletteColorLookupTableData.element + channel)
      let isByte = descriptor[2] == 8
      var table: [UInt16]
      // 8-bit entries come two a word, or one a word as old scanners write them.
      if let words = set.words(data, limit: 65_536) {
        table = isByte && words.count < entries ? Self.bytes(words) : words
      } else if let words = set.words(segmented, limit: 65_536) {
        table = try Self.expand(segments: isByte ? Self.bytes(words) : words, isByte: isByte, entries: entries)
      } else {
        throw ImageError(.malformed, "Palette Color Lookup Table Data \(data) is missing")
      }
      guard table.count >= entries else {
        throw ImageError(.malformed, "palette \(data) has \(table.count) entries, expected \(entries)")
      }
      table.removeLast(table.count - entries)
      tables.append(table)
    }
    self.tables = tables
    self.bits = bits
    self.first = first
  }

  /// RGB of every index; indices outside a table take its nearest entry.
  func expand(_ indices: [UInt16], isSigned: Bool) -> [UInt16] {
    var out = [UInt16](repeating: 0, count: indices.count * 3)
    for (i, index) in indices.enumerated() {
      let k = (isSigned ? Int(Int16(bitPattern: index)) : Int(index)) - first
      for c in 0..<3 { out[3 * i + c] = tables[c][min(max(k, 0), tables[c].count - 1)] }
    }
    return out
  }

  private static func bytes(_ words: [UInt16]) -> [UInt16] { words.flatMap { [$0 & 0xFF, $0 >> 8] } }

  /// PS3.3 C.7.9.2: discrete, linear and indirect segments; the offset of an indirect one counts bytes.
  static func expand(segments codes: [UInt16], isByte: Bool, entries: Int) throws(ImageError) -> [UInt16] {
    let broken = ImageError(.malformed, "the segmented palette is damaged")
    var out: [UInt16] = []
    func run(_ start: Int, _ limit: Int, _ isNested: Bool) throws(ImageError) {
      var i = start, done = 0
      while i + 1 < codes.count && done < limit && out.count < entries {
        let (opcode, n) = (codes[i], Int(codes[i + 1]))
        i += 2
        // Nothing follows the last segment but one byte of padding.
        guard n > 0 else { throw broken }
        switch opcode {
        case 0:
          guard i + n <= codes.count else { throw broken }
          out += codes[i..<i + n]
          i += n
        case 1:
          guard i < codes.count, let last = out.last else { throw broken }
          let (from, to) = (Double(last), Double(codes[i]))
          for k in 0..<n { out.append(UInt16((from + (to - from) * Double(k + 1) / Double(n)).rounded())) }
          i += 1
        case 2:
          let parts = isByte ? 4 : 2
          guard !isNested, i + parts <= codes.count else { throw broken }
          let offset = (0..<parts).reduce(0) { $0 | Int(codes[i + $1]) << ($1 * (isByte ? 8 : 16)) }
          let start = isByte ? offset : offset / 2
          guard isByte || offset % 2 == 0, start + 1 < codes.count else { throw broken }
          try run(start, n, true)
          i += parts
        default: throw broken
        }
        done += 1
      }
    }
    try run(0, .max, false)
    return out
  }
}
