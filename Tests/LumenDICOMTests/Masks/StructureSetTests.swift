// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

private typealias Contours = [(type: String, points: [SIMD3<Double>])]

/// One ROI drawn on the axial grid.
private func draw(
  _ contours: Contours, on g: Geometry = MaskFixture.axial, marksPoints: Bool = false
) throws -> (mask: Mask, findings: [RegionFinding]) {
  var options = RegionFile.DrawingOptions()
  options.marksPoints = marksPoints
  return try MaskFixture.open(try MaskFixture.structures([contours])).drawing(of: 1, on: g, options: options)
}

private func voxels(_ mask: Mask) -> [SIMD3<Int>] {
  var found: [SIMD3<Int>] = []
  let s = mask.size
  for z in 0..<s.slices {
    for y in 0..<s.rows {
      for x in 0..<s.columns where mask.voxels[x, y, z] == 1 { found.append(SIMD3(x, y, z)) }
    }
  }
  return found
}

@Suite("Structure set · oracle: reference files")
struct StructureSetOracle {
  /// SHA-256 of the mask drawn by scikit-image 0.26 `draw.polygon` on the grid that SimpleITK 2.5.7 reads; for the IBSI
  /// phantom also that of the mask the initiative publishes as NIfTI (Dice 1).
  @Test func realContours() throws {
    guard let folder = Reference.dicom else { return }
    let phantom = folder + "/../ibsi/ibsi1_ct_phantom/dicom"
    for (images, file, name, count, hash) in [
      (phantom, phantom + "/DCM_RS_00060.dcm", "GTV-1", 125_256, "8248cea55660c2597253c0e98787b731"),
      (
        folder + "/series/ct_sarcoma", folder + "/series/ct_sarcoma_rtstruct/RS.dcm", "GTV_Mass_CT", 8862,
        "fc5106654c3447e1364b4397aa76faaa"
      ),
    ] {
      guard Files.exists(file) else {
        print("skipped: no \(name)")
        continue
      }
      let series = try #require(Inventory.scan(try Files.list([images])).series.first { $0.modality == "CT" })
      let geometry = try series.read().geometry, regions = try RegionFile(contentsOf: file)
      let (mask, findings) = try regions.drawing(of: try regions.region(named: name).number, on: geometry)
      #expect(mask.count == count && findings.isEmpty && regions.findings.isEmpty, "\(name): \(mask.count) \(findings)")
      #expect(mask.voxels.withVoxels { sha256(UnsafeRawBufferPointer($0)) }.hasPrefix(hash))
      #expect(regions.references.frameOfReferenceUIDs.contains(series.instances[0].frameOfReferenceUID))
    }
  }

  @Test func pointsOfIsocentres() throws {
    guard let folder = Reference.dicom else { return }
    let file = try RegionFile(contentsOf: folder + "/files/rtstruct.dcm")
    #expect(file.regions.map(\.name) == ["patient", "Isocenter 1", "Isocenter 2"])
    #expect(file.regions.map(\.interpretedType) == ["EXTERNAL", "ISOCENTER", "ISOCENTER"])
    #expect(file.regions[0].colour == SIMD3(220, 160, 120))
    #expect(throws: ImageError.self) { try file.mask(of: 2, on: MaskFixture.axial) }
    #expect(throws: ImageError.self) { try file.mask(of: 1) }
  }
}

@Suite("Structure set · oracle: point in polygon, one voxel at a time")
struct ContourRasterOracle {
  /// The crossing number of a ray to the right, computed from each voxel's centre with exact half-open rows.
  static func isInside(_ x: Double, _ y: Double, _ polygons: [[SIMD2<Double>]]) -> Bool {
    var odd = false
    for p in polygons {
      for k in p.indices {
        let (a, b) = (p[k], p[(k + 1) % p.count])
        guard (a.y > y) != (b.y > y) else { continue }
        // The edge lies at or before the point: the side of the directed line decides, without a division.
        let side = (b.x - a.x) * (y - a.y) - (x - a.x) * (b.y - a.y)
        if b.y > a.y ? side <= 0 : side >= 0 { odd.toggle() }
      }
    }
    return odd
  }

