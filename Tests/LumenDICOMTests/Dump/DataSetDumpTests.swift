// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Synchronization
import Testing

@testable import LumenDICOM

@Suite("Dump · oracle: attributes as pydicom counts them")
struct DumpOracle {
  /// Attributes of all levels without group lengths, pydicom 3.0.2.
  static let attributes: [(file: String, count: Int)] = [
    ("IM_0027_fMAP.dcm", 8181), ("sr.dcm", 2067), ("seg.dcm", 359), ("sr-circle.dcm", 328), ("rtplan.dcm", 131),
    ("reportsi.dcm", 115), ("rtstruct.dcm", 106), ("MR_small_bigendian.dcm", 79), ("image_dfl.dcm", 36),
    ("nested_priv_SQ.dcm", 10),
  ]

  @Test func everyAttributeHasItsLine() throws {
    guard let folder = Reference.dicom else { return }
    for (file, count) in Self.attributes {
      let dump = try DICOMFile.dump("\(folder)/files/\(file)")
      let lines = dump.lines.filter { line in
        let start = line.drop { $0 == " " }
        return start.hasPrefix("(") && start.dropFirst(6).prefix(4) != "0000"
      }
      #expect(lines.count == count && dump.damage == nil, "\(file)")
    }
  }
}

@Suite("Dump · property")
struct DumpProperties {
  private func written(_ more: Attributes) throws -> (Scratch, String) {
    let scratch = Scratch()
    try DICOMWriter.write(minimal(more), to: scratch("a.dcm"))
    return (scratch, scratch("a.dcm"))
  }

  @Test func linesNameAndNest() throws {
    let (scratch, path) = try written([
      .patientName: "A^B", .contentSequence: .items([[.codeValue: "X"], [:]]), .rows: .integers([7]),
      .pixelData: .bytes([UInt8](repeating: 1, count: 300)), .imageType: "A\\B\\C",
    ])
    defer { _ = scratch }
    let lines = try DICOMFile.dump(path).lines
    func words(_ tag: LumenDICOM.Tag) -> [String] {
      lines.first { $0.contains(tag.description) }.map { $0.split(separator: " ").map(String.init) } ?? []
    }
    #expect(words(.patientName) == ["(0010,0010)", "PN", "4", "1", "PatientName", "A^B"])
    #expect(words(.imageType) == ["(0008,0008)", "CS", "6", "3", "ImageType", "A\\B\\C"])
    #expect(words(.rows) == ["(0028,0010)", "US", "2", "1", "Rows", "7"])
    #expect(words(.contentSequence) == ["(0040,A730)", "SQ", "2", "ContentSequence"])
    #expect(words(.pixelData) == ["(7FE0,0010)", "OB", "300", "1", "PixelData", "300", "bytes", "of", "pixels"])
    #expect(words(.sopClassUID).suffix(2) == ["=", "RawDataStorage"])
    let at = try #require(lines.firstIndex { $0.contains("(0040,A730)") })
    #expect(lines[at + 1] == "  item 1" && lines[at + 2].hasPrefix("    (0008,0100) SH") && lines[at + 3] == "  item 2")
  }

  @Test func valuesStayOnTheirLine() throws {
    let long = String(repeating: "ü", count: 9000)
    let (scratch, path) = try written([
      .textValue: .text("a\nb\u{202E}c"), .derivationDescription: .text(String(long.prefix(1000))),
      Tag(0x0010, 0x4000): .text(long), .pageNumberVector: .integers(Array(0..<5000)),
      .redPaletteColorLookupTableData: .words(Array(0..<5000)),
    ])
    defer { _ = scratch }
    let lines = try DICOMFile.dump(path).lines
    #expect(lines.contains { $0.hasSuffix("a\\nb\\u{202e}c") })
    #expect(lines.allSatisfy { $0.count < 180 && !$0.contains("\n") && !$0.contains("\u{FFFD}") })
    #expect(lines.contains { $0.contains("(0018,2001)") && $0.contains(" 5000 ") && $0.hasSuffix(" …") })
    #expect(lines.filter { $0.hasSuffix("ü …") }.count == 2)
  }

  @Test func hiddenIdentityIsNowhere() throws {
    let secrets: [(LumenDICOM.Tag, String)] = [
      (.patientName, "SECRET^NAME"), (.patientID, "SECRETID"), (.patientBirthDate, "19500312"),
      (.studyDate, "19980817"),
      (.studyTime, "111213"), (.accessionNumber, "SECRETACC"), (.studyDescription, "SECRET STUDY"),
      (.referringPhysicianName, "SECRET^DR"), (.studyInstanceUID, "1.2.3.19500312"), (.textValue, "SECRET TEXT"),
      (Tag(0x0008, 0x0080), "SECRET HOSPITAL"), (Tag(0x0010, 0x1010), "067Y"), (Tag(0x0012, 0x0040), "SECRETSUBJECT"),
      (Tag(0x0008, 0x1010), "SECRETSTATION"), (Tag(0x0040, 0x1001), "SECRETPROC"), (Tag(0x0010, 0x0040), "F"),
    ]
    var set: Attributes = [.modality: "CT", .manufacturer: "Maker", .rows: .integer(4711)]
    for (tag, text) in secrets { set[tag] = .text(text) }
    set.set(Tag(0x0099, 0x0010), "SECRETOWNER", vr: .lo)
    set[.contentSequence] = .items([[.patientName: "SECRET^NESTED", .codeMeaning: "Volume"]])
    let (scratch, path) = try written(set)
    defer { _ = scratch }
    let open = try DICOMFile.dump(path).lines.joined(separator: "\n")
    for (_, text) in secrets { #expect(open.contains(text)) }
    let hidden = try DICOMFile.dump(path, hidingIdentity: true).lines.joined(separator: "\n")
    #expect(!hidden.contains("SECRET") && !hidden.contains("1950") && !hidden.contains("067Y"))
    #expect(!hidden.contains("1998") && !hidden.contains("111213"))
    for shown in ["4711", "Maker", "Volume", " CT", "PatientName", "1.2.840.10008.1.2.1"] {
      #expect(hidden.contains(shown))
    }
    #expect(hidden.split(separator: "\n").count == open.split(separator: "\n").count)
  }
}

@Suite("Dump · malformed: whatever the file, text or a typed error")
struct DumpMalformed {
  @Test func everyCorpusFileIsDumped() throws {
    guard let folder = Reference.dicom else { return }
    let files = try Files.list([folder + "/files"])
    var whole = 0, damaged = 0
    for file in files {
      let dump = try DICOMFile.dump(file)
      if dump.damage == nil { whole += 1 } else { damaged += 1 }
      #expect(dump.lines.allSatisfy { $0.utf8.count < 600 && !$0.utf8.contains { $0 < 32 } }, "\(file)")
      #expect(try DICOMFile.dump(file, hidingIdentity: true).lines.count == dump.lines.count)
    }
    #expect(files.count == 0 || whole > damaged * 10)
    print("dumped: \(whole) whole, \(damaged) damaged of \(files.count)")
  }

