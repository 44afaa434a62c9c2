// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Median of 5 × 5 windows of a slice. The five values of every column are sorted once and shared by five windows.
struct MedianOfFive<T: RankKey>: Sendable {
  let rows: RankRows<T>
  typealias Key = T.Key
  typealias Lanes = T.Key.Lanes

  func run(_ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>) {
    let lanes = Lanes.scalarCount, size = rows.size, nx = size.columns
    let stride = (nx + 4 + 2 * lanes - 1) / lanes * lanes
    let height = min(size.rows, 64), bands = (size.rows + height - 1) / height
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(bands * size.slices, grain: max(1, (1 << 16) / (height * nx))) { items in
      // Five rows in as a ring, five sorted ranks, one row out.
      withScratch(of: Key.self, 11 * stride) { scratch in
        let ranks = scratch + 5 &* stride, output = scratch + 10 &* stride
        for item in items {
          let z = item / bands, first = item % bands &* height, end = min(first &+ height, size.rows)
          for y in first &- 2..<end &+ 2 {
            // The order of the rows in the ring does not matter: their columns are sorted.
            rows.read(source, y, z, columns: -2..<nx &+ 2, into: scratch + (y &- first &+ 2) % 5 &* stride)
            if y < first &+ 2 { continue }
            var x = 0
            while x < nx &+ 4 {
              Key.sortFive(scratch + x, ranks + x, stride: stride)
              x &+= lanes
            }
            let out = target + size.offset(0, y &- 2, z)
            x = 0
            while x &+ lanes <= nx {
              store(T.voxels(Key.median25(ranks + x, stride: stride)), out + x)
              x &+= lanes
            }
            if x < nx {
              store(T.voxels(Key.median25(ranks + x, stride: stride)), output)
              (out + x).update(from: output, count: nx &- x)
            }
          }
        }
      }
    }
  }
}

extension RankInteger {
  /// Five rows of `p` in ascending order to five rows of `out`: nine comparators.
  @inline(__always)
  static func sortFive(_ p: UnsafePointer<Self>, _ out: UnsafeMutablePointer<Self>, stride: Int) {
    var a = load(p), b = load(p + stride), c = load(p + 2 &* stride), d = load(p + 3 &* stride)
    var e = load(p + 4 &* stride)
    exchange(&a, &d)
    exchange(&b, &e)
    exchange(&a, &c)
    exchange(&b, &d)
    exchange(&a, &b)
    exchange(&c, &e)
    exchange(&b, &c)
    exchange(&d, &e)
    exchange(&c, &d)
    store(a, out)
    store(b, out + stride)
    store(c, out + 2 &* stride)
    store(d, out + 3 &* stride)
    store(e, out + 4 &* stride)
  }

  /// The 13th of 25 values: `p` points at the lowest rank of the first of five sorted columns.
  ///
  /// Sorting every rank across the columns leaves a 5 × 5 matrix that ascends both ways. An element in row i and column j
  /// (1 … 5) has at least i·j − 1 values below and (6−i)(6−j) − 1 above it, so the median has both products ≤ 13: the
  /// anti-diagonals i + j = 5 (four low ones), 6 (five middle ones) and 7 (four high ones) remain. The k smallest middle
  /// ones have k low ones below them and the k largest k high ones above them, so that of the 13 all but the largest low,
  /// the third middle and the smallest high one are excluded evenly on both sides.
  @inline(__always)
  static func median25(_ p: UnsafePointer<Self>, stride: Int) -> Lanes {
    // Ranks 4 and 5 of the lowest values, 1 and 2 of the highest.
    let (low1, middle1) = topTwo(p)
    var row = p + 4 &* stride
    let (middle5, high5) = bottomTwo(row)
    row = p + stride
    let (low2, middle2, high2) = topThree(row)
    row += stride
    let (low3, middle3, high3) = middleThree(row)
    row += stride
    let (low4, middle4, high4) = bottomThree(row)
    let low = larger(larger(low1, low2), larger(low3, low4))
    let high = smaller(smaller(high2, high3), smaller(high4, high5))
    // The third of five: neither the smallest of two pairs nor the largest.
    let a = larger(smaller(middle1, middle2), smaller(middle4, middle5))
    let b = smaller(larger(middle1, middle2), larger(middle4, middle5))
    return median(low, median(a, b, middle3), high)
  }

  /// Fourth and fifth of five neighbours.
  @inline(__always)
  private static func topTwo(_ p: UnsafePointer<Self>) -> (Lanes, Lanes) {
    var a = load(p), b = load(p + 1), c = load(p + 2), d = load(p + 3)
    let e = load(p + 4)
    exchange(&a, &b)
    exchange(&c, &d)
    let first = larger(b, d), second = larger(smaller(b, d), larger(a, c))
    return (larger(second, smaller(first, e)), larger(first, e))
  }

  /// First and second of five neighbours.
  @inline(__always)
  private static func bottomTwo(_ p: UnsafePointer<Self>) -> (Lanes, Lanes) {
    var a = load(p), b = load(p + 1), c = load(p + 2), d = load(p + 3)
    let e = load(p + 4)
    exchange(&a, &b)
    exchange(&c, &d)
    let first = smaller(a, c), second = smaller(larger(a, c), smaller(b, d))
    return (smaller(first, e), smaller(second, larger(first, e)))
  }

  /// Third to fifth of five neighbours.
  @inline(__always)
  private static func topThree(_ p: UnsafePointer<Self>) -> (Lanes, Lanes, Lanes) {
    var a = load(p), b = load(p + 1), c = load(p + 2), d = load(p + 3)
    let e = load(p + 4)
    exchange(&a, &b)
    exchange(&c, &d)
    let first = larger(b, d), u = smaller(b, d), v = larger(a, c)
    let second = larger(u, v), third = smaller(u, v)
    let rest = smaller(first, e)
    return (larger(third, smaller(second, rest)), larger(second, rest), larger(first, e))
  }

  /// First to third of five neighbours.
  @inline(__always)
  private static func bottomThree(_ p: UnsafePointer<Self>) -> (Lanes, Lanes, Lanes) {
    var a = load(p), b = load(p + 1), c = load(p + 2), d = load(p + 3)
    let e = load(p + 4)
    exchange(&a, &b)
    exchange(&c, &d)
    let first = smaller(a, c), u = larger(a, c), v = smaller(b, d)
    let second = smaller(u, v), third = larger(u, v)
    let rest = larger(first, e)
    return (smaller(first, e), smaller(second, rest), smaller(third, larger(second, rest)))
  }

  /// Second to fourth of five neighbours.
  @inline(__always)
  private static func middleThree(_ p: UnsafePointer<Self>) -> (Lanes, Lanes, Lanes) {
    var a = load(p), b = load(p + 1), c = load(p + 2), d = load(p + 3)
    let e = load(p + 4)
    exchange(&a, &b)
    exchange(&c, &d)
    exchange(&a, &c)
    exchange(&b, &d)
    exchange(&b, &c)
    return (larger(a, smaller(b, e)), larger(b, smaller(c, e)), larger(c, smaller(d, e)))
  }
}
