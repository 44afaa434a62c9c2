// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The convex hull of a 2-D object, as scikit-image draws it: of the middles of its pixels' edges, then the pixels whose
/// centres lie in it or on its border. Exact: everything is counted in half pixels.
///
/// - Source: Andrew 1979, monotone chain.
struct PixelHull {
  /// Pixels in the hull.
  private(set) var pixels = 0
  /// First and last column of the object, then of its hull, by row of the box.
  private var left: [Int] = [], right: [Int] = []
  /// Outermost half columns by half row, and the corners of a chain.
  private var outline: [Int] = [], corners: [(x: Int, y: Int)] = []

  mutating func fit(_ runs: UnsafeBufferPointer<LabelRuns.Run>, _ shape: ObjectShape) {
    let rows = shape.rows
    left.removeAll(keepingCapacity: true)
    right.removeAll(keepingCapacity: true)
    for _ in 0..<rows {
      left.append(Int.max)
      right.append(Int.min)
    }
    for run in runs {
      let y = Int(run.row) - shape.first.y
      left[y] = min(left[y], Int(run.first))
      right[y] = max(right[y], Int(run.last))
    }
    // The right side is the left side of the mirror image.
    let first = narrow(left.map { $0 }, rows), last = narrow(right.map { $0 == Int.min ? Int.max : -$0 }, rows)
    pixels = 0
    for y in 0..<rows {
      left[y] = first[y]
      right[y] = -last[y]
      pixels += max(0, right[y] - left[y] + 1)
    }
  }

  /// First column of the hull in each row; `Int.max` marks rows without pixels.
  private mutating func narrow(_ edge: [Int], _ rows: Int) -> [Int] {
    chain(edge, rows)
    var result = [Int](repeating: 0, count: rows), k = 0
    for y in 0..<rows {
      while k + 1 < corners.count - 1 && corners[k + 1].y <= 2 * y { k += 1 }
      let (a, b) = (corners[k], corners[min(k + 1, corners.count - 1)])
      // x ≥ a.x + (b.x − a.x)·(2y − a.y) / (b.y − a.y), in half columns, rounded up to whole ones.
      let height = max(1, b.y - a.y)
      let numerator = a.x * height + (b.x - a.x) * (2 * y - a.y), denominator = 2 * height
      result[y] = numerator >= 0 ? (numerator + denominator - 1) / denominator : -(-numerator / denominator)
    }
    return result
  }

  /// The left side of the hull of edge middles from top to bottom.
  private mutating func chain(_ edge: [Int], _ rows: Int) {
    // Half rows −1 … 2·rows − 1; a pixel (x, y) has edge middles at (2x ± 1, 2y) and (2x, 2y ± 1).
    outline.removeAll(keepingCapacity: true)
    for _ in 0..<2 * rows + 1 { outline.append(Int.max) }
    for y in 0..<rows where edge[y] != Int.max {
      outline[2 * y + 1] = min(outline[2 * y + 1], 2 * edge[y] - 1)
      outline[2 * y] = min(outline[2 * y], 2 * edge[y])
      outline[2 * y + 2] = min(outline[2 * y + 2], 2 * edge[y])
    }
    corners.removeAll(keepingCapacity: true)
    for (k, x) in outline.enumerated() where x != Int.max {
      let p = (x: x, y: k - 1)
      while corners.count >= 2 {
        let (a, b) = (corners[corners.count - 2], corners[corners.count - 1])
        // b stays only where it lies to the left of the line from a to p.
        if (b.x - a.x) * (p.y - a.y) < (p.x - a.x) * (b.y - a.y) { break }
        corners.removeLast()
      }
      corners.append(p)
    }
  }

  /// The longest distance between edge middles of the hull's pixels.
  mutating func diameter(_ sx: Double, _ sy: Double) -> Double {
    let rows = left.count
    var points: [(x: Int, y: Int)] = []
    chain(left, rows)
    points += corners
    chain(right.map { -$0 }, rows)
    points += corners.map { (-$0.x, $0.y) }
    var longest = 0.0
    for i in points.indices {
      for j in 0..<i {
        let (dx, dy) = (Double(points[i].x - points[j].x) * sx, Double(points[i].y - points[j].y) * sy)
        longest = max(longest, dx * dx + dy * dy)
      }
    }
    return longest.squareRoot() / 2
  }
}
