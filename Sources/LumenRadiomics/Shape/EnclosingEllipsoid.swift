// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The ellipsoid of least volume around points that do not lie in one plane.
///
/// With q = (p, 1) and weights u, Σu = 1, the volume is least when κᵢ = qᵢᵀ (Σ u q qᵀ)⁻¹ qᵢ is at most 4, and 4 where
/// u > 0. Each step moves weight to the point of greatest κ, or away from that of least κ. After a rough search over all
/// points, finer ones look at those near the surface only; points left outside are then added. The result is scaled so that it
/// holds every point.
///
/// - Accuracy: volume within 1e-5 of the least.
/// - Cost: O(points) a step; at most 20 000 steps, some hundreds usually.
/// - Source: Khachiyan 1996; start of Kumar and Yıldırım 2005; steps away of Todd and Yıldırım 2007.
func enclosingEllipsoid(_ points: [SIMD3<Double>]) -> Ellipsoid? {
  guard var search = EllipsoidSearch(points) else { return nil }
  return search.run()
}

private struct EllipsoidSearch {
  static let tolerance = 1e-6
  static let steps = 20_000

  /// Coordinates between −1 and 1 along each axis, which does not change the problem.
  private let x: [Double], y: [Double], z: [Double]
  private let half: SIMD3<Double>
  private var weights: [Double]
  private var κ: [Double]
  /// Inverse of Σ u q qᵀ.
  private var inverse = [SIMD4<Double>](repeating: .zero, count: 4)

  init?(_ points: [SIMD3<Double>]) {
    guard let first = points.first else { return nil }
    var low = first, high = first
    for p in points {
      low = low.replacing(with: p, where: p .< low)
      high = high.replacing(with: p, where: p .> high)
    }
    let (centre, half) = ((low + high) / 2, (high - low) / 2)
    guard half.min() > 0 && half.max().isFinite else { return nil }
    let scaled = points.map { ($0 - centre) / half }
    self.half = half
    x = scaled.map(\.x)
    y = scaled.map(\.y)
    z = scaled.map(\.z)
    weights = [Double](repeating: 0, count: points.count)
    κ = weights
    // The extremes along three directions, each at right angles to what the ones before span.
    var directions: [SIMD3<Double>] = []
    for axis in 0..<3 {
      var d = SIMD3<Double>()
      d[axis] = 1
      if directions.count == 1 {
        let e = directions[0]
        d = SIMD3()
        // The axis least along the first direction.
        let a = abs(e.x) <= abs(e.y) ? (abs(e.x) <= abs(e.z) ? 0 : 2) : (abs(e.y) <= abs(e.z) ? 1 : 2)
        d[a] = 1
        d -= e * e[a]
      } else if directions.count == 2 {
        d = LumenCore.cross(directions[0], directions[1])
      }
      let along = scaled.map { dot($0, d) }
      guard let a = along.indices.max(by: { along[$0] < along[$1] }),
        let b = along.indices.min(by: { along[$0] < along[$1] }), along[a] > along[b]
      else { return nil }
      weights[a] += 1.0 / 6
      weights[b] += 1.0 / 6
      var span = scaled[a] - scaled[b]
      for e in directions { span -= e * dot(e, span) }
      let length = dot(span, span).squareRoot()
      guard length > 1e-12 else { return nil }
      directions.append(span / length)
    }
  }

  mutating func run() -> Ellipsoid? {
    var left = Self.steps, reached = 1e-2
    guard improve(to: reached, &left) else { return nil }
    while left > 0 {
      let near = κ.indices.filter { weights[$0] > 0 || κ[$0] > 4 * (1 - 10 * reached) }
      reached = max(reached / 10, Self.tolerance)
      var part = EllipsoidSearch(of: self, near)
      guard part.improve(to: reached, &left) else { return nil }
      for (i, u) in zip(near, part.weights) { weights[i] = u }
      guard refresh() else { return nil }
      // Outside: points that an earlier stage took for inner ones.
      if reached <= Self.tolerance && (κ.max() ?? 0) / 4 - 1 <= 2 * Self.tolerance { break }
    }
    return ellipsoid()
  }

  /// The search among some of the points, with their weights.
  private init(of all: Self, _ indices: [Int]) {
    half = all.half
    x = indices.map { all.x[$0] }
    y = indices.map { all.y[$0] }
    z = indices.map { all.z[$0] }
    weights = indices.map { all.weights[$0] }
    κ = indices.map { all.κ[$0] }
  }

