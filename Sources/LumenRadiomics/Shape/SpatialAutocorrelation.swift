// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// How alike the intensities of near voxels are, over all pairs of voxels with weights 1 / distance.
///
///     Moran's I = N / W · Σ wᵢⱼ (xᵢ − μ)(xⱼ − μ) / Σ (xᵢ − μ)²
///     Geary's C = (N − 1) / 2W · Σ wᵢⱼ (xᵢ − xⱼ)² / Σ (xᵢ − μ)²,   W = Σ wᵢⱼ,  i ≠ j
///
/// NaN for fewer than two voxels and for a single intensity.
///
/// - Accuracy: no pair is left out; within 1e-12 of the sum pair by pair.
/// - Cost: the smaller of O(N²) and O(n log n), n the voxels of the bounding box eight times.
/// - Source: IBSI 1 reference manual, N365 and NPT7; Moran 1950, Geary 1954.
struct SpatialAutocorrelation: Sendable {
  let moran: Double
  let geary: Double

  /// Nanoseconds of a pair of voxels, and of an element of the padded box.
  private static let costOfPair = 1.0, costOfElement = 40.0

  init(_ region: Region) {
    let voxels = PairVoxels(region)
    let n = Double(voxels.values.count)
    let padded = PairSpectrum.paddedSize(voxels.size)
    let isDirect = n * n / 2 * Self.costOfPair < Double(padded.count) * Self.costOfElement
    self.init(voxels, direct: isDirect)
  }

  init(_ voxels: PairVoxels, direct: Bool) {
    let n = Double(voxels.values.count)
    guard n > 1 else {
      (moran, geary) = (.nan, .nan)
      return
    }
    let sums = direct ? directPairSums(voxels) : PairSpectrum(voxels).sums
    let squares = blockSum(voxels.values) { $0 * $0 }
    guard squares > 0 else {
      (moran, geary) = (.nan, .nan)
      return
    }
    moran = n / sums.weights * sums.products / squares
    // Σ w (xᵢ − xⱼ)² = 2 Σ w xᵢ² − 2 Σ w xᵢxⱼ
    geary = (n - 1) / sums.weights * (sums.squares - sums.products) / squares
  }
}

/// Sums over all ordered pairs i ≠ j with w = 1 / distance.
struct PairSums: Sendable {
  /// Σ w
  var weights = 0.0
  /// Σ w xᵢ xⱼ
  var products = 0.0
  /// Σ w xᵢ²
  var squares = 0.0
}

/// The voxels of an intensity mask cut to its own bounding box; intensities less their mean, over the largest of them.
struct PairVoxels: Sendable {
  let size: Size
  /// Spacing over its largest component; neither measure depends on the unit of length.
  let spacing: SIMD3<Double>
  /// Column, row and slice of each voxel in the box, in memory order.
  let columns: [Int32]
  let rows: [Int32]
  let slices: [Int32]
  let values: [Double]

  init(_ region: Region) {
    let n = region.intensities.count, size = region.size
    var low = SIMD3(Int32.max, .max, .max), high = SIMD3<Int32>(0, 0, 0)
    var columns: [Int32] = [], rows: [Int32] = [], slices: [Int32] = []
    columns.reserveCapacity(n)
    rows.reserveCapacity(n)
    slices.reserveCapacity(n)
    region.intensityMask.withVoxels { mask in
      for z in 0..<size.slices where region.sliceStarts[z] < region.sliceStarts[z + 1] {
        for y in 0..<size.rows {
          let row = mask.baseAddress! + size.offset(0, y, z)
          guard let first = firstInside(row, size.columns) else { continue }
          for x in first..<size.columns where row[x] != 0 {
            let at = SIMD3(Int32(truncatingIfNeeded: x), Int32(truncatingIfNeeded: y), Int32(truncatingIfNeeded: z))
            columns.append(at.x)
            rows.append(at.y)
            slices.append(at.z)
            low = smaller(low, at)
            high = larger(high, at)
          }
        }
      }
    }
    let box = n > 0 ? high &- low &+ 1 : SIMD3(1, 1, 1)
    self.size = Size(columns: Int(box.x), rows: Int(box.y), slices: Int(box.z))
    for i in 0..<n {
      columns[i] &-= low.x
      rows[i] &-= low.y
      slices[i] &-= low.z
    }
    (self.columns, self.rows, self.slices) = (columns, rows, slices)
    spacing = region.geometry.spacing / region.geometry.spacing.max()
    // One intensity is its own mean, whatever the rounding of the sum.
    let isFlat = region.intensities.allSatisfy { $0 == region.intensities[0] }
    let mean = isFlat ? region.intensities.first ?? 0 : blockSum(region.intensities) { $0 } / Double(n)
    var largest = 0.0
    for x in region.intensities { largest = max(largest, abs(x - mean)) }
    let scale = largest > 0 ? largest : 1
    values = region.intensities.map { ($0 - mean) / scale }
  }
}

/// Pair by pair: for small regions, and the definition that the fast way is tested against.
func directPairSums(_ voxels: PairVoxels) -> PairSums {
  let n = voxels.values.count, s = voxels.spacing
  let x = voxels.columns.map { Double($0) * s.x }, y = voxels.rows.map { Double($0) * s.y }
  let z = voxels.slices.map { Double($0) * s.z }
  var sums = parallelReduce(n, block: 64, PairSums()) { range in
    var sums = PairSums()
    for i in range {
      let v = voxels.values[i], at = SIMD3(x[i], y[i], z[i])
      var weights = SIMD4<Double>(), products = weights, squares = weights
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          z.withUnsafeBufferPointer { z in
            voxels.values.withUnsafeBufferPointer { values in
              var j = i &+ 1
              while j < n {
                // Beyond the end: a point at an infinite distance.
                let count = min(4, n &- j)
                var dx = SIMD4(repeating: Double.infinity), dy = SIMD4<Double>(), dz = dy, u = dy
                if count == 4 {
                  dx = UnsafeRawPointer(x.baseAddress! + j).loadUnaligned(as: SIMD4<Double>.self) - at.x
                  dy = UnsafeRawPointer(y.baseAddress! + j).loadUnaligned(as: SIMD4<Double>.self) - at.y
                  dz = UnsafeRawPointer(z.baseAddress! + j).loadUnaligned(as: SIMD4<Double>.self) - at.z
                  u = UnsafeRawPointer(values.baseAddress! + j).loadUnaligned(as: SIMD4<Double>.self)
                } else {
                  for k in 0..<count {
                    dx[k] = x[j &+ k] - at.x
                    dy[k] = y[j &+ k] - at.y
                    dz[k] = z[j &+ k] - at.z
                    u[k] = values[j &+ k]
                  }
                }
                let w = 1 / (dx * dx + dy * dy + dz * dz).squareRoot()
                weights += w
                products += w * u
                squares += w * u * u
                j &+= 4
              }
            }
          }
        }
      }
      let w = weights.sum()
      sums.weights += w
      sums.products += v * products.sum()
      sums.squares += v * v * w + squares.sum()
    }
    return sums
  } combine: {
    $0.weights += $1.weights
    $0.products += $1.products
    $0.squares += $1.squares
  }
  // The pairs in the other order; `squares` has both.
  sums.weights *= 2
  sums.products *= 2
  return sums
}
