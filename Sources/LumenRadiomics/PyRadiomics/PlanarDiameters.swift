// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The largest distances of two vertices of a surface mesh that share a coordinate.
///
/// Planes through voxel centres hold the vertices half a voxel before and behind the centres; planes between them hold one
/// for each pair of neighbours of which one lies inside. Of each line of a plane only the ends matter, and of the ends
/// only the corners of their convex polygon.
///
/// - Cost: a few passes over the mask.
/// - Source: PyRadiomics 3.0.1, cshape.c, `calculate_meshDiameter`.
struct PlanarDiameters: Sendable {
  /// Same z, same y and same x.
  let sameSlice: Double, sameRow: Double, sameColumn: Double

  /// - Parameter ends: those of the mask.
  init(_ mask: Volume<UInt8>, _ ends: RowEnds) {
    let size = mask.size, spacing = mask.geometry.spacing
    let (columns, rows, slices) = (size.columns, size.rows, size.slices)
    let (alongZ, alongY) = Self.differences(mask)
    // Planes of constant z: lines are rows.
    sameSlice = Self.largest(2 * slices + 1) { w in
      if w & 1 == 1 {
        let first = w / 2 * rows
        return diameter(centres: rows, SIMD2(spacing.x, spacing.y)) { ends.line(first + $0) }
      }
      let first = w / 2 * rows
      return diameter(lines: rows, SIMD2(spacing.x, spacing.y)) { alongZ.line(first + $0) }
    }
    // Planes of constant y: lines are the rows of all slices.
    sameRow = Self.largest(2 * rows + 1) { v in
      if v & 1 == 1 {
        return diameter(centres: slices, SIMD2(spacing.x, spacing.z)) { ends.line($0 * rows + v / 2) }
      }
      return diameter(lines: slices, SIMD2(spacing.x, spacing.z)) { alongY.line($0 * (rows + 1) + v / 2) }
    }
    // Planes of constant x: lines run along y.
    let (inside, between) = Self.columnEnds(mask)
    sameColumn = Self.largest(2 * columns + 1) { u in
      if u & 1 == 1 {
        return diameter(centres: slices, SIMD2(spacing.y, spacing.z)) { inside.line($0 * columns + u / 2) }
      }
      return diameter(lines: slices, SIMD2(spacing.y, spacing.z)) { between.line($0 * (columns + 1) + u / 2) }
    }
  }

  private static func largest(_ planes: Int, _ diameter: @Sendable (Int) -> Double) -> Double {
    parallelReduce(planes, block: 8, 0.0) {
      $0.reduce(0) { max($0, diameter($1)) }
    } combine: {
      $0 = max($0, $1)
    }
  }

  /// Ends of the rows where a voxel differs from that of the slice before, and of the row before.
  private static func differences(_ mask: Volume<UInt8>) -> (alongZ: LineEnds, alongY: LineEnds) {
    let size = mask.size, n = size.columns
    let nothing = [UInt8](repeating: 0, count: n)
    var z = LineEnds(count: (size.slices + 1) * size.rows), y = LineEnds(count: size.slices * (size.rows + 1))
    mask.withVoxels { voxels in
      nothing.withUnsafeBufferPointer { nothing in
        nonisolated(unsafe) let (p, nothing) = (voxels.baseAddress!, nothing.baseAddress!)
        @Sendable func row(_ y: Int, _ z: Int) -> UnsafePointer<UInt8> {
          0..<size.rows ~= y && 0..<size.slices ~= z ? p + size.offset(0, y, z) : nothing
        }
        z.fill { i in
          let (plane, line) = (i / size.rows, i % size.rows)
          return differing(row(line, plane - 1), row(line, plane), n)
        }
        y.fill { i in
          let (plane, line) = (i / (size.rows + 1), i % (size.rows + 1))
          return differing(row(line - 1, plane), row(line, plane), n)
        }
      }
    }
    return (z, y)
  }

  /// Ends along y of the voxels inside, and of those that differ from the one before in their row.
  private static func columnEnds(_ mask: Volume<UInt8>) -> (inside: LineEnds, between: LineEnds) {
    let size = mask.size, n = size.columns
    var inside = LineEnds(count: size.slices * n), between = LineEnds(count: size.slices * (n + 1))
    mask.withVoxels { voxels in
      inside.withEnds { insideFirst, insideLast in
        between.withEnds { betweenFirst, betweenLast in
          nonisolated(unsafe) let p = voxels.baseAddress!
          nonisolated(unsafe) let (f, l, g, m) = (insideFirst, insideLast, betweenFirst, betweenLast)
          parallelFor(size.slices) { range in
            for z in range {
              let (f, l, g, m) = (f + z &* n, l + z &* n, g + z &* (n &+ 1), m + z &* (n &+ 1))
              for y in 0..<size.rows {
                let row = p + size.offset(0, y, z), at = Int32(truncatingIfNeeded: y)
                for x in 0..<n {
                  let isInside = row[x] != 0
                  l[x] = isInside ? at : l[x]
                  f[x] = isInside && f[x] == RowEnds.none ? at : f[x]
                }
                for x in 1..<max(n, 1) {
                  let isBorder = row[x] != row[x &- 1]
                  m[x] = isBorder ? at : m[x]
                  g[x] = isBorder && g[x] == RowEnds.none ? at : g[x]
                }
                for (x, voxel) in [(0, row[0]), (n, row[n &- 1])] where voxel != 0 {
                  m[x] = at
                  if g[x] == RowEnds.none { g[x] = at }
                }
              }
            }
          }
        }
      }
    }
    return (inside, between)
  }
}

