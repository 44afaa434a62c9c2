// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFormats

@Suite("TIFF · files of tifffile 2026.3.3 and Pillow 13.0.0 (oracle: the values they were written from)")
struct TIFFOracleTests {
  private func grey(_ hex: String) throws -> (kind: VoxelKind, values: [Double], geometry: Geometry) {
    guard case .grey(let volume) = try TIFF.read(bytes(hex: hex)) else {
      Issue.record("grey expected")
      return (.uint8, [], Geometry(size: Size(columns: 1, rows: 1)))
    }
    guard case .f64(let v) = volume.converted(to: .float64) else { return (volume.kind, [], volume.geometry) }
    return (volume.kind, v.withVoxels { Array($0) }, volume.geometry)
  }

  /// Two pages of 7 × 5: x counts the samples.
  @Test func readsPagesOfEveryType() throws {
    let x = (0..<70).map(Double.init)
    for (hex, kind, expected) in [
      (TIFFFixtures.u2Lzw, VoxelKind.uint16, x.map { $0 * 900 }),
      (TIFFFixtures.i2ZlibPred, .int16, x.map { $0 * 300 - 9000 }),
      (TIFFFixtures.f4Be, .float32, x.map { Double(Float($0 / 7 - 3)) }),
      (TIFFFixtures.u4Big, .uint32, x.map { $0 * 60_000_000 }),
      (TIFFFixtures.f8Packbits, .float64, x.map { $0 / 7 - 3 }),
    ] {
      let read = try grey(hex)
      #expect(read.kind == kind && read.values == expected, "\(kind)")
      #expect(read.geometry == Geometry(size: Size(columns: 7, rows: 5, slices: 2)))
    }
    let half = try grey(TIFFFixtures.f2)
    #expect(half.kind == .float32)
    // NumPy's values of the halves nearest to x / 7 − 3.
    for (i, v) in [(0, -3.0), (1, -2.857421875), (33, 1.7138671875), (69, 6.85546875)] { #expect(half.values[i] == v) }
  }

  @Test func readsTilesBitsAndCompressions() throws {
    #expect(try grey(TIFFFixtures.tile).values == (0..<380).map { Double($0 * 170) })
    #expect(try grey(TIFFFixtures.b12).values == (0..<35).map { Double($0 * 117) })
    #expect(try grey(TIFFFixtures.b1).values == (0..<35).map { $0 % 3 == 0 ? 1 : 0 })
    #expect(try grey(TIFFFixtures.white).values == (0..<35).map { Double($0 * 7) })  // not inverted
    #expect(try grey(TIFFFixtures.g4).values == (0..<256).map { $0 / 16 == $0 % 16 ? 1 : 0 })
    #expect(try grey(TIFFFixtures.jpeg).values == (0..<256).map { Double($0 % 16 * 15) })  // as tifffile decodes it
  }

  @Test func colourIsAPicture() throws {
    let rgb = ColourImage(columns: 5, rows: 4, samples: (0..<60).map { $0 * 4 })
    #expect(try TIFF.read(bytes(hex: TIFFFixtures.rgb)) == .colour(rgb))
    let planes = (0..<20).flatMap { (i: UInt16) in [i * 1000, (i + 20) * 1000, (i + 40) * 1000] }
    #expect(
      try TIFF.read(bytes(hex: TIFFFixtures.rgbp))
        == .colour(ColourImage(columns: 5, rows: 4, bits: 16, samples: planes)))
    // Pillow 13.0.0, converted to RGB.
    let palette = ColourImage(
      columns: 3, rows: 2, samples: [10, 20, 30, 40, 50, 60, 255, 128, 1, 255, 128, 1, 40, 50, 60, 10, 20, 30])
    #expect(try TIFF.read(bytes(hex: TIFFFixtures.pal)) == .colour(palette))
    #expect { try TIFF.read(bytes(hex: TIFFFixtures.cmyk)) } throws: {
      ($0 as? ImageError)?.kind == .unsupported && "\($0)".contains("CMYK")
    }
  }

  /// SimpleITK 2.5.7 reads 0.1 and 0.2 mm.
  @Test func resolutionGivesTheSpacing() throws {
    let spacing = try grey(TIFFFixtures.res).geometry.spacing
    #expect(abs(spacing.x - 0.1) < 1e-12 && abs(spacing.y - 0.2) < 1e-12 && spacing.z == 1)
  }

  /// Two frames of three slices and two channels; channels are fastest in the file.
  @Test func imageJHyperstackIsSeveralVolumes() throws {
    let volumes = try TIFF.volumes(bytes(hex: TIFFFixtures.ij))
    #expect(volumes.count == 4)
    for (k, volume) in volumes.enumerated() {
      #expect(volume.geometry.spacing == [0.5, 0.25, 3.5] && volume.size == Size(columns: 3, rows: 2, slices: 3))
      guard case .u16(let v) = volume else { continue }
      let starts = (0..<3).map { z in UInt16((k / 2 * 6 + z * 2 + k % 2) * 6) }
      let expected = starts.flatMap { Array($0..<$0 + 6) }
      #expect(v.withVoxels { Array($0) } == expected)
      #expect(try TIFF.read(bytes(hex: TIFFFixtures.ij), volume: k + 1) == .grey(volume))
    }
    #expect { try TIFF.read(bytes(hex: TIFFFixtures.ij)) } throws: { ($0 as? ImageError)?.kind == .invalidParameter }
  }
}

