// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The first and the last column of a mask in every row: all that its convex hull depends on.
struct RowEnds: Sendable {
  let size: Size
  /// First and last column of row y of slice z at `z · rows + y`; the first is ``none`` where the row is empty.
  private(set) var first: [Int32]
  private(set) var last: [Int32]

  static let none = Int32.max

  /// Of rows whose ends are known.
  init(_ size: Size, first: [Int32], last: [Int32]) { (self.size, self.first, self.last) = (size, first, last) }

  init(_ mask: Volume<UInt8>) {
    size = mask.size
    let (columns, rows) = (size.columns, size.slices * size.rows)
    first = [Int32](repeating: Self.none, count: rows)
    last = [Int32](repeating: -1, count: rows)
    mask.withVoxels { voxels in
      first.withUnsafeMutableBufferPointer { first in
        last.withUnsafeMutableBufferPointer { last in
          nonisolated(unsafe) let (p, first, last) = (voxels.baseAddress!, first.baseAddress!, last.baseAddress!)
          parallelFor(rows, grain: 256) { range in
            for row in range {
              let from = p + row &* columns
              guard let start = firstInside(from, columns) else { continue }
              first[row] = Int32(truncatingIfNeeded: start)
              var end = columns &- 1
              while from[end] == 0 { end &-= 1 }
              last[row] = Int32(truncatingIfNeeded: end)
            }
          }
        }
      }
    }
  }
}

/// The first byte that is not 0.
@inline(__always)
func firstInside(_ row: UnsafePointer<UInt8>, _ count: Int) -> Int? {
  var x = 0
  while x &+ 8 <= count && UnsafeRawPointer(row + x).loadUnaligned(as: UInt64.self) == 0 { x &+= 8 }
  while x < count && row[x] == 0 { x &+= 1 }
  return x < count ? x : nil
}
