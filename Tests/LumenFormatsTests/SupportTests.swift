// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("Digest of the tests · FIPS 180-4 examples (oracle)")
struct DigestTests {
  @Test func matchesPublishedDigests() {
    #expect(sha256([UInt8]()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(sha256("abc".utf8) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
