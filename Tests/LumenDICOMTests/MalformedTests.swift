// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Synchronization
import Testing

@testable import LumenDICOM

@Suite("DICOM · malformed: cut, lying and foreign files give typed errors")
struct Malformed {
  @Test func truncatedCorpusNeverCrashes() throws {
    guard let folder = Reference.dicom else { return }
    let files = try Files.list([folder + "/files"]), scratch = Scratch()
    let counts = Mutex((read: 0, refused: 0, whole: 0))
    parallelFor(files.count) { range in
      for i in range {
        guard let bytes = try? Files.read(files[i]) else { continue }
        // The control: what is readable in its place is readable as a copy.
        try? Files.write(bytes, to: scratch("\(i)"))
        if (try? DICOMFile.storedPixels(scratch("\(i)"))) != nil { counts.withLock { $0.whole += 1 } }
        for k in 0..<8 {
          let path = scratch("\(i)-\(k)")
          try? Files.write(Array(bytes.prefix(bytes.count * (2 * k + 1) / 16)), to: path)
          _ = try? DICOMFile.header(path)
          let isRead = (try? DICOMFile.storedPixels(path)) != nil
          counts.withLock { isRead ? ($0.read += 1) : ($0.refused += 1) }
        }
      }
    }
    let (read, refused, whole) = counts.withLock { $0 }
    #expect(whole > 100)
    #expect(read + refused == files.count * 8)
    // Trailing private data and padding may be cut without loss; most cuts go through the pixels.
    #expect(refused > read * 10)
    print("truncated: \(refused) refused, \(read) read of \(files.count) files at 8 points; whole files read: \(whole)")
  }

  @Test func damagedBytesNeverCrash() throws {
    guard let folder = Reference.dicom else { return }
    let scratch = Scratch()
    let files = try Files.list([folder + "/files"]).filter { (try? Files.read($0).count) ?? .max < 60_000 }
    parallelFor(files.count) { range in
      for i in range {
        guard let bytes = try? Files.read(files[i]), bytes.count > 400 else { continue }
        var state = UInt32(i + 1)
        for k in 0..<6 {
          var damaged = bytes
          for _ in 0..<(1 << k) {
            state = state &* 1_664_525 &+ 1_013_904_223
            damaged[132 + Int(state >> 8) % (bytes.count - 132)] = UInt8(truncatingIfNeeded: state >> 3)
          }
          let path = scratch("\(i)-\(k)")
          try? Files.write(damaged, to: path)
          _ = try? DICOMFile.storedPixels(path)
        }
      }
    }
  }

