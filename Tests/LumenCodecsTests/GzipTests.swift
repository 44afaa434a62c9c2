// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore
import Testing

@Suite("Gzip · round trip and damage")
struct GzipTests {
  let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }

  func read(_ stream: [UInt8], _ count: Int) throws(ImageError) -> [UInt8] { try Gzip.head(stream, count) }

  @Test func compressedBytesComeBack() throws {
    #expect(try read(Gzip.compress(bytes), bytes.count) == bytes)
  }

  @Test("pieces give the bytes of the whole", arguments: [1, 1 << 20, (1 << 20) + 1, 17 << 20, 17_000_003])
  func pieces(_ count: Int) throws {
    let many = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 9) }, whole = Gzip.compress(many, level: 1)
    for piece in [700_001, 5 << 20] {
      var compressor = GzipCompressor(level: 1), out: [UInt8] = []
      for start in stride(from: 0, to: count, by: piece) {
        many[start..<min(count, start + piece)].withUnsafeBytes { out += compressor.add($0) }
      }
      #expect(out + compressor.finish() == whole)
    }
    #expect(try read(whole, count) == many)
  }

  @Test("members that end anywhere in what is read at a time")
  func members() throws {
    let noise = (0..<300_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    let first = Gzip.compress(noise), second = Gzip.compress(bytes)
    for cut in [1, 2, 3, 1 << 18] {
      var at = 0
      let stream = first + second
      let reader = try GzipReader { out throws(ImageError) in
        let n = min(out.count, stream.count - at)
        stream.withUnsafeBytes { out.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[at..<at + n])) }
        at += n
        return n
      }
      var out = [UInt8](repeating: 0, count: noise.count + bytes.count), done = 0
      while done < out.count {
        let n = try out.withUnsafeMutableBytes { b throws(ImageError) in
          try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: b[done..<min(b.count, done + cut * 50_021)]))
        }
        if n == 0 { break }
        done += n
      }
      #expect(out == noise + bytes)
      try reader.finish(most: 0)
    }
  }

  @Test func cutStreamIsMalformed() throws {
    let stream = Gzip.compress(bytes)
    #expect(throws: ImageError.self) { try read(Array(stream.prefix(stream.count / 2)), bytes.count) }
  }
}
