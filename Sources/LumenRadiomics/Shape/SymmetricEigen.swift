// SPDX-License-Identifier: Apache-2.0

/// Eigenvalues, descending, and unit eigenvectors of a symmetric 3 × 3 matrix that has no eigenvalue below zero.
///
/// - Source: cyclic Jacobi rotations, Golub and Van Loan, §8.5.
struct SymmetricEigen: Sendable {
  let values: SIMD3<Double>
  /// In the order of the values.
  let vectors: [SIMD3<Double>]

  init(_ matrix: [[Double]]) {
    var a = matrix
    var v: [SIMD3<Double>] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    for _ in 0..<32 {
      let scale = abs(a[0][0]) + abs(a[1][1]) + abs(a[2][2])
      if abs(a[0][1]) + abs(a[0][2]) + abs(a[1][2]) <= 1e-17 * scale { break }
      for (p, q) in [(0, 1), (0, 2), (1, 2)] where a[p][q] != 0 {
        let θ = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let t = (θ < 0 ? -1 : 1) / (abs(θ) + (θ * θ + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot(), s = t * c, r = 3 - p - q
        let (app, aqq, apq, arp, arq) = (a[p][p], a[q][q], a[p][q], a[r][p], a[r][q])
        a[p][p] = app - t * apq
        a[q][q] = aqq + t * apq
        (a[p][q], a[q][p]) = (0, 0)
        (a[r][p], a[r][q]) = (c * arp - s * arq, s * arp + c * arq)
        (a[p][r], a[q][r]) = (a[r][p], a[r][q])
        (v[p], v[q]) = (c * v[p] - s * v[q], s * v[p] + c * v[q])
      }
    }
    let order = [0, 1, 2].sorted { (a[$0][$0], $1) > (a[$1][$1], $0) }
    values = SIMD3(max(a[order[0]][order[0]], 0), max(a[order[1]][order[1]], 0), max(a[order[2]][order[2]], 0))
    vectors = order.map { v[$0] }
  }
}

/// Eigenvalues of a symmetric 3 × 3 matrix that has none below zero, descending.
func symmetricEigenvalues(_ matrix: [[Double]]) -> SIMD3<Double> { SymmetricEigen(matrix).values }
