// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The convex hull of points with whole coordinates that do not lie in one plane.
///
/// - Accuracy: exact. Every product is bounded by 48 times the volume of the points' box, which fits 64 bits for any
///   image that fits memory.
/// - Cost: O(n log n) for points in general position.
/// - Source: Quickhull, Barber, Dobkin and Huhdanpaa 1996, in whole numbers; no joggling and no tolerance.
struct ConvexHull: Sendable {
  /// A triangle of the surface, corners in the order of a normal that points outwards.
  struct Triangle: Sendable {
    var a: Int, b: Int, c: Int
    /// (b − a) × (c − a), twice the area vector.
    var normal: SIMD3<Int>
    /// normal · p of its plane.
    var offset: Int
  }

  let points: [SIMD3<Int>]
  /// The surface; faces with more than three corners are several triangles in one plane.
  let triangles: [Triangle]
  /// Indices of the points in which three planes meet, ascending.
  let corners: [Int]

  /// Nil for fewer than four points, or when all lie in one plane.
  init?(_ points: [SIMD3<Int>]) {
    guard var builder = HullBuilder(points) else { return nil }
    builder.run()
    self.points = points
    triangles = builder.triangles
    corners = Self.corners(points, triangles)
  }

  /// A point is a corner when its triangles lie in three or more planes.
  private static func corners(_ points: [SIMD3<Int>], _ triangles: [Triangle]) -> [Int] {
    var planes = [(first: Int, second: Int, third: Bool)](repeating: (-1, -1, false), count: points.count)
    for (i, t) in triangles.enumerated() {
      for v in [t.a, t.b, t.c] where !planes[v].third {
        if planes[v].first < 0 {
          planes[v].first = i
        } else if !samePlane(triangles[planes[v].first], t, points) {
          if planes[v].second < 0 {
            planes[v].second = i
          } else if !samePlane(triangles[planes[v].second], t, points) {
            planes[v].third = true
          }
        }
      }
    }
    return points.indices.filter { planes[$0].third }
  }

  private static func samePlane(_ p: Triangle, _ q: Triangle, _ points: [SIMD3<Int>]) -> Bool {
    [q.a, q.b, q.c].allSatisfy { (p.normal &* points[$0]).wrappedSum() == p.offset }
  }

  /// Area for doubled indices of this spacing, mm².
  func area(_ spacing: SIMD3<Double>) -> Double {
    let scale = SIMD3(spacing.y * spacing.z, spacing.x * spacing.z, spacing.x * spacing.y) / 4
    var sum = 0.0
    for t in triangles {
      let n = SIMD3<Double>(t.normal) * scale
      sum += dot(n, n).squareRoot() / 2
    }
    return sum
  }

  /// Volume for doubled indices of this spacing, mm³.
  func volume(_ spacing: SIMD3<Double>) -> Double {
    guard let origin = triangles.first.map({ points[$0.a] }) else { return 0 }
    var sum = 0
    for t in triangles { sum &+= t.offset &- (t.normal &* origin).wrappedSum() }
    return Double(sum) / 48 * (spacing.x * spacing.y * spacing.z)
  }

  /// Normals in mm of the planes of the surface, those with the largest area first; planes that differ in sign only
  /// count once.
  func largestFaces(_ spacing: SIMD3<Double>) -> [SIMD3<Double>] {
    let scale = SIMD3(spacing.y * spacing.z, spacing.x * spacing.z, spacing.x * spacing.y)
    var areas: [SIMD3<Int>: Double] = [:]
    for t in triangles {
      let divisor = greatestDivisor(greatestDivisor(t.normal.x, t.normal.y), t.normal.z)
      let first = t.normal.x != 0 ? t.normal.x : t.normal.y != 0 ? t.normal.y : t.normal.z
      let n = SIMD3<Double>(t.normal) * scale
      areas[t.normal / (first < 0 ? -divisor : divisor), default: 0] += dot(n, n).squareRoot()
    }
    let order = areas.sorted {
      ($1.value, $0.key.x, $0.key.y, $0.key.z) < ($0.value, $1.key.x, $1.key.y, $1.key.z)
    }
    return order.map { SIMD3<Double>($0.key) * scale }
  }

  /// Corners in mm for doubled indices of this spacing, relative to the first voxel of the box.
  func cornerPositions(_ spacing: SIMD3<Double>) -> [SIMD3<Double>] {
    corners.map { SIMD3<Double>(points[$0]) * spacing / 2 }
  }
}

/// The greatest common divisor, positive unless both are 0.
private func greatestDivisor(_ a: Int, _ b: Int) -> Int {
  var (a, b) = (abs(a), abs(b))
  while b != 0 { (a, b) = (b, a % b) }
  return a
}

/// Quickhull: every outside point waits at one triangle that sees it; the farthest of a triangle comes next.
private struct HullBuilder {
  private struct Face {
    var triangle: ConvexHull.Triangle
    /// Across the edges ab, bc, ca.
    var neighbours: (Int, Int, Int)
    /// First point that waits here, −1 for none.
    var waiting = -1
    var isAlive = true, isVisible = false

    func vertex(_ e: Int) -> Int { e == 0 ? triangle.a : e == 1 ? triangle.b : triangle.c }
    func neighbour(_ e: Int) -> Int { e == 0 ? neighbours.0 : e == 1 ? neighbours.1 : neighbours.2 }
  }

