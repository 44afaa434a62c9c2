// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Grey level co-occurrence matrices by PyRadiomics' definitions: one for each direction and distance, features
/// averaged over them; or with a weighting norm one weighted sum.
/// pᵢⱼ: probability that grey level i is followed by j; pₓ, p_y its marginals, Ng the highest level.
///
/// - Source: PyRadiomics 3.0.1, `glcm.py`.
struct PyRadiomicsGLCM: PyRadiomicsFamily {
  /// The matrix of one direction over the levels in use.
  struct Direction: Sendable {
    /// Grey levels in use.
    let i: [Double]
    /// Row by row; all NaN for a direction without neighbours.
    let p: [Double]
    let px: [Double], py: [Double]
    let ux: Double, uy: Double
    /// By i + j from 0 and by |i − j| from 0.
    let sums: [Double], differences: [Double]
    let jointEntropy: Double
    var side: Int { i.count }
    var isEmpty: Bool { ux.isNaN }

    /// From counts, which need not be whole numbers.
    init(_ counts: [Double], levels: [Int]) {
      let n = levels.count, total = counts.reduce(0, +)
      let p = total == 0 ? [Double](repeating: .nan, count: n * n) : counts.map { $0 / total }
      var px = [Double](repeating: 0, count: n), py = px
      var sums = [Double](repeating: 0, count: 2 * (levels.last ?? 0) + 1)
      var differences = [Double](repeating: 0, count: (levels.last ?? 0) + 1)
      var ux = 0.0, uy = 0.0, entropy = 0.0
      for a in 0..<n {
        for b in 0..<n where p[a * n + b] != 0 {
          let v = p[a * n + b]
          px[a] += v
          py[b] += v
          ux += Double(levels[a]) * v
          uy += Double(levels[b]) * v
          sums[levels[a] + levels[b]] += v
          differences[abs(levels[a] - levels[b])] += v
          entropy -= entropyTerm(v)
        }
      }
      i = levels.map(Double.init)
      (self.p, self.px, self.py, self.ux, self.uy) = (p, px, py, ux, uy)
      (self.sums, self.differences, jointEntropy) = (sums, differences, entropy)
    }

    /// Σᵢⱼ f(i, j)·pᵢⱼ
    func sum(_ f: (Double, Double) -> Double) -> Double {
      var sum = 0.0
      let n = side
      for a in 0..<n { for b in 0..<n where p[a * n + b] != 0 { sum += p[a * n + b] * f(i[a], i[b]) } }
      return sum
    }

    /// Σₖ f(k)·p₋(k) of differences k.
    func sumOfDifferences(_ f: (Double) -> Double) -> Double {
      var sum = 0.0
      for (k, p) in differences.enumerated() where p != 0 { sum += f(Double(k)) * p }
      return isEmpty ? .nan : sum
    }

    /// Of the marginals.
    func entropies() -> (x: Double, y: Double, joint1: Double, joint2: Double) {
      var joint1 = 0.0, joint2 = 0.0
      let n = side
      for a in 0..<n where px[a] != 0 {
        for b in 0..<n where py[b] != 0 {
          let both = px[a] * py[b], l = log2(both + pythonEpsilon)
          joint2 -= both * l
          if p[a * n + b] != 0 { joint1 -= p[a * n + b] * l }
        }
      }
      return (-px.reduce(0) { $0 + entropyTerm($1) }, -py.reduce(0) { $0 + entropyTerm($1) }, joint1, joint2)
    }

    /// √ of the second largest eigenvalue of Qᵢⱼ = Σₖ pᵢₖ·pⱼₖ / (pₓ(i)·p_y(k) + ε) over at least two levels. What
    /// rounding leaves of an eigenvalue 0 counts as 0.
    var maximalCorrelation: Double {
      let n = side
      if isEmpty { return .nan }
      // Levels without neighbours have rows and columns of zeros: eigenvalue 0 each.
      let used = (0..<n).filter { px[$0] != 0 }, m = used.count
      var q = [Double](repeating: 0, count: m * m)
      var scaled = [Double](repeating: 0, count: n)
      for (r, a) in used.enumerated() {
        for k in 0..<n {
          let v = p[a * n + k]
          scaled[k] = v == 0 ? 0 : v / (px[a] * py[k] + pythonEpsilon)
        }
        for (c, b) in used.enumerated() {
          var s = 0.0
          for k in 0..<n { s += scaled[k] * p[b * n + k] }
          q[r * m + c] = s
        }
      }
      var eigenvalues = realPartsOfEigenvalues(&q, m)
      if m < max(n, 2) { eigenvalues.append(0) }
      eigenvalues.sort(by: >)
      return eigenvalues[1] < 1e-13 ? 0 : eigenvalues[1].squareRoot()
    }
  }

