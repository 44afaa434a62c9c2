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
    let squares = blockSum(voxels.values, .square(from: 0))
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
  /// Column of each voxel in the box, in memory order.
  let columns: [Int32]
  /// Index of the first voxel of each row of the box, slice by slice; one more than rows.
  let starts: [Int]
  let values: [Double]

  init(_ region: Region) {
    let whole = region.size, ends = RowEnds(region.intensityMask), n = region.count
    var low = SIMD3(Int.max, .max, .max), high = SIMD3(repeating: -1)
    for row in ends.first.indices where ends.first[row] != RowEnds.none {
      let (z, y) = row.quotientAndRemainder(dividingBy: whole.rows)
      low = smaller(low, SIMD3(Int(ends.first[row]), y, z))
      high = larger(high, SIMD3(Int(ends.last[row]), y, z))
    }
    let size = n > 0 ? high &- low &+ 1 : SIMD3(1, 1, 1), corner = low
    self.size = Size(columns: size.x, rows: size.y, slices: size.z)
    var starts = [Int](repeating: 0, count: size.y * size.z + 1)
    if n > 0 {
      starts.withUnsafeMutableBufferPointer { starts in
        nonisolated(unsafe) let counts = starts.baseAddress! + 1
        region.forEachRow(of: size, from: corner) { row, mask in
          var count = 0
          for x in 0..<size.x { count &+= Int(mask[x]) }
          counts[row] = count
        }
      }
      for row in 1..<starts.count { starts[row] += starts[row - 1] }
    }
    let first = starts
    columns = [Int32](unsafeUninitializedCapacity: n) { out, count in
      count = n
      guard n > 0 else { return }
      adviseHugePages(out.baseAddress, count: n)
      nonisolated(unsafe) let to = out.baseAddress!
      region.forEachRow(of: size, from: corner) { row, mask in
        var next = to + first[row]
        for x in 0..<size.x where mask[x] != 0 {
          next.initialize(to: Int32(truncatingIfNeeded: x))
          next += 1
        }
      }
    }
    self.starts = starts
    spacing = region.geometry.spacing / region.geometry.spacing.max()
    // One intensity is its own mean, whatever the rounding of the sum.
    let (least, greatest) = extremes(region.intensities)
    let mean = least == greatest ? least : blockSum(region.intensities) / Double(n)
    let largest = max(abs(least - mean), abs(greatest - mean)), scale = largest > 0 ? largest : 1
    values = [Double](unsafeUninitializedCapacity: n) { out, count in
      count = n
      adviseHugePages(out.baseAddress, count: n)
      nonisolated(unsafe) let to = out
      region.intensities.withUnsafeBufferPointer { x in
        nonisolated(unsafe) let x = x
        parallelFor(n, grain: 1 << 15) { range in
          for i in range { to.initializeElement(at: i, to: (x[i] - mean) / scale) }
        }
      }
    }
  }

  /// Places of the voxels, in their order and the unit of ``spacing``.
  var places: [SIMD3<Double>] {
    (0..<starts.count - 1).flatMap { row in
      let (z, y) = row.quotientAndRemainder(dividingBy: size.rows)
      return columns[starts[row]..<starts[row + 1]].map { SIMD3(Double($0), Double(y), Double(z)) * spacing }
    }
  }
}

extension Region {
  /// The intensity mask of each row of a box, numbered slice by slice; parallel.
  fileprivate func forEachRow(
    of box: SIMD3<Int>, from corner: SIMD3<Int>, _ body: @Sendable (_ row: Int, UnsafePointer<UInt8>) -> Void
  ) {
    let size = size
    intensityMask.withVoxels { mask in
      nonisolated(unsafe) let mask = mask.baseAddress!
      parallelFor(box.y * box.z, grain: 256) { rows in
        for row in rows {
          let (z, y) = row.quotientAndRemainder(dividingBy: box.y)
          body(row, mask + size.offset(corner.x, corner.y &+ y, corner.z &+ z))
        }
      }
    }
  }
}

/// Pair by pair: for small regions, and the definition that the fast way is tested against.
func directPairSums(_ voxels: PairVoxels) -> PairSums {
  let n = voxels.values.count, places = voxels.places
  let x = places.map(\.x), y = places.map(\.y), z = places.map(\.z)
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
