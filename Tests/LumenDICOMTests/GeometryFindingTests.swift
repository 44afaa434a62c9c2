// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

@Suite("Geometry · property: what a header says wrongly or not at all is an error, never a silent volume")
struct GeometryFindingProperty {
  /// Four slices of a file each, the second one changed.
  private func findings(_ change: (inout TestFile) -> Void) throws -> [GeometryFinding] {
    let scratch = Scratch()
    let series = try SeriesGridOracle.series(scratch, (0..<4).map { SIMD3(0, 0, 3 * Double($0)) }) { file, i in
      if i == 1 { change(&file) }
    }
    return try series.layout(.standard).findings.filter(\.isError)
  }

  @Test func malformedSpacingIsTold() throws {
    for spacing in ["-2\\1", "0\\0", "2", "a\\b", "2\\1e9"] {
      let found = try findings { $0.set(.pixelSpacing, "DS", spacing) }
      #expect(found.first == GeometryFinding(.pixelSpacingMalformed, slice: 1), "\(spacing)")
    }
    #expect(try findings { _ in } == [])
  }

  @Test(arguments: ["1\\0\\0\\1\\0\\0", "2\\0\\0\\0\\2\\0", "0\\0\\0\\0\\0\\0", "1\\0\\0"])
  func malformedOrientationIsNotTakenForAnother(_ text: String) throws {
    let scratch = Scratch()
    let all = try SeriesGridOracle.series(scratch, (0..<4).map { SIMD3(0, 0, 3 * Double($0)) }) { file, _ in
      file.set(.imageOrientationPatient, "DS", text)
    }
    #expect(try all.layout(.standard).findings.first?.kind == .orientationMalformed)
    #expect(throws: ImageError.self) { try all.read() }
    #expect(try all.read(policy: .accept).findings.contains { $0.kind == .orientationMalformed })
  }

  @Test func absurdPositionIsTold() throws {
    let scratch = Scratch()
    let all = try SeriesGridOracle.series(scratch, (0..<4).map { SIMD3(0, 0, 3 * Double($0)) }) { file, _ in
      file.set(.imagePositionPatient, "DS", "0\\0\\1e12")
    }
    #expect(try all.layout(.standard).findings.filter(\.isError).map(\.kind) == [.positionMalformed])
  }

  /// Three frames of one object; functional groups are made by `group`.
  private func frames(_ group: @escaping (inout TestFile, Int) -> Void) throws -> [GeometryFinding] {
    let scratch = Scratch()
    var file = TestFile(instance: "2.25.901")
    file.set(.imageOrientationPatient, "DS", "1\\0\\0\\0\\1\\0")
    file.set(.numberOfFrames, "IS", "3")
    file.image(columns: 2, rows: 2, (0..<12).map { $0 })
    file.set(
      .perFrameFunctionalGroupsSequence,
      items: (0..<3).map { i in { (item: inout TestFile) in group(&item, i) } })
    try file.write(scratch("a.dcm"))
    let header = try DICOMFile.header(scratch("a.dcm"))
    return try Series([header]).layout(.standard).findings.filter(\.isError)
  }

  private static func place(_ item: inout TestFile, _ z: Int) {
    item.set(.planePositionSequence, items: [{ $0.set(.imagePositionPatient, "DS", "0\\0\\\(z)") }])
  }

  @Test func spacingOfAFrameIsCompared() throws {
    let found = try frames { item, i in
      Self.place(&item, i)
      item.set(.pixelMeasuresSequence, items: [{ $0.set(.pixelSpacing, "DS", i == 2 ? "0.7\\0.7" : "0.5\\0.5") }])
    }
    #expect(found == [GeometryFinding(.pixelSpacingVaries, slice: 2, found: 0.7, expected: 0.5)])
  }

  @Test func positionsOfSomeFramesAreNotEnough() throws {
    let found = try frames { item, i in
      if i != 1 { Self.place(&item, i) }
    }
    #expect(found == [GeometryFinding(.positionsIncomplete, found: 2, expected: 3)])
  }

  @Test func slicesOfHundredthsOfAMillimetreAreApart() throws {
    func stack(_ z: [Double]) -> SliceStack {
      SliceStack(z.map { SIMD3(0, 0, $0) }, ImageOrientation(row: [1, 0, 0], column: [0, 1, 0]), nominal: 0.01)
    }
    let even = stack((0..<10).map { 0.01 * Double($0) })
    #expect(even.findings == [] && abs(even.spacing - 0.01) < 1e-12)
    #expect(stack([0, 0.01, 0.02, 0.025, 0.035]).findings.map(\.kind) == [.variableSpacing])
    #expect(stack([0, 0.01, 0.02, 0.04, 0.05]).findings.map(\.kind) == [.missingSlices])
  }
}