  /// Of the directions that have neighbours anywhere.
  let directions: [Direction]
  /// Number of levels in use in the whole region, and the highest.
  let used: Int, highest: Int

  /// - Parameters:
  ///   - counts: for every direction, levels in use squared.
  ///   - region: number of levels in use in the whole region, and the highest.
  ///   - weights: of every direction, to be summed; nil: averaged.
  init(
    _ counts: [[Double]], levels: [Int], region: (used: Int, highest: Int), weights: [Double]?, keepsEmpty: Bool = false
  ) {
    var counts = counts
    if let weights {
      var sum = [Double](repeating: 0, count: levels.count * levels.count)
      for (c, w) in zip(counts, weights) { for k in sum.indices { sum[k] += c[k] * w } }
      counts = [sum]
    } else if counts.count > 1 && !keepsEmpty {
      counts = counts.filter { $0.contains { $0 != 0 } }
    }
    directions = counts.map { Direction($0, levels: levels) }
    (used, highest) = (region.used, region.highest)
  }

  func mean(_ f: (Direction) -> Double) -> Double { meanOfNumbers(directions.map(f)) }
  /// Σᵢⱼ f(i, j)·pᵢⱼ, averaged.
  func sum(_ f: (Double, Double) -> Double) -> Double { mean { $0.sum(f) } }
  /// Σᵢⱼ (i + j − μₓ − μ_y)ᵏ·pᵢⱼ, averaged.
  func cluster(_ k: Int) -> Double {
    mean { d in
      d.sum { i, j in
        let t = i + j - d.ux - d.uy
        return k == 2 ? t * t : k == 3 ? t * t * t : (t * t) * (t * t)
      }
    }
  }
}

