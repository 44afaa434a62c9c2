// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Synchronization
import Testing

@testable import LumenDICOM

@Suite("Stored pixels · oracle: SHA-256 and statistics agreed by pydicom and two releases of GDCM")
struct CorpusOracle {
  /// Rows that are decoded: everything of a readable transfer syntax.
  static func rows(_ folder: String) throws -> [[String: String]] {
    try Reference.rows(folder + "/manifest.csv").filter {
      $0["expect"] == "decode" && TransferSyntax(rawValue: $0["transfer_syntax"]!).isReadable
    }
  }

  @Test func exactFilesMatchBitForBit() throws {
    guard let folder = Reference.dicom else { return }
    let rows = try Self.rows(folder).filter { $0["compare"] == "exact" }
    let results = Mutex<[String: String]>([:])
    parallelFor(rows.count) { range in
      for i in range {
        let row = rows[i], name = row["file"]!
        var verdict = ""
        do {
          let stored = try DICOMFile.storedFrames(folder + "/" + name)
          let digest = stored.bytes.withUnsafeBytes { sha256($0) }
          if digest != row["pixel_sha256"] { verdict = "pixels differ" }
          // The last frame alone is the end of them all.
          let last = try DICOMFile.storedFrame(folder + "/" + name, stored.frames - 1)
          if !stored.bytes.suffix(last.bytes.count).elementsEqual(last.bytes) { verdict = "storedFrame differs" }
          // Grey images come out of the public entry with the same bits.
          if stored.model == .grey,
            case .grey(let volume) = try DICOMFile.storedPixels(folder + "/" + name).pixels,
            sha256(volume) != row["pixel_sha256"]
          {
            verdict = "storedPixels differs"
          }
        } catch { verdict = "\(error)" }
        results.withLock { $0[name] = verdict }
      }
    }
    let failures = results.withLock { $0.filter { $0.value != "" } }
    for (name, why) in failures.sorted(by: { $0.key < $1.key }) { Issue.record("\(name): \(why)") }
    print("stored pixels, exact: \(rows.count - failures.count) of \(rows.count)")
  }

  @Test func lossyFilesMatchTheirStatistics() throws {
    guard let folder = Reference.dicom else { return }
    let rows = try Self.rows(folder).filter { $0["compare"] == "lossy" }
    var good = 0
    for row in rows {
      let name = row["file"]!
      do {
        let stored = try DICOMFile.storedFrames(folder + "/" + name), bytes = stored.bytes
        #expect(bytes.count == Int(row["pixel_bytes"]!), "\(name)")
        let values: [Double] =
          stored.kind == .uint8
          ? bytes.map { Double($0) }
          : stride(from: 0, to: bytes.count, by: 2).map { i in
            let word = UInt16(bytes[i]) | UInt16(bytes[i + 1]) << 8
            return stored.kind == .int16 ? Double(Int16(bitPattern: word)) : Double(word)
          }
        let mean = values.reduce(0, +) / Double(values.count)
        // The reference holds YCbCr samples where the file says so; RGB of them has another mean.
        let isDCT =
          stored.samples == 3
          && [.jpegBaseline, .jpegExtended, .jpegXLRecompression].contains(
            TransferSyntax(rawValue: row["transfer_syntax"]!))
        let isConverted = isDCT && stored.model == .rgb
        let expected = Double(row["stored_mean"]!)!
        #expect(isConverted || abs(mean - expected) < 0.6, "\(name): mean \(mean), expected \(expected)")
        good += 1
      } catch { Issue.record("\(name): \(error)") }
    }
    print("stored pixels, lossy: \(good) of \(rows.count)")
  }

  @Test func headersMatchTheManifest() throws {
    guard let folder = Reference.dicom else { return }
    let rows = try Reference.rows(folder + "/manifest.csv").filter { $0["expect"] == "decode" && $0["frames"] != "" }
    for row in rows {
      let name = row["file"]!, h = try DICOMFile.header(folder + "/" + name)
      #expect(h.transferSyntax.rawValue == row["transfer_syntax"] || row["transfer_syntax"] == "", "\(name)")
      #expect(h.columns == Int(row["cols"]!) && h.rows == Int(row["rows"]!), "\(name)")
      #expect(h.frames == Int(row["frames"]!) && h.samplesPerPixel == Int(row["samples"]!), "\(name)")
      #expect(h.bitsAllocated == Int(row["bits_allocated"]!), "\(name)")
      #expect(row["bits_stored"] == "" || h.bitsStored == Int(row["bits_stored"]!), "\(name)")
      #expect(row["pixel_repr"] == "" || h.isSigned == (row["pixel_repr"] == "1"), "\(name)")
      #expect(h.sopClassUID == row["sop_class"], "\(name)")
      if let patient = row["patient_name_utf8"], !patient.isEmpty, !patient.contains("\u{1b}") {
        #expect(h.patientName == patient, "\(name)")
      }
    }
    print("headers: \(rows.count) of \(rows.count) compared")
  }

  @Test func paletteColourMatches() throws {
    guard let folder = Reference.dicom else { return }
    for row in try Self.rows(folder) where row["photometric"] == "PALETTE COLOR" {
      let name = row["file"]!
      let alternatives = row["alt_sha256"]!.split(separator: " ").compactMap { $0.split(separator: ":").last }
      guard case .colour(let images) = try DICOMFile.storedPixels(folder + "/" + name).pixels else {
        Issue.record("\(name) is not colour")
        continue
      }
      let hash = images.flatMap(\.samples).withUnsafeBytes { sha256($0) }
      #expect(alternatives.contains { $0 == hash }, "\(name): RGB of the palette differs")
    }
  }

  @Test func rejectedFilesGiveTypedErrors() throws {
    guard let folder = Reference.dicom else { return }
    let rows = try Reference.rows(folder + "/manifest.csv").filter {
      $0["expect"] == "reject" || $0["expect"] == "nopixels"
    }
    for row in rows {
      let name = row["file"]!
      #expect(throws: ImageError.self, "\(name)") { try DICOMFile.storedPixels(folder + "/" + name) }
    }
    print("rejected: \(rows.count) of \(rows.count)")
  }
}

@Suite("SHA-256 of the tests · oracle: FIPS 180-4 examples")
struct SHA256Oracle {
  @Test func matchesPublishedExamples() {
    let abc = Array("abc".utf8).withUnsafeBytes { sha256($0) }
    #expect(abc == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let long = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8).withUnsafeBytes { sha256($0) }
    #expect(long == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
  }
}
