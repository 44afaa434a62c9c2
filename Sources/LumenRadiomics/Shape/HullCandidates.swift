// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The points of a region's surface that may be corners of its convex hull, in doubled indices.
///
/// Each voxel stands for the six points half a voxel before and behind its centre. Those between two voxels of the
/// region lie inside the hull of the rest, so that the hull is that of the vertices of the surface mesh, and never flat.
/// A corner of the hull is a corner of the hull of every plane through it: per plane of slices, then per plane of rows,
/// the others are dropped.
///
/// - Cost: O(rows) after the ends of the rows are known.
func hullCandidates(_ ends: RowEnds) -> [SIMD3<Int>] {
  let (rows, slices) = (ends.size.rows, ends.size.slices)
  // Row v of plane w, both doubled and moved by one: least and greatest doubled column.
  let lines = 2 * rows + 1, planes = 2 * slices + 1
  var low = [Int32](repeating: RowEnds.none, count: lines * planes)
  var high = [Int32](repeating: RowEnds.none, count: lines * planes)
  low.withUnsafeMutableBufferPointer { low in
    high.withUnsafeMutableBufferPointer { high in
      nonisolated(unsafe) let (low, high) = (low.baseAddress!, high.baseAddress!)
      parallelFor(planes, grain: 16) { range in
        for w in range {
          let (lo, hi) = (low + w &* lines, high + w &* lines)
          // The slices whose voxels have points in this plane.
          for z in max((w &- 1) / 2, 0)...min(w / 2, slices &- 1) {
            for y in 0..<rows where ends.first[z &* rows &+ y] != RowEnds.none {
              let a = 2 &* ends.first[z &* rows &+ y], b = 2 &* ends.last[z &* rows &+ y], v = 2 &* y &+ 1
              if w & 1 == 1 {
                widen(lo, hi, v, a &- 1, b &+ 1)
                widen(lo, hi, v &- 1, a, b)
                widen(lo, hi, v &+ 1, a, b)
              } else {
                widen(lo, hi, v, a, b)
              }
            }
          }
          keepEnvelope(lo, lines, 1, below: true)
          keepEnvelope(hi, lines, 1, below: false)
        }
      }
      parallelFor(lines, grain: 16) { range in
        for v in range {
          keepEnvelope(low + v, planes, lines, below: true)
          keepEnvelope(high + v, planes, lines, below: false)
        }
      }
    }
  }
  var points: [SIMD3<Int>] = []
  for w in 0..<planes {
    for v in 0..<lines {
      let (a, b) = (low[w &* lines &+ v], high[w &* lines &+ v])
      if a != RowEnds.none { points.append(SIMD3(Int(a), v &- 1, w &- 1)) }
      if b != RowEnds.none && b != a { points.append(SIMD3(Int(b), v &- 1, w &- 1)) }
    }
  }
  return points
}

@inline(__always)
private func widen(
  _ lo: UnsafeMutablePointer<Int32>, _ hi: UnsafeMutablePointer<Int32>, _ v: Int, _ a: Int32, _ b: Int32
) {
  if lo[v] == RowEnds.none {
    (lo[v], hi[v]) = (a, b)
  } else {
    if a < lo[v] { lo[v] = a }
    if b > hi[v] { hi[v] = b }
  }
}

/// Keeps, of a line of points (i, value), the corners of its convex envelope from below or from above.
///
/// - Source: monotone chain, Andrew 1979.
func keepEnvelope(_ value: UnsafeMutablePointer<Int32>, _ count: Int, _ stride: Int, below: Bool) {
  withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * count) { buffer in
    // Positions and values of the corners so far; from above is from below of the negative.
    let at = buffer.baseAddress!, u = at + count
    var n = 0
    for i in 0..<count {
      let value = value[i &* stride]
      if value == RowEnds.none { continue }
      let new = below ? Int(value) : -Int(value)
      while n >= 2 {
        let rise = (u[n &- 1] &- u[n &- 2]) &* (i &- at[n &- 2])
        if rise < (new &- u[n &- 2]) &* (at[n &- 1] &- at[n &- 2]) { break }
        n &-= 1
      }
      at[n] = i
      u[n] = new
      n &+= 1
    }
    var next = 0
    for i in 0..<count where value[i &* stride] != RowEnds.none {
      if next < n && at[next] == i { next &+= 1 } else { value[i &* stride] = RowEnds.none }
    }
  }
}
