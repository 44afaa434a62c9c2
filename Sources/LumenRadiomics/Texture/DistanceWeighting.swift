// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Weights of directions in texture matrices that merge several: w(m) = exp(−‖m‖²), m the step to the neighbour in mm.
/// Raw values are the names in recipes, those of PyRadiomics.
///
/// GLCM and GLRLM of a direction are multiplied by its weight before they are merged; in the NGTDM it is the weight of a
/// neighbour in the mean. Where each direction is measured by itself weights have no effect. IBSI advises against it.
///
/// - Source: IBSI 1 reference manual, distances and distance weighting; norms as in PyRadiomics, `weightingNorm`.
public enum DistanceWeighting: String, Sendable, CaseIterable {
  /// w = 1.
  case none = "no_weighting"
  /// ‖m‖ = max |mₖ|, the Chebyshev norm.
  case infinity
  /// ‖m‖ = √Σ mₖ²
  case euclidean
  /// ‖m‖ = Σ |mₖ|
  case manhattan

  func weight(_ step: Offset, _ spacing: SIMD3<Double>) -> Double {
    let m = SIMD3(Double(abs(step.x)), Double(abs(step.y)), Double(abs(step.z))) * spacing
    switch self {
    case .none: return 1
    case .infinity: return exp(-m.max() * m.max())
    case .euclidean: return exp(-dot(m, m))
    case .manhattan: return exp(-m.sum() * m.sum())
    }
  }
}

extension TextureSweep {
  /// nᵢ and sᵢ of the NGTDM with weighted neighbours. Sums go by fixed blocks of slices: the same bits for any number of
  /// threads. A voxel whose neighbours all have weight 0 (far away on this scale) has no neighbours.
  func weightedTone(_ slices: Range<Int>, _ weights: [Double]) -> [(level: Int, n: Int, s: Double)] {
    let steps = plan.neighbourhood.map(grid.step), rows = grid.highest + 1
    let zero = (n: [Int](repeating: 0, count: rows), s: [Double](repeating: 0, count: rows))
    let sums = grid.voxels.withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      return parallelReduce(slices.count, block: 1 + slices.count / 16, zero) { block in
        var sums = zero
        for z in block {
          for y in 0..<grid.size.rows {
            let line = p + grid.first + (slices.lowerBound + z) * grid.plane + y * grid.row
            for x in 0..<grid.size.columns where line[x] != 0 {
              var total = 0.0, sum = 0.0
              for (step, w) in zip(steps, weights) {
                let (a, b) = (line[x + step], line[x - step])
                if a != 0 { (total, sum) = (total + w, sum + w * Double(a)) }
                if b != 0 { (total, sum) = (total + w, sum + w * Double(b)) }
              }
              if total > 0 {
                sums.n[Int(line[x])] += 1
                sums.s[Int(line[x])] += abs(Double(line[x]) - sum / total)
              }
            }
          }
        }
        return sums
      } combine: { all, part in
        for i in 0..<rows { (all.n[i], all.s[i]) = (all.n[i] + part.n[i], all.s[i] + part.s[i]) }
      }
    }
    return (0..<rows).filter { sums.n[$0] > 0 }.map { ($0, sums.n[$0], sums.s[$0]) }
  }
}