  /// Takes steps until no κ is off by more than a fraction; false where the points span no space.
  private mutating func improve(to tolerance: Double, _ left: inout Int) -> Bool {
    guard refresh() else { return false }
    while left > 0 {
      left -= 1
      var (most, least) = (0, -1)
      for i in κ.indices {
        if κ[i] > κ[most] { most = i }
        if weights[i] > 0 && (least < 0 || κ[i] < κ[least]) { least = i }
      }
      guard least >= 0 else { return false }
      let excess = κ[most] / 4 - 1, lack = 1 - κ[least] / 4
      if max(excess, lack) <= tolerance || !excess.isFinite { break }
      if excess >= lack {
        shift(most, (κ[most] - 4) / (4 * (κ[most] - 1)))
      } else {
        let limit = weights[least] / (1 - weights[least])
        let wanted = κ[least] > 1 ? (4 - κ[least]) / (4 * (κ[least] - 1)) : .infinity
        shift(least, -min(wanted, limit))
        if wanted >= limit { weights[least] = 0 }
      }
      if left % 64 == 0, !refresh() { return false }
    }
    return true
  }

  /// u ← (1 − β)·u + β·eⱼ, with the inverse and every κ by the formula of Sherman and Morrison.
  private mutating func shift(_ j: Int, _ β: Double) {
    let q = SIMD4(x[j], y[j], z[j], 1)
    let w = inverse[0] * q.x + inverse[1] * q.y + inverse[2] * q.z + inverse[3]
    let scale = 1 / (1 - β), c = β / (1 - β + β * κ[j])
    for k in 0..<4 { inverse[k] = scale * (inverse[k] - c * w[k] * w) }
    let (x, y, z, n) = (x, y, z, κ.count)
    κ.withUnsafeMutableBufferPointer { κ in
      for i in 0..<n {
        let g = (x[i] * w.x + y[i] * w.y) + (z[i] * w.z + w.w)
        κ[i] = scale * (κ[i] - c * g * g)
      }
    }
    weights.withUnsafeMutableBufferPointer { u in
      for i in 0..<n { u[i] *= 1 - β }
      u[j] += β
    }
  }

  /// The inverse and κ from the weights themselves; false where the matrix has none.
  private mutating func refresh() -> Bool {
    var m = [SIMD4<Double>](repeating: .zero, count: 4)
    for i in weights.indices where weights[i] > 0 {
      let q = SIMD4(x[i], y[i], z[i], 1), u = weights[i] * q
      for k in 0..<4 { m[k] += u[k] * q }
    }
    guard let inverse = inverted(m) else { return false }
    self.inverse = inverse
    for i in κ.indices {
      let q = SIMD4(x[i], y[i], z[i], 1)
      let v = inverse[0] * q.x + inverse[1] * q.y + inverse[2] * q.z + inverse[3]
      κ[i] = (v * q).sum()
    }
    return true
  }

  /// (p − c)ᵀ S⁻¹ (p − c) ≤ κmax − 1, with c and S the mean and the covariance of the weighted points.
  private func ellipsoid() -> Ellipsoid? {
    var centre = SIMD3<Double>(), sum = 0.0
    for i in weights.indices {
      centre += weights[i] * SIMD3(x[i], y[i], z[i])
      sum += weights[i]
    }
    centre /= sum
    let most = κ.max() ?? .nan
    var s = [[Double]](repeating: [0, 0, 0], count: 3)
    for i in weights.indices where weights[i] > 0 {
      let d = (SIMD3(x[i], y[i], z[i]) - centre) * half
      for a in 0..<3 { for b in 0..<3 { s[a][b] += weights[i] / sum * d[a] * d[b] } }
    }
    guard most.isFinite && most > 1 else { return nil }
    let λ = symmetricEigenvalues(s) * (most - 1)
    return Ellipsoid(SIMD3(λ.x.squareRoot(), λ.y.squareRoot(), λ.z.squareRoot()))
  }
}

/// Inverse of a symmetric positive matrix by elimination with pivots; nil where a pivot vanishes.
private func inverted(_ matrix: [SIMD4<Double>]) -> [SIMD4<Double>]? {
  var m = matrix
  var r: [SIMD4<Double>] = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
  for k in 0..<4 {
    var pivot = k
    for i in k..<4 where abs(m[i][k]) > abs(m[pivot][k]) { pivot = i }
    guard abs(m[pivot][k]) > 1e-300 else { return nil }
    m.swapAt(k, pivot)
    r.swapAt(k, pivot)
    let f = 1 / m[k][k]
    m[k] *= f
    r[k] *= f
    for i in 0..<4 where i != k {
      let g = m[i][k]
      m[i] -= g * m[k]
      r[i] -= g * r[k]
    }
  }
  return r
}
