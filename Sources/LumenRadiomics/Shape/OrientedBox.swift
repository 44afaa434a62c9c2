// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A box of small volume around points, turned as it pleases.
///
/// The smallest rectangle around points of a plane has a side along an edge of their convex hull, so that one direction
/// of the box given, the other two are found exactly. Starts are the given frames and the largest faces of the hull; the
/// best three are improved by taking each direction of the box in turn until none makes it smaller.
///
/// - Accuracy: no larger than the box in any given frame or on any face tried. The least box of all may be smaller: an
///   exact search takes O(n³). IBSI 1 has no reference value.
/// - Cost: O(n log n) for each of at most 24 starts.
/// - Source: minimal rectangles: Freeman and Shapira 1975; box by turns: Chan and Tan 2001, whom the IBSI 1 reference
///   manual names.
struct OrientedBox: Sendable {
  /// Unit vectors of the sides.
  private(set) var frame: [SIMD3<Double>]
  /// Lengths of the sides.
  private(set) var sides: SIMD3<Double>

  var volume: Double { sides.x * sides.y * sides.z }
  var area: Double { 2 * (sides.x * sides.y + sides.x * sides.z + sides.y * sides.z) }

  /// The box with sides along given unit vectors.
  init(_ points: [SIMD3<Double>], frame: [SIMD3<Double>]) {
    self.frame = frame
    sides = SIMD3(extent(points, frame[0]), extent(points, frame[1]), extent(points, frame[2]))
  }

  /// The smallest box with one side along a unit vector.
  private init(_ points: [SIMD3<Double>], along n: SIMD3<Double>) {
    // Two unit vectors at right angles to n.
    let axis = abs(n.x) <= abs(n.y) ? (abs(n.x) <= abs(n.z) ? 0 : 2) : (abs(n.y) <= abs(n.z) ? 1 : 2)
    var e = SIMD3<Double>()
    e[axis] = 1
    let u = normalised(LumenCore.cross(n, e)), v = LumenCore.cross(n, u)
    let d = smallestRectangle(points.map { SIMD2(dot($0, u), dot($0, v)) })
    self.init(points, frame: [n, d.x * u + d.y * v, d.x * v - d.y * u])
  }

  /// The smallest box found.
  ///
  /// - Parameters:
  ///   - directions: normals of faces to try, of any length other than 0; the first 24 are used.
  ///   - frames: three unit vectors each; those with a NaN are left out.
  init(_ points: [SIMD3<Double>], directions: [SIMD3<Double>], frames: [[SIMD3<Double>]]) {
    let normals = directions.prefix(24).map { normalised($0) } + frames.flatMap { $0 }
    var boxes = frames.map { OrientedBox(points, frame: $0) }
    boxes += parallelReduce(normals.count, block: 1, [OrientedBox]()) { range in
      range.map { OrientedBox(points, along: normals[$0]) }
    } combine: {
      $0 += $1
    }
    // A frame of no direction gives no box.
    let best = boxes.indices.filter { boxes[$0].volume >= 0 }
      .sorted { (boxes[$0].volume, $0) < (boxes[$1].volume, $1) }.prefix(3)
    guard let first = best.first else {
      (frame, sides) = ([], SIMD3(repeating: .nan))
      return
    }
    var smallest = boxes[first]
    for i in best {
      var box = boxes[i]
      for _ in 0..<8 {
        let before = box.volume
        for axis in 0..<3 {
          let turned = OrientedBox(points, along: box.frame[axis])
          if turned.volume < box.volume { box = turned }
        }
        if !(box.volume < before * (1 - 1e-9)) { break }
      }
      if box.volume < smallest.volume { smallest = box }
    }
    self = smallest
  }
}

private func normalised(_ v: SIMD3<Double>) -> SIMD3<Double> { v / dot(v, v).squareRoot() }

