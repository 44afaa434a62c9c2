// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenRadiomics

@Suite("Intensity-volume histogram · oracle: counted by hand")
struct IntensityVolumeHistogramTests {
  func values(
    _ x: [Double], _ d: Discretisation?, _ range: ClosedRange<Double>? = nil
  ) throws -> [String: Double] {
    let h = try IntensityVolumeHistogram(sorted: x.sorted(), discretisation: d, range: range)
    return Dictionary(uniqueKeysWithValues: zip(IntensityVolumeHistogram.features.map(\.tag), h.values))
  }

  @Test func wholeNumbersHaveSteps() throws {
    // 0 … 10, one voxel each: γ(1) = 0.1, ν(1) = 10/11; γ(9) = 0.9, ν(9) = 2/11; ν(10) = 1/11 ≤ 0.1; ν(2) = 9/11 ≤ 0.9.
    for d in [nil, Discretisation.none] {
      let found = try values((0...10).map(Double.init), d)
      #expect(found["ivh_v10"] == 10.0 / 11 && found["ivh_v90"] == 2.0 / 11)
      #expect(found["ivh_i10"] == 10 && found["ivh_i90"] == 2)
    }
  }

  @Test func binsOfFixedNumberAreTheirLevels() throws {
    // 100 bins over 0 … 99.9: a bin a voxel pair; other intensities than whole numbers use 1000 bins.
    let x = (0..<1000).map { Double($0) / 10 }
    let found = try values(x, .fixedBinNumber(100))
    // γ(k) = (k − 1)/99 ≥ 0.1 from k = 11: ν = 1 − 100/1000; I90 the first k with 1 − 10 (k − 1)/1000 ≤ 0.9.
    #expect(found["ivh_v10"] == 0.9 && found["ivh_i90"] == 11 && found["ivh_i10"] == 91)
    #expect(try values(x, nil)["ivh_i90"] == 101)
    #expect(throws: ImageError.self) { try values(x, Discretisation.none) }
  }

  @Test func binsOfFixedSizeAreTheirCentresUpToTheEndOfTheRange() throws {
    // Range 0 … 100, width 10: centres 5 … 95 although the region ends at 40. γ ≥ 0.1 at k = 2 (0.111): ν = 3/4;
    // γ ≥ 0.9 at k = 10 (1.0; k = 9 has 0.889): ν = 0.
    let found = try values([2, 12, 22, 40], .fixedBinSize(10), 0...100)
    #expect(found["ivh_v10"] == 0.75 && found["ivh_v90"] == 0)
    #expect(found["ivh_i10"] == 55 && found["ivh_i90"] == 15)
  }
}

@Suite("Intensity-volume histogram · oracle: the curve and its trapezoids, plainly")
struct IntensityVolumeAreaTests {
  /// ν at every level of the curve, straight from the manual: the fraction of voxels at that level or above.
  func area(_ levels: [Int], upTo n: Int) -> Double {
    let ν: [Double] = (1...n).map { i in Double(levels.count { $0 >= i }) / Double(levels.count) }
    var area = 0.0
    for k in 1..<n {
      let (γ, before) = (Double(k) / Double(n - 1), Double(k - 1) / Double(n - 1))
      area += (ν[k] + ν[k - 1]) / 2 * (γ - before)
    }
    return area
  }

  func found(_ x: [Double], _ d: Discretisation?, _ range: ClosedRange<Double>? = nil) throws -> Double {
    let h = try IntensityVolumeHistogram(sorted: x.sorted(), discretisation: d, range: range)
    let at = try #require(IntensityVolumeHistogram.features.firstIndex { $0.code == "9CMM" })
    #expect(IntensityVolumeHistogram.features[at].tag == "ivh_auc")
    return h.values[at]
  }

  @Test func wholeNumbers() throws {
    var random = Random(state: 21)
    for (n, low, span) in [(2, 0, 2), (7, -40, 3), (50, 5, 9), (400, -1000, 900), (3000, 1, 60)] {
      var levels = (0..<n).map { _ in 1 + random.next(span) }
      (levels[0], levels[1]) = (1, span)
      let value = try found(levels.map { Double($0 - 1 + low) }, nil)
      #expect(abs(value - area(levels, upTo: span)) < 1e-13, "\(n) voxels over \(span) levels")
    }
    // 0 … 10, one voxel each: ν falls from 1 to 1/11 in equal steps, so the area is that of a trapezium.
    #expect(abs(try found((0...10).map(Double.init), Discretisation.none) - (1 + 1.0 / 11) / 2) < 1e-15)
  }