  @Test(arguments: [MaskFixture.axial, MaskFixture.sagittal, MaskFixture.oblique()])
  func randomPolygons(_ g: Geometry) throws {
    var noise = Noise(state: 9), compared = 0
    for round in 0..<20 {
      // Whole, half and any numbers: corners on centres, edges through centres, and neither. Kept clear of what the
      // rounding of decimals in the file could turn over.
      let grid = [1.0, 2, 1024][round % 3]
      let polygons = (0..<3).map { _ in
        (0..<Int.random(in: 3...9, using: &noise)).map { _ in
          SIMD2(
            (Double.random(in: -4...28, using: &noise) * grid).rounded() / grid,
            (Double.random(in: -4...24, using: &noise) * grid).rounded() / grid)
        }
      }
      let set = try MaskFixture.structures([polygons.map { ("CLOSED_PLANAR", MaskFixture.loop(g, 2, $0)) }])
      guard let mask = try? MaskFixture.open(set).mask(of: 1, on: g) else { continue }
      compared += 1
      let expected = MaskFixture.mask(g) { x, y, z in z == 2 && Self.isInside(Double(x), Double(y), polygons) }
      // Edges at a slant through a centre may fall either way by rounding; nothing else may differ.
      for v in voxels(mask) + voxels(expected) where mask.voxels[v.x, v.y, v.z] != expected.voxels[v.x, v.y, v.z] {
        let p = SIMD2(Double(v.x), Double(v.y))
        let nearest = polygons.flatMap { q in q.indices.map { Self.distance(p, q[$0], q[($0 + 1) % q.count]) } }.min()
        let isLoneCentroid =
          try RegionFinding.Kind.subVoxelContours
          == draw(
            polygons.map { ("CLOSED_PLANAR", MaskFixture.loop(g, 2, $0)) }, on: g
          ).findings.last?.kind
        #expect((nearest ?? 1) < 1e-6 || isLoneCentroid, "\(v) \(nearest ?? -1) \(polygons)")
      }
    }
    #expect(compared >= 18)
  }

  static func distance(_ p: SIMD2<Double>, _ a: SIMD2<Double>, _ b: SIMD2<Double>) -> Double {
    let d = b - a, l = (d * d).sum()
    let t = l > 0 ? min(max(((p - a) * d).sum() / l, 0), 1) : 0
    let off = p - a - d * t
    return (off * off).sum().squareRoot()
  }
}

@Suite("Structure set · property: contours")
struct StructureSetProperties {
  @Test(arguments: [RegionSet.Holes.keyhole, .exclusiveOr]) func tracedMasksComeBackExactly(_ holes: RegionSet.Holes)
    throws
  {
    for (i, g) in [MaskFixture.axial, MaskFixture.sagittal, MaskFixture.oblique()].enumerated() {
      let masks = [20, 50, 80, 97].map { MaskFixture.noise(g, seed: UInt64(i + 1), share: $0) }
      let full = MaskFixture.mask(g) { _, _, _ in true }
      let rings = MaskFixture.mask(g) { x, y, z in
        let d = max(abs(x - 11), abs(y - 9))
        return d % 2 == z % 2
      }
      let all = masks + [full, rings]
      let file = try MaskFixture.open(try MaskFixture.set(all).structureSet(holes))
      for (k, mask) in all.enumerated() {
        let (again, findings) = try file.drawing(of: k + 1, on: g)
        #expect(again == mask && findings.isEmpty, "grid \(i) mask \(k): \(findings)")
      }
    }
  }

  @Test func keyholesAreClosedPlanarContoursWithoutHoles() throws {
    let g = MaskFixture.axial
    let ring = MaskFixture.mask(g) { x, y, z in
      z == 1 && (2..<10).contains(x) && (2..<10).contains(y) && !(x == 5 && y == 5)
    }
    func contours(_ holes: RegionSet.Holes) throws -> [Attributes] {
      items(items(try MaskFixture.set([ring]).structureSet(holes), .roiContourSequence)[0], .contourSequence)
    }
    let (one, two) = (try contours(.keyhole), try contours(.exclusiveOr))
    #expect(one.count == 1 && one[0][.contourGeometricType] == "CLOSED_PLANAR")
    #expect(two.count == 2 && two[0][.contourGeometricType] == "CLOSEDPLANAR_XOR")
    #expect(one[0][.numberOfContourPoints] == .integer(12) && two[1][.numberOfContourPoints] == .integer(4))
  }

