// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Neighbourhood grey tone difference matrix. IBSI 1 reference manual, IPET.
/// nᵢ: voxels of grey level i that have neighbours; sᵢ: Σ |i − mean level of the neighbours| over them; Nᵥ = Σ nᵢ;
/// pᵢ = nᵢ / Nᵥ; N: levels with pᵢ > 0. Sums over i and k take levels with p > 0.
struct GreyToneDifference: FeatureFamily {
  static let family = FamilyName.ngtdm

  let levels: [(i: Double, n: Double, s: Double)]
  let voxels: Double
  /// Σᵢ pᵢ·sᵢ and Σᵢ sᵢ
  let weighted: Double, differences: Double
  /// Over all i and k: Σ pᵢpₖ(i − k)², Σ |i·pᵢ − k·pₖ|, Σ |i − k|·(pᵢsᵢ + pₖsₖ)/(pᵢ + pₖ), Σ (pᵢ + pₖ)(i − k)².
  let spread: Double, change: Double, variety: Double, distances: Double

  /// Nil when no voxel has a neighbour.
  ///
  /// - Cost: levels in use, squared.
  init?(_ levels: [(i: Double, n: Double, s: Double)]) {
    guard !levels.isEmpty else { return nil }
    self.levels = levels
    let n = levels.reduce(0) { $0 + $1.n }
    voxels = n
    weighted = levels.reduce(0) { $0 + $1.n / n * $1.s }
    differences = levels.reduce(0) { $0 + $1.s }
    let all = levels.map { (i: $0.i, p: $0.n / n, ps: $0.n / n * $0.s) }
    let sums = parallelReduce(all.count, block: 1 << 10, SIMD4<Double>(repeating: 0)) { rows in
      var sums = SIMD4<Double>(repeating: 0)
      for a in rows {
        let (i, p, ps) = all[a]
        for b in a + 1..<all.count {
          let other = all[b], d = i - other.i, both = p + other.p
          sums += SIMD4(
            p * other.p * d * d, abs(i * p - other.i * other.p), abs(d) * (ps + other.ps) / both, both * d * d)
        }
      }
      return sums
    } combine: {
      $0 += $1
    }
    (spread, change, variety, distances) = (2 * sums.x, 2 * sums.y, 2 * sums.z, 2 * sums.w)
  }
}

extension GreyToneDifference {
  static let features: [Feature<Self>] = [
    .init("Coarseness", "QCDE", "ngt_coarseness", "1 / Σᵢ pᵢ·sᵢ; 10⁶ at most") { t in min(1 / t.weighted, 1e6) },
    .init(
      "Contrast", "65HE", "ngt_contrast", "Σᵢₖ pᵢ·pₖ·(i − k)² / (N·(N − 1)) · Σᵢ sᵢ / Nᵥ; 0 for a single level"
    ) { t in
      let n = Double(t.levels.count)
      return n > 1 ? t.spread / (n * (n - 1)) * (t.differences / t.voxels) : 0
    },
    .init("Busyness", "NQ30", "ngt_busyness", "Σᵢ pᵢ·sᵢ / Σᵢₖ |i·pᵢ − k·pₖ|; 0 for a single level") { t in
      t.levels.count > 1 ? t.weighted / t.change : 0
    },
    .init("Complexity", "HDEZ", "ngt_complexity", "Σᵢₖ |i − k|·(pᵢ·sᵢ + pₖ·sₖ) / (pᵢ + pₖ) / Nᵥ") { t in
      t.variety / t.voxels
    },
    .init("Strength", "1X9X", "ngt_strength", "Σᵢₖ (pᵢ + pₖ)·(i − k)² / Σᵢ sᵢ; 0 where Σᵢ sᵢ = 0") { t in
      t.differences > 0 ? t.distances / t.differences : 0
    },
  ]
}
