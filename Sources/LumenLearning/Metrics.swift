// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// How good a grouping or a prediction is.
public enum Metrics {
  /// Area under the ROC curve: the chance that a positive scores above a negative, ties counting half. NaN when a class
  /// is empty.
  ///
  /// - Source: Hanley & McNeil 1982; oracle scikit-learn `roc_auc_score`.
  public static func auc(_ scores: [Double], _ labels: [Bool]) -> Double {
    let ranks = midRanks(scores)
    let positives = labels.count { $0 }, negatives = labels.count - positives
    guard positives > 0, negatives > 0 else { return .nan }
    let sum = zip(ranks, labels).reduce(0) { $1.1 ? $0 + $1.0 : $0 }
    return (sum - Double(positives * (positives + 1)) / 2) / Double(positives * negatives)
  }

  /// 95 % confidence interval of the AUC, clipped to 0 … 1. An AUC of 0 or 1, where the variance vanishes, gets the
  /// score interval: a perfect ranking of few cases is no certainty.
  ///
  /// - Source: DeLong, DeLong & Clarke-Pearson 1988, by mid-ranks (Sun & Xu 2014); variance of Hanley & McNeil 1982 for
  ///   groups of equal size, solved for θ as in Newcombe 2006 (method 5).
  public static func aucInterval(_ scores: [Double], _ labels: [Bool]) -> (lower: Double, upper: Double) {
    let a = auc(scores, labels)
    let x = zip(scores, labels).filter(\.1).map(\.0), y = zip(scores, labels).filter { !$0.1 }.map(\.0)
    guard x.count > 1, y.count > 1 else { return (.nan, .nan) }
    if a == 1 || a == 0 {
      let bound = perfectBound(x.count, y.count)
      return a == 1 ? (bound, 1) : (0, 1 - bound)
    }
    let all = midRanks(x + y), own = midRanks(x), other = midRanks(y)
    let v = x.indices.map { (all[$0] - own[$0]) / Double(y.count) }
    let w = y.indices.map { 1 - (all[x.count + $0] - other[$0]) / Double(x.count) }
    func variance(_ s: [Double]) -> Double {
      let mean = s.reduce(0, +) / Double(s.count)
      return s.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(s.count - 1)
    }
    let error = (variance(v) / Double(x.count) + variance(w) / Double(y.count)).squareRoot()
    return (max(0, a - 1.959963984540054 * error), min(1, a + 1.959963984540054 * error))
  }

  /// The AUC θ from which an observed 1 is 1.96 standard errors away:
  ///
  ///     (1 − θ)² = 1.96² · θ(1 − θ)/(mn) · [1 + N((1 − θ)/(2 − θ) + θ/(1 + θ))],  N = (m + n)/2 − 1
  private static func perfectBound(_ m: Int, _ n: Int) -> Double {
    let N = Double(m + n) / 2 - 1, pairs = Double(m) * Double(n)
    var low = 0.0, high = 1.0
    for _ in 0..<60 {
      let θ = (low + high) / 2
      let variance = θ / pairs * (1 + N * ((1 - θ) / (2 - θ) + θ / (1 + θ)))
      // One factor 1 − θ is cancelled on both sides.
      if 1 - θ > 1.959963984540054 * 1.959963984540054 * variance { low = θ } else { high = θ }
    }
    return low
  }

  /// Mean squared difference of probability and outcome; 0 is best.
  ///
  /// - Source: Brier 1950.
  public static func brier(_ probabilities: [Double], _ labels: [Bool]) -> Double {
    zip(probabilities, labels).reduce(0) { $0 + ($1.0 - ($1.1 ? 1 : 0)) * ($1.0 - ($1.1 ? 1 : 0)) }
      / Double(labels.count)
  }

  /// Agreement of two groupings, corrected for chance; 1 is identity.
  ///
  /// - Source: Hubert & Arabie 1985; oracle scikit-learn `adjusted_rand_score`.
  public static func adjustedRandIndex(_ a: [Int], _ b: [Int]) -> Double {
    func pairs(_ counts: some Sequence<Int>) -> Double { counts.reduce(0) { $0 + Double($1 * ($1 - 1) / 2) } }
    var table: [[Int]: Int] = [:], rows: [Int: Int] = [:], columns: [Int: Int] = [:]
    for (x, y) in zip(a, b) {
      table[[x, y], default: 0] += 1
      rows[x, default: 0] += 1
      columns[y, default: 0] += 1
    }
    let total = Double(a.count * (a.count - 1) / 2)
    let expected = pairs(rows.values) * pairs(columns.values) / total
    let most = (pairs(rows.values) + pairs(columns.values)) / 2
    return most == expected ? 1 : (pairs(table.values) - expected) / (most - expected)
  }

  /// Mean silhouette of the rows; NaN for one cluster. Quadratic in the rows.
  ///
  /// - Source: Rousseeuw 1987; oracle scikit-learn `silhouette_score`.
  static func silhouette(_ z: FeatureMatrix, _ labels: [Int]) -> Double {
    let k = (labels.max() ?? 0) + 1
    guard k > 1 else { return .nan }
    var counts = [Int](repeating: 0, count: k)
    for l in labels { counts[l] += 1 }
    let sizes = counts
    let widths = [Double](unsafeUninitializedCapacity: z.rows) { buffer, count in
      nonisolated(unsafe) let out = buffer.baseAddress!
      parallelFor(z.rows, grain: 8) { range in
        for r in range { (out + r).initialize(to: silhouette(z, labels, sizes, row: r)) }
      }
      count = z.rows
    }
    let sum = widths.reduce(0, +)
    return sum / Double(z.rows)
  }

  /// (b − a) / max(a, b) of one row: a its mean distance to the rest of its cluster, b that to the nearest other one.
  private static func silhouette(_ z: FeatureMatrix, _ labels: [Int], _ counts: [Int], row r: Int) -> Double {
    guard counts[labels[r]] > 1 else { return 0 }
    var distance = [Double](repeating: 0, count: counts.count)
    for s in 0..<z.rows where s != r {
      distance[labels[s]] += squaredDistance(z.values, r * z.columns, z.values, s * z.columns, z.columns).squareRoot()
    }
    let own = distance[labels[r]] / Double(counts[labels[r]] - 1)
    var nearest = Double.infinity
    for c in counts.indices where c != labels[r] && counts[c] > 0 {
      nearest = min(nearest, distance[c] / Double(counts[c]))
    }
    return max(own, nearest) > 0 ? (nearest - own) / max(own, nearest) : 0
  }

  /// Ranks from 1; equal values share the mean of theirs.
  private static func midRanks(_ x: [Double]) -> [Double] {
    let order = x.indices.sorted { (x[$0], $0) < (x[$1], $1) }
    var ranks = [Double](repeating: 0, count: x.count)
    var i = 0
    while i < order.count {
      var j = i
      while j + 1 < order.count && x[order[j + 1]] == x[order[i]] { j += 1 }
      for n in i...j { ranks[order[n]] = Double(i + j) / 2 + 1 }
      i = j + 1
    }
    return ranks
  }
}
