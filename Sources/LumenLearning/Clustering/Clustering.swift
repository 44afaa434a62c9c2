// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Groups of rows, how well they separate, and where the rows lie in the plane of two principal components.
public struct Clustering: Sendable {
  /// Cluster of each row, from 0, numbered in the order of first rows.
  public let labels: [Int]
  /// Number of clusters.
  public let k: Int
  /// Sum of squared distances to the centres, standardised units.
  public let inertia: Double
  /// Mean silhouette (Rousseeuw 1987), −1 … 1; NaN for one cluster and above 5,000 rows (its cost is quadratic).
  public let silhouette: Double
  /// First two principal components of each row; the loading of largest size is positive.
  public let projection: [(Double, Double)]
  /// Fraction of the variance along each of the two.
  public let explainedVariance: (Double, Double)

  init(_ z: FeatureMatrix, labels: [Int], k: Int, inertia: Double) {
    var numbers: [Int: Int] = [:]
    self.labels = labels.map { label in
      if let n = numbers[label] { return n }
      let n = numbers.count
      numbers[label] = n
      return n
    }
    self.k = k
    self.inertia = inertia
    silhouette = z.rows <= 5_000 ? Metrics.silhouette(z, self.labels) : .nan
    (projection, explainedVariance) = principalPlane(z)
  }
}

/// Projection on the first two principal components by subspace iteration on the covariance, and their share of the
/// variance. Columns have mean 0.
private func principalPlane(_ z: FeatureMatrix) -> ([(Double, Double)], (Double, Double)) {
  let (n, d) = (z.rows, z.columns)
  let total = z.values.reduce(0) { $0 + $1 * $1 }
  guard total > 0 else { return (Array(repeating: (0, 0), count: n), (0, 0)) }
  /// zᵀ z v
  func apply(_ v: [Double]) -> [Double] {
    var out = [Double](repeating: 0, count: d)
    for r in 0..<n {
      var dot = 0.0
      for j in 0..<d { dot += z.values[r * d + j] * v[j] }
      for j in 0..<d { out[j] += dot * z.values[r * d + j] }
    }
    return out
  }
  func normalised(_ v: [Double]) -> [Double] {
    let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? v.map { $0 / length } : v
  }
  func without(_ v: [Double], _ u: [Double]) -> [Double] {
    let dot = zip(v, u).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(v, u).map { $0 - dot * $1 }
  }
  var random = SplitMix64(seed: 1)
  var axes: [[Double]] = [], shares: [Double] = []
  for _ in 0..<min(2, d) {
    var v = (0..<d).map { _ in random.uniform() - 0.5 }
    for u in axes { v = without(v, u) }
    v = normalised(v)
    var value = 0.0
    for _ in 0..<500 {
      var next = apply(v)
      for u in axes { next = without(next, u) }
      value = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
      next = normalised(next)
      let change = zip(next, v).reduce(0) { max($0, abs($1.0 - $1.1)) }
      v = next
      if change < 1e-12 { break }
    }
    if let largest = v.max(by: { abs($0) < abs($1) }), largest < 0 { v = v.map { -$0 } }
    axes.append(v)
    shares.append(value / total)
  }
  let points = (0..<n).map { r in
    axes.map { axis in (0..<d).reduce(0.0) { $0 + z.values[r * d + $1] * axis[$1] } } + [0]
  }
  return (points.map { ($0[0], $0[1]) }, (shares[0], shares.count > 1 ? shares[1] : 0))
}
