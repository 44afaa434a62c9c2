// SPDX-License-Identifier: Apache-2.0
import CSIMD
import Glibc
import LumenCore

/// Non-local means of unsigned 8-bit images in whole numbers, as OpenCV's `fastNlMeansDenoising` defines it.
///
/// A patch's squared differences are summed and shifted right by ⌈log₂ n⌉ for its n voxels, which looks up a weight.
struct NonLocalMeansBytes: Sendable {
  private let tiles: PatchTiles, boundary: BoundaryCondition
  /// Weights by shifted distance, and a zero.
  private let weights: [Int32], shift: Int32
  private typealias Wide = SIMD16<Int32>
  private typealias Narrow = SIMD16<UInt16>

  init(_ filter: NonLocalMeans, _ size: Size) {
    let tiles = PatchTiles(filter, size), side = 2 * filter.patch + 1, window = 2 * filter.search + 1
    self.tiles = tiles
    boundary = filter.boundary
    let n = side * side * (2 * tiles.patchDepth + 1), voxels = window * window * (2 * tiles.searchDepth + 1)
    let one = Int(Int32.max) / (255 * voxels)
    var shift = 0
    while 1 << shift < n { shift += 1 }
    let unit = Double(1 << shift) / Double(n), count = Int(65025 / unit + 1)
    var weights: [Int32] = []
    for i in 0..<count {
      let w = (Double(one) * exp(-Double(i) * unit / (filter.strength * filter.strength))).rounded(.toNearestOrEven)
      if !(w >= 0.001 * Double(one)) { break }
      weights.append(Int32(w))
    }
    self.weights = weights + [0]
    self.shift = Int32(shift)
  }

  func run(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>) {
    let size = tiles.size, p = tiles.patch, depth = tiles.patchDepth, (side, deep) = (2 * p + 1, 2 * depth + 1)
    let width = tiles.rowLength, area = tiles.height * width
    let last = Int32(truncatingIfNeeded: weights.count - 1), shift = Wide(repeating: shift)
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(tiles.count) { items in
      withScratch(of: UInt16.self, tiles.padded + side * width + 32) { pixels in
        // Sums of weights and of weighted values; the patch sums of a row, and of the slices of a patch.
        let planes = deep > 1 ? deep * area : 0
        withScratch(of: Int32.self, 2 * tiles.layers * area + 2 * width + planes + 32) { scratch in
          let squares = pixels + tiles.padded
          let totals = scratch, sums = totals + tiles.layers * area, running = sums + tiles.layers * area
          let line = running + width, slabs = line + width
          weights.withUnsafeBufferPointer { weights in
            guard let table = weights.baseAddress else { return }
            for item in items {
              let tile = tiles[item], n = tile.columns.count &+ 2 &* p
              tiles.fill(tile, pixels) { y, z, columns, to in read(source, y, z, columns, to) }
              totals.update(repeating: 0, count: 2 &* tiles.layers &* area)
              tiles.forEachDisplacement { displacement in
                for k in 0..<tile.slices.count &+ 2 &* depth {
                  squares.update(repeating: 0, count: side &* width)
                  running.update(repeating: 0, count: width)
                  for j in 0..<tile.rows.count &+ 2 &* p {
                    let a = pixels + tiles.patchOffset(j, k)
                    advance(a, a + displacement, squares + j % side &* width, running, n)
                    if j < 2 &* p { continue }
                    let y = j &- 2 &* p
                    var sum = UnsafePointer(running)
                    if deep > 1 {
                      (slabs + (k % deep &* area &+ y &* width)).update(from: running, count: width)
                      if k < 2 &* depth { continue }
                      add(slabs + y &* width, deep, area, line, n)
                      sum = UnsafePointer(line)
                    }
                    let z = k &- 2 &* depth, at = z &* area &+ y &* width
                    let values = pixels + (tiles.valueOffset(y, z) &+ displacement)
                    var x = 0
                    while x < tile.columns.count {
                      var d = load(sum + x)
                      for i in 1..<side { d &+= load(sum + (x &+ i)) }
                      let index = d &>> shift
                      if v_any_below_i32(index, last) != 0 {
                        let w = v_look_up_i32(table, last, index)
                        let v = Wide(truncatingIfNeeded: load(values + x))
                        store(load(totals + (at &+ x)) &+ w, totals + (at &+ x))
                        store(load(sums + (at &+ x)) &+ w &* v, sums + (at &+ x))
                      }
                      x &+= 16
                    }
                  }
                }
              }
              for z in tile.slices {
                for y in tile.rows {
                  let at = (z &- tile.slices.lowerBound) &* area &+ (y &- tile.rows.lowerBound) &* width
                  let out = target + size.offset(tile.columns.lowerBound, y, z)
                  for x in 0..<tile.columns.count {
                    let total = UInt32(truncatingIfNeeded: totals[at &+ x])
                    let sum = UInt32(truncatingIfNeeded: sums[at &+ x])
                    out[x] = UInt8(truncatingIfNeeded: (sum &+ total / 2) / max(total, 1))
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Squared differences of a row enter the running sums, those of the row a patch before leave.
  @inline(__always)
  private func advance(
    _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>, _ squares: UnsafeMutablePointer<UInt16>,
    _ running: UnsafeMutablePointer<Int32>, _ n: Int
  ) {
    var x = 0
    while x < n {
      let d = load(a + x) &- load(b + x), q = d &* d
      let change = Wide(truncatingIfNeeded: q) &- Wide(truncatingIfNeeded: load(UnsafePointer(squares) + x))
      store(load(UnsafePointer(running) + x) &+ change, running + x)
      store(q, squares + x)
      x &+= 16
    }
  }

  @inline(__always)
  private func add(
    _ rows: UnsafePointer<Int32>, _ count: Int, _ stride: Int, _ out: UnsafeMutablePointer<Int32>, _ n: Int
  ) {
    var x = 0
    while x < n {
      var s = load(rows + x)
      for i in 1..<count { s &+= load(rows + (i &* stride &+ x)) }
      store(s, out + x)
      x &+= 16
    }
  }

  private func read(
    _ source: UnsafePointer<UInt8>, _ y: Int, _ z: Int, _ columns: Range<Int>, _ to: UnsafeMutablePointer<UInt16>
  ) {
    let size = tiles.size
    guard let y = boundary.index(y, count: size.rows), let z = boundary.index(z, count: size.slices) else {
      return to.update(repeating: 0, count: columns.count)
    }
    let row = source + size.offset(0, y, z)
    for i in columns {
      to[i &- columns.lowerBound] = boundary.index(i, count: size.columns).map { UInt16(row[$0]) } ?? 0
    }
  }

  @inline(__always)
  private func load(_ p: UnsafePointer<Int32>) -> Wide { UnsafeRawPointer(p).loadUnaligned(as: Wide.self) }
  @inline(__always)
  private func load(_ p: UnsafePointer<UInt16>) -> Narrow { UnsafeRawPointer(p).loadUnaligned(as: Narrow.self) }
  @inline(__always)
  private func store(_ v: Wide, _ p: UnsafeMutablePointer<Int32>) {
    UnsafeMutableRawPointer(p).storeBytes(of: v, as: Wide.self)
  }
  @inline(__always)
  private func store(_ v: Narrow, _ p: UnsafeMutablePointer<UInt16>) {
    UnsafeMutableRawPointer(p).storeBytes(of: v, as: Narrow.self)
  }
}