  @Test func cutAndFlippedFilesNeverCrash() throws {
    guard let folder = Reference.dicom else { return }
    let scratch = Scratch()
    let files = try Files.list([folder + "/files"]).filter { (try? Files.read($0).count) ?? .max < 40_000 }
    let counts = Mutex((text: 0, refused: 0))
    parallelFor(files.count) { range in
      for i in range {
        guard let bytes = try? Files.read(files[i]), bytes.count > 400 else { continue }
        var state = UInt32(i + 77)
        for k in 0..<12 {
          var damaged = k < 4 ? Array(bytes.prefix(bytes.count * (2 * k + 1) / 8)) : bytes
          for _ in 0..<(k < 4 ? 0 : 1 << (k - 4)) {
            state = state &* 1_664_525 &+ 1_013_904_223
            damaged[132 + Int(state >> 8) % (damaged.count - 132)] = UInt8(truncatingIfNeeded: state >> 3)
          }
          let path = scratch("\(i)-\(k)")
          // Not atomic and not synchronised: thousands of files.
          guard let file = fopen(path, "w") else { continue }
          fwrite(damaged, 1, damaged.count, file)
          fclose(file)
          let isText = (try? DICOMFile.dump(path)) != nil
          counts.withLock { isText ? ($0.text += 1) : ($0.refused += 1) }
        }
      }
    }
    let (text, refused) = counts.withLock { $0 }
    #expect(text > refused && text > 500)
    print("damaged copies: \(text) dumped, \(refused) refused")
  }

  @Test func claimedLengthsAreNotAllocated() throws {
    let scratch = Scratch()
    try DICOMWriter.write(minimal(), to: scratch("a.dcm"))
    for vr in ["UT", "OW", "UN"] {
      // Text Value (0040,A160) or so, claiming almost 4 GiB.
      let element = [0x40, 0, 0x60, 0xA1] + Array(vr.utf8) + [0, 0, 0xF0, 0xFF, 0xFF, 0xFF, 65, 66]
      try Files.write(try Files.read(scratch("a.dcm")) + element, to: scratch(vr))
      var dump = DICOMDump()
      let time = try ContinuousClock().measure { dump = try DICOMFile.dump(scratch(vr)) }
      #expect(dump.damage?.kind == .malformed && dump.lines.contains { $0.hasSuffix("… more than the file has") })
      #expect(time < .milliseconds(500))
    }
  }

  @Test func foreignFilesAreRefused() throws {
    let scratch = Scratch()
    try Files.write("hello", to: scratch("a"))
    #expect(throws: ImageError.self) { try DICOMFile.dump(scratch("a")) }
    #expect(throws: ImageError.self) { try DICOMFile.dump(scratch("absent")) }
  }
}

@Suite("Dump · regression")
struct DumpRegression {
  @Test func manyElementsTakeOnePass() throws {
    // Latin-1 in a file that names no character set: the costliest text there is.
    var file = TestFile()
    for i in 0..<40_000 { file.set(Tag(0x0071, UInt16(0x1000 + i)), "LO", bytes: [0xFC, 0x61]) }
    let scratch = Scratch()
    try file.write(scratch("a.dcm"))
    var dump = DICOMDump()
    let time = try ContinuousClock().measure { dump = try DICOMFile.dump(scratch("a.dcm")) }
    #expect(dump.lines.filter { $0.hasSuffix("üa") }.count == 40_000)
    #expect(time < .seconds(3), "\(time)")
  }

  @Test func itemsInheritTheCharacterSet() throws {
    var file = TestFile()
    file.set(.specificCharacterSet, "CS", "ISO_IR 144")
    file.set(
      .contentSequence,
      items: [
        { item in item.set(.codeMeaning, "LO", bytes: [0xBF, 0xE0, 0xDE, 0xD1]) },
        { item in
          item.set(.specificCharacterSet, "CS", "ISO_IR 100")
          item.set(.codeMeaning, "LO", bytes: [0xFC, 0x61])
        },
      ])
    let scratch = Scratch()
    try file.write(scratch("a.dcm"))
    let lines = try DICOMFile.dump(scratch("a.dcm")).lines
    #expect(lines.contains { $0.hasSuffix("Проб") } && lines.contains { $0.hasSuffix("üa") })
  }
}