@Suite("TIFF · damaged, lying and hostile files (malformed)")
struct TIFFMalformedTests {
  static let all = [
    TIFFFixtures.u2Lzw, TIFFFixtures.i2ZlibPred, TIFFFixtures.f4Be, TIFFFixtures.f2, TIFFFixtures.u4Big,
    TIFFFixtures.f8Packbits, TIFFFixtures.tile, TIFFFixtures.rgb, TIFFFixtures.rgbp, TIFFFixtures.res, TIFFFixtures.b12,
    TIFFFixtures.b1, TIFFFixtures.jpeg, TIFFFixtures.ij, TIFFFixtures.pal, TIFFFixtures.g4,
  ]

  @Test(arguments: all.indices) func survivesDamage(_ i: Int) {
    let decoded = LumenFormatsTests.survivesDamage(bytes(hex: Self.all[i]), seed: UInt64(i), flips: 400) {
      b throws(ImageError) in
      _ = try TIFF.read(b)
    }
    #expect(decoded > 0 || i == 13)  // several volumes are an error without damage too
  }

  /// A little-endian file of one page with these tags and no pixels.
  static func page(_ tags: [(UInt16, UInt16, UInt32, UInt32)], _ further: [UInt8] = []) -> [UInt8] {
    func put(_ value: UInt32, _ n: Int) -> [UInt8] {
      (0..<n).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }
    var file = Array("II".utf8) + put(42, 2) + put(8, 4) + put(UInt32(tags.count), 2)
    for (tag, type, count, value) in tags {
      file += put(UInt32(tag), 2) + put(UInt32(type), 2) + put(count, 4) + put(value, 4)
    }
    return file + put(0, 4) + further
  }

  @Test func sizesThatLieAreRefused() {
    func kind(_ file: [UInt8], _ limits: Limits = .standard) -> ImageError.Kind? {
      do throws(ImageError) {
        _ = try TIFF.read(file, limits: limits)
        return nil
      } catch {
        return error.kind
      }
    }
    func tags(_ columns: UInt32, _ rows: UInt32, _ strip: UInt32) -> [(UInt16, UInt16, UInt32, UInt32)] {
      [
        (256, 4, 1, columns), (257, 4, 1, rows), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 134),
        (277, 3, 1, 1), (278, 4, 1, rows), (279, 4, 1, strip), (339, 3, 1, 1),
      ]
    }
    #expect(kind(Self.page(tags(4, 2, 8), Array(1...8))) == nil)
    #expect(kind(Self.page(tags(4, 2, 8), [1, 2, 3])) == .malformed)
    #expect(kind(Self.page(tags(60_000, 60_000, 8), Array(1...8))) == .limitExceeded)
    #expect(kind(Self.page(tags(4_000_000_000, 4_000_000_000, 8), Array(1...8))) == .malformed)  // libtiff refuses it
    #expect(kind(Self.page(tags(0, 2, 8), Array(1...8))) == .malformed)
    var limits = Limits()
    limits.decodedBytes = 7
    #expect(kind(Self.page(tags(4, 2, 8), Array(1...8)), limits) == .limitExceeded)
    // One small page with a tile of 16 GiB.
    let tile: [(UInt16, UInt16, UInt32, UInt32)] = [
      (256, 4, 1, 4), (257, 4, 1, 2), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1),
      (322, 4, 1, 131_072), (323, 4, 1, 131_072), (324, 4, 1, 134), (325, 4, 1, 8),
    ]
    let hit = kind(Self.page(tile, Array(1...8)))
    #expect(hit == .limitExceeded || hit == .malformed)
    // A directory that names itself as the next.
    var loop = Self.page(tags(4, 2, 8), Array(1...8))
    loop[130] = 8
    #expect(kind(loop) == .malformed)
    #expect(kind([]) == .malformed && kind(Array("II*\0".utf8)) == .malformed)
  }

  @Test func pagesThatDifferAreRefused() throws {
    // The second page of a file gets another number of rows.
    var file = bytes(hex: TIFFFixtures.f2)
    let places = file.indices.filter {
      file[$0...].starts(with: [0x01, 0x01]) && file[$0...].dropFirst(3).starts(with: [0, 1, 0, 0, 0, 5])
    }
    #expect(places.count == 2)
    if let last = places.last { file[last + 8] = 4 }
    #expect { try TIFF.read(file) } throws: {
      ($0 as? ImageError)?.kind == .unsupported && "\($0)".contains("page 2 has 7 × 4")
    }
  }
}
