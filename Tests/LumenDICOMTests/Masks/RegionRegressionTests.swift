// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

@Suite("Regions · regression: frames of reference, positions, numbers beyond reach")
struct RegionRegressionTests {
  private func square(_ g: Geometry) -> [SIMD3<Double>] {
    MaskFixture.loop(g, 1, MaskFixture.square(1.5...4.5, 1.5...4.5))
  }

  /// A coordinate whose products overflow gave a NaN index, which minima and maxima pass over.
  @Test func aVertexWhoseIndexOverflows() throws {
    let g = MaskFixture.oblique(), huge = SIMD3(repeating: 1.7e308)
    for vertex in [huge, -huge, SIMD3(1.7e308, -1.7e308, 1.7e308)] {
      let broken = square(g) + [vertex]
      let file = try MaskFixture.open(
        try MaskFixture.structures([
          [("CLOSED_PLANAR", broken)], [("CLOSED_PLANAR", broken), ("CLOSED_PLANAR", square(g))],
        ])
      )
      #expect(throws: ImageError.self) { try file.mask(of: 1, on: g) }
      let (mask, findings) = try file.drawing(of: 2, on: g)
      #expect(mask.count == 9 && findings.map(\.kind) == [.outsideImage])
    }
  }

  /// Contours of one slice were compared each with each.
  @Test func manyContoursInASlice() throws {
    let g = Geometry(size: Size(columns: 600, rows: 600)), n = 100_000
    var roi = StructureSet.ROI()
    for k in 0..<n + 1 {
      // The last one is a copy of the first.
      let x = Double(k % n % 300) * 2, y = Double(k % n / 300) * 1.5
      for p in [(x - 0.25, y - 0.25), (x + 0.25, y - 0.25), (x, y + 0.25)] { roi.coordinates += [p.0, p.1, 0] }
      roi.contours.append(.init(shape: .closed, points: 3 * k..<3 * k + 3))
    }
    var raster: ContourRaster?
    let seconds = try ContinuousClock().measure {
      raster = try ContourRaster(roi, RegionInfo(number: 1, name: ""), on: g, marksPoints: false)
    }
    #expect(seconds < .seconds(3))
    #expect(try #require(raster).draw().findings.first { $0.kind == .duplicateContours }?.count == 1)
  }

  @Test func anotherFrameOfReferenceIsAnError() throws {
    let scratch = Scratch(), g = MaskFixture.oblique(), mask = MaskFixture.noise(g, seed: 5)
    let set = try MaskFixture.set([mask])
    for (n, attributes) in [try set.segmentation(), try set.structureSet(.keyhole)].enumerated() {
      let path = scratch("\(n).dcm")
      try DICOMWriter.write(attributes, to: path, transferSyntax: .explicitVRLittleEndian)
      let file = try RegionFile(contentsOf: path)
      #expect(try file.mask(of: 1, on: g, frameOfReferenceUID: "2.25.4") == mask)
      #expect(try file.mask(of: 1, on: g) == mask, "an image that states none")
      #expect {
        try file.mask(of: 1, on: g, frameOfReferenceUID: "2.25.5")
      } throws: { ($0 as? ImageError)?.what.contains("another frame of reference") == true }
      #expect(throws: ImageError.self) {
        try file.mask(of: 1, on: g, frameOfReferenceUID: "2.25.5", resample: true)
      }
      var options = RegionFile.DrawingOptions()
      options.frameOfReferenceUID = "2.25.5"
      options.anyFrame = true
      #expect(try file.drawing(of: 1, on: g, options: options).mask == mask)
    }
  }

  @Test func framesWithoutPositionNeedToBeAskedFor() throws {
    let g = MaskFixture.oblique(), mask = MaskFixture.noise(g, seed: 3)
    var attributes = try MaskFixture.set([mask]).segmentation()
    attributes[.perFrameFunctionalGroupsSequence] = .items(
      items(attributes, .perFrameFunctionalGroupsSequence).map { frame in
        var frame = frame
        frame[.planePositionSequence] = nil
        return frame
      })
    let file = try MaskFixture.open(attributes)
    for resample in [false, true] {
      #expect {
        try file.mask(of: 1, on: g, resample: resample)
      } throws: { ($0 as? ImageError)?.what.contains("no position in the patient") == true }
    }
    var options = RegionFile.DrawingOptions()
    options.anyFrame = true
    let (drawn, findings) = try file.drawing(of: 1, on: g, options: options)
    #expect(drawn == mask && findings.map(\.kind) == [.pixelGeometry], "the caller hears of it")
  }

  @Test func objectsMadeOfAStudyHaveItsTime() {
    var header = InstanceHeader()
    #expect(Timestamp(of: header) == Timestamp(date: "19700101", time: "000000"))
    header.studyDate = "2025.01.02"
    #expect(Timestamp(of: header) == Timestamp(date: "20250102", time: "000000"))
    header.studyTime = "090705.25"
    #expect(Timestamp(of: header) == Timestamp(date: "20250102", time: "090705"))
    header.studyTime = "235960"
    #expect(Timestamp(of: header) == Timestamp(date: "20250102", time: "235959"))
    header.studyDate = "20251302"
    #expect(Timestamp(of: header) == Timestamp(date: "19700101", time: "000000"))
  }
}
