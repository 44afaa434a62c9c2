// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Distance of every voxel of a mask to the mask's border: the least number of steps between 6 neighbours (within slices
/// 4) that lead out of it; 1 for voxels at the border, 0 outside. What lies outside the box is outside the mask.
///
/// - Range: up to 65534.
/// - Cost: two passes over each slice and, in three dimensions, two along the slices.
/// - Source: IBSI 1 reference manual, GLDZM; two-pass city-block distance, Rosenfeld and Pfaltz, J. ACM 13 (1966) 471.
enum BorderDistance {
  /// Stored as a grid of the same layout as the levels.
  static func map<Level: TextureLevel>(_ mask: Volume<UInt8>, like grid: LevelGrid<Level>, planar: Bool) -> Buffer<
    UInt16
  > {
    let out = Buffer<UInt16>(grid.voxels.count)
    let size = grid.size, row = grid.row, plane = grid.plane
    let box = out.base + grid.first
    nonisolated(unsafe) let to = box
    mask.withVoxels { mask in
      nonisolated(unsafe) let inside = mask.baseAddress!
      parallelFor(size.slices, grain: 1 + (1 << 15) / plane) { slices in
        for z in slices { withinSlice(inside + size.offset(0, 0, z), size, to + z * plane, row) }
      }
    }
    if planar { return out }
    parallelFor(size.rows, grain: 1 + (1 << 15) / (size.columns * size.slices)) { rows in
      for y in rows {
        let line = to + y * row
        for x in 0..<size.columns { line[x] = min(line[x], 1) }
        for z in 1..<max(1, size.slices) { lower(line + z * plane, by: line + (z - 1) * plane, size.columns) }
        let last = line + (size.slices - 1) * plane
        for x in 0..<size.columns { last[x] = min(last[x], 1) }
        for z in stride(from: size.slices - 2, through: 0, by: -1) {
          lower(line + z * plane, by: line + (z + 1) * plane, size.columns)
        }
      }
    }
    return out
  }

  /// d ← min(d, neighbour + 1)
  private static func lower(_ d: UnsafeMutablePointer<UInt16>, by neighbour: UnsafePointer<UInt16>, _ n: Int) {
    for x in 0..<n {
      let other = neighbour[x] &+ 1
      d[x] = other < d[x] ? other : d[x]
    }
  }

  private static func withinSlice(
    _ inside: UnsafePointer<UInt8>, _ size: Size, _ to: UnsafeMutablePointer<UInt16>, _ row: Int
  ) {
    let n = size.columns
    for y in 0..<size.rows {
      let (d, from) = (to + y &* row, inside + y &* n)
      if y == 0 {
        for x in 0..<n { d[x] = from[x] != 0 ? 1 : 0 }
      } else {
        let above = d - row
        for x in 0..<n { d[x] = from[x] != 0 ? min(above[x], 65_533) &+ 1 : 0 }
      }
      var left: UInt16 = 0
      for x in 0..<n {
        left = min(d[x], left &+ 1)
        d[x] = left
      }
    }
    for y in stride(from: size.rows - 1, through: 0, by: -1) {
      let d = to + y &* row
      if y == size.rows - 1 {
        for x in 0..<n { d[x] = min(d[x], 1) }
      } else {
        lower(d, by: d + row, n)
      }
      var right: UInt16 = 0
      for x in stride(from: n &- 1, through: 0, by: -1) {
        right = min(d[x], right &+ 1)
        d[x] = right
      }
    }
  }
}
