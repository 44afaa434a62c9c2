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
      let reader = GzipReader { out throws(ImageError) in
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

  @Test("members whose trailer lies across what is read at a time")
  func trailers() throws {
    var state: UInt32 = 1
    let noise = (0..<(1 << 18)).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    var ends: Set<Int> = []
    for count in ((1 << 18) - 160)..<(1 << 18) - 60 {
      let first = Gzip.compress(Array(noise[..<count]), level: 1)
      ends.insert(first.count - (1 << 18))
      #expect(try read(first + Gzip.compress([7, 8, 9]), count + 4) == noise[..<count] + [7, 8, 9])
      #expect(try read(first + named([7, 8, 9]), count + 4) == noise[..<count] + [7, 8, 9])
    }
    #expect(ends.isSuperset(of: -40...8))
  }

  /// A member whose header has every optional field of RFC 1952 2.3.1: extra, name, comment and its own CRC.
  private func named(_ bytes: [UInt8]) -> [UInt8] {
    let plain = Gzip.compress(bytes)
    let head =
      [0x1F, 0x8B, 8, 0x1E] + plain[4..<10] + [4, 0, 1, 2, 3, 4] + Array("a.nii\u{0}".utf8) + Array("b\u{0}".utf8)
    var crc = UInt32.max
    for byte in head {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return head + [UInt8(truncatingIfNeeded: ~crc), UInt8(truncatingIfNeeded: ~crc >> 8)] + plain[10...]
  }

  @Test func bytesBehindTheLastMemberAreIgnored() throws {
    #expect(try read(Gzip.compress([1, 2, 3]) + [0, 0, 0x1F], 9) == [1, 2, 3])
  }

  @Test func damageIsNamed() throws {
    let stream = Gzip.compress(bytes)
    for cut in [stream.count / 2, stream.count - 9, stream.count - 1] {
      #expect(throws: ImageError.self) { try read(Array(stream.prefix(cut)), bytes.count + 1) }
    }
    // Magic, method, checksum and length.
    for place in [0, 2, stream.count - 8, stream.count - 1] {
      var damaged = stream
      damaged[place] ^= 0x40
      #expect(throws: ImageError.self) { try read(damaged, bytes.count + 1) }
    }
    #expect(throws: ImageError.self) { try read([], 1) }
  }
}
