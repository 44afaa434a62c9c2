// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenCodecs

private func decode(_ bytes: [UInt8], limits: Limits = .standard) throws(ImageError) -> (CodestreamHeader, [Int]) {
  try bytes.withUnsafeBytes { b in
    Result { () throws(ImageError) in
      let header = try Codestream.header(b, limits: limits)
      var out = [UInt8](repeating: 0, count: header.byteCount)
      let converts = header.canConvertYCC && header.colour != .rgb
      let result = out.withUnsafeMutableBytes { o in
        Result { () throws(ImageError) in try Codestream.decode(b, header, into: o, convertsYCC: converts) }
      }
      try result.get()
      return (header, values(out, header))
    }
  }.get()
}

private func values(_ bytes: [UInt8], _ header: CodestreamHeader) -> [Int] {
  bytes.withUnsafeBytes { b in
    (0..<bytes.count / header.bytesPerSample).map { i in
      switch (header.bytesPerSample, header.isSigned) {
      case (1, false): Int(b[i])
      case (1, true): Int(Int8(bitPattern: b[i]))
      case (2, false): Int(b.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
      case (2, true): Int(b.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self))
      default: Int(b.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self))
      }
    }
  }
}

@Suite("Codestream · oracle: streams written by other encoders")
struct CodestreamOracle {
  @Test(arguments: SampleStream.all.map(\.name)) func decodesExactly(name: String) throws {
    let stream = try #require(SampleStream.all.first { $0.name == name })
    let (header, samples) = try decode(stream.bytes)
    #expect(header.columns == SampleStream.columns && header.rows == SampleStream.rows)
    #expect(header.components == stream.components && header.bits == stream.bits)
    #expect(header.isSigned == stream.isSigned)
    guard let decoded = stream.decoded else {
      #expect(samples == stream.expected)
      return
    }
    let picked = stride(from: 0, to: samples.count, by: 7).map { samples[$0] }
    // Another build of libjpeg may round its transform the other way; near-lossless is exact by definition.
    let tolerance = name.hasPrefix("jpegLS") ? 0 : stream.bits == 8 ? 2 : 4
    #expect(zip(picked, decoded).allSatisfy { abs($0 - $1) <= tolerance } && picked.count == decoded.count)
  }

  @Test func detectsEveryKind() throws {
    for stream in SampleStream.all {
      let kind = stream.bytes.withUnsafeBytes { Codestream.detect($0) }
      let expected: Codestream =
        stream.name.hasPrefix("jpegLS")
        ? .jpegLS : stream.name.hasPrefix("jpeg") ? .jpeg : stream.name.hasPrefix("jxl") ? .jpegXL : .jpeg2000
      #expect(kind == expected, "\(stream.name)")
    }
    for other: [UInt8] in [[], [0xFF], [0xFF, 0xD8], [0x89, 0x50, 0x4E, 0x47], [1, 0, 0, 0, 64, 0, 0, 0]] {
      #expect(other.withUnsafeBytes { Codestream.detect($0) } == nil)
    }
  }

  @Test func threadsGiveTheSameBits() throws {
    for stream in SampleStream.all where stream.name.hasPrefix("j2k") || stream.name.hasPrefix("htj2k") {
      let bytes = stream.bytes
      try bytes.withUnsafeBytes { b in
        let header = try Codestream.header(b)
        var one = [UInt8](repeating: 0, count: header.byteCount), four = one
        try one.withUnsafeMutableBytes { try Codestream.decode(b, header, into: $0) }
        try four.withUnsafeMutableBytes { try Codestream.decode(b, header, into: $0, threads: 4) }
        #expect(one == four)
      }
    }
  }
}

@Suite("JPEG-LS · property: what is encoded comes back")
struct JPEGLSRoundTrip {
  @Test(arguments: 2...16) func keepsEverySample(bits: Int) throws {
    var state = UInt64(bits)
    for (columns, rows, components) in [(1, 1, 1), (31, 9, 1), (8, 8, 3)] {
      let count = columns * rows * components
      let samples = (0..<count).map { i -> UInt16 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let noise = UInt16(truncatingIfNeeded: state >> 40)
        return (i % 3 == 0 ? noise : UInt16(truncatingIfNeeded: i)) & UInt16(truncatingIfNeeded: 1 << bits - 1)
      }
      let bytes = bits > 8 ? samples.withUnsafeBytes { Array($0) } : samples.map { UInt8($0) }
      let encoded = try bytes.withUnsafeBytes { b in
        try JPEGLS.encode(b, columns: columns, rows: rows, components: components, bits: bits)
      }
      let (header, back) = try decode(encoded)
      #expect(header.bits == bits && header.components == components && back == samples.map { Int($0) })
    }
  }

  @Test func refusesWhatItCannotHold() {
    let bytes = [UInt8](repeating: 0, count: 16)
    for (columns, rows, bits) in [(4, 5, 8), (0, 4, 8), (4, 4, 17), (4, 4, 1), (4, 4, 12)] {
      #expect(throws: ImageError.self) {
        try bytes.withUnsafeBytes { b in try JPEGLS.encode(b, columns: columns, rows: rows, bits: bits) }
      }
    }
  }
}

