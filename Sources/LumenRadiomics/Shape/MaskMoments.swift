// SPDX-License-Identifier: Apache-2.0
import LumenCore

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
          for x in 0..<size.columns {
            let one = Int(row[x])
            n &+= one
            sx &+= one &* x
            sxx &+= one &* x &* x
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

/// Σ x over the intensity mask, and Σ x·index / Σ x, nil where Σ x is 0 or nothing is inside.
func weightedSums(_ region: Region) -> (mass: Double, centre: SIMD3<Double>?) {
  let size = region.size
  let total = region.intensityMask.withVoxels { voxels in
    region.intensities.withUnsafeBufferPointer { intensities in
      guard let base = intensities.baseAddress else { return SIMD4<Double>() }
      nonisolated(unsafe) let (mask, x) = (voxels.baseAddress!, base)
      return parallelReduce(size.slices, block: 1, SIMD4<Double>()) { slices in
        var sum = SIMD4<Double>()
        for z in slices {
          var next = region.sliceStarts[z]
          for row in 0..<size.rows {
            let at = mask + size.offset(0, row, z)
            var mass = 0.0, first = 0.0, column = 0
            while column < size.columns {
              // Run by run, as intensities follow each other.
              if at[column] == 0 {
                column &+= 1
                continue
              }
              var end = column &+ 1
              while end < size.columns && at[end] != 0 { end &+= 1 }
              var masses = SIMD4<Double>(), firsts = masses
              var places = SIMD4(0, 1, 2, 3) + Double(column)
              while column &+ 4 <= end {
                let values = UnsafeRawPointer(x + next).loadUnaligned(as: SIMD4<Double>.self)
                masses += values
                firsts += values * places
                places += 4
                column &+= 4
                next &+= 4
              }
              mass += masses.sum()
              first += firsts.sum()
              while column < end {
                mass += x[next]
                first += x[next] * Double(column)
                column &+= 1
                next &+= 1
              }
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
  return (total.w, total.w == 0 ? nil : SIMD3(total.x, total.y, total.z) / total.w)
}
