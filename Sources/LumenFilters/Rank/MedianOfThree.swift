// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Median of 3 × 3 × 3 (or 3 × 3) windows, each sorted once along an axis and shared by its neighbours.
///
/// A row of triples is sorted along z and serves three output rows; three rows of triples are merged into a row of sorted
/// columns of nine, each of which serves three output voxels.
struct MedianOfThree<T: RankKey>: Sendable {
  let size: Size, boundary: BoundaryCondition, volumetric: Bool
  typealias Key = T.Key
  typealias Lanes = T.Lanes

  private var lanes: Int { Lanes.scalarCount }
  /// Distance of scratch rows: a row rounded up, with a register on both sides and an odd number of cache lines.
  private var stride: Int { ((size.columns + 2 * lanes - 1) / lanes * lanes + 2 * lanes) }

  func run(_ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>) {
    let height = min(size.rows, 64), bands = (size.rows + height - 1) / height
    let depth = min(size.slices, 32), layers = (size.slices + depth - 1) / depth
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(bands * layers, grain: max(1, (1 << 15) / (height * depth * size.columns))) { items in
      // 3 rows of triples, 9 sorted columns, 3 rows in, 1 row out, 1 row of zeros.
      withScratch(of: Key.self, 23 * stride) { scratch in
        for item in items {
          let rows = item % bands * height, slices = item / bands * depth
          for z in slices..<min(slices + depth, size.slices) {
            band(rows..<min(rows + height, size.rows), z, source, target, scratch)
          }
        }
      }
    }
  }

  /// Some rows of one slice.
  @inline(__always)
  private func band(
    _ rows: Range<Int>, _ z: Int, _ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>,
    _ scratch: UnsafeMutablePointer<Key>
  ) {
    let columns = scratch + (9 &* stride &+ lanes), inputs = scratch + 18 &* stride, output = scratch + 21 &* stride
    let zeros = UnsafePointer(scratch + 22 &* stride)
    let nx = size.columns
    /// A row of the image as the boundary condition has it, at least one register long.
    func row(_ y: Int, _ z: Int, _ slot: Int) -> UnsafePointer<Key> {
      guard let y = boundary.index(y, count: size.rows), let z = boundary.index(z, count: size.slices) else {
        return zeros
      }
      let row = source + size.offset(0, y, z)
      if nx >= lanes { return row }
      (inputs + slot &* stride).update(from: row, count: nx)
      return UnsafePointer(inputs + slot &* stride)
    }
    for y in rows.lowerBound &- 1..<rows.upperBound &+ 1 {
      let out = target + size.offset(0, max(0, y &- 1), z), to = nx >= lanes ? out : output
      if volumetric {
        sortTriples(row(y, z &- 1, 0), row(y, z, 1), row(y, z &+ 1, 2), scratch + (y &+ 3) % 3 &* 3 &* stride)
        if y <= rows.lowerBound { continue }
        mergeTriples(scratch, columns)
        extend(columns, ranks: 9)
        medians27(columns, to)
      } else {
        if y <= rows.lowerBound { continue }
        sortTriples(row(y &- 2, z, 0), row(y &- 1, z, 1), row(y, z, 2), columns)
        extend(columns, ranks: 3)
        medians9(columns, to)
      }
      if nx < lanes { out.update(from: to, count: nx) }
    }
  }

  /// Runs `body` at 0, L, 2L … and last where a whole register ends with the row, computing a few voxels twice.
  @inline(__always)
  private func forEachRegister(_ body: (Int) -> Void) {
    var x = 0
    let last = max(0, size.columns &- lanes)
    while x < last {
      body(x)
      x &+= lanes
    }
    body(last)
  }

  /// The three values of every column of three rows in ascending order: low, middle and high rows of `out`.
  @inline(__always)
  private func sortTriples(
    _ a: UnsafePointer<Key>, _ b: UnsafePointer<Key>, _ c: UnsafePointer<Key>, _ out: UnsafeMutablePointer<Key>
  ) {
    let stride = stride
    forEachRegister { x in
      let (low, middle, high) = sorted(
        T.keys(load(a + x, as: Lanes.self)), T.keys(load(b + x, as: Lanes.self)), T.keys(load(c + x, as: Lanes.self)))
      store(low, out + x)
      store(middle, out + (stride &+ x))
      store(high, out + (2 &* stride &+ x))
    }
  }

  /// Three rows of ascending triples → nine rows of ascending columns.
  @inline(__always)
  private func mergeTriples(_ t: UnsafeMutablePointer<Key>, _ out: UnsafeMutablePointer<Key>) {
    let stride = stride
    forEachRegister { x in
      @inline(__always) func triple(_ i: Int) -> (Lanes, Lanes, Lanes) {
        let p = UnsafePointer(t) + (3 &* i &* stride &+ x)
        return (load(p, as: Lanes.self), load(p + stride, as: Lanes.self), load(p + 2 &* stride, as: Lanes.self))
      }
      let v = merged(triple(0), triple(1), triple(2))
      let p = out + x
      store(v.0, p)
      store(v.1, p + stride)
      store(v.2, p + 2 &* stride)
      store(v.3, p + 3 &* stride)
      store(v.4, p + 4 &* stride)
      store(v.5, p + 5 &* stride)
      store(v.6, p + 6 &* stride)
      store(v.7, p + 7 &* stride)
      store(v.8, p + 8 &* stride)
    }
  }

  /// One column before and one after the row.
  @inline(__always)
  private func extend(_ columns: UnsafeMutablePointer<Key>, ranks: Int) {
    let n = size.columns, before = boundary.index(-1, count: n), after = boundary.index(n, count: n)
    for rank in 0..<ranks {
      let row = columns + rank &* stride
      row[-1] = before.map { row[$0] } ?? 0
      row[n] = after.map { row[$0] } ?? 0
    }
  }

  @inline(__always)
  private func medians27(_ columns: UnsafeMutablePointer<Key>, _ out: UnsafeMutablePointer<Key>) {
    let stride = stride
    forEachRegister { x in
      let p = UnsafePointer(columns) + x
      let m: Lanes = median27 { j, rank in load(p + (rank &* stride &+ j &- 1), as: Lanes.self) }
      store(T.keys(m), out + x)
    }
  }

  @inline(__always)
  private func medians9(_ columns: UnsafeMutablePointer<Key>, _ out: UnsafeMutablePointer<Key>) {
    let stride = stride
    forEachRegister { x in
      let p = UnsafePointer(columns) + x
      @inline(__always) func value(_ j: Int, _ rank: Int) -> Lanes {
        load(p + (rank &* stride &+ j &- 1), as: Lanes.self)
      }
      // The largest low, the middle of the middles and the smallest high hold the median of nine between them.
      let low = larger(larger(value(0, 0), value(1, 0)), value(2, 0))
      let middle = median(value(0, 1), value(1, 1), value(2, 1))
      let high = smaller(smaller(value(0, 2), value(1, 2)), value(2, 2))
      store(T.keys(median(low, middle, high)), out + x)
    }
  }
}
