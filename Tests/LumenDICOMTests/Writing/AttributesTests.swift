// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

/// A data set that can be written; the class is Raw Data Storage, which asks for nothing more here.
func minimal(_ more: Attributes = [:]) -> Attributes {
  var set: Attributes = [.sopClassUID: "1.2.840.10008.5.1.4.1.1.66", .sopInstanceUID: "2.25.1"]
  set.merge(more)
  return set
}

@Suite("Attributes · property: what is written is read back")
struct AttributesRoundTrip {
  private func read(_ set: Attributes, _ syntax: TransferSyntax) throws -> (Scratch, DICOMHandle) {
    let scratch = Scratch()
    try DICOMWriter.write(set, to: scratch("a.dcm"), transferSyntax: syntax)
    return (scratch, try DICOMHandle(path: scratch("a.dcm")))
  }

  @Test(arguments: [
    TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian, .deflatedExplicitVRLittleEndian,
    .explicitVRBigEndian,
  ]) func everyKindOfValue(_ syntax: TransferSyntax) throws {
    var set = minimal([
      .patientName: "Müller^Zoë=山田", .imageType: "DERIVED\\SECONDARY", .rows: .integer(65_535),
      .windowCenter: .numbers([-0.1, 1e-7]), .seriesNumber: .integer(-7), .floatingPointValue: .number(0.1),
      .frameIncrementPointer: .tags([.pageNumberVector, .pixelData]), .textValue: "one \\ text\nof two lines",
      .redPaletteColorLookupTableData: .words([1, 2, 65_535]), .studyDate: .empty,
      Tag(0x0018, 0x6020): .integer(-2), Tag(0x0018, 0x9073): .number(.pi),
      Tag(0x0040, 0xA163): .integer(4_000_000_000),
      Tag(0x0066, 0x0016): .singles([1.5, -2]), Tag(0x0072, 0x0075): .integers([7, 0xFFFF_FFFF]),
      Tag(0x0072, 0x0082): .integer(-1 << 40), Tag(0x0072, 0x0083): .integers([1 << 40, 5]),
    ])
    set.set(.smallestImagePixelValue, .integer(-3), vr: .ss)
    let (scratch, handle) = try read(set, syntax)
    defer { _ = scratch }
    let d = try handle.dataSet
    #expect(handle.transferSyntax == syntax)
    #expect(d.localText(.patientName) == "Müller^Zoë=山田" && d.text(.specificCharacterSet) == "ISO_IR 192")
    #expect(d.text(.imageType) == "DERIVED\\SECONDARY" && d.integer(.rows) == 65_535 && d.integer(.seriesNumber) == -7)
    #expect(d.numbers(.windowCenter) == [-0.1, 1e-7])
    #expect(d.has(.studyDate) && d.text(.studyDate).isEmpty && !d.has(.seriesDate))
    #expect(d.text(.textValue) == "one \\ text\nof two lines")
    #expect(d.words(.redPaletteColorLookupTableData, limit: 8) == [1, 2, 65_535])
    let lines = try DICOMFile.dump(scratch("a.dcm")).lines
    let expected: [(LumenDICOM.Tag, String)] = [
      (.floatingPointValue, "0.1"), (.frameIncrementPointer, "(0018,2001)\\(7FE0,0010)"),
      (Tag(0x0018, 0x6020), "-2"), (Tag(0x0018, 0x9073), "3.141592653589793"), (Tag(0x0040, 0xA163), "4000000000"),
      (Tag(0x0066, 0x0016), "1.5\\-2.0"), (Tag(0x0072, 0x0075), "7\\4294967295"),
      (Tag(0x0072, 0x0082), "-1099511627776"), (Tag(0x0072, 0x0083), "1099511627776\\5"),
    ]
    for (tag, value) in expected {
      let line = lines.first { $0.hasPrefix(tag.description) }
      #expect(line?.hasSuffix(" " + value) == true, "\(tag): \(line ?? "absent")")
    }
    if syntax != .implicitVRLittleEndian {
      #expect(lines.contains { $0.hasPrefix("(0028,0106) SS") && $0.hasSuffix(" -3") })
    }
  }

