// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// First-order statistics by PyRadiomics' definitions.
/// x: the N intensities, x̄ their mean, c the shift, p the shares of the grey levels in use, V the volume of a voxel.
///
/// - Source: PyRadiomics 3.0.1, `firstorder.py`. It differs from IBSI in kurtosis (not reduced by 3), entropy and
///   uniformity (of its own discretisation), and energy (shifted).
struct PyRadiomicsFirstOrder: PyRadiomicsFamily {
  /// Ascending.
  let x: [Double]
  /// Voxels of each grey level in use.
  let counts: [Int]
  let shift: Double, voxelVolume: Double
  let mean: Double
  let p10: Double, p90: Double

  init(_ values: [Double], levels: [UInt16], shift: Double, voxelVolume: Double) {
    x = radixSorted(values)
    var counts = [Int](repeating: 0, count: Int(levels.max() ?? 0) + 1)
    for level in levels { counts[Int(level)] += 1 }
    self.counts = counts.filter { $0 > 0 }
    (self.shift, self.voxelVolume) = (shift, voxelVolume)
    mean = blockSum(x) / Double(x.count)
    p10 = Self.percentile(10, x)
    p90 = Self.percentile(90, x)
  }

  private var n: Double { Double(x.count) }

  /// As NumPy interpolates: from the nearer end.
  static func percentile(_ q: Double, _ x: [Double]) -> Double {
    guard let last = x.last else { return .nan }
    let position = Double(x.count - 1) * (q / 100), below = Int(position)
    guard below + 1 < x.count else { return last }
    let t = position - Double(below), a = x[below], b = x[below + 1]
    return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t
  }

  func percentile(_ q: Double) -> Double { Self.percentile(q, x) }

  /// Σ (x − x̄)ᵏ / N
  func moment(_ k: Int) -> Double {
    blockSum(x, k == 2 ? .square(from: mean) : k == 3 ? .cube(from: mean) : .fourth(from: mean)) / n
  }

  var energy: Double { blockSum(x, .square(from: -shift)) }

  /// Mean absolute deviation of the intensities from P10 to P90 from their own mean.
  var robustDeviation: Double {
    let (low, high) = (p10, p90)
    let inner = partition(x.count) { x[$0] >= low }..<partition(x.count) { x[$0] > high }
    let μ = blockSum(x, in: inner) / Double(inner.count)
    return blockSum(x, in: inner, .distance(from: μ)) / Double(inner.count)
  }

  var median: Double {
    guard !x.isEmpty else { return .nan }
    return x.count % 2 == 1 ? x[x.count / 2] : (x[x.count / 2 - 1] + x[x.count / 2]) / 2
  }
}

extension PyRadiomicsFirstOrder {
  static let features: [PyRadiomicsFeature<Self>] = [
    .init("10Percentile", "QG58", "P₁₀", unit: "intensity") { s in s.p10 },
    .init("90Percentile", "8DWT", "P₉₀", unit: "intensity") { s in s.p90 },
    .init("Energy", nil, "Σ (x + c)²; IBSI N8CA for c = 0", unit: "intensity²") { s in s.energy },
    .init("Entropy", "TLU2", "−Σ p·log₂(p + ε)", unit: "bit") { s in
      let n = Double(s.x.count)
      return -s.counts.reduce(0.0) { $0 + entropyTerm(Double($1) / n) }
    },
    .init("InterquartileRange", "SALO", "P₇₅ − P₂₅", unit: "intensity") { s in s.percentile(75) - s.percentile(25) },
    .init("Kurtosis", nil, "Σ (x − x̄)⁴ / N / σ⁴; 0 where σ = 0 (IBSI IPH6 is 3 less)") { s in
      let m2 = s.moment(2)
      return m2 == 0 ? s.moment(4) : s.moment(4) / (m2 * m2)
    },
    .init("Maximum", "84IY", "max x", unit: "intensity") { s in s.x.last ?? .nan },
    .init("Mean", "Q4LE", "x̄ = Σ x / N", unit: "intensity") { s in s.mean },
    .init("MeanAbsoluteDeviation", "4FUA", "Σ |x − x̄| / N", unit: "intensity") { s in
      blockSum(s.x, .distance(from: s.mean)) / Double(s.x.count)
    },
    .init("Median", "Y12H", "P₅₀", unit: "intensity") { s in s.median },
    .init("Minimum", "1GSF", "min x", unit: "intensity") { s in s.x.first ?? .nan },
    .init("Range", "2OJQ", "max x − min x", unit: "intensity") { s in (s.x.last ?? .nan) - (s.x.first ?? .nan) },
    .init("RobustMeanAbsoluteDeviation", "1128", "Σ |x − x̄'| / N' over P₁₀ ≤ x ≤ P₉₀, x̄' their mean", unit: "intensity")
    { s in
      s.robustDeviation
    },
    .init("RootMeanSquared", nil, "√(Σ (x + c)² / N); IBSI 5ZWQ for c = 0", unit: "intensity") { s in
      s.x.isEmpty ? 0 : (s.energy / Double(s.x.count)).squareRoot()
    },
    .init("Skewness", "KE2A", "Σ (x − x̄)³ / N / σ³; 0 where σ = 0") { s in
      let m2 = s.moment(2)
      return m2 == 0 ? s.moment(3) : s.moment(3) / pow(m2, 1.5)
    },
    .init("StandardDeviation", nil, "√(Σ (x − x̄)² / N)", unit: "intensity", isDeprecated: true) { s in
      s.moment(2).squareRoot()
    },
    .init("TotalEnergy", nil, "V·Σ (x + c)²", unit: "intensity²·mm³") { s in s.energy * s.voxelVolume },
    .init("Uniformity", "BJ5W", "Σ p²") { s in
      let n = Double(s.x.count)
      return s.counts.reduce(0.0) { $0 + (Double($1) / n) * (Double($1) / n) }
    },
    .init("Variance", "ECT3", "σ² = Σ (x − x̄)² / N", unit: "intensity²") { s in s.moment(2) },
  ]
}
