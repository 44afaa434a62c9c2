// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenCodecs

@Suite("HTJ2K · malformed: what the decoder asserts is an error, not the end of the process")
struct HighThroughputMalformed {
  @Test func damagedCodeBlocksAreErrors() throws {
    let reference =
      ProcessInfo.processInfo.environment["LUMEN_REFERENCE"]
      ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/reference").path
    let path = reference + "/dicom/files/MR3_HTJ2K.dcm"
    guard let file = FileManager.default.contents(atPath: path) else {
      return print("skipped: no reference data, damaged HTJ2K is not tried (set LUMEN_REFERENCE)")
    }
    let start = try #require(file.range(of: Data([0xFF, 0x4F, 0xFF, 0x51]))).lowerBound
    let clean = [UInt8](file[start...])
    func decode(_ bytes: [UInt8]) throws {
      try bytes.withUnsafeBytes { b in
        let code = try JPEG2000(b)
        var out = [UInt8](repeating: 0, count: code.header.byteCount)
        try out.withUnsafeMutableBytes { o in try code.decode(into: o, threads: 2) }
      }
    }
    try decode(clean)
    var asserted = 0
    for at in stride(from: 300, to: clean.count - 8, by: 97) {
      var bytes = clean
      bytes.replaceSubrange(at..<at + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
      do { try decode(bytes) } catch let error as ImageError {
        if error.what.contains("contradicts itself") { asserted += 1 }
      }
    }
    #expect(asserted > 0)
  }
}
