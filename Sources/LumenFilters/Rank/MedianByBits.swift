// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Median of any window, found bit by bit: the largest key that has at most half of the window below it.
///
/// From the highest bit down a bit is kept when the number of smaller values allows it; one register of voxels at a time.
/// Eight-bit voxels are widened by the caller: their keys cannot count a window.
struct MedianByBits<T: RankKey>: Sendable {
  let size: Size, boundary: BoundaryCondition, radius: Int, depth: Int
  typealias Key = T.Key
  typealias Lanes = T.Key.Lanes

  func run(_ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>) {
    let lanes = Lanes.scalarCount, nx = size.columns, (r, d) = (radius, depth)
    let stride = (nx + 2 * r + 2 * lanes - 1) / lanes * lanes
    let lines = (2 * r + 1) * (2 * d + 1)
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(size.rows * size.slices, grain: max(1, 4096 / nx)) { rows in
      withScratch(of: Key.self, (lines + 1) * stride) { scratch in
        let output = scratch + lines &* stride
        for row in rows {
          let y = row % size.rows, z = row / size.rows
          var line = scratch
          for k in -d...d {
            for j in -r...r {
              pad(source, y &+ j, z &+ k, line)
              line += stride
            }
          }
          var x = 0
          while x < nx {
            store(T.keys(median(UnsafePointer(scratch) + x, lines, stride)), output + x)
            x &+= lanes
          }
          (target + row &* nx).update(from: output, count: nx)
        }
      }
    }
  }

  /// A row of the image as the boundary condition has it, with its margins, as keys.
  @inline(__always)
  private func pad(_ source: UnsafePointer<Key>, _ y: Int, _ z: Int, _ line: UnsafeMutablePointer<Key>) {
    let nx = size.columns, r = radius
    guard let y = boundary.index(y, count: size.rows), let z = boundary.index(z, count: size.slices) else {
      return line.update(repeating: T.keys(.zero)[0], count: nx + 2 * r)
    }
    let row = source + size.offset(0, y, z)
    (line + r).update(from: row, count: nx)
    for i in 1...r {
      line[r &- i] = boundary.index(-i, count: nx).map { row[$0] } ?? 0
      line[r &+ nx &- 1 &+ i] = boundary.index(nx &- 1 &+ i, count: nx).map { row[$0] } ?? 0
    }
    var x = 0
    while x < nx &+ 2 &* r {
      store(T.keys(load(UnsafePointer(line) + x)), line + x)
      x &+= Lanes.scalarCount
    }
  }

  @inline(__always)
  private func median(_ window: UnsafePointer<Key>, _ lines: Int, _ stride: Int) -> Lanes {
    let side = 2 &* radius &+ 1, half = Key(truncatingIfNeeded: lines &* side / 2)
    var value = Lanes(repeating: .min)
    var bit = Key.bitWidth &- 1
    while bit >= 0 {
      let candidate = Key.sum(value, Lanes(repeating: 1 &<< Key(truncatingIfNeeded: bit)))
      var count = Lanes.zero
      for i in 0..<lines {
        for j in 0..<side { count = Key.counting(count, load(window + (i &* stride &+ j)), below: candidate) }
      }
      value = Key.choose(candidate, value, where: count, exceeds: half)
      bit &-= 1
    }
    return value
  }
}
