// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Grey level co-occurrence matrix. IBSI 1 reference manual, LFYI.
/// pᵢⱼ: probability that grey levels i and j (1 … Ng) are neighbours at distance δ; symmetric, Σp = 1.
/// pᵢ: marginal; p₋(k) and p₊(k): probabilities that |i − j| or i + j is k; μ, σ²: mean and variance of pᵢ.
///
/// Features of |i − j|, of i + j and of i alone are summed over the marginals, which is the same sum in another order.
struct GreyLevelCooccurrence: FeatureFamily {
  static let family = FamilyName.glcm

  /// Cells i ≤ j with pᵢⱼ > 0; a cell off the diagonal stands for two.
  let cells: [(i: Double, j: Double, p: Double)]
  let marginal: [(i: Double, p: Double)]
  let differences: [(k: Double, p: Double)]
  let sums: [(k: Double, p: Double)]
  /// Ng.
  let levelCount: Double
  let mean: Double
  let variance: Double

  /// From counts of ordered pairs: row a, column b of a square matrix with side `levels.count` + 1 is how often level
  /// `levels[a − 1]` is followed by `levels[b − 1]`; row and column 0 are outside the region.
  /// Nil without pairs.
  init?(counts: [Double], levels: [Int], levelCount: Int) {
    let k = levels.count, side = k + 1
    guard let lowest = levels.first, let highest = levels.last else { return nil }
    var total = 0.0
    for a in 1...k { for b in 1...k { total += counts[a &* side &+ b] } }
    guard total > 0 else { return nil }
    let scale = 1 / (2 * total)
    var cells: [(i: Double, j: Double, p: Double)] = []
    // Counts, not probabilities, are summed: whole numbers, exact in any order, unless directions are weighted.
    var ofLevel = [Double](repeating: 0, count: k)
    var ofDifference = [Double](repeating: 0, count: highest - lowest + 1)
    var ofSum = [Double](repeating: 0, count: 2 * (highest - lowest) + 1)
    for a in 1...k {
      for b in a...k {
        let n = counts[a &* side &+ b] + counts[b &* side &+ a]
        if n == 0 { continue }
        let (i, j) = (levels[a - 1], levels[b - 1])
        cells.append((Double(i), Double(j), n * scale))
        let both = a == b ? n : 2 * n
        ofLevel[a - 1] += n
        if a != b { ofLevel[b - 1] += n }
        ofDifference[j - i] += both
        ofSum[i + j - 2 * lowest] += both
      }
    }
    self.cells = cells
    self.levelCount = Double(levelCount)
    let marginal = zip(levels, ofLevel).filter { $1 > 0 }.map { (i: Double($0), p: $1 * scale) }
    self.marginal = marginal
    differences = ofDifference.enumerated().filter { $1 > 0 }.map { (k: Double($0), p: $1 * scale) }
    sums = ofSum.enumerated().filter { $1 > 0 }.map { (k: Double($0 + 2 * lowest), p: $1 * scale) }
    let μ = marginal.reduce(0) { $0 + $1.i * $1.p }
    mean = μ
    variance = marginal.count == 1 ? 0 : marginal.reduce(0) { $0 + ($1.i - μ) * ($1.i - μ) * $1.p }
  }

  /// Σᵢⱼ f(i, j, pᵢⱼ) for an f that is symmetric in i and j.
  func sum(_ f: (Double, Double, Double) -> Double) -> Double {
    cells.reduce(0) { $0 + ($1.i == $1.j ? 1 : 2) * f($1.i, $1.j, $1.p) }
  }
  /// Σₖ f(k, p₋(k))
  func overDifferences(_ f: (Double, Double) -> Double) -> Double { differences.reduce(0) { $0 + f($1.k, $1.p) } }
  /// Σₖ f(k, p₊(k))
  func overSums(_ f: (Double, Double) -> Double) -> Double { sums.reduce(0) { $0 + f($1.k, $1.p) } }

  /// H = −Σᵢⱼ pᵢⱼ·log₂ pᵢⱼ
  var jointEntropy: Double { sum { _, _, p in -p * log2(p) } }
  /// Hₓ = −Σᵢ pᵢ·log₂ pᵢ; of two independent levels 2·Hₓ, which is both H₁ and H₂ of the manual.
  var marginalEntropy: Double { marginal.reduce(0) { $0 - $1.p * log2($1.p) } }
}