  @Test func holesByExclusiveOrAndByKeyholeAreTheSame() throws {
    let g = MaskFixture.axial
    let outer = MaskFixture.square(1.6...12.4, 2.6...11.4), inner = MaskFixture.square(4.6...7.4, 5.6...8.4)
    let xor = try draw([
      ("CLOSEDPLANAR_XOR", MaskFixture.loop(g, 3, outer)), ("CLOSEDPLANAR_XOR", MaskFixture.loop(g, 3, inner)),
    ])
    // From the first corner of the outer square to the first of the inner one and back.
    let keyhole = outer + [outer[0]] + inner + [inner[0], outer[0]]
    let joined = try draw([("CLOSED_PLANAR", MaskFixture.loop(g, 3, keyhole))])
    let expected = MaskFixture.mask(g) { x, y, z in
      z == 3 && (2...12).contains(x) && (3...11).contains(y) && !((5...7).contains(x) && (6...8).contains(y))
    }
    #expect(xor.mask == expected && joined.mask == expected && xor.findings.isEmpty && joined.findings.isEmpty)
  }

  @Test func neighboursThatShareAnEdgeShareNoVoxel() throws {
    let g = MaskFixture.axial, corners: [SIMD2<Double>] = [[2, 3], [17, 3], [17, 15], [2, 15]], middle = SIMD2(9.0, 7.0)
    var total = 0
    var union = MaskFixture.mask(g) { _, _, _ in false }
    for k in 0..<4 {
      let triangle = [corners[k], corners[(k + 1) % 4], middle]
      let mask = try draw([("CLOSED_PLANAR", MaskFixture.loop(g, 0, triangle))]).mask
      total += mask.count
      for v in voxels(mask) { union.withMutableVoxels { $0[g.size.offset(v.x, v.y, v.z)] = 1 } }
    }
    let whole = try draw([("CLOSED_PLANAR", MaskFixture.loop(g, 0, corners))]).mask
    #expect(total == union.count && union == whole && whole.count == 15 * 12)
  }

  @Test func contoursBelowAVoxelSetTheVoxelOfTheirCentroid() throws {
    let g = MaskFixture.axial
    let (mask, findings) = try draw([
      ("CLOSED_PLANAR", MaskFixture.loop(g, 2, MaskFixture.square(5.2...5.45, 6.6...6.9))),
      ("CLOSED_PLANAR", MaskFixture.loop(g, 3, [[8.1, 4.2], [8.3, 4.2], [8.2, 4.2]])),
    ])
    #expect(voxels(mask) == [SIMD3(5, 7, 2), SIMD3(8, 4, 3)])
    let finding = try #require(findings.first)
    #expect(findings.count == 1 && finding.kind == .subVoxelContours && finding.count == 2)
    #expect(abs(finding.found - 0.25 * 0.3) < 1e-6)
    // A hole below a voxel does not fill or open anything.
    let holed = try draw([
      ("CLOSED_PLANAR", MaskFixture.loop(g, 2, MaskFixture.square(1.5...9.5, 1.5...9.5))),
      ("CLOSED_PLANAR", MaskFixture.loop(g, 2, MaskFixture.square(5.2...5.45, 6.6...6.9))),
    ])
    #expect(holed.mask.count == 64 && holed.findings.map(\.kind) == [.subVoxelContours])
  }

