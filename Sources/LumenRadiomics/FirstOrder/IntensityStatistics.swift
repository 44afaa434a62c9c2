// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Intensity-based statistics. IBSI 1 reference manual, UHIW.
/// x: the N intensities of the intensity mask, μ and σ² their mean and variance (1/N), Pq their q-th percentile.
struct IntensityStatistics: FeatureFamily {
  static let family = FamilyName.statistics

  /// Ascending.
  let x: [Double]
  let n: Double
  let mean: Double
  let variance: Double
  let median: Double
  let (p10, p25, p75, p90): (Double, Double, Double, Double)

  init(sorted x: [Double]) {
    self.x = x
    n = Double(x.count)
    let sum = blockSum(x) { $0 }
    let mean = x.isEmpty ? .nan : x.first == x.last ? x[0] : sum / Double(x.count)
    self.mean = mean
    let variance = blockSum(x) { ($0 - mean) * ($0 - mean) } / n
    // Of intensities below 1e-160 for want of smaller numbers.
    self.variance = variance == 0 && x.first != x.last ? .nan : variance
    func p(_ q: Double) -> Double { percentile(q, of: x.count) { x[$0] } }
    median = p(50)
    (p10, p25, p75, p90) = (p(10), p(25), p(75), p(90))
  }

  /// Σ x² / N; NaN where it is 0 for want of smaller numbers.
  var meanSquare: Double {
    let square = mean { $0 * $0 }
    return square == 0 && (x.first != 0 || x.last != 0) ? .nan : square
  }

  /// 1/N · Σ f(x)
  @inline(__always) func mean(_ f: @Sendable (Double) -> Double) -> Double { blockSum(x, f) / n }

  /// Σ (x − μ)ᵏ / N over σᵏ
  func standardisedMoment(_ k: Int) -> Double {
    let μ = mean
    return k == 3
      ? mean { ($0 - μ) * ($0 - μ) * ($0 - μ) } / (variance * variance.squareRoot())
      : mean { ($0 - μ) * ($0 - μ) * ($0 - μ) * ($0 - μ) } / (variance * variance)
  }

  /// Mean absolute deviation of the intensities from P10 to P90 from their own mean.
  var robustDeviation: Double {
    let inner = partition(x.count) { x[$0] >= p10 }..<partition(x.count) { x[$0] > p90 }
    let m = Double(inner.count), μ = blockSum(x, in: inner) { $0 } / m
    return blockSum(x, in: inner) { abs($0 - μ) } / m
  }
}

/// The first index for which a monotone condition holds.
func partition(_ n: Int, _ holds: (Int) -> Bool) -> Int {
  var (low, high) = (0, n)
  while low < high {
    let middle = (low + high) / 2
    if holds(middle) { high = middle } else { low = middle + 1 }
  }
  return low
}

extension IntensityStatistics {
  static let features: [Feature<Self>] = [
    .init("Mean", "Q4LE", "stat_mean", "μ = Σ x / N", unit: "intensity") { s in s.mean },
    .init("Variance", "ECT3", "stat_var", "σ² = Σ (x − μ)² / N", unit: "intensity²") { s in s.variance },
    .init("Skewness", "KE2A", "stat_skew", "Σ (x − μ)³ / N / σ³; 0 where σ = 0") { s in
      s.variance == 0 ? 0 : s.standardisedMoment(3)
    },
    .init("(Excess) kurtosis", "IPH6", "stat_kurt", "Σ (x − μ)⁴ / N / σ⁴ − 3; 0 where σ = 0") { s in
      s.variance == 0 ? 0 : s.standardisedMoment(4) - 3
    },
    .init("Median", "Y12H", "stat_median", "P50", unit: "intensity") { s in s.median },
    .init("Minimum", "1GSF", "stat_min", "min x", unit: "intensity") { s in s.x.first ?? .nan },
    .init("10th percentile", "QG58", "stat_p10", "P10", unit: "intensity") { s in s.p10 },
    .init("90th percentile", "8DWT", "stat_p90", "P90", unit: "intensity") { s in s.p90 },
    .init("Maximum", "84IY", "stat_max", "max x", unit: "intensity") { s in s.x.last ?? .nan },
    .init("Interquartile range", "SALO", "stat_iqr", "P75 − P25", unit: "intensity") { s in s.p75 - s.p25 },
    .init("Range", "2OJQ", "stat_range", "max x − min x", unit: "intensity") { s in
      (s.x.last ?? .nan) - (s.x.first ?? .nan)
    },
    .init("Mean absolute deviation", "4FUA", "stat_mad", "Σ |x − μ| / N", unit: "intensity") { s in
      let μ = s.mean
      return s.mean { abs($0 - μ) }
    },
    .init(
      "Robust mean absolute deviation", "1128", "stat_rmad", "Σ |x − μ'| / N' over P10 ≤ x ≤ P90, μ' their mean",
      unit: "intensity"
    ) { s in s.robustDeviation },
    .init("Median absolute deviation", "N72L", "stat_medad", "Σ |x − P50| / N", unit: "intensity") { s in
      let median = s.median
      return s.mean { abs($0 - median) }
    },
    .init("Coefficient of variation", "7TET", "stat_cov", "σ / μ") { s in s.variance.squareRoot() / s.mean },
    .init("Quartile coefficient of dispersion", "9S40", "stat_qcod", "(P75 − P25) / (P75 + P25)") { s in
      (s.p75 - s.p25) / (s.p75 + s.p25)
    },
    .init("Energy", "N8CA", "stat_energy", "Σ x²", unit: "intensity²") { s in s.n * s.meanSquare },
    .init("Root mean square", "5ZWQ", "stat_rms", "√(Σ x² / N)", unit: "intensity") { s in
      s.meanSquare.squareRoot()
    },
  ]
}
