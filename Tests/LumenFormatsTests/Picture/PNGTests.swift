// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFormats

@Suite("PNG · PngSuite digests (oracle: an independent reader and libpng)")
struct PNGOracleTests {
  /// All channels are compared with the digest; the public image must be the same without its transparency.
  @Test func decodesPngSuite() throws {
    var (decoded, rejected, total) = (0, 0, 0)
    for row in try Reference.rows("png") {
      total += 1
      let file = try Reference.bytes(row)
      if row["expect"] == "reject" {
        #expect(throws: ImageError.self, "\(row["file"] ?? "")") { try PNG.read(file) }
        rejected += 1
        continue
      }
      let raster = try PNG.raster(file, limits: .standard)
      // Palette rows list the digest of their indices first and that of the expanded colours as "rgb:".
      let others = (row["alt_sha256"] ?? "").split(separator: " ").filter { $0.hasPrefix("rgb:") }.map {
        String($0.dropFirst(4))
      }
      let palette = file[25] == 3
      let image = try PNG.read(file)
      let bytes = palette ? rgbBytes(image) : raster.bytes
      #expect((palette ? others : [row["pixel_sha256"] ?? ""]).contains(sha256(bytes)), "\(row["file"] ?? "")")
      #expect(row["shape"]?.hasPrefix("\(raster.rows)x\(raster.columns)") == true)
      #expect((raster.bits == 16) == (row["dtype"] == "<u2"))
      switch image {
      case .grey(let volume):
        #expect(raster.channels <= 2)
        #expect(rawBytes(volume) == channels(raster, 1))
      case .colour:
        #expect(raster.channels >= 3)
        #expect(rgbBytes(image) == channels(raster, 3))
      }
      decoded += 1
    }
    print("PNG: \(decoded) decoded and \(rejected) rejected of \(total)")
  }

  func rgbBytes(_ image: DecodedImage) -> [UInt8] {
    guard case .colour(let picture) = image else { return [] }
    return picture.bits == 8
      ? picture.samples.map { UInt8($0) } : picture.samples.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
  }

  func channels(_ raster: Raster, _ keep: Int) -> [UInt8] {
    let (sample, pixel) = (raster.bits / 8, raster.channels * raster.bits / 8)
    return stride(from: 0, to: raster.bytes.count, by: pixel).flatMap { raster.bytes[$0..<$0 + keep * sample] }
  }
}

@Suite("PNG · round trips (property)")
struct PNGRoundTripTests {
  @Test(arguments: [(1, 1), (7, 5), (64, 33), (257, 3)])
  func keepsEverySample(columns: Int, rows: Int) throws {
    var random = SplitMix(state: UInt64(columns * 1000 + rows))
    let geometry = Geometry(size: Size(columns: columns, rows: rows))
    let n = columns * rows
    let grey8 = AnyVolume.u8(
      try Volume(geometry, voxels: (0..<n).map { _ in UInt8.random(in: 0...255, using: &random) }))
    let grey16 = AnyVolume.u16(
      try Volume(geometry, voxels: (0..<n).map { _ in UInt16.random(in: 0...65535, using: &random) }))
    for image in [grey8, grey16] { #expect(try PNG.read(PNG.encode(image)) == .grey(image)) }
    for bits in [8, 16] {
      let picture = ColourImage(
        columns: columns, rows: rows, bits: bits,
        samples: (0..<3 * n).map { _ in UInt16.random(in: 0...(bits == 8 ? 255 : 65535), using: &random) })
      #expect(try PNG.read(PNG.encode(picture)) == .colour(picture))
    }
  }

  @Test func gammaIsKeptBeside() throws {
    let file = try PNG.encode(ImageFileTests.slice)
    #expect(PNG.gamma(of: file) == nil)
    // Length, type, 45455 (1 / 2.2) and room for the checksum, after the header chunk.
    let chunk: [UInt8] = [0, 0, 0, 4] + Array("gAMA".utf8) + [0, 0, 0xB1, 0x8F, 0, 0, 0, 0]
    let marked = PNGMalformedTests.withChecksums(Array(file[..<33]) + chunk + file[33...])
    #expect(PNG.gamma(of: marked) == 0.45455)
    #expect(try PNG.read(marked) == .grey(ImageFileTests.slice))  // not applied
    for n in 0..<marked.count { _ = PNG.gamma(of: Array(marked[..<n])) }
  }

  @Test func refusesWhatItCannotHold() throws {
    let two = AnyVolume.u8(Volume(Geometry(size: Size(columns: 2, rows: 2, slices: 2)), repeating: 1))
    #expect(throws: ImageError.self) { try PNG.encode(two) }
    let float = AnyVolume.f32(Volume(Geometry(size: Size(columns: 2, rows: 2)), repeating: 1))
    #expect(throws: ImageError.self) { try PNG.encode(float) }
  }
}

@Suite("PNG · malformed")
struct PNGMalformedTests {
  static func gradient(_ columns: Int, _ rows: Int) throws -> [UInt8] {
    let samples = (0..<columns * rows * 3).map { UInt16($0 * 7 % 256) }
    return try PNG.encode(ColourImage(columns: columns, rows: rows, samples: samples))
  }

