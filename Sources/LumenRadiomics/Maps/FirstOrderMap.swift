// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// First-order features of neighbourhoods, by the definitions of PyRadiomics.
///
/// The intensities of the neighbourhood are kept in ascending order: those of the plane that leaves are taken out, those
/// of the plane that enters merged in. Sums run in that order, so they do not depend on the way the neighbourhood came.
struct FirstOrderMap: MapWindow {
  static let names = [
    "10Percentile", "90Percentile", "Energy", "Entropy", "InterquartileRange", "Kurtosis", "Maximum",
    "MeanAbsoluteDeviation", "Mean", "Median", "Minimum", "Range", "RobustMeanAbsoluteDeviation", "RootMeanSquared",
    "Skewness", "TotalEnergy", "Uniformity", "Variance",
  ]

  /// What all rows share.
  final class Tables: Sendable {
    let grid: MapGrid
    let plane: [Int]
    let entropy: [Double]
    let shift: Double, voxelVolume: Double

    init(_ grid: MapGrid, shift: Double, voxelVolume: Double) {
      self.grid = grid
      self.shift = shift
      self.voxelVolume = voxelVolume
      plane = grid.plane
      entropy = entropyTerms(upTo: min(plane.count * (2 * grid.reach.x + 1), grid.size.count))
    }
  }

  let tables: Tables
  var planes = 0..<0
  private var base = 0
  /// Ascending intensities with the column each came from, and the same of before the last change.
  private var sorted: [Double], columns: [UInt16], other: [Double], otherColumns: [UInt16]
  private var count = 0
  private var entering: [Double]
  /// Voxels by level.
  private var histogram: [Int32]

  init(_ tables: Tables) {
    self.tables = tables
    let n = tables.plane.count * (2 * tables.grid.reach.x + 2)
    sorted = [Double](repeating: 0, count: n)
    other = sorted
    columns = [UInt16](repeating: 0, count: n)
    otherColumns = columns
    entering = [Double](repeating: 0, count: tables.plane.count)
    histogram = [Int32](repeating: 0, count: tables.grid.used.count + 1)
  }

  mutating func begin(_ y: Int, _ z: Int) {
    base = tables.grid.offset(0, y, z)
    count = 0
  }

  mutating func enter(_ x: Int) {
    let tag = UInt16(truncatingIfNeeded: x)
    let n = gather(x)
    let total = count + n
    sorted.withUnsafeBufferPointer { old in
      columns.withUnsafeBufferPointer { oldColumns in
        other.withUnsafeMutableBufferPointer { new in
          otherColumns.withUnsafeMutableBufferPointer { newColumns in
            entering.withUnsafeBufferPointer { add in
              // The lower half from the front and the upper half from the back: two chains instead of one. Of equal
              // values the old ones come first both ways.
              var (i, j) = (0, 0)
              let middle = total / 2
              for k in 0..<middle {
                let takesOld = j == n || (i < count && old[i] <= add[j])
                new[k] = takesOld ? old[i] : add[j]
                newColumns[k] = takesOld ? oldColumns[i] : tag
                i &+= takesOld ? 1 : 0
                j &+= takesOld ? 0 : 1
              }
              (i, j) = (count - 1, n - 1)
              var k = total - 1
              while k >= middle {
                let takesOld = j < 0 || (i >= 0 && old[i] > add[j])
                new[k] = takesOld ? old[i] : add[j]
                newColumns[k] = takesOld ? oldColumns[i] : tag
                i &-= takesOld ? 1 : 0
                j &-= takesOld ? 0 : 1
                k &-= 1
              }
            }
          }
        }
      }
    }
    swap(&sorted, &other)
    swap(&columns, &otherColumns)
    count = total
  }

  mutating func leave(_ x: Int) {
    tally(base + x, -1)
    let tag = UInt16(truncatingIfNeeded: x), count = count
    self.count = sorted.withUnsafeMutableBufferPointer { values in
      columns.withUnsafeMutableBufferPointer { columns in
        var kept = 0
        for i in 0..<count {
          let column = columns[i]
          values[kept] = values[i]
          columns[kept] = column
          kept &+= column != tag ? 1 : 0
        }
        return kept
      }
    }
  }