  let points: [SIMD3<Int>]
  private var faces: [Face] = []
  private var free: [Int] = []
  /// The next point that waits at the same triangle.
  private var next: [Int]
  private var stack: [Int] = []
  private var seen: [Int] = []
  private var border: [(a: Int, b: Int, face: Int)] = []
  private var created: [Int] = []
  /// The new triangle whose border edge begins, or ends, at a point.
  private var beginning: [Int], ending: [Int]

  var triangles: [ConvexHull.Triangle] { faces.filter(\.isAlive).map(\.triangle) }

  /// The first tetrahedron; nil for flat points.
  init?(_ points: [SIMD3<Int>]) {
    guard points.count >= 4, let p = points.indices.min(by: { points[$0].x < points[$1].x }) else { return nil }
    self.points = points
    next = [Int](repeating: -1, count: points.count)
    beginning = next
    ending = next
    func size(_ v: SIMD3<Int>) -> Int { max(abs(v.x), abs(v.y), abs(v.z)) }
    func farthest(_ distance: (SIMD3<Int>) -> Int) -> Int? {
      var best = 0, at: Int?
      for i in points.indices {
        let d = distance(points[i] &- points[p])
        if d > best { (best, at) = (d, i) }
      }
      return at
    }
    guard let q = farthest({ size($0) }) else { return nil }
    let pq = points[q] &- points[p]
    guard let r = farthest({ size(MarchingCubes.product(pq, $0)) }) else { return nil }
    let normal = MarchingCubes.product(pq, points[r] &- points[p])
    guard let s = farthest({ abs((normal &* $0).wrappedSum()) }) else { return nil }
    let isAbove = (normal &* (points[s] &- points[p])).wrappedSum() > 0
    let (a, b, c) = isAbove ? (p, r, q) : (p, q, r)
    // Faces abc, bas, cbs, acs around the tetrahedron.
    faces = [
      Face(triangle: triangle(a, b, c), neighbours: (1, 2, 3)),
      Face(triangle: triangle(b, a, s), neighbours: (0, 3, 2)),
      Face(triangle: triangle(c, b, s), neighbours: (0, 1, 3)),
      Face(triangle: triangle(a, c, s), neighbours: (0, 2, 1)),
    ]
    for i in points.indices { wait(i, in: 0..<4) }
    stack = [0, 1, 2, 3]
  }

  private func triangle(_ a: Int, _ b: Int, _ c: Int) -> ConvexHull.Triangle {
    let n = MarchingCubes.product(points[b] &- points[a], points[c] &- points[a])
    return .init(a: a, b: b, c: c, normal: n, offset: (n &* points[a]).wrappedSum())
  }

  @inline(__always) private func height(_ i: Int, over f: Int) -> Int {
    (faces[f].triangle.normal &* points[i]).wrappedSum() &- faces[f].triangle.offset
  }

  private mutating func wait(_ i: Int, in candidates: some Sequence<Int>) {
    for f in candidates where height(i, over: f) > 0 {
      next[i] = faces[f].waiting
      faces[f].waiting = i
      return
    }
  }

  mutating func run() {
    while let f = stack.popLast() {
      if !faces[f].isAlive || faces[f].waiting < 0 { continue }
      var point = -1, best = 0, i = faces[f].waiting
      while i >= 0 {
        let h = height(i, over: f)
        if h > best { (best, point) = (h, i) }
        i = next[i]
      }
      add(point, from: f)
    }
  }

  /// Replaces the triangles that see a point by those from their border to the point.
  private mutating func add(_ point: Int, from f: Int) {
    seen.removeAll(keepingCapacity: true)
    border.removeAll(keepingCapacity: true)
    seen.append(f)
    faces[f].isVisible = true
    var at = 0
    while at < seen.count {
      for e in 0..<3 {
        let g = faces[seen[at]].neighbour(e)
        if !faces[g].isVisible && height(point, over: g) > 0 {
          faces[g].isVisible = true
          seen.append(g)
        }
      }
      at += 1
    }
    for f in seen {
      for e in 0..<3 where !faces[faces[f].neighbour(e)].isVisible {
        border.append((faces[f].vertex(e), faces[f].vertex((e + 1) % 3), faces[f].neighbour(e)))
      }
    }
    created.removeAll(keepingCapacity: true)
    for edge in border {
      let face = Face(triangle: triangle(edge.a, edge.b, point), neighbours: (edge.face, -1, -1))
      let new: Int
      if let reused = free.popLast() {
        new = reused
        faces[new] = face
      } else {
        new = faces.count
        faces.append(face)
      }
      created.append(new)
      beginning[edge.a] = new
      ending[edge.b] = new
      for e in 0..<3 where faces[edge.face].vertex(e) == edge.b && faces[edge.face].vertex((e + 1) % 3) == edge.a {
        switch e {
        case 0: faces[edge.face].neighbours.0 = new
        case 1: faces[edge.face].neighbours.1 = new
        default: faces[edge.face].neighbours.2 = new
        }
      }
    }
    for f in created {
      faces[f].neighbours.1 = beginning[faces[f].triangle.b]
      faces[f].neighbours.2 = ending[faces[f].triangle.a]
    }
    for f in seen {
      var i = faces[f].waiting
      while i >= 0 {
        let following = next[i]
        if i != point { wait(i, in: created) }
        i = following
      }
      faces[f].isAlive = false
      faces[f].waiting = -1
      free.append(f)
    }
    for f in created where faces[f].waiting >= 0 { stack.append(f) }
  }
}
