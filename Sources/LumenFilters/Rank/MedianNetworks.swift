// SPDX-License-Identifier: Apache-2.0
import LumenCore

// Straight-line networks of minimum and maximum on whole registers: every lane is one voxel.

/// Three values in ascending order.
@inline(__always)
func sorted<L: SIMD>(_ a: L, _ b: L, _ c: L) -> (L, L, L) where L.Scalar: Comparable {
  let low = smaller(a, b), high = larger(a, b)
  let middle = smaller(high, c)
  return (smaller(low, middle), larger(low, middle), larger(high, c))
}

/// The middle of three values.
@inline(__always)
func median<L: SIMD>(_ a: L, _ b: L, _ c: L) -> L where L.Scalar: Comparable {
  larger(smaller(a, b), smaller(larger(a, b), c))
}

@inline(__always)
private func exchange<L: SIMD>(_ a: inout L, _ b: inout L) where L.Scalar: Comparable {
  (a, b) = (smaller(a, b), larger(a, b))
}

/// Nine values in ascending order, from three ascending triples.
///
/// - Source: the second and third part of Floyd's 25-comparator network for nine inputs (Knuth, TAOCP 3, 5.3.4).
@inline(__always)
func merged<L: SIMD>(
  _ a: (L, L, L), _ b: (L, L, L), _ c: (L, L, L)
) -> (L, L, L, L, L, L, L, L, L) where L.Scalar: Comparable {
  var (v0, v3, v6) = sorted(a.0, b.0, c.0)
  var (v1, v4, v7) = sorted(a.1, b.1, c.1)
  var (v2, v5, v8) = sorted(a.2, b.2, c.2)
  exchange(&v1, &v3)
  exchange(&v5, &v7)
  exchange(&v2, &v6)
  exchange(&v4, &v6)
  exchange(&v2, &v4)
  exchange(&v2, &v3)
  exchange(&v5, &v6)
  return (v0, v1, v2, v3, v4, v5, v6, v7, v8)
}

/// The 14th of 27 values: three columns of nine, each ascending, given as a reader of (column, rank).
///
/// Sorting every rank across the columns leaves a matrix that ascends both ways. A value at rank i (0 … 8) of row-sorted
/// column j (0 … 2) has at least (i+1)(j+1)−1 values below and (9−i)(3−j)−1 above it, so only those with both products
/// ≤ 14 can be the median: low 5 … 8, middle 2 … 6, high 0 … 3. Seven values drop out on either side, and the
/// seventh of the remaining 13 is sought in two ascending lists, by min over i + j = 7 of max(a[i−1], b[j−1]).
@inline(__always)
func median27<L: SIMD>(_ column: (_ j: Int, _ rank: Int) -> L) -> L where L.Scalar: Comparable {
  @inline(__always) func low(_ i: Int) -> L { smaller(smaller(column(0, i), column(1, i)), column(2, i)) }
  @inline(__always) func high(_ i: Int) -> L { larger(larger(column(0, i), column(1, i)), column(2, i)) }
  @inline(__always) func three(_ i: Int) -> (L, L, L) { sorted(column(0, i), column(1, i), column(2, i)) }
  var (h0, h1) = (high(0), high(1))
  var (_, m2, h2) = three(2)
  var (_, m3, h3) = three(3)
  let m4 = median(column(0, 4), column(1, 4), column(2, 4))
  var (l5, m5, _) = three(5)
  var (l6, m6, _) = three(6)
  var (l7, l8) = (low(7), low(8))
  // The low and the high candidates as one ascending list: Batcher's odd-even merge of 4 + 4; its ends are not needed.
  exchange(&h0, &l5)
  exchange(&h1, &l6)
  exchange(&h2, &l7)
  exchange(&h3, &l8)
  exchange(&h2, &l5)
  exchange(&h3, &l6)
  exchange(&h1, &h2)
  exchange(&h3, &l5)
  exchange(&l6, &l7)
  let s = (h1, h2, h3, l5, l6, l7)  // ranks 1 … 6 of the eight
  let a = smaller(s.5, larger(m2, s.4))
  let b = smaller(larger(m3, s.3), larger(m4, s.2))
  let c = smaller(larger(m5, s.1), larger(m6, s.0))
  return smaller(smaller(a, b), c)
}
