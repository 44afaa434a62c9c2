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

  @Test func cutStreamIsMalformed() throws {
    let stream = Gzip.compress(bytes)
    #expect(throws: ImageError.self) { try read(Array(stream.prefix(stream.count / 2)), bytes.count) }
  }
}
