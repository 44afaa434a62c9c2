// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenFilters
import Testing

@testable import LumenSegmentation

/// A lopsided ellipsoid of 923 voxels with a second part in a corner of the grid.
private let region = Mask(Geometry(size: Size(columns: 20, rows: 18, slices: 14))) { out in
  for i in out.indices {
    let (x, y, z) = (i % 20, i / 20 % 18, i / 360)
    let inside = (x - 9) * (x - 9) * 4 + (y - 8) * (y - 8) * 5 + (z - 7) * (z - 7) * 9 < 200
    out[i] = inside || x < 4 && y < 3 && z > 10 ? 1 : 0
  }
}

@Suite("Perturbation · volume")
struct VolumeAdaptationTests {
  /// MIRP 2.7 `fractional_volume_change`: the number of voxels, in three dimensions and slice by slice.
  @Test(arguments: [
    (0.2, 1107), (-0.2, 738), (0.5, 1384), (-0.6, 369), (1.5, 2307), (-0.05, 876), (0.013, 934),
  ])
  func volumesOfMIRP(_ fraction: Double, _ expected: Int) throws {
    #expect(region.count == 923)
    for planar in [false, true] {
      #expect(try VolumeAdaptation(fraction: fraction, planar: planar, seed: 3)(region).count == expected)
    }
  }

  /// SciPy `binary_dilation` and `binary_erosion` with 1, 2, 3 iterations: the sizes of whole shells.
  @Test func wholeShellsAndNothingElse() throws {
    var inner = region
    for (size, expected) in [(1378, 1935), (1935, 2544)] {
      let grown = try VolumeAdaptation(fraction: Double(size) / 923 - 1, seed: 1)(region)
      #expect(grown.count == size)
      inner = try VolumeAdaptation(fraction: Double(expected) / 923 - 1, seed: 2)(region)
      #expect(inner.count == expected)
      #expect(Self.isSubset(grown, inner) && Self.isSubset(region, grown))
    }
    for size in [551, 287, 121] {
      let shrunk = try VolumeAdaptation(fraction: Double(size) / 923 - 1, seed: 1)(region)
      #expect(shrunk.count == size && Self.isSubset(shrunk, region))
    }
  }

  @Test func theLastShellIsDrawnByTheSeed() throws {
    func run(_ seed: UInt64) throws -> Mask { try VolumeAdaptation(fraction: 0.3, seed: seed)(region) }
    let one = try run(1), two = try run(2)
    #expect(try one == run(1) && one != two)
    let shell = try VolumeAdaptation(fraction: 1378.0 / 923 - 1, seed: 1)(region)
    #expect(Self.isSubset(one, shell) && Self.isSubset(two, shell) && Self.isSubset(region, two))
  }

  @Test func neverEmptyNeverBeyondTheGrid() throws {
    let single = Mask(Geometry(size: Size(columns: 1, rows: 1))) { $0[0] = 1 }
    for fraction in [-0.99, 5] { #expect(try VolumeAdaptation(fraction: fraction, seed: 1)(single) == single) }
    #expect(try VolumeAdaptation(fraction: -0.99999, seed: 1)(region).count == 1)
    #expect(try VolumeAdaptation(fraction: 10, seed: 1)(region).count == region.size.count)
    let empty = Mask(region.geometry) { $0.update(repeating: 0) }
    #expect(try VolumeAdaptation(fraction: 0.5, seed: 1)(empty) == empty)
    for bad in [-1, 11, Double.nan] {
      #expect(throws: ImageError.self) { try VolumeAdaptation(fraction: bad, seed: 1)(region) }
    }
  }

  static func isSubset(_ a: Mask, _ b: Mask) -> Bool {
    a.voxels.withVoxels { a in b.voxels.withVoxels { b in a.indices.allSatisfy { a[$0] <= b[$0] } } }
  }
}

@Suite("Perturbation · contour")
struct ContourRandomisationTests {
  /// In voxels of 27 mm³, so that there are dozens of supervoxels.
  let region = LumenSegmentationTests.region.with(
    Geometry(size: LumenSegmentationTests.region.size, spacing: [3, 3, 3]))
  /// Brighter where the region is, with noise, so that supervoxels follow its edge more or less.
  let image: AnyVolume

  init() {
    let region = region
    image = .f32(
      Volume(region.geometry) { out in
        var random = SplitMix64(seed: 6)
        region.voxels.withVoxels { m in
          for i in out.indices { out[i] = Float(m[i]) * 60 + Float(random.next() % 100) }
        }
      })
  }

  @Test func seedsDrawDifferentRegionsNearTheOldOne() throws {
    let contour = try ContourRandomisation(region, of: image)
    let drawn = try (1...8).map { try contour(seed: $0) }
    #expect(try contour(seed: 1) == drawn[0])
    #expect(Set(drawn.map(\.count)).count > 1)
    for mask in drawn {
      let both = mask.voxels.withVoxels { a in
        region.voxels.withVoxels { b in a.indices.reduce(0) { $0 + Int(a[$1] & b[$1]) } }
      }
      #expect(2 * Double(both) / Double(mask.count + region.count) > 0.7, "Dice")
    }
  }

  /// Each supervoxel is taken as often as its overlap says: over many seeds the mean size is the sum of p · size.
  @Test func supervoxelsAreTakenByTheirOverlap() throws {
    // Ten slabs of constant intensity, of which the region covers 1, ½, 0.1 and nothing.
    let grid = Geometry(size: Size(columns: 40, rows: 10, slices: 10), spacing: [2, 2, 2])
    let slabs = AnyVolume.f32(Volume(grid) { out in for i in out.indices { out[i] = Float(i % 40 / 10) * 100 } })
    let mask = Mask(grid) { out in
      for i in out.indices {
        let (x, y) = (i % 40, i / 40 % 10)
        out[i] = x < 10 || x < 20 && y < 5 || x < 30 && y < 1 ? 1 : 0
      }
    }
    let contour = try ContourRandomisation(mask, of: slabs)
    var often = [Int](repeating: 0, count: grid.size.count)
    for seed in 0..<400 {
      try contour(seed: UInt64(seed)).voxels.withVoxels { v in
        for i in v.indices { often[i] += Int(v[i]) }
      }
    }
    // Deep in the first slab always, deep in the last never.
    #expect(often[grid.size.offset(3, 5, 5)] == 400 && often[grid.size.offset(37, 5, 5)] == 0)
    let inSecond = often.indices.filter { 12..<18 ~= $0 % 40 }.map { often[$0] }
    #expect(abs(Double(inSecond.reduce(0, +)) / Double(inSecond.count) / 400 - 0.5) < 0.1)
  }

  @Test func edgeCases() throws {
    let empty = Mask(region.geometry) { $0.update(repeating: 0) }
    #expect(try ContourRandomisation(empty, of: image)(seed: 1) == empty)
    let nan = AnyVolume.f32(Volume(region.geometry, repeating: .nan))
    #expect(try ContourRandomisation(region, of: nan)(seed: 1).count > 0)
    let pixel = Geometry(size: Size(columns: 1, rows: 1)), one = Mask(pixel) { $0[0] = 1 }
    #expect(try ContourRandomisation(one, of: .u8(Volume(pixel, repeating: 9)))(seed: 5) == one)
    #expect(throws: ImageError.self) { try ContourRandomisation(one, of: image) }
    #expect(throws: ImageError.self) { try ContourRandomisation(region, of: image, boundary: .mm(-1)) }
  }
}
