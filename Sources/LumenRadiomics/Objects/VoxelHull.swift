// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The convex hull of a 3-D object, as scikit-image draws it: of the middles of its voxels' faces, then the voxels whose
/// centres lie in it or on its border. Exact: everything is counted in half voxels. Objects that are flat, for which
/// scikit-image finds no hull, have one, too: their face middles are not flat.
///
/// - Source: Quickhull in whole numbers, see ``ConvexHull``.
struct VoxelHull {
  /// Voxels in the hull.
  private(set) var voxels = 0
  /// First and last column of the hull in each row of the box.
  private var first: [Int32] = [], last: [Int32] = []
  private var size = Size(columns: 1, rows: 1, slices: 1)

  mutating func fit(_ runs: UnsafeBufferPointer<LabelRuns.Run>, _ shape: ObjectShape, _ whole: Size) {
    size = Size(columns: shape.columns, rows: shape.rows, slices: shape.slices)
    let rows = size.rows * size.slices
    first = [Int32](repeating: RowEnds.none, count: rows)
    last = [Int32](repeating: -1, count: rows)
    for run in runs {
      let row = (Int(run.row) / whole.rows - shape.first.z) * size.rows + Int(run.row) % whole.rows - shape.first.y
      first[row] = min(first[row], run.first - Int32(shape.first.x))
      last[row] = max(last[row], run.last - Int32(shape.first.x))
    }
    guard let hull = ConvexHull(hullCandidates(RowEnds(size, first: first, last: last))) else { return }
    // Faces with more than three corners are several triangles of one plane.
    var planes: [SIMD4<Int>] = []
    for t in hull.triangles {
      let plane = SIMD4(t.normal.x, t.normal.y, t.normal.z, t.offset)
      if planes.last != plane { planes.append(plane) }
    }
    voxels = 0
    for row in 0..<rows {
      let (y, z) = (2 &* (row % size.rows), 2 &* (row / size.rows))
      var (low, high) = (0, size.columns &- 1)
      for p in planes {
        // n·x ≤ room
        let n = 2 &* p.x, room = p.w &- p.y &* y &- p.z &* z
        if n > 0 {
          if n &* high > room { high = room >= 0 ? room / n : -1 }
        } else if n < 0 {
          // The least x with x ≥ room / n.
          if n &* low > room { low = (room &+ n &+ 1) / n }
        } else if room < 0 {
          high = -1
        }
        if low > high { break }
      }
      let isEmpty = low > high
      first[row] = isEmpty ? RowEnds.none : Int32(low)
      last[row] = isEmpty ? -1 : Int32(high)
      voxels += isEmpty ? 0 : high - low + 1
    }
  }

  /// The longest distance between face middles of the hull's voxels.
  func diameter(_ spacing: SIMD3<Double>) -> Double {
    largestDistance(
      hullCandidates(RowEnds(size, first: first, last: last)).map { SIMD3<Double>($0) * spacing / 2 })
  }
}
