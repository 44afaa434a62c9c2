// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenRadiomics

@Suite("Discretisation · oracle: the manual's formulas by hand")
struct DiscretisationTests {
  func levels(
    _ d: Discretisation, _ x: [Double], _ range: ClosedRange<Double>? = nil
  ) throws -> (levels: [UInt16], count: Int) {
    let l = try d.levels(of: x, in: range)
    #expect(l.counts.reduce(0, +) == x.count)
    return (l.levels, l.count)
  }

  @Test func fixedBinNumber() throws {
    #expect(try levels(.fixedBinNumber(4), [0, 0.99, 1, 2.5, 3.99, 4]) == ([1, 1, 2, 3, 4, 4], 4))
    #expect(try levels(.fixedBinNumber(32), [7, 7, 7]) == ([1, 1, 1], 32))
    #expect(try levels(.fixedBinNumber(2), [-10, -1, 0, 10]) == ([1, 1, 2, 2], 2))
  }

  @Test func fixedBinSize() throws {
    #expect(try levels(.fixedBinSize(25), [-500, -475.5, -475, 377], -500...400) == ([1, 1, 2, 36], 36))
    #expect(try levels(.fixedBinSize(25, lowerBound: -1000), [-939, -500], -500...400) == ([3, 21], 21))
    // Without a bound the region's minimum begins level 1.
    #expect(try levels(.fixedBinSize(10), [3, 12.9, 13, 33]) == ([1, 1, 2, 4], 4))
    #expect(try levels(.fixedBinSize(10), [3, 13], -.infinity ... .infinity) == ([1, 2], 2))
  }

  @Test func none() throws {
    #expect(try levels(.none, [1, 3, 6, 3]) == ([1, 3, 6, 3], 6))
    #expect(throws: ImageError.self) { try levels(.none, [1, 70_000]) }
  }
}

@Suite("Region · oracle: counted by hand")
struct RegionTests {
  @Test func resegmentationIsTheIntersectionOfRangeAndOutliers() throws {
    let g = Geometry(size: Size(columns: 7, rows: 2, slices: 1))
    let image = try Volume<Float>(
      g, voxels: [900, 1, 2, 3, 4, 100, 5] + [0, 0, 0, 0, 0, 0, 0])
    let mask = Mask(try Volume<UInt8>(g, voxels: [1, 1, 1, 1, 1, 1, 0] + [0, 0, 0, 0, 0, 0, 0]))
    var e = FeatureExtraction()
    e.families = [.statistics, .diagnostics, .morphology]
    var found = try e(.f32(image), in: mask).byKey
    #expect(found["int_mask_vox_count_reseg_roi"] == 6 && found["stat_max"] == 900)
    e.resegmentationRange = 1...100
    found = try e(.f32(image), in: mask).byKey
    #expect(found["int_mask_vox_count_reseg_roi"] == 5 && found["stat_max"] == 100 && found["stat_mean"] == 22)
    // Of all six (mean 168.3, σ 329.1) those within σ/2, from 3.8 to 332.9, and within the range.
    e.outlierSigma = 0.5
    found = try e(.f32(image), in: mask).byKey
    #expect(found["int_mask_vox_count_reseg_roi"] == 2 && found["stat_max"] == 100 && found["stat_mean"] == 52)
    #expect(found["int_mask_bb_dim_x_reseg_roi"] == 2 && found["morph_mask_bb_dim_x_reseg_roi"] == 6)
    #expect(found["morph_mask_vox_count_reseg_roi"] == 6 && found["morph_vol_approx"] == 6)
  }

  @Test func roundingIsToTheNearestEvenNumber() throws {
    let g = Geometry(size: Size(columns: 4, rows: 1))
    let image = try Volume<Float>(g, voxels: [0.5, 1.5, 2.4, -1.6])
    var e = FeatureExtraction()
    e.families = [.statistics]
    e.roundIntensities = true
    let found = try e(.f32(image), in: Mask(Volume(g, repeating: 1))).byKey
    #expect(found["stat_energy"] == 12)
  }
}

@Suite("Grey levels · oracle: the formula voxel by voxel")
struct GreyLevelProperties {
  @Test(arguments: [
    Discretisation.none, .fixedBinNumber(1), .fixedBinNumber(32), .fixedBinNumber(65_535), .fixedBinSize(7.3),
    .fixedBinSize(25, lowerBound: -100),
  ])
  func levelsAndTheirHistogram(_ discretisation: Discretisation) throws {
    var random = Random(state: 11)
    for n in [1, 3, 7, 8, 9, 40_000] {
      let x = (0..<n).map { _ in
        discretisation == .none ? Double(1 + random.next(300)) : Double(random.next(100_000)) / 317 - 57.25
      }
      let low = try #require(x.min()), high = try #require(x.max()), found = try discretisation.levels(of: x, in: nil)
      let expected = x.map { v -> Int in
        switch discretisation {
        case .none: Int(v)
        case .fixedBinNumber(let n):
          high > low ? min(n, Int((Double(n) * (v - low) / (high - low)).rounded(.down)) + 1) : 1
        case .fixedBinSize(let width, let lower): Int(((v - (lower ?? low)) / width).rounded(.down)) + 1
        }
      }
      #expect(found.levels.map { Int($0) } == expected)
      var counts = [Int](repeating: 0, count: found.count)
      for level in expected { counts[level - 1] += 1 }
      #expect(found.counts == counts)
    }
  }
}

@Suite("Sorting · property: equal to the standard library")
struct SortingTests {
  @Test func radixSortEqualsSorted() {
    var random = Random(state: 3)
    for n in [0, 1, 5, 1023, 1024, 5000] {
      let whole = (0..<n).map { _ in Double(random.next(70_000) - 35_000) }
      let fine = whole.map { $0 * 1.37e-5 + ($0 < 0 ? -1e-300 : 3e17) }
      let single = whole.map { Double(Float($0 * 1.37e-5)) }, tiny = whole.map { Double(Float($0 * 1e-42)) }
      for x in [whole, fine, single, tiny] { #expect(radixSorted(x) == x.sorted()) }
    }
    #expect(radixSorted([Double](repeating: -0.0, count: 2000) + [1]).last == 1)
  }

  @Test func percentilesInterpolate() {
    // NumPy 2.4.6: percentile([1, 2, 4, 8], [10, 50, 90]) = 1.3, 3, 6.8
    let x = [1.0, 2, 4, 8]
    #expect(abs(percentile(10, of: 4) { x[$0] } - 1.3) < 1e-15)
    #expect(percentile(50, of: 4) { x[$0] } == 3)
    #expect(abs(percentile(90, of: 4) { x[$0] } - 6.8) < 1e-14)
    #expect(percentile(100, of: 4) { x[$0] } == 8)
  }
}
