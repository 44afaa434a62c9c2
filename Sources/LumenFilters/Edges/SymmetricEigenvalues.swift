// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// The eigenvalues of a symmetric 3 × 3 matrix, largest first.
///
///     q = tr A / 3,  p = √(tr (A − qI)² / 6),  r = det((A − qI) / p) / 2 = cos 3φ,  λ = q + 2p·cos(φ + 2πk/3)
///
/// - Accuracy: 1e-7 of the largest magnitude.
/// - Source: Smith 1961.
@inline(__always)
func eigenvalues(
  _ xx: Double, _ yy: Double, _ zz: Double, _ xy: Double, _ xz: Double, _ yz: Double
) -> SIMD3<Double> {
  let q = (xx + yy + zz) / 3
  let a = xx - q, b = yy - q, c = zz - q
  let p2 = (a * a + b * b + c * c + 2 * (xy * xy + xz * xz + yz * yz)) / 6
  if p2 == 0 { return SIMD3(repeating: q) }
  let p = p2.squareRoot()
  let determinant = a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)
  let r = determinant / (2 * p2 * p)
  let φ = acos(r < -1 ? -1 : r > 1 ? 1 : r) / 3
  let first = q + 2 * p * cos(φ), last = q + 2 * p * cos(φ + 2 * .pi / 3)
  return SIMD3(first, 3 * q - first - last, last)
}

/// The eigenvalues of a symmetric 2 × 2 matrix, largest first.
@inline(__always)
func eigenvalues(_ xx: Double, _ yy: Double, _ xy: Double) -> SIMD2<Double> {
  let mean = (xx + yy) / 2, half = (xx - yy) / 2
  let root = (half * half + xy * xy).squareRoot()
  return SIMD2(mean + root, mean - root)
}

/// Three directions at right angles to each other.
struct Frame: Equatable {
  var first: SIMD3<Double>, second: SIMD3<Double>, third: SIMD3<Double>

  static let axes = Frame(first: [1, 0, 0], second: [0, 1, 0], third: [0, 0, 1])

  @inline(__always)
  subscript(k: Int) -> SIMD3<Double> {
    get { k == 0 ? first : k == 1 ? second : third }
    set { if k == 0 { first = newValue } else if k == 1 { second = newValue } else { third = newValue } }
  }
}

/// The unit eigenvectors of a symmetric 3 × 3 matrix by descending eigenvalue; the axes for a multiple of the identity.
///
/// - Accuracy: 1e-15 over the relative distance of the eigenvalues.
/// - Source: cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations, 8.5).
func symmetricEigenvectors(
  _ xx: Double, _ yy: Double, _ zz: Double, _ xy: Double, _ xz: Double, _ yz: Double
) -> Frame {
  var diagonal = SIMD3(xx, yy, zz)
  // Element k lies off the diagonal in the row and column of the two other axes.
  var off = SIMD3(yz, xz, xy)
  var u = Frame.axes
  let scale = (diagonal * diagonal).sum() + 2 * (off * off).sum()
  for _ in 0..<16 {
    if (off * off).sum() <= 1e-32 * scale { break }
    for k in 0..<3 where off[k] != 0 {
      let p = (k + 1) % 3, q = (k + 2) % 3
      let θ = (diagonal[q] - diagonal[p]) / (2 * off[k])
      let t = (θ < 0 ? -1 : 1) / (abs(θ) + (θ * θ + 1).squareRoot())
      let c = 1 / (t * t + 1).squareRoot(), s = t * c
      diagonal[p] -= t * off[k]
      diagonal[q] += t * off[k]
      off[k] = 0
      // The element in row p and column k is number q, that in row q is number p.
      let (a, b) = (off[q], off[p])
      off[q] = c * a - s * b
      off[p] = s * a + c * b
      let (v, w) = (u[p], u[q])
      u[p] = c * v - s * w
      u[q] = s * v + c * w
    }
  }
  for (p, q) in [(0, 1), (1, 2), (0, 1)] where diagonal[p] < diagonal[q] {
    let (d, v) = (diagonal[p], u[p])
    (diagonal[p], u[p]) = (diagonal[q], u[q])
    (diagonal[q], u[q]) = (d, v)
  }
  return u
}
