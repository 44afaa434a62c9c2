// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

/// An oblique grid from Pythagorean triples, so that its direction cosines are orthonormal to the last bits.
let oblique = Geometry(
  size: Size(columns: 7, rows: 5, slices: 3), spacing: [0.7, 0.9, 2.5], origin: [-112.5, 40.25, -310],
  direction: Direction(x: [0.8, 0.6, 0], y: [-0.36, 0.48, 0.8], z: [0.48, -0.64, 0.6]))

@Suite("Geometry · property")
struct GeometryProperties {
  @Test func indexAndPositionUndoEachOther() {
    for index: SIMD3<Double> in [[0, 0, 0], [6, 4, 2], [1.5, 0.25, 1.75], [-3, 11, 0.5]] {
      let back = oblique.index(of: oblique.position(of: index))
      #expect(abs(back - index).max() < 1e-12)
    }
  }

  @Test func positionsOfAxesAreDirectionTimesSpacing() {
    let step = oblique.position(of: [1, 0, 0]) - oblique.origin
    #expect(abs(step - SIMD3(0.56, 0.42, 0)).max() < 1e-13)
    #expect(oblique.position(of: [0, 0, 0]) == oblique.origin)
  }

  @Test func indexIsNaNWhenTheAxesDoNotSpanSpace() {
    var flat = oblique
    flat.direction.z = flat.direction.x
    let index = flat.index(of: [3, 4, 5])
    #expect(index.x.isNaN && index.y.isNaN && index.z.isNaN)
  }

  @Test func sizeCountsAndOffsets() {
    let s = oblique.size
    #expect(s.count == 105 && s.plane == 35 && s[0] == 7 && s[1] == 5 && s[2] == 3)
    #expect(s.offset(2, 3, 1) == 2 + 3 * 7 + 35)
    #expect(s.description == "7 × 5 × 3")
    #expect(abs(oblique.voxelVolume - 1.575) < 1e-12)
  }

  func abs(_ v: SIMD3<Double>) -> SIMD3<Double> { v.replacing(with: -v, where: v .< 0) }
  func abs(_ x: Double) -> Double { Swift.abs(x) }
}

@Suite("Geometry · differences are named")
struct GeometryDifferences {
  @Test func theSameGridHasNone() {
    #expect(oblique.difference(from: oblique) == nil)
    var close = oblique
    close.origin.x += 5e-4
    #expect(close.difference(from: oblique) == nil)
    #expect(close.difference(from: oblique, tolerance: 1e-4) != nil)
  }

  @Test func sizeSpacingOriginDirection() {
    var g = oblique
    g.size.rows = 6
    #expect(g.difference(from: oblique) == "size is 7 × 6 × 3, expected 7 × 5 × 3")

    g = oblique
    g.spacing.z = 3
    #expect(
      g.difference(from: oblique) == "spacing along slices is 3.0 mm, expected 2.5 mm (1.0 mm over the axis)")

    g = oblique
    g.origin.y = 42.25
    #expect(g.difference(from: oblique) == "origin is off by (0.0, 2.0, 0.0) mm")

    g = oblique
    g.direction.y = -g.direction.y
    let text = g.difference(from: oblique) ?? ""
    #expect(text.hasPrefix("the row axis points elsewhere: 7.2") && text.hasSuffix("mm off at its end"))
  }

  @Test func smallErrorsCountOverTheWholeAxis() {
    // 0.0005 mm a voxel is within tolerance on 2 voxels, not on 512.
    var a = Geometry(size: Size(columns: 512, rows: 2)), b = a
    a.spacing.x = 1.0005
    #expect(a.difference(from: b) != nil)
    a.spacing.x = 1
    a.spacing.y = 1.0005
    #expect(a.difference(from: b) == nil)
    b.spacing.y = .nan
    #expect(a.difference(from: b) != nil, "NaN never agrees")
  }

  @Test func requireSameThrowsWithAHint() {
    var g = oblique
    g.origin.x += 1
    #expect {
      try oblique.requireSame(as: g, "the mask")
    } throws: {
      guard let e = $0 as? ImageError else { return false }
      return e.kind == .invalidParameter && e.what.hasPrefix("the mask lies on another grid: origin is off by (1.0")
        && e.hint != nil
    }
    #expect(throws: Never.self) { try oblique.requireSame(as: oblique) }
  }
}
