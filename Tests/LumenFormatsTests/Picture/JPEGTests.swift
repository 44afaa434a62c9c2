// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFormats

@Suite("JPEG · conformance files (oracle: OpenCV 5.0.0 with libjpeg-turbo; ITU-T T.83)")
struct JPEGOracleTests {
  /// Sums of red, green and blue and single pixels of testorig.jpg as OpenCV decodes it.
  @Test func decodesColour() throws {
    guard let row = try Reference.rows("jpeg").first(where: { $0["file"]?.hasSuffix("testorig.jpg") == true }) else {
      return
    }
    guard case .colour(let picture) = try JPEG.read(Reference.bytes(row)) else {
      Issue.record("testorig.jpg is a colour picture")
      return
    }
    #expect(picture.columns == 227 && picture.rows == 149 && picture.bits == 8)
    let sums = (0..<3).map { c in
      stride(from: c, to: picture.samples.count, by: 3).reduce(0) { $0 + Int(picture.samples[$1]) }
    }
    for (sum, expected) in zip(sums, [4_952_302, 3_061_858, 2_757_427]) {
      #expect(abs(sum - expected) <= 227 * 149 / 20)  // 0.05 a pixel
    }
    let pixels: [(Int, Int, [Int])] = [
      (0, 0, [48, 47, 45]), (10, 20, [43, 41, 42]), (74, 113, [244, 45, 52]), (148, 226, [39, 46, 38]),
      (100, 200, [98, 120, 73]), (60, 30, [94, 80, 69]),
    ]
    for (y, x, expected) in pixels {
      let at = (y * 227 + x) * 3
      for c in 0..<3 { #expect(abs(Int(picture.samples[at + c]) - expected[c]) <= 1) }
    }
  }

  /// Every component of every file: exact ones by digest, lossy ones by their mean. CMYK is refused as a picture.
  @Test(arguments: ["jpeg", "jpegls", "j2k"]) func samplesMatch(format: String) throws {
    var right = 0
    let rows = try Reference.rows(format)
    for row in rows {
      let name = row["file"] ?? "", file = try Reference.bytes(row)
      let samples = try CodestreamFile.samples(file, limits: .standard)
      let shape = (row["shape"] ?? "").split(separator: "x").compactMap { Int($0) }
      #expect(
        shape.prefix(2) == [samples.rows, samples.columns] || shape.prefix(2) == [samples.columns, samples.rows])
      #expect((shape.count > 2 ? shape[2] : 1) == samples.channels, "\(name)")
      if row["compare"] == "exact" {
        #expect(sha256(samples.bytes) == row["pixel_sha256"], "\(name)")
      } else {
        let words = samples.bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
        let values = samples.kind == .uint8 ? samples.bytes.map { Double($0) } : words.map { Double($0) }
        let mean = values.reduce(0, +) / Double(values.count)
        #expect(abs(mean - (Double(row["mean"] ?? "") ?? .nan)) < 0.6, "\(name): mean \(mean)")
      }
      if samples.channels == 4 {
        #expect { try JPEG.read(file) } throws: { ($0 as? ImageError)?.kind == .unsupported }
      } else {
        _ = try CodestreamFile.read(file, limits: .standard)
      }
      right += 1
    }
    print("\(format): \(right) of \(rows.count) files decoded")
  }
}

@Suite("JPEG · round trips (property)")
struct JPEGRoundTripTests {
  static func ramp(_ columns: Int, _ rows: Int) throws -> AnyVolume {
    let geometry = Geometry(size: Size(columns: columns, rows: rows))
    return .u8(
      try Volume(geometry, voxels: (0..<columns * rows).map { UInt8(($0 % columns * 2 + $0 / columns * 3) % 200 + 20) })
    )
  }

  @Test(arguments: [(1, 1), (17, 9), (64, 48)])
  func staysClose(columns: Int, rows: Int) throws {
    let image = try Self.ramp(columns, rows)
    guard case .grey(let back) = try JPEG.read(JPEG.encode(image, quality: 100)) else {
      Issue.record("a grey image stays grey")
      return
    }
    #expect(back.size == image.size && back.kind == .uint8)
    #expect(zip(rawBytes(back), rawBytes(image)).allSatisfy { abs(Int($0) - Int($1)) <= 3 })
    let flat = ColourImage(
      columns: columns, rows: rows, samples: (0..<columns * rows).flatMap { _ in [200, 120, 40] as [UInt16] })
    guard case .colour(let picture) = try JPEG.read(JPEG.encode(flat)) else {
      Issue.record("a colour picture stays colour")
      return
    }
    #expect(zip(picture.samples, flat.samples).allSatisfy { abs(Int($0) - Int($1)) <= 3 })
  }

  @Test func qualityChangesTheSize() throws {
    let image = try Self.ramp(64, 64)
    #expect(try JPEG.encode(image, quality: 20).count < JPEG.encode(image, quality: 95).count)
    for quality in [0, 101] { #expect(throws: ImageError.self) { try JPEG.encode(image, quality: quality) } }
    let wide = AnyVolume.u16(Volume(Geometry(size: Size(columns: 2, rows: 2)), repeating: 1))
    #expect(throws: ImageError.self) { try JPEG.encode(wide) }
    let deep = ColourImage(columns: 1, rows: 1, bits: 16, samples: [1, 2, 3])
    #expect(throws: ImageError.self) { try JPEG.encode(deep) }
  }
}

@Suite("JPEG · malformed")
struct JPEGMalformedTests {
  @Test func damageIsAnErrorOrAnImage() throws {
    let file = try JPEG.encode(JPEGRoundTripTests.ramp(64, 48))
    _ = survivesDamage(file, seed: 3, flips: 2000) { bytes throws(ImageError) in
      // A flip in the header may claim up to 65535 × 65535; the file's length bounds what is believed.
      var limits = Limits()
      limits.decodedBytes = 1 << 26
      _ = try JPEG.read(bytes, limits: limits)
    }
    // Lost pixels are never filled in: every cut before the end marker is an error.
    for end in 0..<file.count - 2 { #expect(throws: ImageError.self) { try JPEG.read(Array(file[..<end])) } }
  }

  @Test func hugeClaimsAreRefusedBeforeAllocation() throws {
    var file = try JPEG.encode(JPEGRoundTripTests.ramp(8, 8))
    let frame = try #require((0..<file.count - 8).first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
    for i in 5..<9 { file[frame + i] = 0xFF }
    #expect { try JPEG.read(file) } throws: {
      ($0 as? ImageError)?.kind == .limitExceeded || ($0 as? ImageError)?.kind == .malformed
    }
    for (i, value) in zip(5..<9, [0xFD, 0xE8, 0xFD, 0xE8] as [UInt8]) { file[frame + i] = value }
    #expect { try JPEG.read(file) } throws: { ($0 as? ImageError)?.kind == .limitExceeded }
  }
}
