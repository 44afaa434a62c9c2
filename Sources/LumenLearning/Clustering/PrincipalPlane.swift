// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Projection on the first two principal components and their share of the variance. Columns have mean 0.
///
/// Eigenvectors of the smaller of zᵀz and zzᵀ by subspace iteration with a Rayleigh–Ritz step: twelve vectors carry the
/// two wanted ones past close neighbours, where one at a time would stall.
///
/// - Accuracy: residuals ‖Gv − λv‖ below 1e-11 of the largest eigenvalue, or 1,000 iterations.
/// - Cost: O(rows · columns · min(rows, columns)), once, plus O(12 · min²) an iteration.
/// - Source: Golub & Van Loan 2013, 8.2.4; oracle scikit-learn `PCA`.
func principalPlane(_ z: FeatureMatrix) -> ([(Double, Double)], (Double, Double)) {
  let (n, d) = (z.rows, z.columns)
  let columns = transposed(z.values, n, d)
  let byColumn = d <= n
  let m = min(n, d)
  let gram = byColumn ? products(columns, d, n) : products(z.values, n, d)
  let total = (0..<m).reduce(0.0) { $0 + gram[$1 * m + $1] }
  guard total > 0 else { return (Array(repeating: (0, 0), count: n), (0, 0)) }
  let (values, vectors) = leadingEigenvectors(gram, m, wanted: min(2, m))
  let scores = values.indices.map { k -> [Double] in
    let v = Array(vectors[k * m..<(k + 1) * m])
    var axis = byColumn ? v : (0..<d).map { dot(columns, $0 * n, v, 0, n) }
    let length = dot(axis, 0, axis, 0, d).squareRoot()
    guard length > 0 else { return [Double](repeating: 0, count: n) }
    let largest = axis.reduce(0) { abs($1) > abs($0) ? $1 : $0 }
    axis = axis.map { $0 / (largest < 0 ? -length : length) }
    return (0..<n).map { dot(z.values, $0 * d, axis, 0, d) }
  }
  let first = scores[0], second = scores.count > 1 ? scores[1] : [Double](repeating: 0, count: n)
  return (zip(first, second).map { ($0, $1) }, (values[0] / total, values.count > 1 ? values[1] / total : 0))
}

/// The largest eigenvalues of a symmetric positive semidefinite matrix, and their vectors one after another.
func leadingEigenvectors(_ g: [Double], _ m: Int, wanted: Int) -> (values: [Double], vectors: [Double]) {
  let b = min(m, wanted + 10)
  var random = SplitMix64(seed: 1)
  var v = (0..<b * m).map { _ in random.uniform() - 0.5 }
  orthonormalise(&v, b, m)
  var values = [Double](repeating: 0, count: b)
  for _ in 0..<1_000 {
    // Rayleigh–Ritz: the eigenproblem inside the subspace, b × b.
    let image = applied(g, m, v, b)
    var small = [Double](repeating: 0, count: b * b)
    for i in 0..<b { for j in 0..<b { small[i * b + j] = dot(v, i * m, image, j * m, m) } }
    let (ritz, rotation) = jacobi(small, b)
    values = ritz
    v = combined(v, rotation, b, m)
    let next = combined(image, rotation, b, m)
    let residual = (0..<wanted).reduce(0.0) { worst, k in
      let square = (0..<m).reduce(0.0) { sum, i in
        let r = next[k * m + i] - values[k] * v[k * m + i]
        return sum + r * r
      }
      return max(worst, square.squareRoot())
    }
    if residual <= 1e-11 * values[0] || b == m { break }
    v = next
    orthonormalise(&v, b, m)
  }
  return (Array(values[..<wanted]), Array(v[..<(wanted * m)]))
}

