// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCodecs
import LumenCore
import Testing

@testable import LumenDICOM

/// Files made byte by byte, so that every layout of pixels can be tried.
private struct PixelFile {
  var syntax = TransferSyntax.explicitVRLittleEndian
  var columns = 4, rows = 2, frames = 1, samples = 1, allocated = 16, stored = 16
  var high: Int?
  var isSigned = false, planar = 0
  var photometric = "MONOCHROME2"
  var native: [UInt8]?
  /// Overlay Bit Position of an overlay within the words.
  var overlay: Int?
  var fragments: [[UInt8]] = []
  var table: [Int] = []
  var extended: [Int] = []

  private static func word(_ v: Int, _ n: Int) -> [UInt8] {
    (0..<n).map { UInt8(truncatingIfNeeded: v >> (8 * $0)) }
  }

  private static func element(_ group: Int, _ number: Int, _ vr: String, _ value: [UInt8]) -> [UInt8] {
    let pad: UInt8 = ["UI", "OB", "OW", "OV"].contains(vr) ? 0 : 32
    let even = value + (value.count % 2 == 1 ? [pad] : [])
    let isLong = ["OB", "OW", "OV"].contains(vr)
    return word(group, 2) + word(number, 2) + Array(vr.utf8)
      + (isLong ? [0, 0] + word(even.count, 4) : word(even.count, 2)) + even
  }

  var bytes: [UInt8] {
    func us(_ n: Int, _ v: Int) -> [UInt8] { Self.element(0x28, n, "US", Self.word(v, 2)) }
    let meta = Self.element(2, 0x10, "UI", Array(syntax.rawValue.utf8))
    var out = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8)
    out += Self.element(2, 0, "UL", Self.word(meta.count, 4)) + meta
    out += Self.element(8, 0x16, "UI", Array("1.2.840.10008.5.1.4.1.1.7".utf8))
    out += Self.element(8, 0x18, "UI", Array("1.2.3.4".utf8))
    out += us(2, samples) + Self.element(0x28, 4, "CS", Array(photometric.utf8))
    if samples > 1 { out += us(6, planar) }
    out += Self.element(0x28, 8, "IS", Array("\(frames)".utf8))
    out += us(0x10, rows) + us(0x11, columns) + us(0x100, allocated) + us(0x101, stored)
    out += us(0x102, high ?? stored - 1) + us(0x103, isSigned ? 1 : 0)
    if let overlay { out += Self.element(0x6000, 0x102, "US", Self.word(overlay, 2)) }
    if !extended.isEmpty {
      out += Self.element(0x7FE0, 1, "OV", extended.flatMap { Self.word($0, 8) })
      out += Self.element(0x7FE0, 2, "OV", extended.map { _ in 0 }.flatMap { Self.word($0, 8) })
    }
    if let native { return out + Self.element(0x7FE0, 0x10, allocated > 8 ? "OW" : "OB", native) }
    out += Self.word(0x7FE0, 2) + Self.word(0x10, 2) + Array("OB".utf8) + [0, 0, 255, 255, 255, 255]
    for item in [table.flatMap { Self.word($0, 4) }] + fragments {
      let even = item + (item.count % 2 == 1 ? [0] : [])
      out += [0xFE, 0xFF, 0, 0xE0] + Self.word(even.count, 4) + even
    }
    return out + [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
  }

  func read(_ scratch: Scratch) throws -> StoredFrames {
    try Files.write(bytes, to: scratch("a.dcm"))
    return try DICOMFile.storedFrames(scratch("a.dcm"))
  }

  func frame(_ n: Int, _ scratch: Scratch) throws -> StoredFrames {
    try Files.write(bytes, to: scratch("a.dcm"))
    return try DICOMFile.storedFrame(scratch("a.dcm"), n)
  }
}

private func words(_ frames: StoredFrames) -> [Int] {
  frames.bytes.withUnsafeBytes { b in
    (0..<b.count / frames.kind.bytes).map { i in
      switch frames.kind {
      case .uint8: Int(b[i])
      case .int16: Int(b.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self))
      case .uint16: Int(b.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
      case .int32: Int(b.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self))
      default: Int(b.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))
      }
    }
  }
}

