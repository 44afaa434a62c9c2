// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Morphology. IBSI 1 reference manual, HCUG: the features that need no surface mesh.
/// c: centres of the voxels of the morphological mask, mm; λ₁ ≥ λ₂ ≥ λ₃: eigenvalues of their covariance
/// (1/(N − 1), which the reference values of the axes imply).
struct Morphology: FeatureFamily {
  static let family = FamilyName.morphology

  let volume: Double
  let shift: Double
  /// λ₁ ≥ λ₂ ≥ λ₃, mm².
  let eigenvalues: SIMD3<Double>

  init(_ region: Region) {
    let geometry = region.geometry
    let m = moments(region.morphological)
    volume = m.count * geometry.voxelVolume
    // Covariance of positions: A·C·Aᵀ with the columns of A direction · spacing and C the covariance of indices.
    let a = (0..<3).map { geometry.direction[$0] * geometry.spacing[$0] }
    var covariance = [[Double]](repeating: [0, 0, 0], count: 3)
    for i in 0..<3 {
      for j in 0..<3 {
        for k in 0..<3 { for l in 0..<3 { covariance[i][j] += a[k][i] * m.covariance(k, l) * a[l][j] } }
      }
    }
    eigenvalues = symmetricEigenvalues(covariance)
    let centre = geometry.position(of: m.mean)
    let weighted = weightedCentre(region).map { geometry.position(of: $0) }
    shift = weighted.map { dot($0 - centre, $0 - centre).squareRoot() } ?? .nan
  }
}

extension Morphology {
  static let features: [Feature<Self>] = [
    .init("Volume (voxel counting)", "YEKZ", "morph_vol_approx", "number of voxels · voxel volume", unit: "mm³") { m in
      m.volume
    },
    .init("Centre of mass shift", "KLMA", "morph_com", "|Σ c / N − Σ x·c / Σ x|, x: intensities", unit: "mm") { m in
      m.shift
    },
    .init("Major axis length", "TDIC", "morph_pca_maj_axis", "4 √λ₁", unit: "mm") { m in
      4 * m.eigenvalues[0].squareRoot()
    },
    .init("Minor axis length", "P9VJ", "morph_pca_min_axis", "4 √λ₂", unit: "mm") { m in
      4 * m.eigenvalues[1].squareRoot()
    },
    .init("Least axis length", "7J51", "morph_pca_least_axis", "4 √λ₃", unit: "mm") { m in
      4 * m.eigenvalues[2].squareRoot()
    },
    .init("Elongation", "Q3CK", "morph_pca_elongation", "√(λ₂ / λ₁)") { m in
      (m.eigenvalues[1] / m.eigenvalues[0]).squareRoot()
    },
    .init("Flatness", "N17B", "morph_pca_flatness", "√(λ₃ / λ₁)") { m in
      (m.eigenvalues[2] / m.eigenvalues[0]).squareRoot()
    },
  ]
}

/// Number, sums and sums of products of the indices of a mask's voxels.
struct IndexMoments: Sendable {
  var count = 0.0
  var sum = SIMD3<Double>()
  /// Σ xx, yy, zz
  var squares = SIMD3<Double>()
  /// Σ yz, xz, xy
  var products = SIMD3<Double>()

  var mean: SIMD3<Double> { sum / count }

  /// Covariance with 1/(N − 1).
  func covariance(_ i: Int, _ j: Int) -> Double {
    ((i == j ? squares[i] : products[3 - i - j]) - sum[i] * mean[j]) / (count - 1)
  }
}

/// Exact while the sums stay below 2⁵³; rows are summed in integers.
func moments(_ mask: Volume<UInt8>) -> IndexMoments {
  let size = mask.size
  return mask.withVoxels { voxels in
    nonisolated(unsafe) let p = voxels.baseAddress!
    return parallelReduce(size.slices, block: 1, IndexMoments()) { slices in
      var m = IndexMoments()
      for z in slices {
        for y in 0..<size.rows {
          let row = p + size.offset(0, y, z)
          var n = 0, sx = 0, sxx = 0
          for x in 0..<size.columns where row[x] != 0 {
            n &+= 1
            sx &+= x
            sxx &+= x &* x
          }
          if n == 0 { continue }
          let (n_, x, y, z) = (Double(n), Double(sx), Double(y), Double(z))
          m.count += n_
          m.sum += SIMD3(x, n_ * y, n_ * z)
          m.squares += SIMD3(Double(sxx), n_ * y * y, n_ * z * z)
          m.products += SIMD3(n_ * y * z, x * z, x * y)
        }
      }
      return m
    } combine: { a, b in
      a.count += b.count
      a.sum += b.sum
      a.squares += b.squares
      a.products += b.products
    }
  }
}

/// Σ x·index / Σ x over the intensity mask; nil where Σ x is 0 or nothing is inside.
func weightedCentre(_ region: Region) -> SIMD3<Double>? {
  let size = region.size
  let total = region.intensityMask.withVoxels { voxels in
    region.intensities.withUnsafeBufferPointer { intensities in
      nonisolated(unsafe) let (mask, x) = (voxels.baseAddress!, intensities)
      return parallelReduce(size.slices, block: 1, SIMD4<Double>()) { slices in
        var sum = SIMD4<Double>()
        for z in slices {
          var next = region.sliceStarts[z]
          for row in 0..<size.rows {
            let at = mask + size.offset(0, row, z)
            var mass = 0.0, first = 0.0
            for column in 0..<size.columns where at[column] != 0 {
              let value = x[next]
              next &+= 1
              mass += value
              first += value * Double(column)
            }
            sum += SIMD4(first, mass * Double(row), mass * Double(z), mass)
          }
        }
        return sum
      } combine: {
        $0 += $1
      }
    }
  }
  return total.w == 0 ? nil : SIMD3(total.x, total.y, total.z) / total.w
}

/// Eigenvalues of a symmetric 3 × 3 matrix that has none below zero, descending; cyclic Jacobi rotations.
func symmetricEigenvalues(_ matrix: [[Double]]) -> SIMD3<Double> {
  var a = matrix
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
    }
  }
  let sorted = [a[0][0], a[1][1], a[2][2]].map { max($0, 0) }.sorted(by: >)
  return SIMD3(sorted[0], sorted[1], sorted[2])
}