  @Test func nestedItemsKeepOrderAndContent() throws {
    let leaf: (Int) -> Attributes = { [.codeValue: .text("C\($0)"), .referencedSegmentNumber: .integer($0)] }
    let set = minimal([
      .contentSequence: .items((0..<300).map { i in [.conceptCodeSequence: .items([leaf(i), leaf(i + 1)])] }),
      .performedProcedureCodeSequence: .items([]),
    ])
    let (scratch, handle) = try read(set, .explicitVRLittleEndian)
    defer { _ = scratch }
    let d = try handle.dataSet
    #expect(d.has(.performedProcedureCodeSequence) && d.first(.performedProcedureCodeSequence) == nil)
    var item = d.first(.contentSequence), i = 0
    while let current = item {
      let first = try #require(current.first(.conceptCodeSequence))
      let second = try #require(current.next(.conceptCodeSequence, after: first))
      #expect(first.text(.codeValue) == "C\(i)" && second.integer(.referencedSegmentNumber) == i + 1)
      #expect(current.next(.conceptCodeSequence, after: second) == nil)
      item = d.next(.contentSequence, after: current)
      i += 1
    }
    #expect(i == 300)
  }

  @Test func privateAttributesHaveTheirOwnVR() throws {
    var set = minimal()
    set.set(Tag(0x0099, 0x0010), "LUMEN", vr: .lo)
    set.set(Tag(0x0099, 0x1001), .numbers([0.5]), vr: .fd)
    let (scratch, handle) = try read(set, .explicitVRLittleEndian)
    defer { _ = scratch }
    #expect(try handle.dataSet.text(Tag(0x0099, 0x0010)) == "LUMEN")
    #expect(try handle.dataSet.number(Tag(0x0099, 0x1001)) == 0.5)
  }

  @Test func compressedFramesAreWrittenAsTheyAre() throws {
    let frames: [[UInt8]] = [Array(0..<251), [1, 2, 3], [UInt8](repeating: 9, count: 1000)]
    var set = minimal([
      .rows: .integer(1), .columns: .integer(1), .bitsAllocated: .integer(8), .bitsStored: .integer(8),
      .samplesPerPixel: .integer(1), .photometricInterpretation: "MONOCHROME2", .numberOfFrames: .integer(3),
      .pixelData: .encapsulated(EncapsulatedPixels(frames: frames)),
    ])
    for syntax in [TransferSyntax.jpeg2000Lossless, .jpegLSLossless, .htj2k, .jpegXLLossless] {
      let (scratch, handle) = try read(set, syntax)
      defer { _ = scratch }
      #expect(handle.transferSyntax == syntax)
      let last = try DICOMFile.dump(scratch("a.dcm")).lines.last
      #expect(last?.hasSuffix("compressed pixels") == true)
      if syntax == .jpeg2000Lossless {
        #expect(last?.hasSuffix("3 fragments, 1256 bytes of compressed pixels") == true)
      }
      let bytes = try Files.read(scratch("a.dcm"))
      // Item, offset table of 12 bytes: 0; 8 + 252; 8 + 252 + 8 + 4; then the first fragment, padded to 252 bytes.
      let table: [UInt8] = [
        0xFE, 0xFF, 0, 0xE0, 12, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 16, 1, 0, 0, 0xFE, 0xFF, 0, 0xE0, 252, 0, 0, 0, 0, 1,
      ]
      #expect(bytes.indices.contains { bytes[$0...].starts(with: table) })
      #expect(bytes.suffix(8) == [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0])
      #expect(bytes.suffix(1008).prefix(1000).allSatisfy { $0 == 9 })
    }
    #expect(throws: ImageError.self) { try read(set, .explicitVRLittleEndian) }
    set[.pixelData] = .words([1])
    #expect(throws: ImageError.self) { try read(set, .jpeg2000Lossless) }
  }

  @Test func elementsStandInTheOrderOfTheirTags() {
    var set = Attributes()
    for tag in [Tag.pixelData, .rows, .patientID, .columns, .rows, .sopClassUID] { set[tag] = .empty }
    #expect(set.elements.map(\.tag) == [.sopClassUID, .patientID, .rows, .columns, .pixelData])
    set[.rows] = nil
    set[.echoNumbers] = nil
    set[.columns] = .integer(4)
    #expect(set.elements.map(\.tag) == [.sopClassUID, .patientID, .columns, .pixelData] && set[.rows] == nil)
    #expect(set.integer(.columns) == 4 && set.integer(.patientID) == nil)
    var other: Attributes = [.rows: .integer(1)]
    other.merge(set)
    #expect(other.elements.count == 5 && other.integer(.columns) == 4)
  }
}

