// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Follows the borders of a region's pixels in one slice.
///
/// Contours run along pixel edges, half a voxel from every centre, so that drawing them gives the same pixels exactly.
/// Pixels that touch at a corner only lie in different contours. Outer contours run clockwise (rows downwards), holes
/// the other way; a hole may be joined to what surrounds it by a channel of no width through pixel centres.
struct ContourTrace {
  /// Points in steps of half a voxel from the upper left corner of the first voxel.
  private var at: [SIMD2<Int32>] = []
  private var next: [Int32] = []
  /// Node of each contour and whether it is a hole.
  private var loops: [(start: Int32, isHole: Bool)] = []
  /// The leftmost edge of each hole, as node.
  private var doors: [Int32] = []
  /// Nodes where an edge going up starts, by corner.
  private var upward: [Int32]
  private let plane: UnsafePointer<UInt8>
  private let columns: Int
  private let box: (columns: Range<Int>, rows: Range<Int>)

  /// The contours of one slice, each a closed list of corners in index space.
  static func contours(
    _ plane: UnsafePointer<UInt8>, columns: Int, rows: Int, joiningHoles: Bool
  ) -> [[SIMD2<Double>]] {
    var low = SIMD2(columns, rows), high = SIMD2(-1, -1)
    for y in 0..<rows {
      let row = plane + y * columns
      var first = 0
      while first < columns && row[first] == 0 { first &+= 1 }
      if first == columns { continue }
      var last = columns - 1
      while row[last] == 0 { last &-= 1 }
      low = SIMD2(min(low.x, first), min(low.y, y))
      high = SIMD2(max(high.x, last), y)
    }
    if high.y < 0 { return [] }
    var trace = ContourTrace(plane, columns, (low.x..<high.x + 1, low.y..<high.y + 1))
    trace.follow()
    if joiningHoles { trace.joinHoles() }
    return trace.loops.filter { !joiningHoles || !$0.isHole }.map { trace.polygon($0.start) }
  }

  private init(_ plane: UnsafePointer<UInt8>, _ columns: Int, _ box: (columns: Range<Int>, rows: Range<Int>)) {
    self.plane = plane
    self.columns = columns
    self.box = box
    upward = [Int32](repeating: -1, count: (box.columns.count + 1) * (box.rows.count + 1))
  }

  /// Directions right, down, left, up as steps of a corner.
  private static let steps: [SIMD2<Int>] = [[1, 0], [0, 1], [-1, 0], [0, -1]]

  private func isInside(_ x: Int, _ y: Int) -> Bool {
    box.columns.contains(x) && box.rows.contains(y) && plane[y * columns + x] != 0
  }

  private func corner(_ x: Int, _ y: Int) -> Int {
    (y - box.rows.lowerBound) * (box.columns.count + 1) + x - box.columns.lowerBound
  }

  private mutating func follow() {
    // Edges that leave each corner, one bit a direction; the region lies to the right of each.
    var leaving = [UInt8](repeating: 0, count: upward.count)
    for y in box.rows {
      for x in box.columns where isInside(x, y) {
        if !isInside(x, y - 1) { leaving[corner(x, y)] |= 1 }
        if !isInside(x + 1, y) { leaving[corner(x + 1, y)] |= 2 }
        if !isInside(x, y + 1) { leaving[corner(x + 1, y + 1)] |= 4 }
        if !isInside(x - 1, y) { leaving[corner(x, y + 1)] |= 8 }
      }
    }
    for y in box.rows.lowerBound...box.rows.upperBound {
      for x in box.columns.lowerBound...box.columns.upperBound {
        while leaving[corner(x, y)] != 0 { followOne(from: SIMD2(x, y), &leaving) }
      }
    }
  }

  private mutating func followOne(from start: SIMD2<Int>, _ leaving: inout [UInt8]) {
    let first = leaving[corner(start.x, start.y)].trailingZeroBitCount, head = Int32(at.count)
    var place = start, direction = first, area = 0
    var door: (x: Int, y: Int, node: Int32)?
    while true {
      let here = corner(place.x, place.y), node = Int32(at.count)
      leaving[here] &= ~(1 << UInt8(direction))
      at.append(SIMD2(Int32(2 * place.x), Int32(2 * place.y)))
      next.append(node + 1)
      if direction == 3 { upward[here] = node }
      if direction == 1, door.map({ (place.x, place.y) < ($0.x, $0.y) }) ?? true { door = (place.x, place.y, node) }
      let step = Self.steps[direction]
      area += place.x * step.y - place.y * step.x
      place = place &+ step
      // Right turns first: they stay with the same pixel.
      let there = leaving[corner(place.x, place.y)]
      var chosen: Int?
      for turn in [1, 0, 3] {
        let d = (direction + turn) & 3
        if place == start && d == first { break }
        if there >> UInt8(d) & 1 != 0 {
          chosen = d
          break
        }
      }
      guard let chosen else { break }
      direction = chosen
    }
    next[at.count - 1] = head
    loops.append((head, area < 0))
    if area < 0, let door { doors.append(door.node) }
  }

  /// Cuts a channel from the leftmost edge of every hole to the next border on its left.
  private mutating func joinHoles() {
    for node in doors {
      let x = Int(at[Int(node)].x) / 2, y = Int(at[Int(node)].y) / 2
      var c = x - 1
      while isInside(c - 1, y) { c -= 1 }
      let border = Int(upward[corner(c, y + 1)])
      precondition(border >= 0, "a hole has a border on its left")
      let middle = Int32(2 * y + 1), new = Int32(at.count), hole = Int(node)
      at += [
        SIMD2(Int32(2 * c), middle), SIMD2(Int32(2 * x), middle), SIMD2(Int32(2 * x), middle),
        SIMD2(Int32(2 * c), middle),
      ]
      next += [new + 1, next[hole], new + 3, next[border]]
      next[border] = new
      next[hole] = new + 2
    }
  }

  /// The corners of a contour, without those on straight lines.
  private func polygon(_ start: Int32) -> [SIMD2<Double>] {
    var nodes: [SIMD2<Int32>] = []
    var node = start
    repeat {
      nodes.append(at[Int(node)])
      node = next[Int(node)]
    } while node != start
    func heading(_ a: SIMD2<Int32>, _ b: SIMD2<Int32>) -> SIMD2<Int32> {
      SIMD2((b.x - a.x).signum(), (b.y - a.y).signum())
    }
    var corners: [SIMD2<Double>] = []
    for (i, p) in nodes.enumerated() {
      let before = nodes[i == 0 ? nodes.count - 1 : i - 1], after = nodes[i == nodes.count - 1 ? 0 : i + 1]
      if heading(before, p) == heading(p, after) { continue }
      corners.append(SIMD2(Double(p.x), Double(p.y)) * 0.5 - 0.5)
    }
    return corners
  }
}
