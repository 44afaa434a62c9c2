// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

private func digest(_ mask: Mask) -> String {
  String(mask.voxels.withVoxels { sha256(UnsafeRawBufferPointer($0)) }.prefix(16))
}

@Suite("Segmentation · oracle: highdicom 0.28 on the reference files")
struct SegmentationOracle {
  /// File, region, voxels, SHA-256 of the mask (slices ascending along the normal), origin of the grid, slices, spacing.
  static let expected: [(String, Int, Int, String, SIMD3<Double>, Int, SIMD2<Double>)] = [
    ("seg.dcm", 1, 795, "7c78ca7cea28bbba", [-226.4105, -430.7887, -119.271], 13, [3.537818, 3.375]),
    ("seg_image_ct_binary.dcm", 1, 638, "f9c8eb3fc73448a4", [-125, -128.100006, 103.019997], 3, [0.488281, 1.25]),
    (
      "seg_image_ct_binary_overlap.dcm", 1, 64, "bde2d10af8641de1", [-125, -128.100006, -99.480003], 165,
      [0.488281, 1.25]
    ),
    (
      "seg_image_ct_binary_overlap.dcm", 2, 16, "9cf307f547a01717", [-125, -128.100006, -99.480003], 165,
      [0.488281, 1.25]
    ),
    (
      "seg_image_ct_binary_single_frame.dcm", 1, 1832, "a0ffe86f4e0bf733", [-158.135803, -179.035797, -75.699997], 1,
      [0.661468, 5]
    ),
    (
      "seg_image_ct_binary_fractional.dcm", 1, 638, "f9c8eb3fc73448a4", [-125, -128.100006, 103.019997], 3,
      [0.488281, 1.25]
    ),
    (
      "seg_image_ct_true_fractional.dcm", 1, 638, "f9c8eb3fc73448a4", [-125, -128.100006, 103.019997], 3,
      [0.488281, 1.25]
    ),
    ("sparse-labelmap-noppv.dcm", 1, 630, "0602de69c0a4562a", [46.464901, 5.0188098, -177.75], 3, [0.7, 2.5]),
    ("sparse-labelmap-ppv5.dcm", 1, 630, "0602de69c0a4562a", [46.464901, 5.0188098, -177.75], 3, [0.7, 2.5]),
    ("liver_j2k.dcm", 1, 107_098, "86ceb97b138085d0", [-235.2, -226.8, -128.69], 3, [0.810547, 1]),
    ("liver_rle.dcm", 1, 107_098, "86ceb97b138085d0", [-235.2, -226.8, -128.69], 3, [0.810547, 1]),
    ("liver_deflate.dcm", 1, 107_098, "86ceb97b138085d0", [-235.2, -226.8, -128.69], 3, [0.810547, 1]),
    ("liver_expb.dcm", 1, 107_098, "86ceb97b138085d0", [-235.2, -226.8, -128.69], 3, [0.810547, 1]),
    ("liver_1frame.dcm", 1, 36_233, "e036a07b502fdfd1", [-235.2, -226.8, -128.69], 1, [0.810547, 1]),
  ]

  @Test func masksAndGrids() throws {
    guard let folder = Reference.dicom else { return }
    for (name, number, count, hash, origin, slices, spacing) in Self.expected {
      let path = "\(folder)/files/\(name)", header = try DICOMFile.header(path)
      guard header.transferSyntax.isReadable else {
        print("skipped: \(name), \(header.transferSyntax.name) is not decoded by this build")
        continue
      }
      let file = try RegionFile(contentsOf: path)
      let mask = try file.mask(of: number)
      #expect(mask.count == count && digest(mask) == hash, "\(name) region \(number): \(mask.count) \(digest(mask))")
      let g = try #require(file.geometry)
      let off = g.origin - origin
      #expect(max(abs(off.x), abs(off.y), abs(off.z)) < 1e-6 && g.size.slices == slices, "\(name): \(g)")
      #expect(abs(g.spacing.x - spacing.x) < 1e-6 && abs(g.spacing.z - spacing.y) < 1e-6, "\(name): \(g.spacing)")
    }
  }