  @Test func bins() throws {
    var random = Random(state: 22)
    let x = (0..<500).map { _ in Double(random.next(100_000)) / 1000 + 0.0005 }
    let (low, high) = (try #require(x.min()), try #require(x.max()))
    for n in [2, 10, 32, 1000] {
      let levels = x.map { x -> Int in
        let place = Double(n) * (x - low) / (high - low)
        return x == high ? n : Int(place.rounded(.down)) + 1
      }
      #expect(abs(try found(x, .fixedBinNumber(n)) - area(levels, upTo: n)) < 1e-13, "\(n) bins")
    }
    // Bins of 2.5 from 0 up to the end of the range at 120: 48 levels although the region ends below 100.
    let levels = x.map { Int(($0 / 2.5).rounded(.down)) + 1 }
    #expect(abs(try found(x, .fixedBinSize(2.5), 0...120) - area(levels, upTo: 48)) < 1e-13)
  }

  @Test func endsOfTheDefinition() throws {
    #expect(try found([7, 7, 7], nil) == 0)
    #expect(try found([7], nil) == 0)
    #expect(try found([], nil).isNaN)
    // Half of the voxels at each end: ν is 1 at γ = 0 and ½ at γ = 1.
    #expect(try found([1, 2], nil) == 0.75)
  }
}

@Suite("Local intensity · property: equal to the plain sum over the sphere")
struct LocalIntensityTests {
  @Test(arguments: [SIMD3(1.0, 1.3, 3.0), SIMD3(4.0, 2.1, 1.7), SIMD3(20, 20, 20)], [0, -3e38, 3e30] as [Float])
  func spacing(_ spacing: SIMD3<Double>, padding: Float) throws {
    let s = Size(columns: 14, rows: 12, slices: 11), g = Geometry(size: s, spacing: spacing)
    var random = Random(state: 11)
    var image = try Volume<Float>(g, voxels: (0..<s.count).map { _ in Float(random.next(1000)) / 8 })
    image[3, 3, 3] = .nan
    var inside = try Volume<UInt8>(g, voxels: (0..<s.count).map { _ in random.next(3) == 0 ? 1 : 0 })
    // Outside the region, in the rows of its spheres but mostly not in them.
    if padding != 0 {
      for y in 0..<s.rows { (image[0, y, 5], inside[0, y, 5]) = (padding, 0) }
    }
    let mask = Mask(inside)
    let r = 6.203504908994
    var best = (global: -Double.infinity, local: -Double.infinity, maximum: -Double.infinity)
    for z in 0..<s.slices {
      for y in 0..<s.rows {
        for x in 0..<s.columns where mask.voxels[x, y, z] == 1 && image[x, y, z].isFinite {
          var sum = 0.0, n = 0.0
          for w in 0..<s.slices {
            for v in 0..<s.rows {
              for u in 0..<s.columns where image[u, v, w].isFinite {
                let d = SIMD3(Double(u - x), Double(v - y), Double(w - z)) * spacing
                if dot(d, d) <= r * r { (sum, n) = (sum + Double(image[u, v, w]), n + 1) }
              }
            }
          }
          best.global = max(best.global, sum / n)
          let value = Double(image[x, y, z])
          if value > best.maximum { (best.maximum, best.local) = (value, sum / n) }
          if value == best.maximum { best.local = max(best.local, sum / n) }
        }
      }
    }
    var e = FeatureExtraction()
    e.families = [.local]
    let found = try e(.f32(image), in: mask).byKey
    #expect(abs((found["loc_peak_glob"] ?? 0) - best.global) <= 1e-13 * max(1000, abs(best.global)))
    #expect(abs((found["loc_peak_loc"] ?? 0) - best.local) <= 1e-13 * max(1000, abs(best.local)))
  }

  @Test func microscopicVoxelsAreRefused() throws {
    let g = Geometry(size: Size(columns: 4, rows: 400, slices: 200), spacing: [1e-3, 1e-3, 1e-3])
    var e = FeatureExtraction()
    e.families = [.local]
    var mask = Volume<UInt8>(g, repeating: 0)
    mask[1, 1, 1] = 1
    let error = #expect(throws: ImageError.self) { try e(.u8(Volume(g, repeating: 3)), in: Mask(mask)) }
    #expect(error?.kind == .limitExceeded)
  }
}

@Suite("Intensity histogram · oracle: counted by hand")
struct IntensityHistogramTests {
  @Test func theModeNearestToTheMeanIsChosen() {
    func mode(_ counts: [Int]) -> Double {
      let levels = counts.enumerated().flatMap { [UInt16](repeating: UInt16($0 + 1), count: $1) }
      return IntensityHistogram(GreyLevels(levels: levels, counts: counts)).mode
    }
    #expect(mode([1, 3, 0, 3, 3]) == 4)
    #expect(mode([3, 0, 0, 3]) == 1)
    #expect(mode([0, 2, 1, 2]) == 2)
  }

  @Test func gradientsAreOneSidedAtTheEnds() {
    let counts = [10, 4, 1, 0, 9]
    let h = IntensityHistogram(GreyLevels(levels: [], counts: counts))
    #expect(h.gradient == [-6, -4.5, -2, 4, 9])
  }
}