/// One RLE frame of literal runs.
private func runLength(_ planes: [[UInt8]]) -> [UInt8] {
  let segments = planes.map { [UInt8($0.count - 1)] + $0 + ($0.count % 2 == 0 ? [0x80] : []) }
  var header = [UInt32](repeating: 0, count: 16), at = 64
  header[0] = UInt32(planes.count)
  for (i, segment) in segments.enumerated() {
    header[i + 1] = UInt32(at)
    at += segment.count
  }
  return header.withUnsafeBytes { Array($0) } + segments.joined()
}

@Suite("Native pixels · oracle: PS3.5 8.1.1 and annex D by hand")
struct NativePixels {
  let scratch = Scratch()

  @Test func bitsAboveAndBelowAreRemoved() throws {
    // 12 bits stored at the top of the word, an overlay bit below; then at the bottom with one above.
    let top = PixelFile(
      stored: 12, high: 15, isSigned: true, native: Array(repeating: [0x1F, 0x80, 0xF0, 0x7F], count: 4).flatMap { $0 })
    #expect(words(try top.read(scratch)) == [-2047, 2047, -2047, 2047, -2047, 2047, -2047, 2047])
    let low = PixelFile(stored: 12, native: Array(repeating: [0xFF, 0xF7, 0x01, 0x10], count: 4).flatMap { $0 })
    #expect(words(try low.read(scratch)) == [2047, 1, 2047, 1, 2047, 1, 2047, 1])
  }

  @Test func packedSamplesAreUnpacked() throws {
    // 12 bits: 0xABC, 0x123 … least significant bit first; 24 bits in a word of 32.
    let twelve = PixelFile(
      columns: 2, rows: 2, allocated: 12, stored: 12, native: [0xBC, 0x3A, 0x12, 0xFF, 0x0F, 0x80])
    #expect(words(try twelve.read(scratch)) == [0xABC, 0x123, 0xFFF, 0x800])
    let deep = PixelFile(
      columns: 2, rows: 1, allocated: 24, stored: 24, isSigned: true, native: [1, 2, 3, 0xFE, 0xFF, 0xFF])
    #expect(words(try deep.read(scratch)) == [0x030201, -2])
  }

  @Test func singleBitsCrossBytes() throws {
    // Three frames of 3 × 3 bits without padding.
    let bits = (0..<27).map { $0 % 3 == 0 || $0 % 7 == 1 ? 1 : 0 }
    var packed = [UInt8](repeating: 0, count: 4)
    for (i, bit) in bits.enumerated() where bit == 1 { packed[i / 8] |= 1 << UInt8(i % 8) }
    let file = PixelFile(columns: 3, rows: 3, frames: 3, allocated: 1, stored: 1, native: packed)
    #expect(words(try file.read(scratch)) == bits)
    #expect(words(try file.frame(1, scratch)) == Array(bits[9..<18]))
    #expect(throws: ImageError.self) { try file.frame(3, scratch) }
  }

  @Test func planesAreInterleaved() throws {
    let file = PixelFile(
      columns: 2, rows: 1, samples: 3, allocated: 8, stored: 8, planar: 1, photometric: "RGB",
      native: [1, 2, 11, 12, 21, 22])
    #expect(words(try file.read(scratch)) == [1, 11, 21, 2, 12, 22])
  }

  @Test func halfResolutionColourIsToldByItsLength() throws {
    var file = PixelFile(
      columns: 2, rows: 1, samples: 3, allocated: 8, stored: 8, photometric: "YBR_FULL_422", native: [10, 20, 30, 40])
    #expect(words(try file.read(scratch)) == [10, 30, 40, 20, 30, 40])
    file.native = [1, 2, 3, 4, 5, 6]
    #expect(words(try file.read(scratch)) == [1, 2, 3, 4, 5, 6])
    #expect(try file.read(scratch).model == .ybrFull)
  }
}

