// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A step from a voxel to a neighbour, in voxels along columns, rows and slices.
struct Offset: Sendable, Hashable {
  var x: Int, y: Int, z: Int

  init(_ x: Int, _ y: Int, _ z: Int) { (self.x, self.y, self.z) = (x, y, z) }

  static func * (k: Int, o: Offset) -> Offset { Offset(k * o.x, k * o.y, k * o.z) }

  /// The 13 directions of which each stands for itself and its opposite: first the four within a slice. All point to
  /// voxels that come later in memory.
  static let directions: [Offset] = [
    Offset(1, 0, 0), Offset(0, 1, 0), Offset(1, 1, 0), Offset(-1, 1, 0),
    Offset(0, 0, 1), Offset(1, 0, 1), Offset(-1, 0, 1), Offset(0, 1, 1), Offset(0, -1, 1), Offset(1, 1, 1),
    Offset(-1, 1, 1), Offset(1, -1, 1), Offset(-1, -1, 1),
  ]
  /// The directions within a slice.
  static let inPlane = Array(directions.prefix(4))

  /// One of each pair of opposite neighbours within Chebyshev distance δ, as far as a volume of this size has such
  /// neighbours; nil for more than `limit` of them.
  static func neighbourhood(_ δ: Int, in size: Size, planar: Bool, limit: Int = 1 << 14) -> [Offset]? {
    let (rx, ry, rz) = (min(δ, size.columns - 1), min(δ, size.rows - 1), planar ? 0 : min(δ, size.slices - 1))
    guard (2 * rx + 1) * (2 * ry + 1) * (2 * rz + 1) / 2 <= limit else { return nil }
    var all: [Offset] = []
    for z in 0...rz {
      for y in (z == 0 ? 0 : -ry)...ry {
        for x in (z == 0 && y == 0 ? 1 : -rx)..<rx + 1 { all.append(Offset(x, y, z)) }
      }
    }
    return all
  }

  /// Whether a volume of this size holds a voxel and its neighbour.
  func fits(_ size: Size) -> Bool { abs(x) < size.columns && abs(y) < size.rows && abs(z) < size.slices }
}

/// A stored type of grey levels, with one wide enough for the sum of a neighbourhood.
protocol TextureLevel: FixedWidthInteger, UnsignedInteger, Voxel {
  associatedtype Sum: FixedWidthInteger, UnsignedInteger
}
extension UInt8: TextureLevel { typealias Sum = UInt16 }
extension UInt16: TextureLevel { typealias Sum = UInt32 }

/// The grey levels of a region's box, 0 outside the region, with enough zeros around it that steps need no test for the
/// border: after every row and slice (which serve the next row and slice, too), before the first and after the last.
struct LevelGrid<Level: TextureLevel>: Sendable {
  let size: Size
  /// Distance in memory of rows and of slices.
  let row: Int, plane: Int
  /// Index of voxel (0, 0, 0).
  let first: Int
  let voxels: Volume<Level>
  /// Highest stored value.
  let highest: Int

  /// Zeros for steps of up to `reach`; `fill` writes the voxels of one slice: its base, the distance of rows, its index.
  init(
    _ size: Size, reach: Offset, highest: Int,
    fill: @Sendable (UnsafeMutablePointer<Level>, _ row: Int, _ slice: Int) -> Void
  ) {
    let row = size.columns + reach.x, plane = row * (size.rows + reach.y)
    let margin = reach.z * plane + reach.y * row + reach.x
    (self.size, self.row, self.plane, self.highest, first) = (size, row, plane, highest, margin)
    voxels = Volume(Geometry(size: Size(columns: 2 * margin + size.slices * plane, rows: 1))) { out in
      nonisolated(unsafe) let to = out.baseAddress!
      to.update(repeating: 0, count: margin)
      parallelFor(size.slices, grain: 1 + (1 << 16) / plane) { slices in
        for z in slices {
          (to + margin + z * plane).update(repeating: 0, count: plane)
          fill(to + margin + z * plane, row, z)
        }
      }
      (to + margin + size.slices * plane).update(repeating: 0, count: margin)
    }
  }

  /// Of a region: `value[level]` is stored for a grey level.
  init(_ region: Region, _ levels: GreyLevels, value: [Level], reach: Offset) {
    let size = region.size, starts = region.sliceStarts
    self = region.intensityMask.withVoxels { mask in
      levels.levels.withUnsafeBufferPointer { levels in
        value.withUnsafeBufferPointer { value in
          nonisolated(unsafe) let (mask, levels, value) = (mask.baseAddress!, levels, value)
          return LevelGrid(size, reach: reach, highest: Int(value.max() ?? 0)) { to, row, z in
            var next = starts[z]
            for y in 0..<size.rows {
              let (from, line) = (mask + size.offset(0, y, z), to + y &* row)
              for x in 0..<size.columns where from[x] != 0 {
                line[x] = value[Int(levels[next])]
                next &+= 1
              }
            }
          }
        }
      }
    }
  }

  /// Of a volume of grey levels, 0 outside the region.
  init(_ levels: [UInt16], _ size: Size, reach: Offset) {
    precondition(levels.count == size.count, "a level for every voxel")
    self = levels.withUnsafeBufferPointer { levels in
      nonisolated(unsafe) let from = levels.baseAddress!
      return LevelGrid(size, reach: reach, highest: Int(levels.max() ?? 0)) { to, row, z in
        for y in 0..<size.rows {
          let (line, source) = (to + y &* row, from + size.offset(0, y, z))
          for x in 0..<size.columns { line[x] = Level(truncatingIfNeeded: source[x]) }
        }
      }
    }
  }

  /// Distance in memory of a neighbour.
  func step(_ o: Offset) -> Int { o.z * plane + o.y * row + o.x }
}
