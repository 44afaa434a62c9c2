// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenRadiomics

@Suite("Convex hull · exact, against all half-spaces")
struct ConvexHullTests {
  /// Every point lies on or behind every triangle, and every edge belongs to two triangles that run it both ways.
  private func check(_ hull: ConvexHull) {
    var edges: [SIMD2<Int>: Int] = [:]
    for t in hull.triangles {
      for p in hull.points { #expect((t.normal &* p).wrappedSum() <= t.offset) }
      for (a, b) in [(t.a, t.b), (t.b, t.c), (t.c, t.a)] { edges[SIMD2(a, b), default: 0] += 1 }
    }
    for (edge, count) in edges { #expect(count == 1 && edges[SIMD2(edge.y, edge.x)] == 1) }
  }

  @Test func manyPointsOfASmallGrid() throws {
    var random = Random(state: 3)
    for n in [5, 12, 60, 300] {
      for side in [3, 9, 100] {
        let points = (0..<n).map { _ in SIMD3(random.next(side), random.next(side), random.next(side)) }
        guard let hull = ConvexHull(points) else { continue }
        check(hull)
      }
    }
  }

  @Test func aCubeHasEightCornersWhateverLiesOnIt() throws {
    var points: [SIMD3<Int>] = []
    for z in 0...4 { for y in 0...4 { for x in 0...4 { points.append(SIMD3(x, y, z)) } } }
    let hull = try #require(ConvexHull(points))
    check(hull)
    #expect(hull.corners.count == 8)
    #expect(hull.volume([2, 2, 2]) == 64)
    #expect(abs(hull.area([2, 2, 2]) - 96) < 1e-12)
    #expect(hull.largestFaces([1, 1, 1]).count == 3)
  }

  @Test func flatPointsHaveNoHull() {
    #expect(ConvexHull([]) == nil)
    #expect(ConvexHull([[0, 0, 0], [1, 0, 0], [0, 1, 0]]) == nil)
    #expect(ConvexHull((0..<20).map { SIMD3($0, $0 * $0, 7) }) == nil)
    #expect(ConvexHull((0..<20).map { SIMD3($0, 2 * $0, 3 * $0) }) == nil)
  }

  @Test func candidatesHaveTheHullOfAllVerticesOfTheMesh() throws {
    for shape in ShapeCase.allCases {
      let mask = shape.mask, s = mask.size
      var vertices: [SIMD3<Int>] = []
      for z in 0..<s.slices {
        for y in 0..<s.rows {
          for x in 0..<s.columns where mask[x, y, z] != 0 {
            let c = SIMD3(2 * x, 2 * y, 2 * z)
            for axis in 0..<3 {
              for step in [-1, 1] {
                var p = c
                p[axis] += step
                vertices.append(p)
              }
            }
          }
        }
      }
      let all = try #require(ConvexHull(vertices))
      let few = try #require(ConvexHull(hullCandidates(RowEnds(mask))))
      let g = mask.geometry.spacing
      #expect(few.volume(g) == all.volume(g))
      #expect(abs(few.area(g) - all.area(g)) < 1e-9)
      #expect(Set(few.corners.map { few.points[$0] }) == Set(all.corners.map { all.points[$0] }), "\(shape)")
      // The largest distance, pair by pair.
      let p = few.cornerPositions(g)
      var best = 0.0
      for a in p { for b in p { best = max(best, dot(a - b, a - b).squareRoot()) } }
      #expect(abs(largestDistance(p) - best) < 1e-12)
    }
  }
}

@Suite("Surface mesh")
struct SurfaceMeshTests {
  @Test func theSurfaceIsClosed() {
    // Twice the area vectors of a closed surface sum to zero; noise has every case.
    for shape in ShapeCase.allCases {
      let mesh = SurfaceMesh(shape.mask)
      var sum = SIMD3<Int>()
      for (n, c) in zip(mesh.counts, MarchingCubes.cases) { sum = sum &+ n &* c.normal }
      #expect(sum == .zero, "\(shape)")
    }
    #expect(SurfaceMesh(ShapeCase.noise.mask).counts.filter { $0 > 0 }.count > 250)
  }

  @Test func everyLineIsSharedByTheCellsOnBothSides() {
    // The edges of all triangles of a mask of noise, in doubled indices: each runs once in both directions.
    let mask = ShapeCase.noise.mask, s = mask.size
    var edges: [[SIMD3<Int>]: Int] = [:]
    for z in -1..<s.slices {
      for y in -1..<s.rows {
        for x in -1..<s.columns {
          var i = 0
          for (k, c) in MarchingCubes.corners.enumerated() {
            let p = SIMD3(x, y, z) &+ c
            let isInside = 0..<s.columns ~= p.x && 0..<s.rows ~= p.y && 0..<s.slices ~= p.z
            if isInside && mask[p.x, p.y, p.z] != 0 { i |= 1 << k }
          }
          for t in MarchingCubes.cases[i].triangles {
            let at = 2 &* SIMD3(x, y, z)
            for (a, b) in [(t.a, t.b), (t.b, t.c), (t.c, t.a)] { edges[[at &+ a, at &+ b], default: 0] += 1 }
          }
        }
      }
    }
    #expect(edges.allSatisfy { edges[[$0.key[1], $0.key[0]]] == $0.value })
    #expect(edges.count > 10_000)
  }

  @Test func areaAndVolumeOfOneVoxel() {
    // One voxel is an octahedron.
    let one = SurfaceMesh(Volume<UInt8>(Geometry(size: Size(columns: 1, rows: 1)), repeating: 1))
    #expect(abs(one.volume([1, 1, 1]) - 1.0 / 6) < 1e-15)
    #expect(abs(one.area([1, 1, 1]) - 3.0.squareRoot()) < 1e-12)
  }
}

@Suite("Enclosing ellipsoid and oriented box")
struct SolidTests {
  @Test func theEllipsoidOfABoxIsKnown() throws {
    // Semi-axes √3 times half the sides; more points inside change nothing.
    var points: [SIMD3<Double>] = []
    for x in [-5.0, 0, 5] { for y in [-1.0, 1] { for z in [-2.0, 0.5, 2] { points.append([x, y, z]) } } }
    let e = try #require(enclosingEllipsoid(points))
    for (a, b) in zip([e.a, e.b, e.c], [5.0, 2, 1]) { #expect(abs(a / (3.0.squareRoot() * b) - 1) < 1e-5) }
  }

  @Test func theEllipsoidHoldsEveryPointAndFollowsAnyMap() throws {
    let shape = ShapeCase.ellipsoid, hull = try #require(ConvexHull(hullCandidates(RowEnds(shape.mask))))
    let p = hull.cornerPositions([1, 1, 1])
    let plain = try #require(enclosingEllipsoid(p))
    // A shear keeps volumes, huge anisotropy scales them.
    for scale in [1.0, 1e-6, 1e6] {
      let q = p.map { SIMD3($0.x + 0.7 * $0.y, $0.y - 0.2 * $0.z, scale * $0.z) }
      let mapped = try #require(enclosingEllipsoid(q))
      #expect(abs(mapped.volume / (plain.volume * scale) - 1) < 1e-5)
    }
    #expect(plain.volume > hull.volume([1, 1, 1]))
    #expect(enclosingEllipsoid([]) == nil)
    #expect(enclosingEllipsoid([[1, 2, 0], [2, 3, 0], [5, 6, 0], [8, 1, 0]]) == nil)
  }

  @Test func areasOfEllipsoids() {
    // pictologics 0.9, which evaluates each polynomial by SciPy; two axes alike are a limit of the series.
    #expect(abs(Ellipsoid([2, 2, 2]).area - 16 * .pi) < 1e-12)
    #expect(abs(Ellipsoid([3, 2, 1.5]).area - 55.77296292663) < 1e-10)
    #expect(abs(Ellipsoid([1, 2, 1]).area - 17.34387435468) < 1e-10)
    #expect(Ellipsoid([0, 0, 0]).area.isNaN)
  }

  @Test func aTurnedBoxIsFound() {
    // The corners of a box of 10 × 4 × 3, turned about two axes.
    let (s, c) = (0.6, 0.8)
    var points: [SIMD3<Double>] = []
    for x in [0.0, 10] {
      for y in [0.0, 4] {
        for z in [0.0, 3] {
          let p = SIMD3(c * x - s * y, s * x + c * y, z)
          points.append(SIMD3(p.x, c * p.y - s * p.z, s * p.y + c * p.z))
        }
      }
    }
    let aligned = [SIMD3<Double>(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
    let box = OrientedBox(points, directions: [], frames: [aligned])
    #expect(box.volume >= 120 - 1e-9 && box.volume < OrientedBox(points, frame: aligned).volume)
    let face = SIMD3(0.0, -s, c)
    #expect(abs(OrientedBox(points, directions: [face], frames: [aligned]).volume - 120) < 1e-9)
    #expect(abs(OrientedBox(points, directions: [face], frames: [aligned]).area - 164) < 1e-9)
  }
}
