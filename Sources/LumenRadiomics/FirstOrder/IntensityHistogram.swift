// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Intensity histogram of the discretised intensities. IBSI 1 reference manual, ZVCW.
/// Hᵢ: voxels of grey level i = 1 … Ng; pᵢ = Hᵢ / N; μ and σ² mean and variance of the levels, Pq their percentiles;
/// H'ᵢ: gradient of H, central differences inside and one-sided ones at the ends.
struct IntensityHistogram: FeatureFamily {
  static let family = FamilyName.histogram

  /// H, level 1 first.
  let counts: [Int]
  let n: Double
  let mean: Double
  let variance: Double
  let median: Double
  let (p10, p25, p75, p90): (Double, Double, Double, Double)
  /// Lowest and highest level in use.
  let (minimum, maximum): (Double, Double)
  /// H', level 1 first; empty for fewer than two levels.
  let gradient: [Double]

  init(_ levels: GreyLevels) {
    let h = levels.counts
    counts = h
    let total = h.reduce(0, +)
    n = Double(total)
    var sum = 0
    for (k, c) in h.enumerated() { sum += (k + 1) * c }
    let μ = Double(sum) / Double(total)
    mean = μ
    variance = Self.sum(h) { i, c in (i - μ) * (i - μ) * c } / n

    var upTo: [Int] = []
    upTo.reserveCapacity(h.count)
    var running = 0
    for c in h {
      running += c
      upTo.append(running)
    }
    func p(_ q: Double) -> Double {
      percentile(q, of: total) { k in Double(partition(upTo.count) { upTo[$0] > k } + 1) }
    }
    median = p(50)
    (p10, p25, p75, p90) = (p(10), p(25), p(75), p(90))
    minimum = h.firstIndex { $0 > 0 }.map { Double($0 + 1) } ?? .nan
    maximum = h.lastIndex { $0 > 0 }.map { Double($0 + 1) } ?? .nan
    gradient =
      h.count < 2 || total == 0
      ? []
      : h.indices.map { k in
        let (a, b) = (max(k - 1, 0), min(k + 1, h.count - 1))
        return Double(h[b] - h[a]) / Double(b - a)
      }
  }

  private static func sum(_ counts: [Int], _ f: (Double, Double) -> Double) -> Double {
    var sum = 0.0
    for (k, c) in counts.enumerated() where c > 0 { sum += f(Double(k + 1), Double(c)) }
    return sum
  }

  /// Σᵢ f(i, pᵢ) over levels in use; NaN without voxels.
  func sum(_ f: (Double, Double) -> Double) -> Double {
    n == 0 ? .nan : Self.sum(counts) { i, c in f(i, c / n) }
  }

  /// The most frequent level; of several the one nearest to μ, of two at the same distance the lower.
  var mode: Double {
    let most = counts.max() ?? 0
    guard most > 0 else { return .nan }
    let candidates = counts.indices.filter { counts[$0] == most }.map { Double($0 + 1) }
    return candidates.min { abs($0 - mean) < abs($1 - mean) } ?? .nan
  }

  /// Mean absolute deviation of the levels from P10 to P90 from their own mean.
  var robustDeviation: Double {
    func inner(_ f: (Double, Double) -> Double) -> Double {
      Self.sum(counts) { i, c in i >= p10 && i <= p90 ? f(i, c) : 0 }
    }
    let m = inner { _, c in c }, μ = inner { i, c in i * c } / m
    return inner { i, c in abs(i - μ) * c } / m
  }

  /// The first level where the gradient has this value.
  func level(ofGradient value: Double?) -> Double {
    value.flatMap { gradient.firstIndex(of: $0) }.map { Double($0 + 1) } ?? .nan
  }
}

extension IntensityHistogram {
  static let features: [Feature<Self>] = [
    .init("Mean", "X6K6", "ih_mean", "μ = Σᵢ i·pᵢ") { h in h.mean },
    .init("Variance", "CH89", "ih_var", "σ² = Σᵢ (i − μ)²·pᵢ") { h in h.variance },
    .init("Skewness", "88K1", "ih_skew", "Σᵢ (i − μ)³·pᵢ / σ³; 0 where σ = 0") { h in
      let μ = h.mean
      return h.variance == 0
        ? 0 : h.sum { i, p in (i - μ) * (i - μ) * (i - μ) * p } / (h.variance * h.variance.squareRoot())
    },
    .init("(Excess) kurtosis", "C3I7", "ih_kurt", "Σᵢ (i − μ)⁴·pᵢ / σ⁴ − 3; 0 where σ = 0") { h in
      let μ = h.mean
      return h.variance == 0
        ? 0 : h.sum { i, p in (i - μ) * (i - μ) * (i - μ) * (i - μ) * p } / (h.variance * h.variance) - 3
    },
    .init("Median", "WIFQ", "ih_median", "P50") { h in h.median },
    .init("Minimum", "1PR8", "ih_min", "min i, Hᵢ > 0") { h in h.minimum },
    .init("10th percentile", "GPMT", "ih_p10", "P10") { h in h.p10 },
    .init("90th percentile", "OZ0C", "ih_p90", "P90") { h in h.p90 },
    .init("Maximum", "3NCY", "ih_max", "max i, Hᵢ > 0") { h in h.maximum },
    .init("Mode", "AMMC", "ih_mode", "i of max Hᵢ, the one nearest to μ") { h in h.mode },
    .init("Interquartile range", "WR0O", "ih_iqr", "P75 − P25") { h in h.p75 - h.p25 },
    .init("Range", "5Z3W", "ih_range", "max i − min i, Hᵢ > 0") { h in h.maximum - h.minimum },
    .init("Mean absolute deviation", "D2ZX", "ih_mad", "Σᵢ |i − μ|·pᵢ") { h in
      let μ = h.mean
      return h.sum { i, p in abs(i - μ) * p }
    },
    .init(
      "Robust mean absolute deviation", "WRZB", "ih_rmad", "Σᵢ |i − μ'|·p'ᵢ over P10 ≤ i ≤ P90, μ' their mean"
    ) { h in h.robustDeviation },
    .init("Median absolute deviation", "4RNL", "ih_medad", "Σᵢ |i − P50|·pᵢ") { h in
      let median = h.median
      return h.sum { i, p in abs(i - median) * p }
    },
    .init("Coefficient of variation", "CWYJ", "ih_cov", "σ / μ") { h in h.variance.squareRoot() / h.mean },
    .init("Quartile coefficient of dispersion", "SLWD", "ih_qcod", "(P75 − P25) / (P75 + P25)") { h in
      (h.p75 - h.p25) / (h.p75 + h.p25)
    },
    .init("Entropy", "TLU2", "ih_entropy", "−Σᵢ pᵢ·log₂ pᵢ", unit: "bit") { h in h.sum { _, p in -p * log2(p) } },
    .init("Uniformity", "BJ5W", "ih_uniformity", "Σᵢ pᵢ²") { h in h.sum { _, p in p * p } },
    .init("Maximum histogram gradient", "12CE", "ih_max_grad", "max H'ᵢ") { h in h.gradient.max() ?? .nan },
    .init("Maximum histogram gradient intensity", "8E6O", "ih_max_grad_g", "the first i of max H'ᵢ") { h in
      h.level(ofGradient: h.gradient.max())
    },
    .init("Minimum histogram gradient", "VQB3", "ih_min_grad", "min H'ᵢ") { h in h.gradient.min() ?? .nan },
    .init("Minimum histogram gradient intensity", "RHQZ", "ih_min_grad_g", "the first i of min H'ᵢ") { h in
      h.level(ofGradient: h.gradient.min())
    },
  ]
}