  @Test func descriptions() throws {
    guard let folder = Reference.dicom else { return }
    let file = try RegionFile(contentsOf: "\(folder)/files/seg.dcm"),
      region = try file.region(named: "neoplasm, primary")
    #expect(region.number == 1 && region.name == "Neoplasm, Primary" && region.parts == 13)
    #expect(region.type == CodedConcept("M-80003", "SRT", "Neoplasm, Primary"))
    #expect(region.category?.value == "M-01000" && region.anatomicRegion?.value == "T-C5300")
    #expect(region.algorithmType == "MANUAL" && file.kind == .binary && file.findings.isEmpty)
    // 43803\26565\37722 is L* 66.84, a* −24.63, b* 18.78; scikit-image 0.26 with Bradford adaptation: 124.3 174.7 127.4.
    let c = try #require(region.colour)
    #expect(c == SIMD3(124, 175, 127), "\(c)")
    #expect(file.references.sopInstanceUIDs.count == 13 && file.references.seriesInstanceUIDs.count == 1)
    // highdicom: stored values add up to 83136 of 255 each.
    let soft = try RegionFile(contentsOf: "\(folder)/files/seg_image_ct_true_fractional.dcm")
    let sum = try soft.fractions(of: 1).withVoxels { $0.reduce(0.0) { $0 + Double($1) } }
    #expect(abs(sum - 83_136.0 / 255) < 1e-3)
    let one = try RegionFile(contentsOf: "\(folder)/files/liver_1frame.dcm")
    #expect(one.findings.map(\.kind) == [.frameCount])
  }
}

