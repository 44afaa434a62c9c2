// SPDX-License-Identifier: Apache-2.0

// Straight-line networks of minimum and maximum on whole registers: every lane is one voxel.

extension RankInteger {
  @inline(__always)
  static func exchange(_ a: inout Lanes, _ b: inout Lanes) {
    let low = smaller(a, b)
    b = larger(a, b)
    a = low
  }

  /// Three values into ascending order.
  @inline(__always)
  static func sort(_ a: inout Lanes, _ b: inout Lanes, _ c: inout Lanes) {
    exchange(&a, &b)
    let middle = smaller(b, c)
    c = larger(b, c)
    b = larger(a, middle)
    a = smaller(a, middle)
  }

  /// The middle of three values.
  @inline(__always)
  static func median(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes {
    larger(smaller(a, b), smaller(larger(a, b), c))
  }

  /// Nine values in ascending order, from three rows of ascending triples, written to rows of `out`.
  ///
  /// - Source: the second and third part of Floyd's 25-comparator network for nine inputs (Knuth, TAOCP 3, 5.3.4).
  @inline(__always)
  static func merge(_ triples: UnsafePointer<Self>, _ out: UnsafeMutablePointer<Self>, stride: Int) {
    var v0 = load(triples), v1 = load(triples + stride), v2 = load(triples + 2 &* stride)
    var v3 = load(triples + 3 &* stride), v4 = load(triples + 4 &* stride), v5 = load(triples + 5 &* stride)
    var v6 = load(triples + 6 &* stride), v7 = load(triples + 7 &* stride), v8 = load(triples + 8 &* stride)
    sort(&v0, &v3, &v6)
    sort(&v1, &v4, &v7)
    sort(&v2, &v5, &v8)
    exchange(&v1, &v3)
    exchange(&v5, &v7)
    exchange(&v2, &v6)
    exchange(&v4, &v6)
    exchange(&v2, &v4)
    exchange(&v2, &v3)
    exchange(&v5, &v6)
    store(v0, out)
    store(v1, out + stride)
    store(v2, out + 2 &* stride)
    store(v3, out + 3 &* stride)
    store(v4, out + 4 &* stride)
    store(v5, out + 5 &* stride)
    store(v6, out + 6 &* stride)
    store(v7, out + 7 &* stride)
    store(v8, out + 8 &* stride)
  }

  /// The smallest of three neighbours.
  @inline(__always)
  static func lowest(_ p: UnsafePointer<Self>) -> Lanes { smaller(smaller(load(p - 1), load(p)), load(p + 1)) }

  /// The largest of three neighbours.
  @inline(__always)
  static func highest(_ p: UnsafePointer<Self>) -> Lanes { larger(larger(load(p - 1), load(p)), load(p + 1)) }

  /// The middle of three neighbours.
  @inline(__always)
  static func middle(_ p: UnsafePointer<Self>) -> Lanes { median(load(p - 1), load(p), load(p + 1)) }

  /// The 14th of 27 values: `p` points at the lowest rank of the middle one of three sorted columns of nine.
  ///
  /// Sorting every rank across the columns leaves a matrix that ascends both ways. A value at rank i (0 … 8) of the
  /// low (j = 0), middle (1) or high (2) has at least (i+1)(j+1)−1 values below and (9−i)(3−j)−1 above it, so only those
  /// with both products ≤ 14 can be the median: low 5 … 8, middle 2 … 6, high 0 … 3. Seven values drop out on either
  /// side; the seventh of the other 13 is found in two ascending lists as min over i + j = 7 of max(a[i−1], b[j−1]).
  @inline(__always)
  static func median27(_ p: UnsafePointer<Self>, stride: Int) -> Lanes {
    var h0 = highest(p), h1 = highest(p + stride)
    var a = p + 2 &* stride
    var m2 = load(a - 1), n2 = load(a), h2 = load(a + 1)
    sort(&m2, &n2, &h2)
    a += stride
    var m3 = load(a - 1), n3 = load(a), h3 = load(a + 1)
    sort(&m3, &n3, &h3)
    a += stride
    let n4 = middle(a)
    a += stride
    var l5 = load(a - 1), n5 = load(a), m5 = load(a + 1)
    sort(&l5, &n5, &m5)
    a += stride
    var l6 = load(a - 1), n6 = load(a), m6 = load(a + 1)
    sort(&l6, &n6, &m6)
    a += stride
    var l7 = lowest(a), l8 = lowest(a + stride)
    // The high and the low candidates as one ascending list, Batcher's odd-even merge of 4 + 4; its ends are not needed.
    exchange(&h0, &l5)
    exchange(&h1, &l6)
    exchange(&h2, &l7)
    exchange(&h3, &l8)
    exchange(&h2, &l5)
    exchange(&h3, &l6)
    exchange(&h1, &h2)
    exchange(&h3, &l5)
    exchange(&l6, &l7)
    // Ranks 1 … 6 of the eight are now h1 h2 h3 l5 l6 l7.
    let x = smaller(l7, larger(n2, l6))
    let y = smaller(larger(n3, l5), larger(n4, h3))
    let z = smaller(larger(n5, h2), larger(n6, h1))
    return smaller(smaller(x, y), z)
  }

  /// The fifth of nine values: `p` points at the lowest rank of the middle one of three sorted columns of three.
  ///
  /// The largest low, the middle of the middles and the smallest high hold it between them.
  @inline(__always)
  static func median9(_ p: UnsafePointer<Self>, stride: Int) -> Lanes {
    median(highest(p), middle(p + stride), lowest(p + 2 &* stride))
  }
}
