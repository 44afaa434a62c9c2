// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

@testable import LumenRadiomics

/// The matrix and some features as the manual writes them: every pair of voxels compared, double sums over all i and j.
private struct Plain {
  let p: [[Double]]

  init(_ levels: [Int], _ s: Size, offsets: [(Int, Int, Int)], count n: Int) {
    var counts = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for z in 0..<s.slices {
      for y in 0..<s.rows {
        for x in 0..<s.columns {
          for (dx, dy, dz) in offsets {
            for sign in [1, -1] {
              let (u, v, w) = (x + sign * dx, y + sign * dy, z + sign * dz)
              guard 0..<s.columns ~= u, 0..<s.rows ~= v, 0..<s.slices ~= w else { continue }
              let (a, b) = (levels[s.offset(x, y, z)], levels[s.offset(u, v, w)])
              if a > 0 && b > 0 { counts[a - 1][b - 1] += 1 }
            }
          }
        }
      }
    }
    let total = counts.reduce(0) { $0 + $1.reduce(0, +) }
    p = counts.map { $0.map { $0 / total } }
  }

  func sum(_ f: (Double, Double, Double) -> Double) -> Double {
    var s = 0.0
    for i in p.indices { for j in p.indices where p[i][j] > 0 { s += f(Double(i + 1), Double(j + 1), p[i][j]) } }
    return s
  }

  var features: [String: Double] {
    let n = Double(p.count)
    let px = p.map { $0.reduce(0, +) }, py = p.indices.map { j in p.reduce(0) { $0 + $1[j] } }
    let μ = sum { i, _, p in i * p }, σ² = sum { i, _, p in (i - μ) * (i - μ) * p }
    let h = sum { _, _, p in -p * log2(p) }, hx = px.reduce(0) { $0 - ($1 > 0 ? $1 * log2($1) : 0) }
    let h1 = sum { i, j, p in -p * log2(px[Int(i) - 1] * py[Int(j) - 1]) }
    var h2 = 0.0
    for a in px { for b in py where a * b > 0 { h2 -= a * b * log2(a * b) } }
    return [
      "cm_joint_max": p.joined().max() ?? .nan, "cm_joint_avg": μ, "cm_joint_var": σ², "cm_joint_entr": h,
      "cm_energy": sum { _, _, p in p * p }, "cm_contrast": sum { i, j, p in (i - j) * (i - j) * p },
      "cm_dissimilarity": sum { i, j, p in abs(i - j) * p }, "cm_inv_diff": sum { i, j, p in p / (1 + abs(i - j)) },
      "cm_inv_diff_norm": sum { i, j, p in p / (1 + abs(i - j) / n) },
      "cm_inv_diff_mom": sum { i, j, p in p / (1 + (i - j) * (i - j)) },
      "cm_inv_diff_mom_norm": sum { i, j, p in p / (1 + (i - j) * (i - j) / (n * n)) },
      "cm_inv_var": sum { i, j, p in i == j ? 0 : p / ((i - j) * (i - j)) },
      "cm_corr": (sum { i, j, p in i * j * p } - μ * μ) / σ², "cm_auto_corr": sum { i, j, p in i * j * p },
      "cm_clust_tend": sum { i, j, p in pow(i + j - 2 * μ, 2) * p },
      "cm_clust_shade": sum { i, j, p in pow(i + j - 2 * μ, 3) * p },
      "cm_clust_prom": sum { i, j, p in pow(i + j - 2 * μ, 4) * p },
      "cm_sum_avg": sum { i, j, p in (i + j) * p }, "cm_sum_var": sum { i, j, p in pow(i + j - 2 * μ, 2) * p },
      "cm_diff_avg": sum { i, j, p in abs(i - j) * p },
      "cm_info_corr1": (h - h1) / hx, "cm_info_corr2": (1 - exp(-2 * (h2 - h))).squareRoot(),
    ]
  }
}

@Suite("Grey level co-occurrence · property: equal to the plain double sums")
struct GreyLevelCooccurrencePlain {
  static let all: [(Int, Int, Int)] = [
    (1, 0, 0), (0, 1, 0), (1, 1, 0), (-1, 1, 0), (0, 0, 1), (1, 0, 1), (-1, 0, 1), (0, 1, 1), (0, -1, 1), (1, 1, 1),
    (-1, 1, 1), (1, -1, 1), (-1, -1, 1),
  ]