@Suite("Segmentation · property: what is written is read back")
struct SegmentationRoundTrip {
  @Test(arguments: [
    TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian, .explicitVRBigEndian,
    .deflatedExplicitVRLittleEndian,
  ])
  func overlappingSegmentsOnAnObliqueGrid(_ syntax: TransferSyntax) throws {
    // 17 × 13: frames end within bytes.
    let g = MaskFixture.oblique(17, 13, 5)
    let masks = (0..<3).map { MaskFixture.noise(g, seed: UInt64($0 + 1)) }
    let scratch = Scratch(), path = scratch("seg.dcm")
    let set = try MaskFixture.set(masks, names: ["Müller", "b", "c"])
    try DICOMWriter.writeSegmentation(set, to: path, transferSyntax: syntax)
    let file = try RegionFile(contentsOf: path)
    #expect(file.regions.map(\.name) == ["Müller", "b", "c"] && file.findings.isEmpty && file.kind == .binary)
    #expect(file.references.frameOfReferenceUIDs == ["2.25.4"] && file.header.modality == "SEG")
    for (i, mask) in masks.enumerated() {
      #expect(try file.mask(of: i + 1, on: g) == mask)
      let (a, b) = (try #require(file.regions[i].colour), try #require(set.regions[i].info.colour))
      #expect(max(abs(Int(a.x) - Int(b.x)), abs(Int(a.y) - Int(b.y)), abs(Int(a.z) - Int(b.z))) <= 1)
    }
    #expect(throws: ImageError.self) { try file.labelMap() }
    #expect(throws: ImageError.self) { try file.mask(of: 4) }
    #expect(throws: ImageError.self) { try file.region(named: "d") }
  }

  @Test func emptySlicesAreLeftOutAndComeBack() throws {
    let g = MaskFixture.axial
    let mask = MaskFixture.mask(g) { x, y, z in (z == 1 || z == 4) && x > 3 && y > 5 && y < 9 }
    let other = MaskFixture.mask(g) { x, y, z in z == 4 && x < 3 }
    var attributes = try MaskFixture.set([mask, other]).segmentation()
    #expect(attributes[.numberOfFrames] == .integer(3))
    // Frames in another order; the spacing only from the positions.
    let frames = items(attributes, .perFrameFunctionalGroupsSequence)
    attributes[.perFrameFunctionalGroupsSequence] = .items([frames[2], frames[0], frames[1]])
    let plane = g.size.plane
    func bits(_ m: Mask, _ z: Int) -> [UInt8] { m.voxels.withVoxels { Array($0[z * plane..<(z + 1) * plane]) } }
    let all = bits(other, 4) + bits(mask, 1) + bits(mask, 4)
    var packed = [UInt8](repeating: 0, count: (all.count + 15) / 16 * 2)
    for (i, b) in all.enumerated() { packed[i / 8] |= b << UInt8(i % 8) }
    attributes[.pixelData] = .bytes(packed)
    let file = try MaskFixture.open(attributes)
    #expect(file.geometry?.size.slices == 4 && file.geometry?.origin.z == 2 && file.geometry?.spacing.z == 2)
    #expect(try file.mask(of: 1, on: g) == mask && file.mask(of: 2, on: g) == other)
    let labels = try file.labelMap()
    #expect(labels.names == [1: "region 1", 2: "region 2"] && labels.labels == [1, 2])
    #expect(try labels.placed(on: g).mask(2) == other)
  }

  @Test func hundredTwentySegments() throws {
    let g = MaskFixture.oblique(40, 32, 12)
    let masks = (0..<120).map { i in
      MaskFixture.mask(g) { x, y, z in
        let (a, b, c) = (x - i % 10 * 4, y - i / 10 * 2, z - i % 12)
        return a >= 0 && a < 7 && b >= 0 && b < 9 && c >= 0 && c < 2 && (a + b) % 5 != 0
      }
    }
    let scratch = Scratch()
    let file = try MaskFixture.open(
      try MaskFixture.set(masks).segmentation(), scratch, syntax: .explicitVRLittleEndian)
    #expect(file.regions.count == 120)
    for (i, mask) in masks.enumerated() { #expect(try file.mask(of: i + 1, on: g) == mask) }
  }

  @Test func fractions() throws {
    let g = MaskFixture.axial, mask = MaskFixture.mask(g) { x, _, z in z == 2 && x < 21 }
    var attributes = try MaskFixture.set([mask]).segmentation()
    attributes.merge([
      .bitsAllocated: .integer(8), .bitsStored: .integer(8), .highBit: .integer(7), .segmentationType: "FRACTIONAL",
      Tag(0x0062, 0x0010): "PROBABILITY", .maximumFractionalValue: .integer(200),
      .pixelData: .bytes((0..<g.size.plane).map { UInt8($0 % 24 * 10) }),
    ])
    let file = try MaskFixture.open(attributes)
    #expect(file.kind == .fractional)
    // 0.5 of 200 is reached by columns 10 and above.
    #expect(try file.mask(of: 1).count == 14 * 20 && file.mask(of: 1, threshold: 0.9).count == 6 * 20)
    let fractions = try file.fractions(of: 1)
    #expect(fractions[5, 3] == 0.25 && fractions[20, 0] == 1 && fractions[23, 0] == 1 && fractions[0, 0] == 0)
  }

  @Test func wideLabelMaps() throws {
    let g = MaskFixture.axial, mask = MaskFixture.mask(g) { _, _, z in z < 2 }
    var attributes = try MaskFixture.set([mask, mask]).segmentation()
    let frames = items(attributes, .perFrameFunctionalGroupsSequence).prefix(2).map { frame in
      var frame = frame
      frame[.segmentIdentificationSequence] = nil
      return frame
    }
    var segments = items(attributes, .segmentSequence)
    segments[1][.segmentNumber] = .integer(700)
    attributes.merge([
      .sopClassUID: .text(SOPClass.labelMapSegmentation), .bitsAllocated: .integer(16), .bitsStored: .integer(16),
      .highBit: .integer(15), .segmentationType: "LABELMAP", .numberOfFrames: .integer(2),
      .pixelPaddingValue: .integer(9), .segmentSequence: .items(segments),
      .perFrameFunctionalGroupsSequence: .items(Array(frames)),
      .pixelData: .words((0..<2 * g.size.plane).map { [9, 1, 700, 9][$0 % 4] }),
    ])
    let file = try MaskFixture.open(attributes)
    #expect(file.kind == .labelMap && file.regions.map(\.number) == [1, 700])
    #expect(try file.mask(of: 1).count == g.size.plane / 2 && file.mask(of: 700).count == g.size.plane / 2)
    let labels = try file.labelMap()
    #expect(labels.labels == [1, 700] && labels.voxels[2, 0] == 700 && labels.voxels[3, 0] == 0)
  }

  /// Both orders were read from files of highdicom 0.28 before.
  @Test(arguments: [true, false]) func tiles(isFull: Bool) throws {
    let matrix = Geometry(size: Size(columns: 21, rows: 17))
    let masks = [MaskFixture.noise(matrix, seed: 5), MaskFixture.noise(matrix, seed: 6)]
    let tile = Geometry(size: Size(columns: 8, rows: 6))
    var attributes = try MaskFixture.set([MaskFixture.mask(tile) { _, _, _ in true }]).segmentation()
    var bits: [UInt8] = [], frames: [Attributes] = []
    for (s, mask) in masks.enumerated() {
      for ty in 0..<3 {
        for tx in 0..<3 {
          for y in 0..<6 {
            for x in 0..<8 {
              let (i, j) = (tx * 8 + x, ty * 6 + y)
              bits.append(i < 21 && j < 17 ? mask.voxels[i, j] : 1)
            }
          }
          frames.append([
            .segmentIdentificationSequence: .items([[.referencedSegmentNumber: .integer(s + 1)]]),
            .planePositionSlideSequence: .items([
              [
                .columnPositionInTotalImagePixelMatrix: .integer(tx * 8 + 1),
                .rowPositionInTotalImagePixelMatrix: .integer(ty * 6 + 1),
              ]
            ]),
          ])
        }
      }
    }
    var packed = [UInt8](repeating: 0, count: (bits.count + 15) / 16 * 2)
    for (i, b) in bits.enumerated() { packed[i / 8] |= b << UInt8(i % 8) }
    var segments = items(attributes, .segmentSequence)
    segments.append(segments[0])
    segments[1][.segmentNumber] = .integer(2)
    attributes.merge([
      .numberOfFrames: .integer(18), .pixelData: .bytes(packed), .segmentSequence: .items(segments),
      .totalPixelMatrixColumns: .integer(21), .totalPixelMatrixRows: .integer(17),
      .dimensionOrganizationType: .text(isFull ? "TILED_FULL" : "TILED_SPARSE"),
    ])
    attributes[.perFrameFunctionalGroupsSequence] = isFull ? nil : .items(frames)
    let file = try MaskFixture.open(attributes)
    #expect(file.geometry?.size == matrix.size && !file.isInPatient && file.findings.map(\.kind) == [.pixelGeometry])
    for (i, mask) in masks.enumerated() {
      #expect(try file.mask(of: i + 1).voxels.with(matrix) == mask.voxels)
    }
    attributes[.totalPixelMatrixRows] = .integer(19)
    if isFull { #expect(throws: ImageError.self) { try MaskFixture.open(attributes) } }
  }

  @Test func withoutPositionsTheGridIsThatOfPixels() throws {
    let g = MaskFixture.axial, mask = MaskFixture.noise(g, seed: 3)
    var attributes = try MaskFixture.set([mask, mask]).segmentation()
    attributes[.perFrameFunctionalGroupsSequence] = .items(
      items(attributes, .perFrameFunctionalGroupsSequence).map { frame in
        var frame = frame
        frame[.planePositionSequence] = nil
        return frame
      })
    let file = try MaskFixture.open(attributes)
    #expect(!file.isInPatient && file.findings.map(\.kind) == [.pixelGeometry])
    #expect(try file.mask(of: 2, on: g) == mask)
    var other = g
    other.size.rows -= 1
    #expect(throws: ImageError.self) { try file.mask(of: 2, on: other) }
  }

  @Test func sourcesComeFromTheSeries() throws {
    let scratch = Scratch(), g = MaskFixture.oblique(16, 12, 4)
    for z in 0..<4 {
      let slice = Geometry(
        size: Size(columns: 16, rows: 12), spacing: g.spacing, origin: g.position(of: [0, 0, Double(z)]),
        direction: g.direction)
      var image = ImageInstance(pixels: Volume(slice, repeating: Int16(z)))
      image.studyInstanceUID = "2.25.1"
      image.seriesInstanceUID = "2.25.2"
      image.sopInstanceUID = "2.25.3.\(z + 1)"
      image.frameOfReferenceUID = "2.25.4"
      try DICOMWriter.write(image, to: scratch("\(9 - z).dcm"))
    }
    let series = try #require(Inventory.scan(try Files.list([scratch.path])).series.first)
    let image = try series.read()
    let mask = MaskFixture.mask(image.geometry) { x, y, z in x > 3 && y > 3 && z != 2 }
    var set = try MaskFixture.set([mask])
    try set.setSources(series)
    #expect(set.sources.map(\.sopInstanceUID) == (1...4).map { "2.25.3.\($0)" })
    let file = try MaskFixture.open(try set.segmentation(), scratch)
    #expect(file.references.sopInstanceUIDs == set.sources.map(\.sopInstanceUID))
    #expect(file.references.seriesInstanceUIDs == ["2.25.2"])
    #expect(try file.mask(of: 1, on: image.geometry) == mask)
    let contours = try MaskFixture.open(try set.structureSet(.keyhole), scratch)
    #expect(contours.references.seriesInstanceUIDs == ["2.25.2"] && contours.references.sopInstanceUIDs.count == 4)
    #expect(try contours.mask(of: 1, on: image.geometry) == mask)
    if let errors = Validator.errors(scratch("regions.dcm")) { #expect(errors.isEmpty, "\(errors)") }
    // Masks on another grid have no images.
    var shifted = image.geometry
    shifted.origin += shifted.direction.z
    var other = try MaskFixture.set([mask.with(shifted)])
    #expect(throws: ImageError.self) { try other.setSources(series) }
    other.setReferences(series)
    let whole = try MaskFixture.open(try other.segmentation(), scratch)
    #expect(whole.references.sopInstanceUIDs == (1...4).map { "2.25.3.\($0)" })
    if let errors = Validator.errors(scratch("regions.dcm")) { #expect(errors.isEmpty, "\(errors)") }
  }
}

@Suite("Segmentation · oracle: dciodvfy finds no error in what is written")
struct SegmentationValidation {
  @Test func segmentationsAndStructureSets() throws {
    let scratch = Scratch(), g = MaskFixture.oblique()
    var set = try MaskFixture.set([MaskFixture.noise(g, seed: 1), MaskFixture.noise(g, seed: 2)])
    set.regions[0].info.algorithmType = "MANUAL"
    set.regions[0].info.interpretedType = "GTV"
    set.regions[1].info.description = "a description"
    set.regions[1].info.anatomicRegion = CodedConcept("39607008", "SCT", "Lung")
    set.sources = (0..<g.size.slices).map {
      RegionSet.Source(sopClassUID: ImageInstance.ctImageStorage, sopInstanceUID: "2.25.3.\($0 + 1)")
    }
    set.sourceSeriesInstanceUID = "2.25.2"
    try DICOMWriter.writeSegmentation(set, to: scratch("seg.dcm"))
    try DICOMWriter.writeStructureSet(set, to: scratch("rs.dcm"))
    for name in ["seg.dcm", "rs.dcm"] {
      if let errors = Validator.errors(scratch(name)) { #expect(errors.isEmpty, "\(name): \(errors)") }
    }
    let first = try Files.read(scratch("seg.dcm"))
    try DICOMWriter.writeSegmentation(set, to: scratch("seg.dcm"))
    #expect(try Files.read(scratch("seg.dcm")) == first)
  }
}

@Suite("Segmentation · malformed: typed errors and findings")
struct SegmentationMalformed {
  private func attributes() throws -> Attributes {
    try MaskFixture.set([MaskFixture.noise(MaskFixture.axial, seed: 8)]).segmentation()
  }

  /// Changes the functional groups of one frame.
  private func changed(_ frame: Int, _ change: (inout Attributes) -> Void) throws -> Attributes {
    var set = try attributes()
    var frames = items(set, .perFrameFunctionalGroupsSequence)
    change(&frames[frame])
    set[.perFrameFunctionalGroupsSequence] = .items(frames)
    return set
  }

  @Test func framesOffTheGrid() throws {
    let file = try MaskFixture.open(
      try changed(3) { $0[.planePositionSequence] = .items([[.imagePositionPatient: .numbers([0, 0.4, 6])]]) })
    let finding = try #require(file.findings.first)
    #expect(finding.kind == .irregularFrames && abs(finding.found - 0.4) < 1e-9 && finding.first == 3)
    #expect(throws: ImageError.self) { try file.mask(of: 1) }
    let shifted = try MaskFixture.open(
      try changed(3) { $0[.planePositionSequence] = .items([[.imagePositionPatient: .numbers([0, 0, 6.7])]]) })
    #expect(shifted.findings.map(\.kind) == [.irregularFrames])
  }

  @Test func framesOfDifferentDirections() throws {
    let file = try MaskFixture.open(
      try changed(2) {
        $0[.planeOrientationSequence] = .items([[.imageOrientationPatient: .numbers([0, 1, 0, 0, 0, -1])]])
      })
    #expect(file.findings.map(\.kind) == [.differentFrames])
    #expect(throws: ImageError.self) { try file.mask(of: 1) }
  }

  @Test func framesWithoutFunctionalGroups() throws {
    var set = try attributes()
    set[.perFrameFunctionalGroupsSequence] = .items(Array(items(set, .perFrameFunctionalGroupsSequence).dropLast()))
    #expect(throws: ImageError.self) { try MaskFixture.open(set) }
    set[.perFrameFunctionalGroupsSequence] = nil
    #expect(throws: ImageError.self) { try MaskFixture.open(set) }
  }

  @Test func segmentsThatAreNotDescribedOrEmpty() throws {
    var set = try changed(0) {
      $0[.segmentIdentificationSequence] = .items([[.referencedSegmentNumber: .integer(5)]])
    }
    let file = try MaskFixture.open(set)
    #expect(file.findings.map(\.kind) == [.undescribedSegment] && file.regions.map(\.number) == [1, 5])
    var segments = items(set, .segmentSequence)
    segments.append(segments[0])
    segments.append(segments[0])
    segments[2][.segmentNumber] = .integer(3)
    set[.segmentSequence] = .items(segments)
    let again = try MaskFixture.open(set)
    #expect(Set(again.findings.map(\.kind)) == [.undescribedSegment, .duplicateNumber, .empty])
    #expect(try again.mask(of: 3).count == 0)
  }

  @Test func valuesThatContradictThemselves() throws {
    var set = try attributes()
    set[.segmentationType] = "PERHAPS"
    #expect(throws: ImageError.self) { try MaskFixture.open(set) }
    set = try attributes()
    set[.totalPixelMatrixColumns] = .integer(4_000_000_000)
    set[.totalPixelMatrixRows] = .integer(4_000_000_000)
    #expect(throws: ImageError.self) { try MaskFixture.open(set) }
    set = try attributes()
    set[.numberOfFrames] = .integer(2_000_000_000)
    #expect(throws: ImageError.self) { try MaskFixture.open(set) }
    set = try changed(0) { $0[.planePositionSequence] = .items([[.imagePositionPatient: .numbers([0, 0, -9e9])]]) }
    #expect(throws: ImageError.self) { try MaskFixture.open(set).mask(of: 1) }
  }

  @Test func truncatedAndFlippedBytesNeverTrap() throws {
    let scratch = Scratch(), g = MaskFixture.oblique(17, 13, 4)
    let set = try MaskFixture.set([MaskFixture.noise(g, seed: 1), MaskFixture.noise(g, seed: 2)])
    try DICOMWriter.writeSegmentation(set, to: scratch("seg.dcm"))
    try DICOMWriter.writeStructureSet(set, to: scratch("rs.dcm"))
    var noise = Noise(state: 4), errors = 0, tried = 0
    for name in ["seg.dcm", "rs.dcm"] {
      let bytes = try Files.read(scratch(name))
      var variants = (0..<64).map { Array(bytes[..<(bytes.count * $0 / 64)]) }
      for _ in 0..<200 {
        var copy = bytes
        for _ in 0..<Int.random(in: 1...8, using: &noise) {
          copy[Int.random(in: 0..<copy.count, using: &noise)] = UInt8.random(in: 0...255, using: &noise)
        }
        variants.append(copy)
      }
      for variant in variants {
        tried += 1
        try Files.write(variant, to: scratch("bad.dcm"))
        do throws(ImageError) {
          let file = try RegionFile(contentsOf: scratch("bad.dcm"))
          for region in file.regions.prefix(4) { _ = try file.drawing(of: region.number, on: g) }
        } catch { errors += 1 }
      }
    }
    print("malformed segmentations and structure sets: \(errors) of \(tried) refused, the others read")
    #expect(tried == 528 && errors >= 100)
  }
}