  /// The plane's intensities in ascending order.
  private mutating func gather(_ x: Int) -> Int {
    tally(base + x, 1)
    let at = base + x
    return entering.withUnsafeMutableBufferPointer { out in
      tables.grid.values.withUnsafeBufferPointer { values in
        var n = 0
        for offset in tables.plane {
          let value = values[at &+ offset]
          if value.isNaN { continue }
          if n < 48 {
            var k = n
            while k > 0 && out[k &- 1] > value {
              out[k] = out[k &- 1]
              k &-= 1
            }
            out[k] = value
          } else {
            out[n] = value
          }
          n &+= 1
        }
        if n > 48 { out[0..<n].sort() }
        return n
      }
    }
  }

  @inline(__always)
  private mutating func tally(_ at: Int, _ change: Int32) {
    tables.grid.levels.withVoxels { levels in
      let from = levels.baseAddress! + at
      for offset in tables.plane { histogram[Int(from[offset])] &+= change }
    }
  }

  mutating func measure(_ x: Int, into out: UnsafeMutablePointer<Double>) {
    sorted.withUnsafeBufferPointer { measure($0.baseAddress!, count, into: out) }
    var terms = 0.0, squares = 0.0
    for level in 1..<histogram.count where histogram[level] > 0 {
      let n = histogram[level]
      terms += tables.entropy[Int(n)]
      squares += Double(n) * Double(n)
    }
    let n = Double(count)
    out[3] = (tables.entropy[count] - terms) / n
    out[16] = squares / (n * n)
  }

  private func measure(_ x: UnsafePointer<Double>, _ count: Int, into out: UnsafeMutablePointer<Double>) {
    let n = Double(count)
    func percentile(_ q: Double) -> Double { LumenRadiomics.percentile(q, of: count) { x[$0] } }
    let low = percentile(10), high = percentile(90)
    let shift = tables.shift
    let (sum, energy) = eightSums(x, count) { ($0, ($0 + shift) * ($0 + shift)) }
    // All equal: exactly no deviation, whatever the sum was rounded to.
    let isFlat = x[0] == x[count &- 1]
    let mean = isFlat ? x[0] : sum / n
    var (deviation, second, third, fourth) = (0.0, 0.0, 0.0, 0.0)
    if !isFlat {
      (deviation, second) = eightSums(x, count) { v in
        let d = v - mean
        return (d.replacing(with: -d, where: d .< 0), d * d)
      }
      (third, fourth) = eightSums(x, count) { v in
        let d = v - mean, s = d * d
        return (s * d, s * s)
      }
    }
    let variance = second / n
    out[0] = low
    out[1] = high
    out[2] = energy
    out[4] = percentile(75) - percentile(25)
    out[5] = variance == 0 ? 0 : fourth / n / (variance * variance)
    out[6] = x[count &- 1]
    out[7] = deviation / n
    out[8] = mean
    out[9] = percentile(50)
    out[10] = x[0]
    out[11] = x[count &- 1] - x[0]
    out[13] = (energy / n).squareRoot()
    out[14] = variance == 0 ? 0 : third / n / (variance * variance.squareRoot())
    out[15] = energy * tables.voxelVolume
    out[17] = variance

    // Between the percentiles, both included.
    var first = 0, last = count
    while first < last && x[first] < low { first &+= 1 }
    while last > first && x[last &- 1] > high { last &-= 1 }
    let inner = x + first, m = last &- first
    if m <= 0 || inner[0] == inner[m &- 1] {
      out[12] = m > 0 ? 0 : .nan
    } else {
      let centre = eightSums(inner, m) { v in (v, v) }.0 / Double(m)
      out[12] =
        eightSums(inner, m) { v in
          let d = v - centre
          return (d.replacing(with: -d, where: d .< 0), d)
        }.0 / Double(m)
    }
  }
}

/// Σ of two functions of the values, in eight running sums of fixed order. Both functions are given eight values.
@inline(__always)
private func eightSums(_ x: UnsafePointer<Double>, _ n: Int, _ f: (Lanes) -> (Lanes, Lanes)) -> (Double, Double) {
  var (a, b) = (Lanes(), Lanes())
  var i = 0
  while i &+ 8 <= n {
    let (p, q) = f(UnsafeRawPointer(x + i).loadUnaligned(as: Lanes.self))
    a += p
    b += q
    i &+= 8
  }
  if i < n {
    var v = Lanes(repeating: x[i]), isIn = SIMDMask<SIMD8<Int64>>(repeating: false)
    for k in 0..<n &- i {
      v[k] = x[i &+ k]
      isIn[k] = true
    }
    let (p, q) = f(v)
    a += Lanes().replacing(with: p, where: isIn)
    b += Lanes().replacing(with: q, where: isIn)
  }
  return (a.sum(), b.sum())
}