  @Test func pointsAndLinesHaveNoVoxelsUnlessAskedFor() throws {
    let g = MaskFixture.axial
    let square = MaskFixture.loop(g, 1, MaskFixture.square(1.5...4.5, 1.5...4.5))
    let contours: Contours = [
      ("POINT", [g.position(of: [10.2, 11.4, 1])]), ("CLOSED_PLANAR", MaskFixture.loop(g, 1, [[12, 3], [15, 3]])),
      ("OPEN_PLANAR", MaskFixture.loop(g, 1, [[12, 5], [12, 7], [13, 7]])), ("CLOSED_PLANAR", square),
      ("CLOSED_PLANAR", [g.position(of: [20, 2, 1])]),
    ]
    let (mask, findings) = try draw(contours)
    #expect(mask.count == 9 && findings.map(\.kind) == [.points, .openContours])
    #expect(findings[0].count == 2 && findings[0].first == 0 && findings[1].count == 2 && findings[1].first == 1)
    let marked = try draw(contours, marksPoints: true).mask
    #expect(marked.count == 9 + 1 + 4 + 4 + 1 && marked.voxels[10, 11, 1] == 1 && marked.voxels[14, 3, 1] == 1)
    #expect {
      try draw(Array(contours[..<2]))
    } throws: { ($0 as? ImageError)?.what.contains("no closed contour") == true }
  }

  @Test func contoursBetweenSlicesGoToTheNearest() throws {
    let g = MaskFixture.axial, square = MaskFixture.square(1.5...4.5, 1.5...4.5)
    let (mask, findings) = try draw([
      ("CLOSED_PLANAR", MaskFixture.loop(g, 1.004, square)), ("CLOSED_PLANAR", MaskFixture.loop(g, 2.3, square)),
      ("CLOSED_PLANAR", MaskFixture.loop(g, 2.6, square)),
    ])
    #expect(Set(voxels(mask).map(\.z)) == [1, 2, 3])
    let finding = try #require(findings.first)
    #expect(
      findings.count == 1 && finding.kind == .betweenSlices && finding.count == 2 && abs(finding.found - 0.8) < 1e-9)
  }

  @Test func ofSeveralPlanesInASliceTheNearestCounts() throws {
    let g = MaskFixture.axial
    // Three planes a slice, as contours drawn on a finer image have: combining them by XOR would make rings.
    let (mask, findings) = try draw([
      ("CLOSED_PLANAR", MaskFixture.loop(g, 1.67, MaskFixture.square(1.5...9.5, 1.5...9.5))),
      ("CLOSED_PLANAR", MaskFixture.loop(g, 2, MaskFixture.square(2.5...8.5, 2.5...8.5))),
      ("CLOSED_PLANAR", MaskFixture.loop(g, 2.33, MaskFixture.square(3.5...7.5, 3.5...7.5))),
    ])
    #expect(mask.count == 36 && Set(findings.map(\.kind)) == [.betweenSlices, .severalPlanes])
    #expect(findings.first { $0.kind == .severalPlanes }?.count == 2)
  }

  @Test func gapsAreReportedAndNotFilled() throws {
    let g = MaskFixture.axial, square = MaskFixture.square(1.5...4.5, 1.5...4.5)
    let (mask, findings) = try draw([0.0, 2, 4].map { ("CLOSED_PLANAR", MaskFixture.loop(g, $0, square)) })
    #expect(Set(voxels(mask).map(\.z)) == [0, 2, 4])
    let gap = try #require(findings.first)
    #expect(findings.count == 1 && gap.kind == .sliceGaps && gap.count == 2 && gap.first == 0 && gap.found == 4)
  }

  @Test func contoursOutsideTheImage() throws {
    let g = MaskFixture.axial
    let (mask, findings) = try draw([
      ("CLOSED_PLANAR", MaskFixture.loop(g, 1, MaskFixture.square(-5.5...3.5, 2.5...6.5))),
      ("CLOSED_PLANAR", MaskFixture.loop(g, 1, MaskFixture.square(20.5...30.5, 2.5...6.5))),
      ("CLOSED_PLANAR", MaskFixture.loop(g, 9, MaskFixture.square(2.5...3.5, 2.5...6.5))),
    ])
    #expect(mask.count == 4 * 4 + 3 * 4)
    #expect(findings.map(\.kind) == [.outsideImage] && findings[0].count == 3 && abs(findings[0].found - 7) < 1e-9)
    #expect {
      try draw([("CLOSED_PLANAR", MaskFixture.loop(g, 9, MaskFixture.square(2.5...3.5, 2.5...6.5)))])
    } throws: { ($0 as? ImageError)?.what.contains("its nearest contour is 7 mm away") == true }
  }

  @Test func copiesDoNotCancelEachOther() throws {
    let g = MaskFixture.axial, square = MaskFixture.loop(g, 1, MaskFixture.square(1.5...4.5, 1.5...4.5))
    let (mask, findings) = try draw([("CLOSED_PLANAR", square), ("CLOSED_PLANAR", square)])
    #expect(mask.count == 9 && findings.map(\.kind) == [.duplicateContours])
  }

  @Test func resultsDoNotDependOnThreads() throws {
    let g = MaskFixture.oblique(), width = Parallel.width
    defer { Parallel.width = width }
    let file = try MaskFixture.open(try MaskFixture.set([MaskFixture.noise(g, seed: 7)]).structureSet(.keyhole))
    Parallel.width = 1
    let one = try file.mask(of: 1, on: g)
    Parallel.width = 3
    #expect(try file.mask(of: 1, on: g) == one)
  }
}

