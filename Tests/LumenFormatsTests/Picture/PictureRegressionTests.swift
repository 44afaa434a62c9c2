// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore
import Testing

@testable import LumenFormats

@Suite("Pictures · regression: colour of 12 bits is as bright as it was")
struct ColourDepthRegression {
  @Test func codestreamsKeepTheirDepthAndFilesAreScaled() throws {
    let samples: [UInt16] = [4095, 0, 2048, 1, 4094, 4095]
    let code = try samples.withUnsafeBytes { try JPEGLS.encode($0, columns: 2, rows: 1, components: 3, bits: 12) }
    let image = try CodestreamFile.read(code, limits: .standard)
    #expect(image == .colour(ColourImage(columns: 2, rows: 1, bits: 12, samples: samples)))
    guard case .colour(let picture) = image else { return }
    // v · 65535 / 4095, rounded.
    let scaled: [UInt16] = [65_535, 0, 32_776, 16, 65_519, 65_535]
    #expect(try PNG.read(PNG.encode(picture)) == .colour(ColourImage(columns: 2, rows: 1, bits: 16, samples: scaled)))
    #expect(throws: ImageError.self) { try JPEG.encode(picture) }
    let shallow = ColourImage(columns: 1, rows: 1, bits: 5, samples: [31, 0, 15])
    #expect(try PNG.read(PNG.encode(shallow)) == .colour(ColourImage(columns: 1, rows: 1, samples: [255, 0, 123])))
    #expect(picture.luminance.kind == .uint16 && shallow.luminance.kind == .uint8)
  }

  @Test func commentsDoNotHideJPEGLS() throws {
    let code = try [UInt8](repeating: 7, count: 4).withUnsafeBytes {
      try JPEGLS.encode($0, columns: 2, rows: 2, bits: 8)
    }
    let comment: [UInt8] = [0xFF, 0xFE, 0, 6, 1, 2, 3, 4]
    #expect(ImageFormat.detect(Array(code[..<2]) + comment + code[2...]) == .jpegLS)
  }
}