  @Test func damageIsAnErrorOrAnImage() throws {
    let file = try Self.gradient(40, 30)
    let decoded = survivesDamage(file, seed: 1, flips: 1500) { bytes throws(ImageError) in _ = try PNG.read(bytes) }
    // Every chunk that matters carries a checksum.
    #expect(decoded < 20)
    for end in 0..<file.count { #expect(throws: ImageError.self) { try PNG.read(Array(file[..<end])) } }
  }

  /// Flips in the chunk data with the checksums put right, so that the decoder itself sees them.
  @Test func damageBehindRightChecksumsIsAnErrorOrAnImage() throws {
    let file = try Self.gradient(40, 30)
    _ = survivesDamage(file, seed: 2, flips: 1500) { bytes throws(ImageError) in
      _ = try PNG.read(Self.withChecksums(bytes))
    }
  }

  @Test func hugeClaimsAreRefusedBeforeAllocation() throws {
    var file = try Self.gradient(4, 4)
    for (at, value) in [(16, 65_535), (20, 65_535)] {
      for i in 0..<4 { file[at + i] = UInt8(truncatingIfNeeded: value >> (24 - 8 * i)) }
    }
    file = Self.withChecksums(file)
    #expect { try PNG.read(file) } throws: { ($0 as? ImageError)?.kind == .limitExceeded }
    for i in 16..<20 { file[i] = 0x7F }
    file = Self.withChecksums(file)
    #expect { try PNG.read(file) } throws: { ($0 as? ImageError)?.kind == .limitExceeded }
    var limits = Limits()
    limits.decodedBytes = 100
    let fine = try Self.gradient(40, 30)
    #expect { try PNG.read(fine, limits: limits) } throws: { ($0 as? ImageError)?.kind == .limitExceeded }
  }

  @Test func paletteEntriesMustExist() throws {
    // 2 × 1 pixels of 8 bits, indices 0 and 9, a palette of two colours.
    let header = Self.chunk("IHDR", [0, 0, 0, 2, 0, 0, 0, 1, 8, 3, 0, 0, 0])
    let palette = Self.chunk("PLTE", [1, 2, 3, 4, 5, 6])
    func file(_ index: UInt8) -> [UInt8] {
      let row: [UInt8] = [0, 0, index]
      let adler = row.reduce(into: (1, 0)) { s, b in s = ((s.0 + Int(b)) % 65521, (s.0 + Int(b) + s.1) % 65521) }
      let sum = [adler.1 >> 8, adler.1 & 255, adler.0 >> 8, adler.0 & 255].map(UInt8.init)
      let data = Self.chunk("IDAT", [0x78, 1, 1, 3, 0, 252, 255] + row + sum)
      return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + header + palette + data + Self.chunk("IEND", [])
    }
    let right = ColourImage(columns: 2, rows: 1, samples: [1, 2, 3, 4, 5, 6])
    #expect(try PNG.read(file(1)) == .colour(right))
    #expect { try PNG.read(file(9)) } throws: { ($0 as? ImageError)?.kind == .malformed }
  }

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    func big(_ value: UInt) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt(24 - 8 * $0)) } }
    return big(UInt(data.count)) + body + big(UInt(crc32(body)))
  }

  static func withChecksums(_ file: [UInt8]) -> [UInt8] {
    var (out, at) = (file, 8)
    while at + 12 <= out.count {
      let length = (0..<4).reduce(0) { $0 << 8 | Int(out[at + $1]) }
      guard length <= out.count - at - 12 else { break }
      let body = Array(out[at + 4..<at + 8 + length])
      let crc = crc32(body)
      for i in 0..<4 { out[at + 8 + length + i] = UInt8(truncatingIfNeeded: crc >> UInt32(24 - 8 * i)) }
      at += 12 + length
    }
    return out
  }

  /// CRC-32 of the PNG specification, annex D.
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { c, _ in c & 1 == 1 ? 0xEDB8_8320 ^ c >> 1 : c >> 1 }
    }
  }
}
