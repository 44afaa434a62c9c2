// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenCodecs

@Suite("JPEG 2000 · regression: tiny precincts of any header are refused before anything is allocated")
struct JPEG2000Regression {
  /// A stream that says it has one tile of 8000 × 8000, and where its COD and its only tile-part begin.
  private func large() throws -> (bytes: [UInt8], cod: Int, part: Int) {
    var bytes = try #require(SampleStream.all.first { $0.name == "j2k8" }).bytes
    for at in [8, 12, 24, 28] { bytes.replaceSubrange(at..<at + 4, with: [0, 0, 0x1F, 0x40]) }
    let cod = try #require((0..<bytes.count - 9).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0x52 })
    let part = try #require((cod..<bytes.count - 12).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0x90 })
    return (bytes, cod, part)
  }

  private func header(_ bytes: [UInt8]) throws -> CodestreamHeader {
    try bytes.withUnsafeBytes { try Codestream.header($0) }
  }

  /// A marker with the code block of the stream's COD and these precincts, smallest resolution first.
  private func style(_ bytes: [UInt8], _ cod: Int, marker: UInt8, _ precincts: (Int, Int) -> UInt8) -> [UInt8] {
    let levels = Int(bytes[cod + 9])
    let body = bytes[cod + 9..<cod + 14] + (0...levels).map { precincts($0, levels) }
    let head: [UInt8] = marker == 0x53 ? [0, 1] : [1] + bytes[cod + 5..<cod + 9]
    return [0xFF, marker, 0, UInt8(2 + head.count + body.count)] + head + body
  }

  private func inTilePart(_ bytes: [UInt8], _ part: Int, _ segment: [UInt8]) -> [UInt8] {
    var out = bytes
    let length = out[part + 6..<part + 10].reduce(0) { $0 << 8 | Int($1) }
    if length > 0 {
      let more = length + segment.count
      out.replaceSubrange(part + 6..<part + 10, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: more >> $0) })
    }
    out.insert(contentsOf: segment, at: part + 12)
    return out
  }

  @Test(arguments: [0x52, 0x53] as [UInt8]) func tinyPrecincts(marker: UInt8) throws {
    let (bytes, cod, part) = try large()
    #expect(try header(bytes).columns == 8000)
    let tiny = style(bytes, cod, marker: marker) { r, _ in r == 0 ? 0 : 0x11 }
    let plain = style(bytes, cod, marker: marker) { _, _ in 0x88 }
    for (segment, isRefused) in [(tiny, true), (plain, false)] {
      let main = Array(bytes[..<part]) + segment + bytes[part...]
      for stream in [main, inTilePart(bytes, part, segment)] {
        if isRefused {
          let error = #expect(throws: ImageError.self) { try header(stream) }
          #expect(error?.kind == .malformed && error?.what.contains("packets") == true)
        } else {
          #expect(try header(stream).rows == 8000)
        }
      }
    }
  }

  @Test func narrowInOneResolutionAndLowInAnother() throws {
    let (bytes, cod, part) = try large()
    // 4000 precincts each, but 16 million places where a decoder looks for them.
    let mixed = style(bytes, cod, marker: 0x53) { r, levels in r == levels ? 0xF1 : r == levels - 1 ? 0x0F : 0xFF }
    let error = #expect(throws: ImageError.self) { try header(inTilePart(bytes, part, mixed)) }
    #expect(error?.kind == .malformed)
  }

  @Test func cutAndStrangeStylesAreErrors() throws {
    let (bytes, cod, part) = try large()
    var levels = style(bytes, cod, marker: 0x53) { _, _ in 0x88 }
    levels[6] = 33
    let foreign: [UInt8] = [0xFF, 0x53, 0, 9, 7, 0, 1, 4, 4, 0, 1]
    for segment in [levels, foreign, [0xFF, 0x53, 0, 4, 0, 0], [0xFF, 0x53, 0xFF, 0xFF]] {
      #expect(throws: ImageError.self) { try header(inTilePart(bytes, part, segment)) }
    }
  }
}

@Suite("JPEG-LS · regression: a Golomb code is not searched for ever")
struct JPEGLSRegression {
  /// 256 × 256 × 3, near 3, damaged: the error of a run's end grows until no code fits it. Found by fuzzing.
  private let damaged = """
    /9j/9wARCAEAAQADAREAAhEAAxEA/9oADAMBAAIAAwADAQAAAQRpgAAAIwDsIhPeALAAB2AACsFQWhAHgBeBYAdAAegDlGEgEQA8iAFIABYA\
    SByAG4AIQDUAAOgKwAAAAVSAAEgAgAUAAUgAAAHQAAFwtgDYAcL6egC8AAOQH0A+gEAOCIAAAB4AROx6AqHC3PGyCWFKAUQBgOIKCx6AFqHz\
    eWOhYyAA5C8FMAALwEAB9B6CgAwC0wAwAWQHQAHoH2IDlGEAPIgBSAAWAEgAGByAG4AIQDUAAOgKwAAAAVSAAEiLgAUAAF6AAAAAHzMAfQAA\
    AADAAcAANwEKQBaATQAABRsCeADYAegAAAyOhWAAZhgQBQFkB0AB6DyIABYASAAF4xgcgBuACEA1AAFUAAFIAAAB0AABcLYA2AHC+giHMF4Z\
    gAAAADGRmJUT1VzqQvAAAAAAW5wAAMIIAARgZgGtsAI3YngAAvAE4SGU1nUArAAADwBIAdx6ALwAH0A+gEAOCIAAAB4AROx6AqHC3PEBRAGA\
    CACAFkABRpqh5C8FAAvAQAH0HoKADALTADABZAOUYSARAAFIABYASAAF4xgcgBuACEA1AADoCsAAAAFUgABIAAQhlNZ1AKwAAAC8DgiAAEgW\
    AEgYHIAbgAhANQAA6ArAAAABVIAASAAQi4ABSPqwXhkAAMAANwEKQBaATQAAAAAFGwJ4ANgB6AAAAfgADI6FZhjCOxAFAAAABgCIAP/Z
    """

  @Test(.timeLimit(.minutes(1))) func damagedRunsEnd() throws {
    let bytes = [UInt8](try #require(Data(base64Encoded: damaged)))
    let header = try bytes.withUnsafeBytes { try Codestream.header($0) }
    var out = [UInt8](repeating: 0, count: header.byteCount)
    let error = #expect(throws: ImageError.self) {
      try bytes.withUnsafeBytes { from in
        try out.withUnsafeMutableBytes { try Codestream.decode(from, header, into: $0) }
      }
    }
    #expect(error?.kind == .malformed)
  }
}
