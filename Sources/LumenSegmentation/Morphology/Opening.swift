// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Binary opening by a ball: removes what the ball does not fit into, such as thin bridges and vessels.
///
///     opening = dilation(erosion(mask)),  ball: (dx·sx)² + (dy·sy)² + (dz·sz)² ≤ r²
///
/// - Shape: outside the image counts as region for the erosion and as background for the dilation.
/// - Units: radius in millimetres; axes with one voxel are left alone.
/// - Cost: O(voxels · ball) byte operations, by rows.
/// - Source: Serra 1982; oracle SciPy `binary_erosion(border_value=1)` and `binary_dilation`.
public struct Opening: MaskOperation {
  /// Radius of the ball.
  public var radius = Length.mm(2)

  /// A ball of 2 mm.
  public init() {}
  /// A ball of a radius.
  public init(radius: Length) { self.radius = radius }

  /// Its line in the catalogue.
  public static let catalogue = Entry<Self>(
    "opening", summary: "remove what a ball does not fit into", source: "Serra 1982",
    parameters: [Parameter(\.radius, "radius", .mm(0) ... .mm(100), "radius of the ball")])

  /// The opened region.
  ///
  /// - Throws: `invalidParameter` for a radius that is negative, not finite or over 100 mm.
  public func callAsFunction(_ mask: Mask) throws(ImageError) -> Mask {
    guard radius.millimetres >= 0, radius.millimetres <= 100 else {
      throw ImageError(.invalidParameter, "radius is \(radius), expected 0mm … 100mm")
    }
    let ball = Ball(radius, mask.geometry)
    return spread(1, spread(0, mask, ball), ball)
  }

  /// Spreads the voxels of one value over the ball: 1 dilates, 0 erodes.
  private func spread(_ value: UInt8, _ mask: Mask, _ ball: Ball) -> Mask {
    let s = mask.size
    return Mask(mask.geometry) { out in
      mask.voxels.withVoxels { voxels in
        nonisolated(unsafe) let (src, dst) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(s.rows * s.slices, grain: 8) { rows in
          for row in rows {
            let (y, z) = (row % s.rows, row / s.rows)
            let to = dst + row * s.columns
            to.update(repeating: 1 - value, count: s.columns)
            for line in ball.lines {
              let (j, k) = (y + line.dy, z + line.dz)
              guard 0..<s.rows ~= j, 0..<s.slices ~= k else { continue }
              let from = src + s.offset(0, j, k)
              for dx in -line.reach...line.reach where abs(dx) < s.columns {
                let low = max(0, -dx), high = min(s.columns, s.columns - dx)
                if value == 1 {
                  for x in low..<high { to[x] |= from[x &+ dx] }
                } else {
                  for x in low..<high { to[x] &= from[x &+ dx] }
                }
              }
            }
          }
        }
      }
    }
  }
}

/// A ball as rows of voxels: for each (dy, dz) how far it reaches along x.
struct Ball: Sendable {
  let lines: [(dy: Int, dz: Int, reach: Int)]

  init(_ radius: Length, _ geometry: Geometry) {
    let r = radius.millimetres * (1 + 1e-12), s = geometry.spacing
    func reach(_ axis: Int, _ rest: Double) -> Int {
      geometry.size[axis] == 1 ? 0 : min(geometry.size[axis], Int((max(0, rest).squareRoot() / s[axis])))
    }
    var lines: [(dy: Int, dz: Int, reach: Int)] = []
    let z = reach(2, r * r)
    for dz in -z...z {
      let left = r * r - Double(dz * dz) * s.z * s.z
      let y = reach(1, left)
      for dy in -y...y { lines.append((dy, dz, reach(0, left - Double(dy * dy) * s.y * s.y))) }
    }
    self.lines = lines
  }
}
