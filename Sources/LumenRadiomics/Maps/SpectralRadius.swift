// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The largest magnitude of an eigenvalue of eight symmetric matrices, of which the lower triangles are given; the
/// matrices are overwritten. No eigenvalue may exceed 1 in magnitude.
///
/// Householder tridiagonalisation, then Laguerre's iteration from above on the polynomial whose roots are the squares of
/// the eigenvalues, y = x²:  f(y) = det(T − x)·det(T + x).
///
/// - Accuracy: 1e-9 relative (1e-8 where the two largest meet).
/// - Source: Golub and Van Loan, Matrix Computations, 8.3; Parlett, Laguerre's method applied to the matrix eigenvalue
///   problem, 1964.
func spectralRadius(
  _ a: UnsafeMutablePointer<Lanes>, _ k: Int, _ scratch: UnsafeMutablePointer<Lanes>
) -> Lanes {
  var squares = Lanes()
  for i in 0..<k {
    for j in 0..<i { squares += a[i &* k &+ j] * a[i &* k &+ j] * 2 }
    squares += a[i &* k &+ i] * a[i &* k &+ i]
  }
  let diagonal = scratch, offDiagonal = scratch + k  // the squares of the latter
  tridiagonalise(a, k, diagonal, offDiagonal, scratch + 2 &* k)

  // The sum of all squares bounds the largest; below 1e-22 only rounding is left.
  let isNothing = squares .< 1e-22
  var y = squares.replacing(with: 1, where: squares .> 1)
  var isDone = isNothing
  let degree = Double(k)
  for _ in 0..<60 {
    let x = roots(y)
    let upper = characteristic(diagonal, offDiagonal, k, x), lower = characteristic(diagonal, offDiagonal, k, -x)
    let isRoot = (upper.value .== Lanes()) .| (lower.value .== Lanes())
    isDone = isDone .| isRoot
    let one = Lanes(repeating: 1)
    let p = one / upper.value.replacing(with: 1, where: isRoot), q = one / lower.value.replacing(with: 1, where: isRoot)
    let p1 = upper.first * p, q1 = lower.first * q
    // First and second derivatives of log f by x, then by y.
    let g = p1 - q1, h = upper.second * p - p1 * p1 + lower.second * q - q1 * q1
    let inverse = one / (x + x).replacing(with: 1, where: isDone)
    let gradient = g * inverse, curvature = (gradient * 2 - h) * inverse * inverse
    let under = ((curvature * degree - gradient * gradient) * (degree - 1))
    let step = degree / (gradient + roots(under.replacing(with: 0, where: under .< 0)))
    let change = step.replacing(with: 0, where: isDone .| (step .!= step))
    y = y - change
    y = y.replacing(with: 0, where: y .< 0)
    isDone = isDone .| (change .<= y * 1e-8)
    if all(isDone) { break }
  }
  return roots(y).replacing(with: 0, where: isNothing)
}

/// Diagonal and squared off-diagonal of a tridiagonal matrix with the same eigenvalues.
private func tridiagonalise(
  _ a: UnsafeMutablePointer<Lanes>, _ k: Int, _ diagonal: UnsafeMutablePointer<Lanes>,
  _ offDiagonal: UnsafeMutablePointer<Lanes>, _ q: UnsafeMutablePointer<Lanes>
) {
  for c in 0..<k {
    diagonal[c] = a[c &* k &+ c]
    if c &+ 1 >= k { break }
    var norm = Lanes()
    for i in c &+ 1..<k { norm += a[i &* k &+ c] * a[i &* k &+ c] }
    offDiagonal[c] = norm
    if c &+ 2 >= k { continue }
    // v = x ± |x|·e₁ replaces the column; H = v·v / 2
    let head = a[(c &+ 1) &* k &+ c], length = roots(norm)
    a[(c &+ 1) &* k &+ c] = head + length.replacing(with: -length, where: head .< 0)
    let magnitude = head.replacing(with: -head, where: head .< 0)
    let h = norm + magnitude * length, isZero = h .== Lanes()
    let inverse = (1 / h.replacing(with: 1, where: isZero)).replacing(with: 0, where: isZero)
    // p = A·v / H, q = p − (p·v / 2H)·v, A ← A − v·qᵀ − q·vᵀ
    var pv = Lanes()
    for i in c &+ 1..<k {
      var sum = Lanes()
      for j in c &+ 1...i { sum += a[i &* k &+ j] * a[j &* k &+ c] }
      for j in i &+ 1..<max(k, i &+ 1) { sum += a[j &* k &+ i] * a[j &* k &+ c] }
      q[i] = sum * inverse
      pv += q[i] * a[i &* k &+ c]
    }
    let factor = pv * inverse * 0.5
    for i in c &+ 1..<k { q[i] -= factor * a[i &* k &+ c] }
    for i in c &+ 1..<k {
      let (vi, qi) = (a[i &* k &+ c], q[i])
      for j in c &+ 1...i { a[i &* k &+ j] -= vi * q[j] + qi * a[j &* k &+ c] }
    }
  }
}

/// det(T − x) and its first two derivatives, up to a common power of two.
@inline(__always)
private func characteristic(
  _ diagonal: UnsafePointer<Lanes>, _ offDiagonal: UnsafePointer<Lanes>, _ k: Int, _ x: Lanes
) -> (value: Lanes, first: Lanes, second: Lanes) {
  var (p, p1, p2) = (diagonal[0] - x, Lanes(repeating: -1), Lanes())
  var (before, before1, before2) = (Lanes(repeating: 1), Lanes(), Lanes())
  for i in 1..<k {
    let d = diagonal[i] - x, b = offDiagonal[i &- 1]
    let (next, next1, next2) = (d * p - b * before, d * p1 - p - b * before1, d * p2 - p1 * 2 - b * before2)
    (before, before1, before2) = (p, p1, p2)
    (p, p1, p2) = (next, next1, next2)
    if i & 31 == 31 {
      let scale = Lanes(repeating: 1)
        .replacing(with: 0x1p+200, where: (p1 .< 0x1p-200) .& (p1 .> -0x1p-200))
        .replacing(with: 0x1p-200, where: (p1 .> 0x1p+200) .| (p1 .< -0x1p+200))
      (p, p1, p2) = (p * scale, p1 * scale, p2 * scale)
      (before, before1, before2) = (before * scale, before1 * scale, before2 * scale)
    }
  }
  return (p, p1, p2)
}

@inline(__always) private func roots(_ v: Lanes) -> Lanes {
  Lanes(
    v[0].squareRoot(), v[1].squareRoot(), v[2].squareRoot(), v[3].squareRoot(), v[4].squareRoot(), v[5].squareRoot(),
    v[6].squareRoot(), v[7].squareRoot())
}
