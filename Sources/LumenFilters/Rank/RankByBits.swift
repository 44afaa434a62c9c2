// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Order statistic of any window, found bit by bit: the largest key that has at most `rank` of the window below it.
///
/// From the highest bit down a bit is kept when the number of smaller values allows it; one register of voxels at a time.
/// Bits that all values around a row share are not searched. The smallest and the largest value need no search at all;
/// other ranks of eight-bit voxels are not for this way: their keys cannot count a window.
struct RankByBits<T: RankKey>: Sendable {
  let rows: RankRows<T>, radius: Int, depth: Int, rank: Int
  typealias Key = T.Key
  typealias Lanes = T.Key.Lanes

  func run(_ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>) {
    let lanes = Lanes.scalarCount, size = rows.size, nx = size.columns, (r, d) = (radius, depth)
    let stride = (nx + 2 * r + 2 * lanes - 1) / lanes * lanes
    let lines = (2 * r + 1) * (2 * d + 1), last = lines * (2 * r + 1) - 1
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(size.rows * size.slices, grain: max(1, 4096 / nx)) { range in
      withScratch(of: Key.self, (lines + 2) * stride) { scratch in
        let output = scratch + lines &* stride, folded = output + stride
        for row in range {
          let y = row % size.rows, z = row / size.rows
          var line = scratch, low = Lanes(repeating: .max), high = Lanes(repeating: .min)
          for k in -d...d {
            for j in -r...r {
              rows.read(source, y &+ j, z &+ k, columns: -r..<nx &+ r, into: line)
              var x = 0
              while x < nx &+ 2 &* r {
                let v = load(UnsafePointer(line) + x)
                low = Key.smaller(low, v)
                high = Key.larger(high, v)
                x &+= lanes
              }
              line += stride
            }
          }
          if rank == 0 {
            extreme(scratch, lines, stride, folded, output, Key.smaller)
          } else if rank == last {
            extreme(scratch, lines, stride, folded, output, Key.larger)
          } else {
            search(scratch, lines, stride, output, low.min(), high.max())
          }
          (target + row &* nx).update(from: output, count: nx)
        }
      }
    }
  }

  /// The smallest or largest value: across the lines first, then along the row.
  @inline(__always)
  private func extreme(
    _ window: UnsafePointer<Key>, _ lines: Int, _ stride: Int, _ folded: UnsafeMutablePointer<Key>,
    _ output: UnsafeMutablePointer<Key>, _ choose: (Lanes, Lanes) -> Lanes
  ) {
    let lanes = Lanes.scalarCount, nx = rows.size.columns, side = 2 &* radius &+ 1
    var x = 0
    while x < nx &+ 2 &* radius {
      var v = load(window + x)
      for i in 1..<max(lines, 1) { v = choose(v, load(window + (i &* stride &+ x))) }
      store(v, folded + x)
      x &+= lanes
    }
    x = 0
    while x < nx {
      var v = load(UnsafePointer(folded) + x)
      for j in 1..<side { v = choose(v, load(UnsafePointer(folded) + (x &+ j))) }
      store(T.voxels(v), output + x)
      x &+= lanes
    }
  }

  @inline(__always)
  private func search(
    _ window: UnsafePointer<Key>, _ lines: Int, _ stride: Int, _ output: UnsafeMutablePointer<Key>, _ low: Key,
    _ high: Key
  ) {
    // Keys ascend with their bits once the sign bit is flipped.
    let bits = Key.bitWidth &- (low ^ high).leadingZeroBitCount
    let shift = Key(truncatingIfNeeded: bits)
    let shared = bits == Key.bitWidth ? Key.min : (((low ^ .min) &>> shift) &<< shift) ^ .min
    let side = 2 &* radius &+ 1, limit = Key(truncatingIfNeeded: rank)
    var x = 0
    while x < rows.size.columns {
      var value = Lanes(repeating: shared)
      var bit = bits &- 1
      while bit >= 0 {
        let candidate = Key.sum(value, Lanes(repeating: 1 &<< Key(truncatingIfNeeded: bit)))
        var count = Lanes.zero
        for i in 0..<lines {
          let p = window + (i &* stride &+ x)
          for j in 0..<side { count = Key.counting(count, load(p + j), below: candidate) }
        }
        value = Key.choose(candidate, value, where: count, exceeds: limit)
        bit &-= 1
      }
      store(T.voxels(value), output + x)
      x &+= Lanes.scalarCount
    }
  }
}

/// Rows of an image with what its boundary condition puts around it, as keys.
struct RankRows<T: RankKey>: Sendable {
  let size: Size, boundary: BoundaryCondition
  typealias Key = T.Key

  /// Columns `columns`, which may lie outside, of a row, which may too; `line` has room for them rounded up to registers.
  @inline(__always)
  func read(
    _ source: UnsafePointer<Key>, _ y: Int, _ z: Int, columns: Range<Int>, into line: UnsafeMutablePointer<Key>
  ) {
    let nx = size.columns
    guard let y = boundary.index(y, count: size.rows), let z = boundary.index(z, count: size.slices) else {
      return line.update(repeating: T.keys(.zero)[0], count: columns.count)
    }
    let row = source + size.offset(0, y, z)
    let inside = max(0, columns.lowerBound)..<min(nx, columns.upperBound)
    for i in columns.lowerBound..<inside.lowerBound {
      line[i &- columns.lowerBound] = boundary.index(i, count: nx).map { row[$0] } ?? 0
    }
    (line + (inside.lowerBound &- columns.lowerBound)).update(from: row + inside.lowerBound, count: inside.count)
    for i in inside.upperBound..<columns.upperBound {
      line[i &- columns.lowerBound] = boundary.index(i, count: nx).map { row[$0] } ?? 0
    }
    var x = 0
    while x < columns.count {
      store(T.keys(load(UnsafePointer(line) + x)), line + x)
      x &+= Key.Lanes.scalarCount
    }
  }
}
