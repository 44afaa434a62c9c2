// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFormats

@Suite("Stored samples · reference files (oracle: SHA-256 of the collection's decodes)")
struct StoredBytesTests {
  @Test(arguments: ["nifti", "nrrd"]) func matchesReference(_ format: String) throws {
    var (right, rejected) = (0, 0)
    let rows = try Reference.rows(format)
    for row in rows {
      let path = "\(Reference.folder ?? "")/\(row["file"] ?? "")"
      if row["expect"] == "reject" {
        #expect(throws: ImageError.self, "\(path)") { try ImageFile.storedBytes(path) }
        rejected += 1
      } else {
        let bytes = try #require(try ImageFile.storedBytes(path))
        #expect(sha256(bytes) == row["pixel_sha256"], "\(path)")
        right += 1
      }
    }
    #expect(right + rejected == rows.count)
    print("\(format): stored samples of \(right) right, \(rejected) rejected of \(rows.count)")
  }

  @Test func otherFormatsHaveNone() throws {
    let folder = try TemporaryFolder()
    try ImageFile.write(ImageFileTests.slice, to: "\(folder.path)/a.png")
    #expect(try ImageFile.storedBytes("\(folder.path)/a.png") == nil)
    try Files.write(bytes(hex: TIFFFixtures.f4Be), to: "\(folder.path)/a.tif")
    let stored = try #require(try ImageFile.storedBytes("\(folder.path)/a.tif"))
    #expect(stored == rawBytes(try AnyVolume(contentsOf: "\(folder.path)/a.tif")))
  }
}
