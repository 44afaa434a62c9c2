// SPDX-License-Identifier: Apache-2.0
import LumenCore

@testable import LumenRadiomics

/// Shapes by integer formulas, the same in every language; 19 × 15 × 13 voxels of 0.7 × 1.3 × 2.6 mm.
enum ShapeCase: String, CaseIterable {
  case ellipsoid, noise, sparse, ring, wedge, slab, line, voxel, diagonal

  static let geometry = Geometry(size: Size(columns: 19, rows: 15, slices: 13), spacing: [0.7, 1.3, 2.6])

  private func holds(_ x: Int, _ y: Int, _ z: Int) -> Bool {
    let h = (x * 73_856_093) ^ (y * 19_349_663) ^ (z * 83_492_791)
    switch self {
    case .ellipsoid: return (x - 9) * (x - 9) * 4 + (y - 7) * (y - 7) * 9 + (z - 6) * (z - 6) * 25 <= 400
    case .noise: return (h >> 4) % 10 < 6
    case .sparse: return (h >> 4) % 10 < 2
    case .ring: return abs((x - 9) * (x - 9) + (y - 7) * (y - 7) - 36) <= 14 && (2...5).contains(z)
    case .wedge: return x + 2 * y <= 20 && z <= x / 2 && x <= 14
    case .slab: return z == 4 && (x - 8) * (x - 8) + (y - 6) * (y - 6) <= 40
    case .line: return z == 3 && y == 2 && (3..<12).contains(x)
    case .voxel: return z == 3 && y == 2 && x == 5
    case .diagonal: return x == y && y == z && x < 5
    }
  }

  var mask: Volume<UInt8> { volume { _, _, _ in true } }

  /// The part in one plane across an axis.
  func mask(plane: Int, across axis: Int) -> Volume<UInt8> { volume { [$0, $1, $2][axis] == plane } }

  private func volume(_ isKept: (Int, Int, Int) -> Bool) -> Volume<UInt8> {
    let g = Self.geometry
    return Volume(g) { out in
      for z in 0..<g.size.slices {
        for y in 0..<g.size.rows {
          for x in 0..<g.size.columns { out[g.size.offset(x, y, z)] = holds(x, y, z) && isKept(x, y, z) ? 1 : 0 }
        }
      }
    }
  }
}
