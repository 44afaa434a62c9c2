// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Size and shape of a region of one plane as PyRadiomics defines them (class `shape2D`), in its own names.
///
/// The outline is drawn by marching squares through the halfway points between pixels inside and outside; pixels that
/// touch diagonally only are kept apart.
///
/// - Accuracy: 1e-9 of PyRadiomics 3.0.1.
/// - Cost: one pass over the plane.
/// - Source: PyRadiomics 3.0.1, shape2D.py and cshape.c.
struct PyRadiomicsShape2D: Sendable {
  /// Of the outline, mm² and mm.
  let surface: Double, perimeter: Double
  let pixelSurface: Double
  /// λ₁ ≥ λ₂, mm².
  let eigenvalues: SIMD2<Double>
  /// Largest distance of two points of the outline, mm.
  let diameter: Double

  /// A mask of 0 and 1 whose contents lie in one plane across an axis (2: a slice). Nil when it is empty or thicker.
  init?(mask: Volume<UInt8>, across axis: Int = 2) {
    guard 0...2 ~= axis, let mask = cutToContents(mask), mask.size[axis] == 1 else { return nil }
    let (u, v) = axis == 0 ? (1, 2) : axis == 1 ? (0, 2) : (0, 1)
    let n = mask.size[u], lines = mask.size[v]
    let spacing = SIMD2(mask.geometry.spacing[u], mask.geometry.spacing[v])
    // With one voxel along the axis that is left out, memory order is that of the other two.
    let counts = mask.withVoxels { Self.count($0.baseAddress!, n, lines) }
    var (length, area) = (0.0, 0)
    for i in 0..<16 {
      for (a, b) in Self.lines[i] {
        let d = SIMD2<Double>(b &- a) * spacing / 2
        length += Double(counts[i].cells) * (d * d).sum().squareRoot()
        // det(2i + a, 2i + b) = det(a, b) + 2 det(i, b − a)
        let at = counts[i].position, e = b &- a
        area &+= counts[i].cells &* (a.x &* b.y &- a.y &* b.x) &+ 2 &* (at.x &* e.y &- at.y &* e.x)
      }
    }
    perimeter = length
    surface = Double(area) / 8 * spacing.x * spacing.y
    let m = moments(mask)
    pixelSurface = m.count * spacing.x * spacing.y
    let (a, b) = (
      m.populationCovariance(u, u) * spacing.x * spacing.x, m.populationCovariance(v, v) * spacing.y * spacing.y
    )
    let c = m.populationCovariance(u, v) * spacing.x * spacing.y
    let λ = symmetricEigenvalues([[a, c, 0], [c, b, 0], [0, 0, 0]])
    eigenvalues = SIMD2(λ.x, λ.y)
    diameter = mask.withVoxels { voxels in
      LumenRadiomics.diameter(centres: lines, spacing) { line in
        let row = voxels.baseAddress! + line * n
        guard let first = firstInside(row, n) else { return (RowEnds.none, -1) }
        var last = n - 1
        while row[last] == 0 { last -= 1 }
        return (Int32(truncatingIfNeeded: first), Int32(truncatingIfNeeded: last))
      }
    }
  }

  /// The value of every feature in the declared order; NaN where a formula divides by zero.
  var values: [Double] { Self.features.map { $0.value(self).finite } }

  /// Lines of each case between halfway points (doubled), the inside to the left; bit k of the case is the corner
  /// (0, 0), (1, 0), (1, 1), (0, 1).
  private static let lines: [[(a: SIMD2<Int>, b: SIMD2<Int>)]] = {
    let (bottom, right, top, left) = (SIMD2(1, 0), SIMD2(2, 1), SIMD2(1, 2), SIMD2(0, 1))
    return [
      [], [(bottom, left)], [(right, bottom)], [(right, left)],
      [(top, right)], [(bottom, left), (top, right)], [(top, bottom)], [(top, left)],
      [(left, top)], [(bottom, top)], [(right, bottom), (left, top)], [(right, top)],
      [(left, right)], [(bottom, right)], [(left, bottom)], [],
    ]
  }()

  /// Cells of each case and the sums of their indices; cell 0 lies before the first pixel.
  private static func count(
    _ mask: UnsafePointer<UInt8>, _ n: Int, _ lines: Int
  ) -> [(cells: Int, position: SIMD2<Int>)] {
    var counts = [(cells: Int, position: SIMD2<Int>)](repeating: (0, .zero), count: 16)
    func pixel(_ x: Int, _ y: Int) -> Int { 0..<n ~= x && 0..<lines ~= y && mask[y &* n &+ x] != 0 ? 1 : 0 }
    for y in 0...lines {
      for x in 0...n {
        let lower = pixel(x &- 1, y &- 1) | pixel(x, y &- 1) &<< 1
        let i = lower | pixel(x, y) &<< 2 | pixel(x &- 1, y) &<< 3
        counts[i].cells &+= 1
        counts[i].position &+= SIMD2(x, y)
      }
    }
    return counts
  }
}

extension PyRadiomicsShape2D {
  /// Tags are PyRadiomics' names. The last it computes only when it is asked for by name.
  static let features: [Feature<Self>] = [
    .init("Elongation", nil, "Elongation", "√(λ₂ / λ₁)") { s in (s.eigenvalues.y / s.eigenvalues.x).squareRoot() },
    .init("Major axis length", nil, "MajorAxisLength", "4 √λ₁", unit: "mm") { s in 4 * s.eigenvalues.x.squareRoot() },
    .init(
      "Maximum diameter", nil, "MaximumDiameter", "largest distance of two points of the outline", unit: "mm"
    ) { s in s.diameter },
    .init("Mesh surface", nil, "MeshSurface", "S = Σ a × b / 2 over the lines ab of the outline", unit: "mm²") { s in
      s.surface
    },
    .init("Minor axis length", nil, "MinorAxisLength", "4 √λ₂", unit: "mm") { s in 4 * s.eigenvalues.y.squareRoot() },
    .init("Perimeter", nil, "Perimeter", "P = Σ |ab|", unit: "mm") { s in s.perimeter },
    .init("Perimeter to surface ratio", nil, "PerimeterSurfaceRatio", "P / S", unit: "1/mm") { s in
      s.perimeter / s.surface
    },
    .init("Pixel surface", nil, "PixelSurface", "number of pixels · pixel area", unit: "mm²") { s in s.pixelSurface },
    .init("Sphericity", nil, "Sphericity", "2 √(πS) / P") { s in s.sphericity },
    .init("Spherical disproportion", nil, "SphericalDisproportion", "P / 2 √(πS)") { s in 1 / s.sphericity },
  ]

  private var sphericity: Double { 2 * (.pi * surface).squareRoot() / perimeter }
}