  @Test func foreignFilesAreRefused() throws {
    let scratch = Scratch()
    var state: UInt32 = 3
    let noise = (0..<4096).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let preamble = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8)
    let contents: [[UInt8]] = [
      [], [8], noise, preamble, preamble + noise, Array("hello, world: not an image".utf8),
      [8, 0, 5, 0] + [UInt8](repeating: 0, count: 200), [UInt8](repeating: 0, count: 1000),
    ]
    for (i, bytes) in contents.enumerated() {
      try Files.write(bytes, to: scratch("\(i)"))
      #expect(throws: ImageError.self, "content \(i)") { try DICOMFile.header(scratch("\(i)")) }
    }
    #expect(throws: ImageError.self) { try DICOMFile.header(scratch("absent")) }
    #expect(throws: ImageError.self) { try DICOMFile.header(scratch.path) }
    #expect(!DICOMFile.isDICOM(noise) && DICOMFile.isDICOM(preamble) && !DICOMFile.isDICOM([]))
    #expect(DICOMFile.isDICOM([8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]))
    #expect(!DICOMFile.isDICOM([8, 0, 0, 0, 5, 0, 0, 9, 0, 0, 0, 0]))
  }

  @Test func bottomlessSequencesAreRefused() throws {
    let scratch = Scratch()
    var bytes = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8)
    bytes += [2, 0, 0, 0] + Array("UL".utf8) + [4, 0, 28, 0, 0, 0]
    bytes += [2, 0, 0x10, 0] + Array("UI".utf8) + [20, 0] + Array("1.2.840.10008.1.2.1\0".utf8)
    bytes += [8, 0, 0x16, 0] + Array("UI".utf8) + [4, 0] + Array("1.2\0".utf8)
    for _ in 0..<300_000 {
      bytes += [8, 0, 0x40, 0x11] + Array("SQ".utf8) + [0, 0, 255, 255, 255, 255]
      bytes += [0xFE, 0xFF, 0, 0xE0, 255, 255, 255, 255]
    }
    try Files.write(bytes, to: scratch("deep"))
    let error = #expect(throws: ImageError.self) { try DICOMFile.header(scratch("deep")) }
    #expect(error?.kind == .limitExceeded)
  }

  @Test func limitsAreCheckedBeforeDecoding() throws {
    let scratch = Scratch()
    try DICOMWriter.write(try WriterRoundTrip.instance(), to: scratch("a.dcm"))
    var limits = Limits()
    limits.decodedBytes = 1000
    let error = #expect(throws: ImageError.self) { try DICOMFile.storedPixels(scratch("a.dcm"), limits: limits) }
    #expect(error?.kind == .limitExceeded && error?.place == scratch("a.dcm"))
  }

  @Test func runLengthErrorsAreTyped() throws {
    func frame(_ segments: Int, _ offset: Int, _ data: [UInt8]) -> [UInt8] {
      var header = [UInt8](repeating: 0, count: 64)
      header[0] = UInt8(segments)
      header[4] = UInt8(offset & 255)
      header[5] = UInt8(offset >> 8)
      return header + data
    }
    func decode(_ bytes: [UInt8]) throws(ImageError) -> [UInt8] {
      var out = [UInt8](repeating: 0, count: 8)
      let result = bytes.withUnsafeBytes { b in
        out.withUnsafeMutableBytes { o in
          Result { () throws(ImageError) in
            try RunLength.decode(b, pixels: 8, samples: 1, bytesPerSample: 1, into: o)
          }
        }
      }
      try result.get()
      return out
    }
    // Three literal bytes, then five copies of 9.
    #expect(try decode(frame(1, 64, [2, 1, 2, 3, 252, 9])) == [1, 2, 3, 9, 9, 9, 9, 9])
    let bad = [
      [], frame(2, 64, [0, 1]), frame(1, 900, [0, 1]), frame(1, 64, [7, 1]), frame(1, 64, [128, 128, 255]),
      frame(1, 8, [7]),
    ]
    for bytes in bad { #expect(throws: ImageError.self) { try decode(bytes) } }
  }

  @Test func segmentedPaletteExpands() throws {
    // PS3.3 C.7.9.2: three discrete values, four linear steps to 100, then the first segment again.
    let codes: [UInt16] = [0, 3, 10, 20, 60, 1, 4, 100, 2, 1, 0, 0]
    let table: [UInt16] = [10, 20, 60, 70, 80, 90, 100, 10, 20, 60]
    #expect(try Palette.expand(segments: codes, isByte: false, entries: 10) == table)
    for bad: [UInt16] in [[0, 9, 1], [1, 2, 5], [7, 1, 1], [2, 1, 99, 0]] {
      #expect(throws: ImageError.self) { try Palette.expand(segments: bad, isByte: false, entries: 10) }
    }
  }
}

@Suite("Palettes · regression: offsets count bytes, empty segments are refused")
struct PaletteRegression {
  @Test func indirectOffsetsAreBytes() throws {
    // The second segment begins at byte 8 of words, at byte 4 of bytes.
    let words: [UInt16] = [0, 2, 10, 20, 0, 2, 30, 40, 2, 1, 8, 0]
    #expect(try Palette.expand(segments: words, isByte: false, entries: 6) == [10, 20, 30, 40, 30, 40])
    let bytes: [UInt16] = [0, 2, 10, 20, 0, 2, 30, 40, 2, 1, 4, 0, 0, 0, 0, 1, 50]
    #expect(try Palette.expand(segments: bytes, isByte: true, entries: 7) == [10, 20, 30, 40, 30, 40, 50])
    for bad: [UInt16] in [
      [0, 2, 10, 20, 2, 1, 3, 0], [0, 2, 10, 20, 2, 1, 0, 1], [0, 1, 9, 2, 1, 12, 0], [0, 1, 9, 2, 1],
    ] {
      #expect(throws: ImageError.self) { try Palette.expand(segments: bad, isByte: false, entries: 6) }
    }
  }

  @Test func emptySegmentsAreRefused() throws {
    let jumps = (0..<2000).flatMap { _ in [2, 65_535, 16_006, 0] as [UInt16] }
    let bomb = [0, 1, 7] + jumps + [UInt16](repeating: 0, count: 40_000)
    #expect(throws: ImageError.self) { try Palette.expand(segments: bomb, isByte: false, entries: 65_536) }
    #expect(throws: ImageError.self) { try Palette.expand(segments: [0, 1, 7, 0, 0], isByte: false, entries: 2) }
  }
}
