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
