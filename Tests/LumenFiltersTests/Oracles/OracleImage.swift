// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The computed inputs of the oracles: the same integers as `scripts/oracles/common.py` makes.
enum OracleImage: String, CaseIterable {
  case noise, cube, body, plane, binary

  var geometry: Geometry {
    let (size, spacing): (Size, SIMD3<Double>) =
      switch self {
      case .noise: (Size(columns: 15, rows: 13, slices: 11), [0.8, 1.2, 2.5])
      case .cube: (Size(columns: 16, rows: 16, slices: 16), [1, 1, 1])
      case .body: (Size(columns: 24, rows: 20, slices: 18), [1, 1.5, 2])
      case .plane: (Size(columns: 33, rows: 27, slices: 1), [0.7, 0.9, 1])
      case .binary: (Size(columns: 20, rows: 18, slices: 16), [1, 1, 1])
      }
    return Geometry(size: size, spacing: spacing)
  }

  /// The voxels as 16-bit integers.
  var int16: Volume<Int16> {
    switch self {
    case .noise: LumenFiltersTests.noise(geometry, seed: 7)
    case .cube: LumenFiltersTests.noise(geometry, seed: 3)
    case .body, .plane: Self.body(geometry)
    case .binary: Self.body(geometry).map { $0 > 450 ? 1 : 0 }
    }
  }

  /// The voxels stored as `kind`.
  func volume(_ kind: VoxelKind) -> AnyVolume { AnyVolume.i16(int16).converted(to: kind) }

  /// An ellipsoid with a chequered texture in air, and a little noise.
  private static func body(_ geometry: Geometry) -> Volume<Int16> {
    let s = geometry.size, (nx, ny, nz) = (s.columns, s.rows, s.slices)
    return Volume(geometry) { out in
      var state: UInt32 = 11
      for z in 0..<nz {
        for y in 0..<ny {
          for x in 0..<nx {
            state = state &* 1_664_525 &+ 1_013_904_223
            let dx = 2 * x - (nx - 1), dy = 2 * y - (ny - 1), dz = 2 * z - (nz - 1)
            let reach = dx * dx * (ny * ny * nz * nz) + dy * dy * (nx * nx * nz * nz) + dz * dz * (nx * nx * ny * ny)
            let inside = reach <= nx * nx * ny * ny * nz * nz * 7 / 10
            let texture = 200 * ((x / 6 + y / 5 + z / 6) & 1)
            out[s.offset(x, y, z)] = Int16((inside ? 400 + texture : 0) + Int(state >> 26) - 32)
          }
        }
      }
    }
  }
}