private func extent(_ points: [SIMD3<Double>], _ d: SIMD3<Double>) -> Double {
  var (low, high) = (Double.infinity, -Double.infinity)
  for p in points {
    let x = dot(p, d)
    low = min(low, x)
    high = max(high, x)
  }
  return high - low
}

/// The direction of a side of the smallest rectangle around points of a plane.
private func smallestRectangle(_ points: [SIMD2<Double>]) -> SIMD2<Double> {
  let hull = convexPolygon(points), n = hull.count
  guard n >= 3 else {
    let d = n == 2 ? hull[1] - hull[0] : SIMD2(1, 0), length = (d * d).sum().squareRoot()
    return length > 0 ? d / length : SIMD2(1, 0)
  }
  func next(_ i: Int) -> Int { i + 1 == n ? 0 : i + 1 }
  var best = Double.infinity, direction = SIMD2(1.0, 0.0)
  // The farthest points ahead, to the left and behind turn with the edge.
  var (ahead, left, behind) = (1, 1, 1)
  for i in 0..<n {
    let edge = hull[next(i)] - hull[i], length = (edge * edge).sum().squareRoot()
    guard length > 0 else { continue }
    let d = edge / length, normal = SIMD2(-d.y, d.x)
    func along(_ k: Int) -> Double { (hull[k] * d).sum() }
    func across(_ k: Int) -> Double { (hull[k] * normal).sum() }
    if i == 0 {
      for k in 0..<n {
        if along(k) > along(ahead) { ahead = k }
        if across(k) > across(left) { left = k }
        if along(k) < along(behind) { behind = k }
      }
    }
    // Each step is strictly farther, so that they end.
    while along(next(ahead)) > along(ahead) { ahead = next(ahead) }
    while across(next(left)) > across(left) { left = next(left) }
    while along(next(behind)) < along(behind) { behind = next(behind) }
    let area = (along(ahead) - along(behind)) * (across(left) - across(i))
    if area < best { (best, direction) = (area, d) }
  }
  return direction
}

/// The convex hull of points of a plane, against the clock, without points inside edges.
///
/// - Source: monotone chain, Andrew 1979.
private func convexPolygon(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] {
  let sorted = withoutInner(points).sorted { ($0.x, $0.y) < ($1.x, $1.y) }
  guard sorted.count > 2 else { return sorted }
  func chain(_ points: some Sequence<SIMD2<Double>>) -> [SIMD2<Double>] {
    var hull: [SIMD2<Double>] = []
    for p in points {
      while hull.count >= 2 {
        let a = hull[hull.count - 2], b = hull[hull.count - 1] - a, c = p - a
        if b.x * c.y - b.y * c.x > 0 { break }
        hull.removeLast()
      }
      hull.append(p)
    }
    hull.removeLast()
    return hull
  }
  return chain(sorted) + chain(sorted.reversed())
}

/// The points without those well inside the octagon of the extreme ones: no corner of the hull is lost.
///
/// - Source: Akl and Toussaint 1978.
private func withoutInner(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] {
  guard points.count > 64, let first = points.first else { return points }
  // The farthest in eight directions, against the clock.
  let directions: [SIMD2<Double>] = [[1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]]
  var corners = [SIMD2<Double>](repeating: first, count: 8)
  for (k, d) in directions.enumerated() {
    var farthest = -Double.infinity
    for p in points {
      let far = p.x * d.x + p.y * d.y
      if far > farthest { (farthest, corners[k]) = (far, p) }
    }
  }
  // A margin far above what rounding moves a point.
  let spread = corners[0] - corners[4], margin = 1e-9 * (spread * spread).sum()
  let edges = (0..<8).map { (corners[$0], corners[($0 + 1) % 8] - corners[$0]) }.filter { $0.1 != SIMD2() }
  return points.filter { p in
    !edges.allSatisfy { a, edge in
      let c = p - a
      return edge.x * c.y - edge.y * c.x > margin
    }
  }
}
