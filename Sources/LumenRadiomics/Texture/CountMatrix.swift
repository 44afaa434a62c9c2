// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A matrix of how often grey level i occurs with a number j: the length of a run, the size of a zone, its distance to the
/// border, the dependence of a voxel. The four families made of such matrices share their formulas.
/// Nₛ = Σᵢⱼ nᵢⱼ; pᵢⱼ = nᵢⱼ / Nₛ; nᵢ = Σⱼ nᵢⱼ; nⱼ = Σᵢ nᵢⱼ; Nᵥ: voxels that could have made an entry.
struct CountMatrix: Sendable {
  /// Cells with nᵢⱼ > 0, by i and then j.
  let cells: [(i: Double, j: Double, n: Double)]
  /// nᵢ and nⱼ, ascending.
  let byLevel: [(i: Double, n: Double)], byColumn: [(j: Double, n: Double)]
  /// Nₛ.
  let total: Double
  /// Nᵥ.
  let voxels: Double

  /// Nil without entries.
  init?(_ cells: [(i: Double, j: Double, n: Double)], voxels: Double) {
    guard !cells.isEmpty else { return nil }
    self.cells = cells
    self.voxels = voxels
    var byLevel: [(i: Double, n: Double)] = [], total = 0.0
    for c in cells {
      if byLevel.last?.i == c.i { byLevel[byLevel.count - 1].n += c.n } else { byLevel.append((c.i, c.n)) }
      total += c.n
    }
    self.byLevel = byLevel
    self.total = total
    // Most numbers are small; the few large ones go through a sort.
    var small = [Double](repeating: 0, count: 1024), large: [(j: Double, n: Double)] = []
    for c in cells { if c.j < 1024 { small[Int(c.j)] += c.n } else { large.append((c.j, c.n)) } }
    var byColumn = small.indices.filter { small[$0] > 0 }.map { (j: Double($0), n: small[$0]) }
    for c in large.sorted(by: { ($0.j, $0.n) < ($1.j, $1.n) }) {
      if byColumn.last?.j == c.j { byColumn[byColumn.count - 1].n += c.n } else { byColumn.append(c) }
    }
    self.byColumn = byColumn
  }

  /// Σᵢⱼ f(i, j)·pᵢⱼ
  @inline(__always) func mean(_ f: (Double, Double) -> Double) -> Double {
    cells.reduce(0) { $0 + f($1.i, $1.j) * $1.n } / total
  }
  /// Σᵢ f(i)·pᵢ
  @inline(__always) func levelMean(_ f: (Double) -> Double) -> Double {
    byLevel.reduce(0) { $0 + f($1.i) * $1.n } / total
  }
  /// Σⱼ f(j)·pⱼ
  @inline(__always) func columnMean(_ f: (Double) -> Double) -> Double {
    byColumn.reduce(0) { $0 + f($1.j) * $1.n } / total
  }
  /// Σᵢ nᵢ²
  var levelSquares: Double { byLevel.reduce(0) { $0 + $1.n * $1.n } }
  /// Σⱼ nⱼ²
  var columnSquares: Double { byColumn.reduce(0) { $0 + $1.n * $1.n } }
  /// Σᵢ (i − μ)²·pᵢ
  var levelVariance: Double {
    let μ = levelMean { $0 }
    return levelMean { ($0 - μ) * ($0 - μ) }
  }
  /// Σⱼ (j − μ)²·pⱼ
  var columnVariance: Double {
    let μ = columnMean { $0 }
    return columnMean { ($0 - μ) * ($0 - μ) }
  }
  /// −Σᵢⱼ pᵢⱼ·log₂ pᵢⱼ
  var entropy: Double {
    cells.reduce(0) {
      let p = $1.n / total
      return $0 - p * log2(p)
    }
  }
  /// Σᵢⱼ pᵢⱼ²
  var energy: Double { cells.reduce(0) { $0 + $1.n * $1.n } / (total * total) }
}
