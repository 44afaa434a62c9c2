// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Median of 3 × 3 × 3 (or 3 × 3) windows, each sorted once along an axis and shared by its neighbours.
///
/// A row of triples is sorted along z and serves three output rows; three rows of triples are merged into a row of sorted
/// columns of nine, each of which serves three output voxels.
struct MedianOfThree<T: RankKey>: Sendable {
  let size: Size, boundary: BoundaryCondition, volumetric: Bool
  typealias Key = T.Key
  typealias Lanes = T.Key.Lanes

  private var lanes: Int { Lanes.scalarCount }
  /// Distance of scratch rows: a row rounded up, with at least a register on both sides.
  private var stride: Int { (size.columns + 2 * lanes - 1) / lanes * lanes + 2 * lanes }

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
    let nx = size.columns, stride = stride
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
        forEachRegister { x in Key.merge(scratch + x, columns + x, stride: stride) }
        extend(columns, ranks: 9)
        forEachRegister { x in store(T.voxels(Key.median27(columns + x, stride: stride)), to + x) }
      } else {
        if y <= rows.lowerBound { continue }
        sortTriples(row(y &- 2, z, 0), row(y &- 1, z, 1), row(y, z, 2), columns)
        extend(columns, ranks: 3)
        forEachRegister { x in store(T.voxels(Key.median9(columns + x, stride: stride)), to + x) }
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
    _ first: UnsafePointer<Key>, _ second: UnsafePointer<Key>, _ third: UnsafePointer<Key>,
    _ out: UnsafeMutablePointer<Key>
  ) {
    let stride = stride
    forEachRegister { x in
      var a = T.keys(load(first + x)), b = T.keys(load(second + x)), c = T.keys(load(third + x))
      Key.sort(&a, &b, &c)
      store(a, out + x)
      store(b, out + (stride &+ x))
      store(c, out + (2 &* stride &+ x))
    }
  }

  /// One column before and one after the row.
  @inline(__always)
  private func extend(_ columns: UnsafeMutablePointer<Key>, ranks: Int) {
    let n = size.columns, before = boundary.index(-1, count: n), after = boundary.index(n, count: n)
    let outside = T.keys(.zero)[0]
    for rank in 0..<ranks {
      let row = columns + rank &* stride
      row[-1] = before.map { row[$0] } ?? outside
      row[n] = after.map { row[$0] } ?? outside
    }
  }

}
