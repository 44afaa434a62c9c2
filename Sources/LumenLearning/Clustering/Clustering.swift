// SPDX-License-Identifier: Apache-2.0
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