extension GreyLevelCooccurrence {
  static let features: [Feature<Self>] = [
    .init("Joint maximum", "GYBY", "cm_joint_max", "max pᵢⱼ") { m in m.cells.reduce(0) { max($0, $1.p) } },
    .init("Joint average", "60VM", "cm_joint_avg", "μ = Σᵢⱼ i·pᵢⱼ") { m in m.mean },
    .init("Joint variance", "UR99", "cm_joint_var", "σ² = Σᵢⱼ (i − μ)²·pᵢⱼ") { m in m.variance },
    .init("Joint entropy", "TU9B", "cm_joint_entr", "H = −Σᵢⱼ pᵢⱼ·log₂ pᵢⱼ", unit: "bit") { m in m.jointEntropy },
    .init("Difference average", "TF7R", "cm_diff_avg", "μ₋ = Σₖ k·p₋(k)") { m in m.overDifferences { k, p in k * p } },
    .init("Difference variance", "D3YU", "cm_diff_var", "Σₖ (k − μ₋)²·p₋(k)") { m in
      let μ = m.overDifferences { k, p in k * p }
      return m.overDifferences { k, p in (k - μ) * (k - μ) * p }
    },
    .init("Difference entropy", "NTRS", "cm_diff_entr", "−Σₖ p₋(k)·log₂ p₋(k)", unit: "bit") { m in
      m.overDifferences { _, p in -p * log2(p) }
    },
    .init("Sum average", "ZGXS", "cm_sum_avg", "μ₊ = Σₖ k·p₊(k)") { m in m.overSums { k, p in k * p } },
    .init("Sum variance", "OEEB", "cm_sum_var", "Σₖ (k − μ₊)²·p₊(k)") { m in
      let μ = m.overSums { k, p in k * p }
      return m.overSums { k, p in (k - μ) * (k - μ) * p }
    },
    .init("Sum entropy", "P6QZ", "cm_sum_entr", "−Σₖ p₊(k)·log₂ p₊(k)", unit: "bit") { m in
      m.overSums { _, p in -p * log2(p) }
    },
    .init("Angular second moment", "8ZQL", "cm_energy", "Σᵢⱼ pᵢⱼ²") { m in m.sum { _, _, p in p * p } },
    .init("Contrast", "ACUI", "cm_contrast", "Σᵢⱼ (i − j)²·pᵢⱼ") { m in m.overDifferences { k, p in k * k * p } },
    .init("Dissimilarity", "8S9J", "cm_dissimilarity", "Σᵢⱼ |i − j|·pᵢⱼ") { m in m.overDifferences { k, p in k * p } },
    .init("Inverse difference", "IB1Z", "cm_inv_diff", "Σᵢⱼ pᵢⱼ / (1 + |i − j|)") { m in
      m.overDifferences { k, p in p / (1 + k) }
    },
    .init("Normalised inverse difference", "NDRX", "cm_inv_diff_norm", "Σᵢⱼ pᵢⱼ / (1 + |i − j| / Ng)") { m in
      m.overDifferences { k, p in p / (1 + k / m.levelCount) }
    },
    .init("Inverse difference moment", "WF0Z", "cm_inv_diff_mom", "Σᵢⱼ pᵢⱼ / (1 + (i − j)²)") { m in
      m.overDifferences { k, p in p / (1 + k * k) }
    },
    .init(
      "Normalised inverse difference moment", "1QCO", "cm_inv_diff_mom_norm", "Σᵢⱼ pᵢⱼ / (1 + (i − j)² / Ng²)"
    ) { m in m.overDifferences { k, p in p / (1 + k * k / (m.levelCount * m.levelCount)) } },
    .init("Inverse variance", "E8JP", "cm_inv_var", "2 Σᵢ Σⱼ₍ⱼ﹥ᵢ₎ pᵢⱼ / (i − j)²") { m in
      m.overDifferences { k, p in k == 0 ? 0 : p / (k * k) }
    },
    .init("Correlation", "NI2N", "cm_corr", "Σᵢⱼ (i − μ)·(j − μ)·pᵢⱼ / σ²; undefined where σ = 0") { m in
      let μ = m.mean
      return m.sum { i, j, p in (i - μ) * (j - μ) * p } / m.variance
    },
    .init("Autocorrelation", "QWB0", "cm_auto_corr", "Σᵢⱼ i·j·pᵢⱼ") { m in m.sum { i, j, p in i * j * p } },
    .init("Cluster tendency", "DG8W", "cm_clust_tend", "Σᵢⱼ (i + j − 2μ)²·pᵢⱼ") { m in
      let μ = m.mean
      return m.overSums { k, p in (k - 2 * μ) * (k - 2 * μ) * p }
    },
    .init("Cluster shade", "7NFM", "cm_clust_shade", "Σᵢⱼ (i + j − 2μ)³·pᵢⱼ") { m in
      let μ = m.mean
      return m.overSums { k, p in (k - 2 * μ) * (k - 2 * μ) * (k - 2 * μ) * p }
    },
    .init("Cluster prominence", "AE86", "cm_clust_prom", "Σᵢⱼ (i + j − 2μ)⁴·pᵢⱼ") { m in
      let μ = m.mean
      return m.overSums { k, p in (k - 2 * μ) * (k - 2 * μ) * (k - 2 * μ) * (k - 2 * μ) * p }
    },
    .init(
      "Information correlation 1", "R8DG", "cm_info_corr1",
      "(H − H₁) / Hₓ, H₁ = −Σᵢⱼ pᵢⱼ·log₂ (pᵢ·pⱼ) = 2 Hₓ; undefined where Hₓ = 0"
    ) { m in (m.jointEntropy - 2 * m.marginalEntropy) / m.marginalEntropy },
    .init(
      "Information correlation 2", "JN9H", "cm_info_corr2",
      "√(1 − exp(−2 (H₂ − H))), H₂ = −Σᵢⱼ pᵢ·pⱼ·log₂ (pᵢ·pⱼ) = 2 Hₓ; 0 where H₂ < H"
    ) { m in (1 - exp(-2 * max(0, 2 * m.marginalEntropy - m.jointEntropy))).squareRoot() },
  ]
}