@Suite("Codestream · malformed: cut and damaged streams give typed errors")
struct CodestreamMalformed {
  @Test(arguments: SampleStream.all.map(\.name)) func everyCutIsAnError(name: String) throws {
    let stream = try #require(SampleStream.all.first { $0.name == name }), bytes = stream.bytes
    let whole = try decode(bytes).1
    var read: [Int] = []
    for end in 0..<bytes.count {
      // What is accepted may lack its end marker or trailing boxes, but never a pixel.
      if let (_, samples) = try? decode(Array(bytes[..<end])) {
        read.append(end)
        #expect(samples == whole, "\(name) cut to \(end) of \(bytes.count) bytes")
      }
    }
    #expect(read.allSatisfy { $0 >= bytes.count - 40 }, "\(name): read when cut to \(read) of \(bytes.count) bytes")
  }

  @Test(arguments: SampleStream.all.map(\.name)) func damageNeverCrashes(name: String) throws {
    let stream = try #require(SampleStream.all.first { $0.name == name }), bytes = stream.bytes
    var limits = Limits()
    limits.decodedBytes = 1 << 24
    var state = UInt32(bytes.count), decoded = 0
    for k in 0..<400 {
      var damaged = bytes
      for _ in 0..<(1 << (k % 4)) {
        state = state &* 1_664_525 &+ 1_013_904_223
        // Half of the hits go to the headers.
        let span = k % 2 == 0 ? min(120, bytes.count) : bytes.count
        damaged[Int(state >> 8) % span] = UInt8(truncatingIfNeeded: state >> 3)
      }
      if (try? decode(damaged, limits: limits)) != nil { decoded += 1 }
    }
    #expect(decoded < 400)
  }

  @Test func hugeClaimsAreRefusedBeforeAllocation() throws {
    // SIZ of a JPEG 2000 stream, frame headers of JPEG and JPEG-LS.
    var j2k = try #require(SampleStream.all.first { $0.name == "j2k8" }).bytes
    for at in [8, 12] { j2k.replaceSubrange(at..<at + 4, with: [0x7F, 0xFF, 0xFF, 0xFF]) }
    #expect { try decode(j2k) } throws: {
      ($0 as? ImageError).map { $0.kind == .limitExceeded || $0.kind == .malformed } ?? false
    }
    for (name, marker) in [("jpegLS16", 0xF7 as UInt8), ("jpegLossless16SV1", 0xC3)] {
      var bytes = try #require(SampleStream.all.first { $0.name == name }).bytes
      let at = try #require((0..<bytes.count - 9).first { bytes[$0] == 0xFF && bytes[$0 + 1] == marker })
      for i in 5..<9 { bytes[at + i] = 0xFF }
      #expect { try decode(bytes) } throws: { ($0 as? ImageError)?.kind == .limitExceeded }
    }
  }

  @Test func tilesAndPacketsMustBePaidFor() throws {
    var tiles = try #require(SampleStream.all.first { $0.name == "j2k8" }).bytes
    for at in [24, 28] { tiles.replaceSubrange(at..<at + 4, with: [0, 0, 0, 1]) }
    #expect { try decode(tiles) } throws: { ($0 as? ImageError)?.kind == .malformed }
    var layers = try #require(SampleStream.all.first { $0.name == "j2k8" }).bytes
    let cod = try #require((0..<layers.count - 9).first { layers[$0] == 0xFF && layers[$0 + 1] == 0x52 })
    layers.replaceSubrange(cod + 6..<cod + 8, with: [0xFF, 0xFF])
    #expect { try decode(layers) } throws: { ($0 as? ImageError)?.kind == .malformed }
  }
}

@Suite("Deflate · oracle: zlib 1.2.13 of Python")
struct DeflateTests {
  // zlib.compressobj(9, zlib.DEFLATED, -15) of bytes 0 … 9 ten times.
  static let stream: [UInt8] = [
    0x63, 0x60, 0x64, 0x62, 0x66, 0x61, 0x65, 0x63, 0xE7, 0xE0, 0x64, 0xA0, 0x19, 0x0B, 0x00,
  ]

  func inflate(_ bytes: [UInt8], _ count: Int) throws(ImageError) -> [UInt8] {
    var out = [UInt8](repeating: 7, count: count)
    let result = bytes.withUnsafeBytes { b in
      out.withUnsafeMutableBytes { o in Result { () throws(ImageError) in try Deflate.inflate(b, into: o) } }
    }
    try result.get()
    return out
  }

  @Test func inflates() throws {
    let expected = (0..<100).map { UInt8($0 % 10) }
    #expect(try inflate(Self.stream, 100) == expected)
    #expect(try inflate(Self.stream + [0, 0], 100) == expected)
  }

  @Test func otherLengthsAndCutsAreErrors() {
    for count in [99, 101, 0] { #expect(throws: ImageError.self) { try inflate(Self.stream, count) } }
    for end in 0..<Self.stream.count {
      #expect(throws: ImageError.self) { try inflate(Array(Self.stream[..<end]), 100) }
    }
  }
}
