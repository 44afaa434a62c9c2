// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenRadiomics

@Suite("Moran's I and Geary's C")
struct SpatialAutocorrelationTests {
  private func region(
    _ size: Size, _ spacing: SIMD3<Double>, fill: Int, _ value: (Int, inout Random) -> Double
  ) throws -> Region? {
    var random = Random(state: UInt64(size.count))
    let g = Geometry(size: size, spacing: spacing)
    let mask = Mask(try Volume<UInt8>(g, voxels: (0..<size.count).map { _ in random.next(10) < fill ? 1 : 0 }))
    let image = try Volume<Double>(g, voxels: (0..<size.count).map { value($0, &random) })
    return Region(mask, of: .f64(image), rounded: false, within: nil)
  }

  /// The definition, pair by pair in the plainest order.
  private func definition(_ voxels: PairVoxels) -> PairSums {
    var sums = PairSums()
    let n = voxels.values.count, at = voxels.places
    for i in 0..<n {
      for j in 0..<n where j != i {
        let d = at[i] - at[j], w = 1 / dot(d, d).squareRoot()
        sums.weights += w
        sums.products += w * voxels.values[i] * voxels.values[j]
        sums.squares += w * voxels.values[i] * voxels.values[i]
      }
    }
    return sums
  }

  @Test func bothWaysGiveTheSumOfAllPairs() throws {
    let cases: [(Size, SIMD3<Double>, Int)] = [
      (Size(columns: 9, rows: 8, slices: 7), [1, 1, 1], 9), (Size(columns: 17, rows: 5, slices: 3), [0.7, 1.3, 5], 6),
      (Size(columns: 33, rows: 1, slices: 1), [1, 1, 1], 10), (Size(columns: 1, rows: 20, slices: 2), [1, 2, 3], 8),
      (Size(columns: 1, rows: 1, slices: 11), [1, 1, 1e-3], 10),
      (Size(columns: 40, rows: 31, slices: 2), [1e3, 1, 1], 3),
      (Size(columns: 2, rows: 2, slices: 2), [1, 1, 1], 10),
    ]
    for (size, spacing, fill) in cases {
      let region = try #require(try region(size, spacing, fill: fill) { Double($0 % 23) + Double($1.next(100)) / 10 })
      let voxels = PairVoxels(region), exact = definition(voxels)
      // With no memory to spare: sixteen columns of frequencies at a time.
      for sums in [directPairSums(voxels), PairSpectrum(voxels).sums, PairSpectrum(voxels, memory: 0).sums] {
        #expect(abs(sums.weights - exact.weights) <= 1e-11 * exact.weights, "\(size)")
        #expect(abs(sums.products - exact.products) <= 1e-11 * exact.squares, "\(size)")
        #expect(abs(sums.squares - exact.squares) <= 1e-11 * exact.squares, "\(size)")
      }
      let (direct, fast) = (
        SpatialAutocorrelation(voxels, direct: true), SpatialAutocorrelation(voxels, direct: false)
      )
      #expect(abs(direct.moran - fast.moran) <= 1e-10 * abs(direct.moran))
      #expect(abs(direct.geary - fast.geary) <= 1e-10 * abs(direct.geary))
    }
  }

  @Test func valuesOfAnotherProgram() throws {
    // NumPy 2.4, float64, from the formulas: x + 2y + 3z + (7x + 3y + 5z) mod 11 on 7 × 6 × 5 voxels of 1 × 1.5 × 3 mm.
    let g = Geometry(size: Size(columns: 7, rows: 6, slices: 5), spacing: [1, 1.5, 3])
    let image = Volume<Double>(g) { out in
      for z in 0..<5 {
        for y in 0..<6 {
          for x in 0..<7 {
            out[g.size.offset(x, y, z)] = Double(x + 2 * y + 3 * z + (7 * x + 3 * y + 5 * z) % 11)
          }
        }
      }
    }
    let all = Mask(Volume<UInt8>(g, repeating: 1))
    let region = try #require(Region(all, of: .f64(image), rounded: false, within: nil))
    let found = SpatialAutocorrelation(region)
    #expect(abs(found.moran - 0.197858939199542) < 1e-12)
    #expect(abs(found.geary - 0.752841609502481) < 1e-12)
  }

  @Test func aShiftOrAScaleOfTheIntensitiesChangesNothing() throws {
    let size = Size(columns: 12, rows: 11, slices: 10)
    let a = SpatialAutocorrelation(try #require(try region(size, [1, 1, 2], fill: 7) { Double($0 % 31 + $1.next(9)) }))
    let b = SpatialAutocorrelation(
      try #require(try region(size, [1, 1, 2], fill: 7) { 1e6 + 1e-3 * Double($0 % 31 + $1.next(9)) }))
    #expect(abs(a.moran - b.moran) < 1e-7 && abs(a.geary - b.geary) < 1e-7)
    let c = SpatialAutocorrelation(
      try #require(try region(size, [1, 1, 2], fill: 7) { 1e300 * Double($0 % 31 + $1.next(9)) }))
    #expect(abs(a.moran - c.moran) < 1e-10 && abs(a.geary - c.geary) < 1e-10)
  }

  @Test func withoutPairsOrContrastThereIsNoValue() throws {
    let one = try #require(try region(Size(columns: 1, rows: 1), [1, 1, 1], fill: 10) { _, _ in 4 })
    #expect(SpatialAutocorrelation(one).moran.isNaN && SpatialAutocorrelation(one).geary.isNaN)
    let flat = try #require(try region(Size(columns: 9, rows: 9, slices: 9), [1, 1, 1], fill: 10) { _, _ in 4 })
    #expect(SpatialAutocorrelation(flat).moran.isNaN && SpatialAutocorrelation(flat).geary.isNaN)
  }
}