@Suite("Structure set · malformed: typed errors and findings, other regions still read")
struct StructureSetMalformed {
  private func square(_ z: Double = 1) -> [SIMD3<Double>] {
    MaskFixture.loop(MaskFixture.axial, z, MaskFixture.square(1.5...4.5, 1.5...4.5))
  }

  private func changed(_ change: (inout Attributes) -> Void) throws -> RegionFile {
    var set = try MaskFixture.structures([[("CLOSED_PLANAR", square())], [("CLOSED_PLANAR", square(2))]])
    change(&set)
    return try MaskFixture.open(set)
  }

  /// Texts of the same length put in the place of "1.5\\1.5\\2": no number, not finite, a value too few, blank.
  @Test(arguments: ["nan\\1.5\\2", "1.5\\1.x\\2", "1e999\\1\\2", "1.5\\1.522", "   \\1.5\\2", "1.5,1.5\\2"])
  func contourData(_ data: String) throws {
    let scratch = Scratch(), path = scratch("bad.dcm")
    try DICOMWriter.write(
      try MaskFixture.structures([[("CLOSED_PLANAR", square())], [("CLOSED_PLANAR", square(2))]]), to: path,
      transferSyntax: .implicitVRLittleEndian)
    var bytes = try Files.read(path)
    let text = Array("1.5\\1.5\\2".utf8), new = Array(data.utf8)
    let at = try #require(bytes.indices.first { bytes[$0...].starts(with: text) })
    try #require(new.count == text.count)
    bytes.replaceSubrange(at..<at + text.count, with: new)
    try Files.write(bytes, to: path)
    let file = try RegionFile(contentsOf: path)
    #expect(file.findings.map(\.kind) == [.malformedContours] && file.findings[0].region == 1)
    #expect {
      try file.mask(of: 1, on: MaskFixture.axial)
    } throws: { ($0 as? ImageError)?.kind == .malformed }
    #expect(try file.mask(of: 2, on: MaskFixture.axial).count == 9)
  }

  @Test func contourDataThatIsMissing() throws {
    let file = try changed { set in
      var rois = items(set, .roiContourSequence)
      var contours = items(rois[0], .contourSequence)
      contours.append(contours[0])
      contours[1][.contourData] = .empty
      rois[0][.contourSequence] = .items(contours)
      set[.roiContourSequence] = .items(rois)
    }
    #expect(file.findings.map(\.kind) == [.malformedContours] && file.findings[0].first == 1)
    #expect(throws: ImageError.self) { try file.mask(of: 1, on: MaskFixture.axial) }
    #expect(try file.mask(of: 2, on: MaskFixture.axial).count == 9)
  }

  @Test func missingSequences() throws {
    let noContours = try changed { $0[.roiContourSequence] = nil }
    #expect(noContours.regions.map(\.name) == ["region 1", "region 2"])
    #expect(noContours.findings.map(\.kind) == [.empty, .empty])
    #expect(throws: ImageError.self) { try noContours.mask(of: 1, on: MaskFixture.axial) }

    let noNames = try changed { $0[.structureSetROISequence] = nil }
    #expect(
      noNames.regions.map(\.number) == [1, 2] && noNames.findings.map(\.kind) == [.undescribedROI, .undescribedROI])
    #expect(try noNames.mask(of: 2, on: MaskFixture.axial).count == 9)

    #expect(throws: ImageError.self) {
      try changed {
        $0[.structureSetROISequence] = nil
        $0[.roiContourSequence] = nil
      }
    }
    let one = try changed { set in
      var rois = items(set, .roiContourSequence)
      rois[1][.contourSequence] = nil
      set[.roiContourSequence] = .items(rois)
      set[.rtROIObservationsSequence] = nil
      set[.referencedFrameOfReferenceSequence] = nil
    }
    #expect(one.findings.map(\.kind) == [.empty] && one.findings[0].region == 2)
    #expect(try one.mask(of: 1, on: MaskFixture.axial).count == 9)
  }

  @Test func numbersThatContradictThemselves() throws {
    let file = try changed { set in
      var rois = items(set, .roiContourSequence)
      var contours = items(rois[0], .contourSequence)
      contours[0][.numberOfContourPoints] = .integer(5)
      rois[0][.contourSequence] = .items(contours)
      set[.roiContourSequence] = .items(rois)
      var names = items(set, .structureSetROISequence)
      names.append(names[0])
      set[.structureSetROISequence] = .items(names)
    }
    #expect(Set(file.findings.map(\.kind)) == [.duplicateNumber, .pointCount])
    #expect(try file.mask(of: 1, on: MaskFixture.axial).count == 9)
  }

  @Test func contoursThatCrossSlices() throws {
    let g = MaskFixture.axial
    let file = try MaskFixture.open(
      try MaskFixture.structures([[("CLOSED_PLANAR", [[3, 3, 2], [9, 3, 2], [9, 3, 8], [3, 3, 8]])]]))
    #expect {
      try file.mask(of: 1, on: g)
    } throws: { ($0 as? ImageError)?.what.contains("6 mm deep") == true }
    // On the sagittal grid of the same patient the plane may be right: there it is one slice.
    let side = Geometry(
      size: Size(columns: 12, rows: 12, slices: 12), direction: Direction(x: [1, 0, 0], y: [0, 0, 1], z: [0, -1, 0]))
    var shifted = side
    shifted.origin = [0.5, 11, 0.5]
    #expect(try file.mask(of: 1, on: shifted).count == 36)
  }

  @Test func extremeNumbers() throws {
    let g = MaskFixture.axial, far: [SIMD3<Double>] = [[1e300, 0, 2], [-1e300, 5, 2], [0, 1e300, 2]]
    #expect(throws: ImageError.self) { try draw([("CLOSED_PLANAR", far)]) }
    let both = try draw([("CLOSED_PLANAR", far), ("CLOSED_PLANAR", square())])
    #expect(both.mask.count == 9 && both.findings.map(\.kind) == [.outsideImage])
    #expect(
      try draw([("POINT", far), ("OPEN_PLANAR", far), ("CLOSED_PLANAR", square())], marksPoints: true).mask.count >= 9)
    var flat = g
    flat.direction.z = flat.direction.x
    #expect(throws: ImageError.self) { try draw([("CLOSED_PLANAR", square())], on: flat) }
  }

  @Test func otherObjectsAreNoRegions() throws {
    let scratch = Scratch()
    var image = ImageInstance(pixels: Volume(Geometry(size: Size(columns: 4, rows: 4)), repeating: Int16(0)))
    image.studyInstanceUID = "2.25.1"
    image.seriesInstanceUID = "2.25.2"
    image.sopInstanceUID = "2.25.3"
    try DICOMWriter.write(image, to: scratch("ct.dcm"))
    #expect {
      try RegionFile(contentsOf: scratch("ct.dcm"))
    } throws: { ($0 as? ImageError)?.kind == .unsupported }
    #expect(RegionFile.canRead(try DICOMFile.header(scratch("ct.dcm"))) == false)
  }

  @Test func nothingToWrite() throws {
    let empty = MaskFixture.mask(MaskFixture.axial) { _, _, _ in false }
    #expect(throws: ImageError.self) { try MaskFixture.set([]) }
    #expect(throws: ImageError.self) { try MaskFixture.set([empty]).segmentation() }
    #expect(throws: ImageError.self) {
      try MaskFixture.set([empty, MaskFixture.mask(MaskFixture.sagittal) { _, _, _ in true }])
    }
  }
}