@Suite("Attributes · malformed: values that their VR cannot hold are refused")
struct AttributesRefusal {
  static let wrong: [(LumenDICOM.Tag, Attributes.Value)] = [
    (.patientID, .text(String(repeating: "x", count: 65))), (.patientID, "a\u{1B}b"), (.patientID, "two\\values"),
    (.patientName, .text("A^" + String(repeating: "x", count: 64))), (.patientName, "a=b=c=d"),
    (.studyDate, "2020-01-01"), (.studyTime, "10:00"), (.modality, "ct"), (.studyInstanceUID, "1.02"),
    (.studyInstanceUID, .text("1." + String(repeating: "2", count: 64))), (.seriesNumber, "x"), (.windowCenter, "nan"),
    (.windowCenter, "12345678901234567"), (.windowCenter, .number(.nan)), (.rows, .integer(65_536)),
    (.rows, .integer(-1)), (.rows, .number(1)), (.rows, "1"), (.seriesNumber, .integer(1 << 31)),
    (.contentSequence, "x"), (.contentSequence, .integer(1)), (.patientID, .items([])), (.patientID, .integer(1)),
    (.pixelData, .singles([1])), (.floatPixelData, .words([1])), (Tag(0x0099, 0x1001), "no VR"),
    (.transferSyntaxUID, "1.2"), (.sopInstanceUID, ""), (.sopClassUID, .integer(1)),
  ]

  @Test(arguments: wrong.indices) func isRefused(_ index: Int) throws {
    let scratch = Scratch(), (tag, value) = Self.wrong[index]
    let error = #expect(throws: ImageError.self, "\(tag) \(value)") {
      try DICOMWriter.write(minimal([tag: value]), to: scratch("a.dcm"))
    }
    #expect(error?.kind == .invalidParameter && error?.place?.hasPrefix(scratch("a.dcm")) == true)
    #expect(error?.what.contains(tag.description) == true)
    #expect(try Files.list([scratch.path]).isEmpty)
  }

  @Test func depthIsBounded() throws {
    let scratch = Scratch()
    var set: Attributes = [:]
    for _ in 0..<40 { set = [.contentSequence: .items([set])] }
    #expect(throws: ImageError.self) { try DICOMWriter.write(minimal(set), to: scratch("a.dcm")) }
  }

  @Test func anOlderFileSurvivesAFailure() throws {
    let scratch = Scratch()
    try DICOMWriter.write(minimal(), to: scratch("a.dcm"))
    let before = try Files.read(scratch("a.dcm"))
    #expect(throws: ImageError.self) { try DICOMWriter.write(minimal([.rows: .integer(-1)]), to: scratch("a.dcm")) }
    #expect(try Files.read(scratch("a.dcm")) == before && Files.list([scratch.path]).count == 1)
  }
}

@Suite("Unique identifiers · property")
struct UniqueIdentifiers {
  @Test func areUIDsWithVersionAndVariant() throws {
    var seen: Set<String> = []
    for _ in 0..<1000 {
      let uid = UniqueIdentifier.random()
      #expect(TextCheck.isUID(Substring(uid)) && seen.insert(uid).inserted)
      let bits = try #require(UInt128(uid.dropFirst(5)))
      #expect(bits >> 76 & 0xF == 4 && bits >> 62 & 3 == 2)
    }
  }

  @Test func digestsNameThem() throws {
    let digest = [UInt8](0..<32)
    let uid = try UniqueIdentifier.named(by: digest)
    // 00010203-0405-8607-8809-0a0b0c0d0e0f (RFC 9562 version 8) as a decimal number, by Python's uuid module.
    #expect(uid == "2.25.5233100606847278184134747173490191")
    #expect(try UniqueIdentifier.named(by: Array(digest.prefix(16))) == uid)
    #expect(throws: ImageError.self) { try UniqueIdentifier.named(by: [1]) }
  }

  @Test func timestampsAreDICOM() {
    let now = Timestamp.now
    #expect(TextCheck.isSane(now.date, .da) && now.date.utf8.count == 8 && now.date > "20250101")
    #expect(TextCheck.isSane(now.time, .tm) && now.time.utf8.count == 6)
  }
}

@Suite("Frame encoding · regression: bits that JPEG-LS cannot hold are a typed error")
struct FrameEncodingRegression {
  @Test(arguments: [0, 1]) func singleBits(allocated: Int) {
    var set = minimal([
      .rows: .integer(2), .columns: .integer(4), .bitsAllocated: .integer(allocated), .bitsStored: .integer(1),
      .samplesPerPixel: .integer(1), .pixelData: .bytes([0xA5, 0]),
    ])
    let error = #expect(throws: ImageError.self) { try FrameEncoding.compress(&set, .jpegLSLossless) }
    #expect(error?.kind == .invalidParameter)
  }
}