/// Eigenvalues in descending order and, row by row, their vectors, of a small symmetric matrix: cyclic Jacobi.
func jacobi(_ matrix: [Double], _ n: Int) -> (values: [Double], vectors: [Double]) {
  var a = matrix, q = [Double](repeating: 0, count: n * n)
  for i in 0..<n { q[i * n + i] = 1 }
  for _ in 0..<60 {
    var off = 0.0, diagonal = 0.0
    for i in 0..<n {
      for j in 0..<n {
        if i == j { diagonal += a[i * n + i] * a[i * n + i] } else { off += a[i * n + j] * a[i * n + j] }
      }
    }
    if off <= 1e-30 * diagonal { break }
    for i in 0..<n {
      for j in i + 1..<max(n, i + 1) where a[i * n + j] != 0 {
        let τ = (a[j * n + j] - a[i * n + i]) / (2 * a[i * n + j])
        let t = (τ < 0 ? -1 : 1) / (abs(τ) + (1 + τ * τ).squareRoot())
        let c = 1 / (1 + t * t).squareRoot(), s = t * c
        for k in 0..<n {
          let (x, y) = (a[k * n + i], a[k * n + j])
          (a[k * n + i], a[k * n + j]) = (c * x - s * y, s * x + c * y)
        }
        for k in 0..<n {
          let (x, y) = (a[i * n + k], a[j * n + k])
          (a[i * n + k], a[j * n + k]) = (c * x - s * y, s * x + c * y)
          let (u, w) = (q[i * n + k], q[j * n + k])
          (q[i * n + k], q[j * n + k]) = (c * u - s * w, s * u + c * w)
        }
      }
    }
  }
  let order = (0..<n).sorted { (a[$1 * n + $1], $0) < (a[$0 * n + $0], $1) }
  return (order.map { a[$0 * n + $0] }, order.flatMap { Array(q[$0 * n..<($0 + 1) * n]) })
}

/// Row i of the result is Σⱼ rotation[i, j] · row j.
private func combined(_ v: [Double], _ rotation: [Double], _ b: Int, _ m: Int) -> [Double] {
  var out = [Double](repeating: 0, count: b * m)
  for i in 0..<b {
    for j in 0..<b {
      let w = rotation[i * b + j]
      for k in 0..<m { out[i * m + k] += w * v[j * m + k] }
    }
  }
  return out
}

/// Modified Gram–Schmidt, twice.
private func orthonormalise(_ v: inout [Double], _ b: Int, _ m: Int) {
  for i in 0..<b {
    for _ in 0..<2 {
      for j in 0..<i {
        let w = dot(v, i * m, v, j * m, m)
        for k in 0..<m { v[i * m + k] -= w * v[j * m + k] }
      }
      let length = dot(v, i * m, v, i * m, m).squareRoot()
      if length > 0 { for k in 0..<m { v[i * m + k] /= length } }
    }
  }
}

/// G v for each of the b rows of v.
private func applied(_ g: [Double], _ m: Int, _ v: [Double], _ b: Int) -> [Double] {
  [Double](unsafeUninitializedCapacity: b * m) { buffer, count in
    nonisolated(unsafe) let out = buffer.baseAddress!
    parallelFor(m, grain: max(1, 50_000 / m)) { range in
      for r in range { for k in 0..<b { (out + k * m + r).initialize(to: dot(g, r * m, v, k * m, m)) } }
    }
    count = b * m
  }
}

/// Products of all pairs of rows.
private func products(_ x: [Double], _ rows: Int, _ length: Int) -> [Double] {
  var out = [Double](unsafeUninitializedCapacity: rows * rows) { buffer, count in
    nonisolated(unsafe) let out = buffer.baseAddress!
    parallelFor(rows) { range in
      for i in range {
        for j in 0..<rows {
          (out + i * rows + j).initialize(to: j <= i ? dot(x, i * length, x, j * length, length) : 0)
        }
      }
    }
    count = rows * rows
  }
  for i in 0..<rows { for j in 0..<i { out[j * rows + i] = out[i * rows + j] } }
  return out
}

private func transposed(_ x: [Double], _ rows: Int, _ columns: Int) -> [Double] {
  var out = [Double](repeating: 0, count: x.count)
  for r in 0..<rows { for c in 0..<columns { out[c * rows + r] = x[r * columns + c] } }
  return out
}

/// Σ aᵢ bᵢ over n values from two offsets, in eight running sums.
func dot(_ a: [Double], _ i: Int, _ b: [Double], _ j: Int, _ n: Int) -> Double {
  precondition(i >= 0 && j >= 0 && n >= 0 && i + n <= a.count && j + n <= b.count, "the ranges lie inside")
  return a.withUnsafeBytes { a in
    b.withUnsafeBytes { b in
      var sums = SIMD8<Double>(repeating: 0)
      var k = 0
      while k + 8 <= n {
        sums +=
          a.loadUnaligned(fromByteOffset: (i + k) * 8, as: SIMD8<Double>.self)
          * b.loadUnaligned(fromByteOffset: (j + k) * 8, as: SIMD8<Double>.self)
        k += 8
      }
      var rest = 0.0
      while k < n {
        rest +=
          a.load(fromByteOffset: (i + k) * 8, as: Double.self) * b.load(fromByteOffset: (j + k) * 8, as: Double.self)
        k += 1
      }
      return sums.sum() + rest
    }
  }
}