/// First and last position of something on each of many lines; the first is ``RowEnds/none`` where there is nothing.
private struct LineEnds: Sendable {
  private var first: [Int32], last: [Int32]

  init(count: Int) {
    first = [Int32](repeating: RowEnds.none, count: count)
    last = [Int32](repeating: -1, count: count)
  }

  func line(_ i: Int) -> (first: Int32, last: Int32) { (first[i], last[i]) }

  mutating func withEnds(_ body: (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Void) {
    first.withUnsafeMutableBufferPointer { first in
      last.withUnsafeMutableBufferPointer { body(first.baseAddress!, $0.baseAddress!) }
    }
  }

  mutating func fill(_ ends: @Sendable (Int) -> (first: Int32, last: Int32)) {
    let count = first.count
    withEnds { first, last in
      nonisolated(unsafe) let (first, last) = (first, last)
      parallelFor(count, grain: 256) { range in
        for i in range { (first[i], last[i]) = ends(i) }
      }
    }
  }
}

extension RowEnds {
  fileprivate func line(_ i: Int) -> (first: Int32, last: Int32) { (first[i], last[i]) }
}

/// First and last column in which two rows differ.
private func differing(
  _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ n: Int
) -> (first: Int32, last: Int32) {
  var x = 0
  while x &+ 8 <= n
    && UnsafeRawPointer(a + x).loadUnaligned(as: UInt64.self) == UnsafeRawPointer(b + x).loadUnaligned(as: UInt64.self)
  { x &+= 8 }
  while x < n && a[x] == b[x] { x &+= 1 }
  if x == n { return (RowEnds.none, -1) }
  var end = n
  while end &- 8 > x
    && UnsafeRawPointer(a + (end &- 8)).loadUnaligned(as: UInt64.self)
      == UnsafeRawPointer(b + (end &- 8)).loadUnaligned(as: UInt64.self)
  { end &-= 8 }
  while a[end &- 1] == b[end &- 1] { end &-= 1 }
  return (Int32(truncatingIfNeeded: x), Int32(truncatingIfNeeded: end &- 1))
}

/// The largest distance of the points half a step before and behind the voxel centres of a plane, of which each line
/// gives the first and the last.
func diameter(
  centres lines: Int, _ spacing: SIMD2<Double>, _ ends: (Int) -> (first: Int32, last: Int32)
) -> Double {
  polygonDiameter(2 * lines + 1, spacing) { low, high in
    func widen(_ v: Int, _ a: Int32, _ b: Int32) {
      low[v] = low[v] == RowEnds.none ? a : min(low[v], a)
      high[v] = high[v] == RowEnds.none ? b : max(high[v], b)
    }
    for i in 0..<lines {
      let line = ends(i)
      if line.first == RowEnds.none { continue }
      widen(2 &* i &+ 1, 2 &* line.first &- 1, 2 &* line.last &+ 1)
      widen(2 &* i, 2 &* line.first, 2 &* line.last)
      widen(2 &* i &+ 2, 2 &* line.first, 2 &* line.last)
    }
  }
}

/// The largest distance of points in a plane between voxel centres.
private func diameter(
  lines: Int, _ spacing: SIMD2<Double>, _ ends: (Int) -> (first: Int32, last: Int32)
) -> Double {
  polygonDiameter(2 * lines + 1, spacing) { low, high in
    for i in 0..<lines {
      let line = ends(i)
      if line.first == RowEnds.none { continue }
      (low[2 &* i &+ 1], high[2 &* i &+ 1]) = (2 &* line.first, 2 &* line.last)
    }
  }
}

/// The largest distance of the corners of the polygon around doubled positions, a least and a greatest a line.
private func polygonDiameter(
  _ lines: Int, _ spacing: SIMD2<Double>,
  _ fill: (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Void
) -> Double {
  var points: [SIMD3<Double>] = []
  withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * lines) { buffer in
    let low = buffer.baseAddress!, high = low + lines
    low.initialize(repeating: RowEnds.none, count: 2 * lines)
    fill(low, high)
    keepEnvelope(low, lines, 1, below: true)
    keepEnvelope(high, lines, 1, below: false)
    for v in 0..<lines {
      for u in [low[v], high[v]] where u != RowEnds.none {
        points.append(SIMD3(Double(u) * spacing.x / 2, Double(v) * spacing.y / 2, 0))
      }
    }
  }
  return largestDistance(points)
}
