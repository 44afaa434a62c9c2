// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// k-means on standardised features.
///
///     minimise Σᵢ ‖zᵢ − c(zᵢ)‖²
///
/// Starts are chosen by k-means++; the best of `restarts` runs is kept. Clusters are numbered in the order of their
/// first rows. An emptied cluster takes the row farthest from its centre.
///
/// - Accuracy: double precision; the same bits for any number of threads.
/// - Cost: O(rows · columns · k) an iteration.
/// - Source: Lloyd 1982; Arthur & Vassilvitskii 2007; oracle scikit-learn `KMeans`.
public struct KMeans: Sendable, Equatable {
  /// Number of clusters.
  public var k = 3
  /// Most iterations of one run.
  public var maximumIterations = 300
  /// Runs from different starts.
  public var restarts = 10
  /// Seed of the starts.
  public var seed: UInt64 = 1

  /// Three clusters, ten starts.
  public init() {}

  /// Groups the rows.
  ///
  /// - Throws: `invalidParameter` for k below 1 or above the number of rows, or no restarts or iterations.
  public func callAsFunction(_ x: FeatureMatrix) throws(ImageError) -> Clustering {
    guard k >= 1, k <= x.rows else {
      throw ImageError(.invalidParameter, "k is \(k), expected 1 … \(x.rows) (the number of rows)")
    }
    guard restarts >= 1, maximumIterations >= 1 else {
      throw ImageError(.invalidParameter, "restarts and iterations must be at least 1")
    }
    let z = x.standardised
    var best: Run?
    for n in 0..<restarts {
      let run = lloyd(z, start: plusPlus(z, seed: seed &+ UInt64(n)))
      if run.inertia < best?.inertia ?? .infinity { best = run }
    }
    guard let best else { throw ImageError(.invalidParameter, "the features are too large to be compared") }
    return Clustering(z, labels: best.labels, k: k, inertia: best.inertia)
  }

  /// Groups the rows from given centres (standardised units, row by row), one run; for comparisons.
  func from(_ centres: [Double], _ z: FeatureMatrix) -> (labels: [Int], inertia: Double) {
    let run = lloyd(z, start: centres)
    return (run.labels, run.inertia)
  }

  private struct Run {
    var labels: [Int], inertia: Double
  }

  private func plusPlus(_ z: FeatureMatrix, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    let d = z.columns
    func row(_ r: Int) -> ArraySlice<Double> { z.values[r * d..<(r + 1) * d] }
    var centres = Array(row(Int(random.next() % UInt64(z.rows))))
    var nearest = [Double](repeating: .infinity, count: z.rows)
    for c in 1..<max(k, 1) {
      var total = 0.0
      for r in 0..<z.rows {
        nearest[r] = min(nearest[r], squaredDistance(z.values, r * d, centres, (c - 1) * d, d))
        total += nearest[r]
      }
      var target = random.uniform() * total, chosen = z.rows - 1
      for r in 0..<z.rows {
        target -= nearest[r]
        if target < 0 {
          chosen = r
          break
        }
      }
      centres += row(chosen)
    }
    return centres
  }

  private func lloyd(_ z: FeatureMatrix, start: [Double]) -> Run {
    let d = z.columns, k = self.k
    var centres = start
    var labels = [Int](repeating: -1, count: z.rows)
    var inertia = Double.infinity
    for _ in 0..<maximumIterations {
      let now = centres
      let distances = [(label: Int, distance: Double)](unsafeUninitializedCapacity: z.rows) { buffer, count in
        nonisolated(unsafe) let out = buffer.baseAddress!
        parallelFor(z.rows, grain: 256) { range in
          for r in range {
            var best = (label: 0, distance: Double.infinity)
            for c in 0..<k {
              let distance = squaredDistance(z.values, r * d, now, c * d, d)
              if distance < best.distance { best = (c, distance) }
            }
            (out + r).initialize(to: best)
          }
        }
        count = z.rows
      }
      var new = distances.map(\.label)
      inertia = distances.reduce(0) { $0 + $1.distance }
      var sums = [Double](repeating: 0, count: k * d), counts = [Int](repeating: 0, count: k)
      for r in 0..<z.rows { counts[new[r]] += 1 }
      for c in 0..<k where counts[c] == 0 {
        var farthest = 0, most = -1.0
        for r in 0..<z.rows where counts[new[r]] > 1 && distances[r].distance > most {
          (farthest, most) = (r, distances[r].distance)
        }
        counts[new[farthest]] -= 1
        new[farthest] = c
        counts[c] = 1
      }
      if new == labels { break }
      labels = new
      for r in 0..<z.rows { for j in 0..<d { sums[labels[r] * d + j] += z.values[r * d + j] } }
      for c in 0..<k { for j in 0..<d { centres[c * d + j] = sums[c * d + j] / Double(counts[c]) } }
    }
    return Run(labels: labels, inertia: inertia)
  }
}

/// Squared Euclidean distance of d values from two offsets.
@inline(__always)
func squaredDistance(_ a: [Double], _ i: Int, _ b: [Double], _ j: Int, _ d: Int) -> Double {
  var sum = 0.0
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      for n in 0..<d {
        let x = a[i &+ n] - b[j &+ n]
        sum += x * x
      }
    }
  }
  return sum
}