  @Test(arguments: [1, 2, 3, 7])
  func distances(_ δ: Int) throws {
    var random = Random(state: UInt64(δ))
    let s = Size(columns: 8, rows: 7, slices: 5), g = Geometry(size: s), n = 9
    var levels = (0..<s.count).map { _ in random.next(10) < 7 ? 1 + random.next(n) : 0 }
    levels[0] = n
    levels[s.count - 1] = 1
    // Level 4 never occurs, so that matrices of the levels in use differ from matrices of all levels.
    levels = levels.map { $0 == 4 ? 5 : $0 }
    let image = AnyVolume.u8(try Volume(g, voxels: levels.map { UInt8($0) }))
    let mask = Mask(try Volume(g, voxels: levels.map { UInt8($0 > 0 ? 1 : 0) }))
    var e = FeatureExtraction()
    e.families = [.glcm]
    e.discretisation = .none
    e.distance = δ
    e.aggregations = [.merged3D, .averaged3D, .merged25D, .averaged25D]
    let found = try e(image, in: mask).byKey

    func plain(_ d: some Collection<(Int, Int, Int)>) -> [String: Double] {
      Plain(levels, s, offsets: d.map { (δ * $0.0, δ * $0.1, δ * $0.2) }, count: n).features
    }
    func compare(_ expected: [[String: Double]], _ way: String) {
      for tag in expected[0].keys {
        let defined = expected.compactMap { $0[tag] }.filter { $0.isFinite }
        guard let value = found["\(tag)_\(way)"] else { return #expect(Bool(false), "\(tag)_\(way) is missing") }
        // At δ = 7 only rows of voxels are long enough; matrices without pairs are not in the mean.
        if defined.isEmpty {
          #expect(value.isNaN, "\(tag)_\(way)")
        } else {
          let mean = defined.reduce(0, +) / Double(defined.count)
          #expect(abs(value - mean) <= 1e-11 * max(1, abs(mean)), "\(tag)_\(way) at δ = \(δ): \(value), \(mean)")
        }
      }
    }
    func each(_ d: ArraySlice<(Int, Int, Int)>) -> [[String: Double]] {
      d.map { plain([$0]) }.filter { ($0["cm_joint_max"] ?? 0) > 0 }
    }
    compare([plain(Self.all)], "3D:mrg")
    compare([plain(Self.all.prefix(4))], "2.5D:mrg")
    compare(each(Self.all[...]), "3D:avg")
    compare(each(Self.all.prefix(4)), "2.5D:avg")
  }

  @Test func slicesAreAveragedWithoutThoseThatHaveNoPairs() throws {
    // Slice 0 has texture, slice 1 a single voxel: the mean over slices is that of slice 0.
    let g = Geometry(size: Size(columns: 4, rows: 3, slices: 2))
    let voxels: [UInt8] = [1, 2, 1, 3, 2, 2, 3, 1, 1, 3, 2, 1] + [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    var e = FeatureExtraction()
    e.families = [.glcm]
    e.discretisation = .none
    e.aggregations = [.merged2D, .merged25D, .averaged2D, .averaged25D]
    let mask = Mask(try Volume(g, voxels: voxels))
    let v = try e(.u8(Volume(g, voxels: voxels)), in: mask).map(\.value)
    #expect(v[0..<25].elementsEqual(v[25..<50]) { $0 == $1 })
    #expect(v[50..<75].elementsEqual(v[75..<100]) { abs($0 - $1) < 1e-14 })
    #expect(v.allSatisfy { $0.isFinite })
  }
}

@Suite("Grey level co-occurrence · malformed and extreme input")
struct GreyLevelCooccurrenceExtremes {
  @Test func tooManyGreyLevelsAreRefused() throws {
    let g = Geometry(size: Size(columns: 70, rows: 60))
    let image = AnyVolume.u16(try Volume(g, voxels: (1...4200).map { UInt16($0) }))
    var e = FeatureExtraction()
    e.discretisation = .none
    let error = #expect(throws: ImageError.self) { try e(image, in: Mask(Volume(g, repeating: 1))) }
    #expect(error?.kind == .limitExceeded)
    e.families = [.histogram]
    #expect(try e(image, in: Mask(Volume(g, repeating: 1))).byKey["ih_max"] == 4200)
  }

  @Test func sparseHighLevelsAreFine() throws {
    let g = Geometry(size: Size(columns: 3, rows: 1))
    let image = AnyVolume.u16(try Volume(g, voxels: [UInt16(1), 65_535, 1]))
    var e = FeatureExtraction()
    e.families = [.glcm]
    e.discretisation = .none
    let found = try e(image, in: Mask(Volume(g, repeating: 1))).byKey
    #expect(found["cm_contrast_3D:mrg"] == 65_534.0 * 65_534.0)
    #expect(found["cm_corr_3D:mrg"] == -1)
  }
}
