// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The transform of a tile of columns × rows complex numbers that stays in the second-level cache.
///
/// In space, blocks of `lanes` columns lie one after the other, each as a batch of lines along the rows; in frequency,
/// blocks of `lanes` rows, each as a batch of lines along the columns.
struct FourierTile<R: FourierReal>: Sendable {
  let columns: Int, rows: Int
  private let x: FourierPlan<R>, y: FourierPlan<R>

  /// Reals of a tile.
  var count: Int { 2 * columns * rows }
  /// Reals of the scratch of ``forward(_:_:_:)`` and ``inverse(_:_:_:_:)``.
  var workCount: Int { 2 * max(x.bufferCount, y.bufferCount) }

  /// Both lengths are multiples of 16 that transform fast.
  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    x = FourierPlan(columns)
    y = rows == columns ? x : FourierPlan(rows)
  }

  /// From space, which is overwritten, to frequency.
  func forward(_ space: UnsafeMutablePointer<R>, _ frequency: UnsafeMutablePointer<R>, _ work: UnsafeMutablePointer<R>)
  {
    for block in 0..<columns / R.lanes {
      let lines = y.transform(space + block &* y.bufferCount, work, inverse: false)
      turn(lines, rows, frequency, block, columns)
    }
    for block in 0..<rows / R.lanes {
      let batch = frequency + block &* x.bufferCount
      let lines = x.transform(batch, work, inverse: false)
      if lines != batch { batch.update(from: lines, count: x.bufferCount) }
    }
  }

  /// From frequency times a real weight to space; `body` gets each block of columns when it is there.
  func inverse(
    _ frequency: UnsafePointer<R>, weights: UnsafePointer<R>, _ space: UnsafeMutablePointer<R>,
    _ work: UnsafeMutablePointer<R>, _ body: (_ block: Int, _ lines: UnsafePointer<R>) -> Void
  ) {
    let lanes = R.lanes, other = work + x.bufferCount
    for block in 0..<rows / lanes {
      let from = frequency + block &* x.bufferCount, w = weights + block &* columns &* lanes
      var k = 0
      while k < columns {
        var h = 0
        while h < lanes {
          let at = 2 &* lanes &* k &+ h, v = R.Vector.load(w + (lanes &* k &+ h))
          (R.Vector.load(from + at) * v).store(work + at)
          (R.Vector.load(from + (at &+ lanes)) * v).store(work + (at &+ lanes))
          h &+= R.Vector.width
        }
        k &+= 1
      }
      turn(x.transform(work, other, inverse: true), columns, space, block, rows)
    }
    for block in 0..<columns / lanes {
      body(block, y.transform(space + block &* y.bufferCount, work, inverse: true))
    }
  }

  /// Block `block` of `n` elements × lanes → elements of the blocks of the other layout, whose lines have `m` elements.
  @inline(__always)
  private func turn(_ lines: UnsafePointer<R>, _ n: Int, _ to: UnsafeMutablePointer<R>, _ block: Int, _ m: Int) {
    let lanes = R.lanes, width = R.Vector.width
    for k in stride(from: 0, to: n, by: width) {
      let at = k / lanes &* 2 &* lanes &* m &+ k % lanes
      let target = to + at
      for part in 0..<2 {
        for lane in stride(from: 0, to: lanes, by: width) {
          let from = 2 &* lanes &* k &+ part &* lanes &+ lane
          let into = (block &* lanes &+ lane) &* 2 &* lanes &+ part &* lanes
          R.transpose(lines + from, 2 &* lanes, target + into, 2 &* lanes)
        }
      }
    }
  }
}

/// The length of the tiles along an axis of `n` voxels with a kernel of `radius` that takes the least work.
func tileLength(_ n: Int, radius: Int) -> Int {
  let whole = fourierLength(n + 2 * radius, multipleOf: 16)
  var best = whole, least = Double.infinity
  var length = fourierLength(2 * radius + 16, multipleOf: 16)
  while length <= whole {
    let tiles = (n + length - 2 * radius - 1) / (length - 2 * radius)
    var bits = 4.0, rest = length
    while rest > 1 {
      bits += 1
      rest /= 2
    }
    // Long tiles leave the cache.
    let work = Double(tiles * length) * bits * (1 + Double(length) / 1024)
    if work < least { (best, least) = (length, work) }
    length = fourierLength(length + 16, multipleOf: 16)
  }
  return best
}