extension PyRadiomicsGLCM {
  static let features: [PyRadiomicsFeature<Self>] = [
    .init("Autocorrelation", "QWB0", "Σᵢⱼ i·j·pᵢⱼ") { m in m.sum { i, j in i * j } },
    .init("ClusterProminence", "AE86", "Σᵢⱼ (i + j − μₓ − μ_y)⁴·pᵢⱼ") { m in m.cluster(4) },
    .init("ClusterShade", "7NFM", "Σᵢⱼ (i + j − μₓ − μ_y)³·pᵢⱼ") { m in m.cluster(3) },
    .init("ClusterTendency", "DG8W", "Σᵢⱼ (i + j − μₓ − μ_y)²·pᵢⱼ") { m in m.cluster(2) },
    .init("Contrast", "ACUI", "Σᵢⱼ (i − j)²·pᵢⱼ") { m in m.sum { i, j in (i - j) * (i - j) } },
    .init("Correlation", "NI2N", "Σᵢⱼ (i − μₓ)(j − μ_y)·pᵢⱼ / (σₓσ_y + ε); 1 where σₓσ_y = 0") { m in
      m.mean { d in
        if d.isEmpty { return .nan }
        let sx = d.sum { i, _ in (i - d.ux) * (i - d.ux) }.squareRoot()
        let sy = d.sum { _, j in (j - d.uy) * (j - d.uy) }.squareRoot()
        return sx * sy == 0 ? 1 : d.sum { i, j in (i - d.ux) * (j - d.uy) } / (sx * sy + pythonEpsilon)
      }
    },
    .init("DifferenceAverage", "TF7R", "Σₖ k·p₋(k)") { m in m.mean { $0.sumOfDifferences { $0 } } },
    .init("DifferenceEntropy", "NTRS", "−Σₖ p₋(k)·log₂(p₋(k) + ε)", unit: "bit") { m in
      m.mean { d in d.isEmpty ? .nan : -d.differences.reduce(0) { $0 + entropyTerm($1) } }
    },
    .init("DifferenceVariance", "D3YU", "Σₖ (k − μ₋)²·p₋(k)") { m in
      m.mean { d in
        let μ = d.sumOfDifferences { $0 }
        return d.sumOfDifferences { ($0 - μ) * ($0 - μ) }
      }
    },
    .init("Id", "IB1Z", "Σₖ p₋(k) / (1 + k)") { m in m.mean { $0.sumOfDifferences { 1 / (1 + $0) } } },
    .init("Idm", "WF0Z", "Σₖ p₋(k) / (1 + k²)") { m in m.mean { $0.sumOfDifferences { 1 / (1 + $0 * $0) } } },
    .init("Idmn", "1QCO", "Σₖ p₋(k) / (1 + k²/Ng²)") { m in
      let n = Double(m.highest)
      return m.mean { $0.sumOfDifferences { 1 / (1 + $0 * $0 / (n * n)) } }
    },
    .init("Idn", "NDRX", "Σₖ p₋(k) / (1 + k/Ng)") { m in
      let n = Double(m.highest)
      return m.mean { $0.sumOfDifferences { 1 / (1 + $0 / n) } }
    },
    .init("Imc1", "R8DG", "(HXY − HXY1) / max(HX, HY); 0 where both are 0") { m in
      m.mean { d in
        if d.isEmpty { return .nan }
        let h = d.entropies(), most = max(h.x, h.y)
        return most == 0 ? 0 : (d.jointEntropy - h.joint1) / most
      }
    },
    .init("Imc2", "JN9H", "√(1 − exp(−2·(HXY2 − HXY))); NaN where HXY2 < HXY") { m in
      m.mean { d in
        if d.isEmpty { return .nan }
        let joint2 = d.entropies().joint2
        return joint2 == d.jointEntropy ? 0 : (1 - pow(M_E, -2 * (joint2 - d.jointEntropy))).squareRoot()
      }
    },
    .init("InverseVariance", "E8JP", "Σₖ p₋(k) / k², k > 0") { m in
      m.mean { $0.sumOfDifferences { $0 == 0 ? 0 : 1 / ($0 * $0) } }
    },
    .init("JointAverage", "60VM", "μₓ = Σᵢⱼ i·pᵢⱼ") { m in
      // A plain mean: NaN where one direction is empty.
      m.directions.isEmpty ? .nan : m.directions.reduce(0) { $0 + $1.ux } / Double(m.directions.count)
    },
    .init("JointEnergy", "8ZQL", "Σᵢⱼ pᵢⱼ²") { m in m.mean { d in d.p.reduce(0) { $0 + $1 * $1 } } },
    .init("JointEntropy", "TU9B", "HXY = −Σᵢⱼ pᵢⱼ·log₂(pᵢⱼ + ε)", unit: "bit") { m in m.mean { $0.jointEntropy } },
    .init("MCC", nil, "√ of the second largest eigenvalue of Qᵢⱼ = Σₖ pᵢₖ·pⱼₖ / (pₓ(i)·p_y(k) + ε)") { m in
      m.used < 2 ? 1 : m.mean { $0.maximalCorrelation }
    },
    .init("MaximumProbability", "GYBY", "max pᵢⱼ") { m in m.mean { d in d.isEmpty ? .nan : d.p.max() ?? .nan } },
    .init("SumAverage", "ZGXS", "Σₖ k·p₊(k)") { m in
      m.mean { d in
        d.isEmpty ? .nan : d.sums.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
      }
    },
    .init("SumEntropy", "P6QZ", "−Σₖ p₊(k)·log₂(p₊(k) + ε)", unit: "bit") { m in
      m.mean { d in d.isEmpty ? .nan : -d.sums.reduce(0) { $0 + entropyTerm($1) } }
    },
    .init("SumSquares", "UR99", "Σᵢⱼ (i − μₓ)²·pᵢⱼ") { m in
      m.mean { d in d.sum { i, _ in (i - d.ux) * (i - d.ux) } }
    },
  ]
}
