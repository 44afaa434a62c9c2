// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenDICOM
import LumenFormats
import Testing

@testable import LumenPipeline

@Suite("Batch · regression: what a case depends on, and what it leaves behind", .serialized)
struct BatchRegressionTests {
  private static let grid = Geometry(
    size: Size(columns: 16, rows: 12, slices: 4), spacing: [1, 1, 2], origin: [-8, -6, 10])

  private func inFolder(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path())
  }

  /// A series of four slices in FOLDER/in/Doe^Jane.
  private func series(_ folder: String) throws -> Series {
    let place = "\(folder)/in/Doe^Jane"
    try Files.makeFolder(place)
    for z in 0..<4 {
      var slice = Self.grid
      slice.size.slices = 1
      slice.origin = Self.grid.position(of: [0, 0, Double(z)])
      let pixels = Volume<Int16>(slice) { out in for i in 0..<out.count { out[i] = Int16(i * 7 % 50 + z) } }
      var image = ImageInstance(pixels: pixels)
      (image.studyInstanceUID, image.seriesInstanceUID, image.sopInstanceUID) = ("2.25.1", "2.25.2", "2.25.3.\(z + 1)")
      (image.frameOfReferenceUID, image.studyDate) = ("2.25.4", "20250102")
      try DICOMWriter.write(image, to: "\(place)/\(z).dcm")
    }
    return try #require(Inventory.scan(try Files.list([place])).series.first)
  }

  private func block(_ columns: Range<Int>, on g: Geometry = grid) -> Mask {
    Mask(g) { out in
      for i in 0..<out.count { out[i] = columns.contains(i % g.size.columns) ? 1 : 0 }
    }
  }

  private func run(_ folder: String, _ recipe: String, resume: Bool = false) throws -> [CaseResult] {
    let recipe = try Recipe(yaml: recipe + "\nfeatures: {families: [statistics]}\n")
    var batch = Batch(["\(folder)/in"], recipe: recipe, output: "\(folder)/out", jobs: 1)
    batch.resume = resume
    return try batch().results
  }

  @Test func aReplacedLinkedSegmentationIsMeasuredAgain() throws {
    try inFolder { folder throws in
      let results = try DICOMResults(try series(folder)), seg = "\(folder)/in/seg.dcm"
      _ = try results.writeSegmentation([("a", block(2..<6))], to: seg)
      let first = try run(folder, "mask: linked")
      #expect(first.first?.regions.first?.voxels == 4 * 12 * 4)
      _ = try results.writeSegmentation([("a", block(2..<5))], to: seg)
      #expect(try run(folder, "mask: linked", resume: true).first?.regions.first?.voxels == 3 * 12 * 4)
    }
  }

  @Test(arguments: [
    ("a.nhdr", "NRRD0004\ntype: uint8\ndimension: 2\nsizes: 4 4\nencoding: raw\ndata file: a.raw\n"),
    ("a.mhd", "NDims = 2\nDimSize = 4 4\nElementType = MET_UCHAR\nBinaryData = True\nElementDataFile = a.raw\n"),
  ])
  func aReplacedDataFileIsMeasuredAgain(_ name: String, _ header: String) throws {
    try inFolder { folder throws in
      try Files.makeFolder("\(folder)/in")
      try Files.write(header, to: "\(folder)/in/\(name)")
      #expect(ImageFile.dataFiles(of: "\(folder)/in/\(name)") == ["\(folder)/in/a.raw"])
      var voxels = [UInt8](repeating: 0, count: 16)
      voxels[5] = 200
      try Files.write(voxels, to: "\(folder)/in/a.raw")
      #expect(try run(folder, "segment: [otsu]").first?.regions.first?.voxels == 1)
      voxels[6] = 200
      try Files.write(voxels, to: "\(folder)/in/a.raw")
      #expect(try run(folder, "segment: [otsu]", resume: true).first?.regions.first?.voxels == 2)
    }
  }

  /// Headers whose numbers ended the process that asked for their data files.
  @Test(arguments: [
    "ElementDataFile = LIST D\na.raw", "ElementDataFile = a%d.raw 9223372036854775807",
  ])
  func hostileHeadersNameNoDataFiles(_ line: String) throws {
    try inFolder { folder throws in
      try Files.write(
        "NDims = 2\nDimSize = 4 4\nElementType = MET_UCHAR\nBinaryData = True\n\(line)\n", to: "\(folder)/a.mhd")
      _ = ImageFile.dataFiles(of: "\(folder)/a.mhd")
      #expect(throws: ImageError.self) { try ImageFile.read("\(folder)/a.mhd") }
    }
  }

  @Test func overlappingRegionsAreKeptAsASegmentation() throws {
    try inFolder { folder throws in
      let results = try DICOMResults(try series(folder))
      _ = try results.writeSegmentation([("a", block(2..<6)), ("b", block(4..<8))], to: "\(folder)/in/seg.dcm")
      let result = try #require(try run(folder, "mask: linked").first)
      let place = "\(folder)/out/cases/\(result.id)"
      #expect(result.isDone && result.notes.contains { $0.contains("overlap") }, "\(result)")
      #expect(!Files.exists("\(place)/mask.nii.gz"))
      let kept = try RegionFile(contentsOf: "\(place)/seg.dcm")
      #expect(try kept.mask(of: 1, on: Self.grid).count == 192 && kept.mask(of: 2, on: Self.grid).count == 192)
    }
  }

  @Test func errorsNameNoFolderAboveTheInput() throws {
    try inFolder { folder throws in
      let series = try series(folder)
      var info = try #require(series.instances.first)
      info.frameOfReferenceUID = "2.25.99"
      var set = try RegionSet(
        [(RegionInfo(number: 1, name: "a"), block(2..<6))], of: info, uids: .random(),
        equipment: Equipment(version: "1"))
      try set.setSources(series)
      try DICOMWriter.writeSegmentation(set, to: "\(folder)/in/seg.dcm")
      let error = try #require(try run(folder, "mask: linked").first?.error)
      #expect(error.contains("another frame of reference") && error.contains("seg.dcm") && !error.contains(folder))
      for file in ["features.csv", "files.csv", "report.html"] {
        let text = String(decoding: try Files.read("\(folder)/out/\(file)"), as: UTF8.self)
        #expect(!text.contains(folder), "\(file)")
      }
      #expect(try run(folder, "mask: linked\nany-frame: true").first?.isDone == true)
    }
  }

  @Test func resultsOnAnotherGridNameTheSeries() throws {
    try inFolder { folder throws in
      let series = try series(folder), results = try DICOMResults(series)
      var fine = Self.grid
      fine.size.slices = 7
      fine.spacing.z = 1
      let (seg, rs) = ("\(folder)/seg.dcm", "\(folder)/rs.dcm"), mask = block(2..<6, on: fine)
      #expect(try results.writeSegmentation([("a", mask)], to: seg).notes.count == 1)
      #expect(try results.writeStructureSet([("a", mask)], to: rs).count == 1)
      for path in [seg, rs] {
        let file = try RegionFile(contentsOf: path)
        #expect(file.references.seriesInstanceUIDs == ["2.25.2"] && file.references.sopInstanceUIDs.count == 4)
        #expect(try file.mask(of: 1, on: fine, frameOfReferenceUID: "2.25.4") == mask)
      }
      // On its own grid every slice has its image, and nothing is to be said.
      #expect(try results.writeSegmentation([("a", block(2..<6))], to: seg).notes.isEmpty)
    }
  }

  @Test func theSameResultsAreTheSameBytes() throws {
    try inFolder { folder throws in
      let results = try DICOMResults(try series(folder))
      for name in ["a", "b"] {
        _ = try results.writeSegmentation([("r", block(2..<6))], to: "\(folder)/seg-\(name).dcm")
        _ = try results.writeStructureSet([("r", block(2..<6))], to: "\(folder)/rs-\(name).dcm")
        try results.writeReport(
          [.init(name: "r", region: .unknown, values: [])], recipe: "x", to: "\(folder)/sr-\(name).dcm")
      }
      for kind in ["seg", "rs", "sr"] {
        #expect(try Files.read("\(folder)/\(kind)-a.dcm") == Files.read("\(folder)/\(kind)-b.dcm"))
        let dates = try DICOMFile.dump("\(folder)/\(kind)-a.dcm").lines.filter { line in
          ["ContentDate", "StructureSetDate"].contains { line.contains($0) }
        }
        #expect(
          !dates.isEmpty && dates.allSatisfy { $0.contains("20250102") }, "\(kind): the study's date, not today's")
      }
    }
  }

  @Test func codestreamsStateNoSpacing() throws {
    try inFolder { folder throws in
      // One pixel of 8 bits, JPEG-LS: SOI, SOF55, SOS, scan, EOI.
      let stream: [UInt8] = [
        0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, 0x80, 0xFF,
        0xD9,
      ]
      try Files.write(stream, to: "\(folder)/a.jls")
      let (_, notes) = try ImageSource(
        key: "", path: "\(folder)/a.jls", source: "", content: .file(.jpegLS)
      ).read()
      #expect(notes == ["JPEG-LS states no spacing: 1 mm assumed"])
    }
  }
}