@Suite("Fragments · oracle: PS3.5 A.4 and annex G by hand")
struct FragmentedPixels {
  let scratch = Scratch()
  /// Frames of 4 × 2 pixels of 16 bits and what they hold.
  let planes: [[[UInt8]]] = (0..<3).map { f in (0..<2).map { b in (0..<8).map { UInt8(100 * b + 10 * f + $0) } } }
  var expected: [[Int]] { planes.map { p in zip(p[0], p[1]).map { Int($0) << 8 | Int($1) } } }

  /// Every frame in two fragments, of even length.
  var fragments: [[UInt8]] {
    planes.flatMap { p -> [[UInt8]] in
      let frame = runLength(p)
      return [Array(frame[..<70]), Array(frame[70...])]
    }
  }

  var offsets: [Int] {
    var at = 0, offsets: [Int] = []
    for (i, fragment) in fragments.enumerated() {
      if i % 2 == 0 { offsets.append(at) }
      at += 8 + (fragment.count + 1) / 2 * 2
    }
    return offsets
  }

  @Test func framesAreFoundByTablesAndByMarkers() throws {
    let empty = PixelFile(syntax: .rleLossless, frames: 3, fragments: fragments)
    var basic = empty, extended = empty, wrong = empty
    basic.table = offsets
    extended.extended = offsets
    // A table that points nowhere is not believed.
    wrong.table = [0, 11, 17]
    for file in [empty, basic, extended, wrong] {
      #expect(words(try file.read(scratch)) == expected.flatMap { $0 })
      for n in [2, 0, 1] { #expect(words(try file.frame(n, scratch)) == expected[n]) }
    }
    var short = empty
    short.fragments.removeLast(2)
    #expect(throws: ImageError.self) { try short.read(scratch) }
  }

  /// Without another look at the file's elements, unless it has changed.
  @Test func scannedFilesAreReadAtTheirPlace() throws {
    var file = PixelFile(syntax: .rleLossless, frames: 3, fragments: fragments)
    for table in [[], offsets] {
      file.table = table
      for extended in [[], offsets] {
        file.extended = extended
        try Files.write(file.bytes, to: scratch("a.dcm"))
        let header = try DICOMFile.header(scratch("a.dcm"))
        #expect(header.pixelLocation?.content == .fragments(fragments.count))
        let scanned = try FrameReader(scanned: header, frames: 3, limits: .standard)
        let reader = try #require(scanned)
        for frame in 0..<3 {
          var out = [UInt16](repeating: 0, count: 8)
          try out.withUnsafeMutableBufferPointer { b throws(ImageError) in
            _ = try reader.read(frame, into: UnsafeMutableRawBufferPointer(b))
          }
          #expect(out.map(Int.init) == expected[frame])
        }
        let series = Series([header])
        var moved = file
        moved.overlay = 15
        try Files.write(moved.bytes, to: scratch("a.dcm"))
        let changed = try FrameReader(scanned: header, frames: 3, limits: .standard)
        #expect(changed == nil)
        guard case .u16(let v) = try series.read(policy: .accept).grey else { return #expect(Bool(false)) }
        #expect(v.withVoxels { $0.map(Int.init) } == expected.flatMap { $0 })
      }
    }
  }

  @Test func changedFilesAreClosed() throws {
    var file = PixelFile(syntax: .rleLossless, frames: 3, fragments: fragments)
    try Files.write(file.bytes, to: scratch("a.dcm"))
    let header = try DICOMFile.header(scratch("a.dcm"))
    file.overlay = 15
    try Files.write(file.bytes, to: scratch("a.dcm"))
    let reader = try FrameReader(scanned: header, frames: 3, limits: .standard)
    #expect(reader == nil)
    let open = (0..<1024).filter { descriptor in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { name in
        name.initialize(repeating: 0)
        guard let text = name.baseAddress, readlink("/proc/self/fd/\(descriptor)", text, 4095) > 0 else { return false }
        return String(cString: text).hasPrefix(scratch("a.dcm"))
      }
    }
    #expect(open.isEmpty)
  }

  @Test("a header whose size is no number of bits")
  func hugeSizesAreRefused() throws {
    let file = PixelFile(columns: 65535, rows: 65535, samples: 65535, allocated: 65535, stored: 8, native: [1, 2])
    try Files.write(file.bytes, to: scratch("a.dcm"))
    let inventory = Inventory.scan([scratch("a.dcm")])
    #expect(inventory.series.isEmpty && inventory.rejected.map(\.error.kind) == [.malformed])
  }

  @Test("grey and colour put into one series by hand")
  func colourIsNotReadAsGrey() throws {
    let grey = PixelFile(syntax: .rleLossless, allocated: 8, stored: 8, fragments: [runLength([planes[0][0]])])
    var colour = grey
    (colour.samples, colour.photometric) = (3, "RGB")
    colour.fragments = [runLength([planes[0][0], planes[0][1], planes[1][0]])]
    try Files.write(grey.bytes, to: scratch("a.dcm"))
    try Files.write(colour.bytes, to: scratch("b.dcm"))
    let series = Series(try ["a.dcm", "b.dcm"].map { try DICOMFile.header(scratch($0)) })
    #expect(throws: ImageError.self) { try series.read(policy: .accept) }
  }

  @Test func threadsReadAnyFrame() throws {
    let file = PixelFile(syntax: .rleLossless, frames: 3, fragments: fragments, table: offsets)
    try Files.write(file.bytes, to: scratch("a.dcm"))
    let handle = try DICOMFile.open(scratch("a.dcm"), .standard)
    let reader = try FrameReader(
      handle, InstanceHeader(handle, path: scratch("a.dcm"), limits: .standard), limits: .standard)
    let failures = FirstFailure(), expected = expected
    parallelFor(300) { range in
      for i in range {
        var out = [UInt8](repeating: 0, count: 16)
        do throws(ImageError) {
          try out.withUnsafeMutableBufferPointer { b throws(ImageError) in
            _ = try reader.read(i % 3, into: UnsafeMutableRawBufferPointer(b))
          }
          if out[0] != UInt8(expected[i % 3][0] & 255) { throw ImageError(.malformed, "frame \(i % 3) differs") }
        } catch { failures.add(i, error) }
      }
    }
    try failures.check()
  }

  @Test func theBytesDecideNotTheTransferSyntax() throws {
    let samples = expected[0].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let code = try samples.withUnsafeBytes { try JPEGLS.encode($0, columns: 4, rows: 2, bits: 16) }
    for syntax: TransferSyntax in [.jpegLSLossless, .jpeg2000, .jpegBaseline, .rleLossless, .htj2k, .jpegXL] {
      #expect(words(try PixelFile(syntax: syntax, fragments: [code]).read(scratch)) == expected[0])
    }
    #expect(words(try PixelFile(syntax: .jpegLossless, fragments: [runLength(planes[1])]).read(scratch)) == expected[1])
    #expect(words(try PixelFile(syntax: .encapsulatedUncompressed, fragments: [samples]).read(scratch)) == expected[0])
    #expect(throws: ImageError.self) { try PixelFile(syntax: .jpeg2000, fragments: [samples]).read(scratch) }
  }

  @Test func codestreamsMustFitTheHeader() throws {
    let bytes = (0..<8).map { UInt8($0 * 30) }
    let code = try bytes.withUnsafeBytes { try JPEGLS.encode($0, columns: 4, rows: 2, bits: 8) }
    // Eight bits in cells of sixteen, at the bottom and, by High Bit, at the top.
    for high in [7, 15] {
      let file = PixelFile(syntax: .jpegLSLossless, stored: 8, high: high, fragments: [code])
      #expect(words(try file.read(scratch)) == bytes.map { Int($0) })
    }
    for wrong in [
      PixelFile(syntax: .jpegLSLossless, columns: 2, rows: 4, fragments: [code]),
      PixelFile(syntax: .jpegLSLossless, samples: 3, allocated: 8, stored: 8, photometric: "RGB", fragments: [code]),
      PixelFile(syntax: .jpegLSLossless, allocated: 1, stored: 1, fragments: [code]),
    ] { #expect(throws: ImageError.self) { try wrong.read(scratch) } }
  }
}

@Suite("Encapsulated pixels · regression")
struct EncapsulatedRegression {
  let scratch = Scratch()

  private func code(_ values: [UInt16], components: Int = 1, bits: Int) throws -> [UInt8] {
    try values.withUnsafeBytes {
      try JPEGLS.encode($0, columns: 8 / (2 * components), rows: 2, components: components, bits: bits)
    }
  }

  @Test func codestreamsDeeperThanBitsStoredKeepTheirValues() throws {
    let values: [UInt16] = [100, 4095, 5000, 60_000, 1, 2, 3, 4]
    var file = PixelFile(syntax: .jpegLSLossless, stored: 12, fragments: [try code(values, bits: 16)])
    #expect(words(try file.read(scratch)) == values.map { Int($0) })
    // Whole words were coded: an overlay in bit 12, values in the upper bits.
    file.overlay = 12
    #expect(words(try file.read(scratch)) == values.map { Int($0) & 4095 })
    file = PixelFile(syntax: .jpegLSLossless, stored: 12, high: 15, fragments: [try code(values, bits: 16)])
    #expect(words(try file.read(scratch)) == values.map { Int($0) >> 4 })
  }

  @Test func contradictingSignsMustFit() throws {
    let values: [UInt16] = [0, 2047, 2048, 4095, 0xF800, 0xFFFF, 1, 2]
    var file = PixelFile(syntax: .jpegLSLossless, stored: 12, isSigned: true, fragments: [try code(values, bits: 16)])
    #expect(words(try file.read(scratch)) == [0, 2047, -2048, -1, -2048, -1, 1, 2])
    file.fragments = [try code([0, 5000, 0, 0, 0, 0, 0, 0], bits: 16)]
    let error = #expect(throws: ImageError.self) { try file.read(scratch) }
    #expect(error?.kind == .malformed)
  }

  @Test func barePixelsMayBeginLikeACodestream() throws {
    let words = [UInt8](repeating: 0, count: 14)
    for start: [UInt8] in [[0xFF, 0x0A], [0xFF, 0xD8]] {
      let file = PixelFile(syntax: .encapsulatedUncompressed, fragments: [start + [0xFF, 0x51] + words.dropLast(2)])
      #expect(try file.read(scratch).bytes.prefix(2).elementsEqual(start))
    }
    // A codestream under this syntax is found all the same.
    let values: [UInt16] = [9, 8, 7, 6, 5, 4, 3, 2]
    let lying = PixelFile(syntax: .encapsulatedUncompressed, fragments: [try code(values, bits: 16)])
    #expect(LumenDICOMTests.words(try lying.read(scratch)) == values.map { Int($0) })
  }

  @Test func colourCarriesItsDepth() throws {
    let values: [UInt16] = [4095, 0, 1, 2, 3, 4]
    let code = try values.withUnsafeBytes { try JPEGLS.encode($0, columns: 1, rows: 2, components: 3, bits: 12) }
    let file = PixelFile(
      syntax: .jpegLSLossless, columns: 1, samples: 3, stored: 12, photometric: "RGB", fragments: [code])
    try Files.write(file.bytes, to: scratch("a.dcm"))
    #expect(
      try DICOMFile.storedPixels(scratch("a.dcm")).1
        == .colour([ColourImage(columns: 1, rows: 2, bits: 12, samples: values)]))
  }

  @Test func manyFragmentsAreCountedInOnePass() throws {
    let few = PixelFile(syntax: .rleLossless, fragments: [[1, 2], [], [3, 4, 5, 6]])
    try Files.write(few.bytes, to: scratch("few"))
    let handle = try DICOMHandle(path: scratch("few"))
    #expect(handle.fragments.map(\.count) == [2, 0, 4])
    let many = PixelFile(syntax: .rleLossless, fragments: [[UInt8]](repeating: [], count: 100_000))
    try Files.write(many.bytes, to: scratch("many"))
    var dump = DICOMDump()
    let time = try ContinuousClock().measure { dump = try DICOMFile.dump(scratch("many")) }
    #expect(dump.lines.contains { $0.hasSuffix("100000 fragments, 0 bytes of compressed pixels") })
    #expect(time < .seconds(3), "\(time)")
  }
}
