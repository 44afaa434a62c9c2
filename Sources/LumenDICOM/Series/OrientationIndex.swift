// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Finds the first of many orientations that is close to another, without comparing it with every one.
///
/// Orientations lie in cells of a grid over their six direction cosines; those close to one lie in the cells that the
/// box of the tolerance around it touches, at most two along each axis.
///
/// - Cost: at most 64 cells a search, almost always one.
struct OrientationIndex {
  private typealias Cell = SIMD8<Double>

  /// A little more than the tolerance of ``ImageOrientation/isClose(to:)``.
  private static let reach = 1.001e-3
  /// More than twice the reach, so that the box around a point touches at most two cells along an axis.
  private static let width = 2.5e-3

  /// The last one found: slices after one another mostly have the same.
  private var last: (orientation: ImageOrientation, value: Int)?
  private var cells: [Cell: [(orientation: ImageOrientation, value: Int)]] = [:]

  /// The value of the orientation that was added first among those close to this one.
  mutating func first(closeTo orientation: ImageOrientation) -> Int? {
    if let last, last.orientation == orientation { return last.value }
    let point = Self.point(orientation)
    let low = Self.cell(point - Self.reach), high = Self.cell(point + Self.reach)
    let split = low.indices.filter { low[$0] != high[$0] }
    var found: Int?
    for choice in 0..<1 << split.count {
      var cell = low
      for (bit, axis) in split.enumerated() where choice >> bit & 1 == 1 { cell[axis] = high[axis] }
      for (other, value) in cells[cell] ?? [] where value < found ?? .max && other.isClose(to: orientation) {
        found = value
      }
    }
    if let found { last = (orientation, found) }
    return found
  }

  /// Adds an orientation; values rise from one to the next.
  mutating func add(_ orientation: ImageOrientation, _ value: Int) {
    cells[Self.cell(Self.point(orientation)), default: []].append((orientation, value))
  }

  private static func point(_ o: ImageOrientation) -> Cell {
    Cell(o.row.x, o.row.y, o.row.z, o.column.x, o.column.y, o.column.z, 0, 0)
  }

  private static func cell(_ point: Cell) -> Cell { (point / width).rounded(.down) }
}
