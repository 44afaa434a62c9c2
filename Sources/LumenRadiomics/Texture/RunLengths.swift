// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Runs of one direction by level and length. Lengths from ``limit`` on are listed one by one; columns 0 (voxels that end
/// no run) and ``limit`` of the dense part mean nothing.
final class RunTable: @unchecked Sendable {
  let rows: Int, columns: Int
  /// Small tables are kept twice, for voxels at even and odd places, so that flat regions do not wait for one counter.
  let even: UnsafeMutablePointer<UInt32>, odd: UnsafeMutablePointer<UInt32>
  private let size: Int
  /// Level << 40 | length.
  private(set) var beyond: [UInt64] = []

  /// Lengths from here on are listed.
  var limit: Int { columns - 1 }

  /// For runs of up to `longest` voxels.
  init(rows: Int, longest: Int) {
    self.rows = rows
    columns = Self.columns(rows, longest)
    let copies = rows <= 256 ? 2 : 1
    size = copies * rows * columns
    even = .allocate(capacity: size)
    even.initialize(repeating: 0, count: size)
    odd = even + (copies - 1) * rows * columns
  }

  static func columns(_ rows: Int, _ longest: Int) -> Int { max(3, min(longest + 2, 256, (1 << 20) / max(rows, 1))) }

  deinit { even.deallocate() }

  func addBeyond(_ level: Int, _ length: Int) {
    beyond.append(UInt64(truncatingIfNeeded: level) << 40 | UInt64(truncatingIfNeeded: length))
  }

  func add(_ other: RunTable) {
    for k in 0..<size { even[k] &+= other.even[k] }
    beyond += other.beyond
  }

  func clear() {
    even.update(repeating: 0, count: size)
    beyond.removeAll(keepingCapacity: true)
  }

  /// Calls `body` for every length of a level that occurs in the dense part, ascending.
  @inline(__always) func forEachLength(_ level: Int, _ body: (_ length: Int, _ count: Int) -> Void) {
    let (a, b) = (even + level &* columns, odd + level &* columns)
    for length in 1..<limit {
      let n = Int(a[length]) &+ (a == b ? 0 : Int(b[length]))
      if n != 0 { body(length, n) }
    }
  }

  /// All runs by level and length.
  var cells: [(level: Int, column: Int, count: Int)] {
    var found: [(level: Int, column: Int, count: Int)] = []
    let sorted = beyond.sorted()
    var next = 0
    for level in 1..<max(rows, 1) {
      forEachLength(level) { found.append((level, $0, $1)) }
      while next < sorted.count && Int(sorted[next] >> 40) == level {
        let key = sorted[next], start = next
        while next < sorted.count && sorted[next] == key { next += 1 }
        found.append((level, Int(key & (1 << 40 - 1)), next - start))
      }
    }
    return found
  }
}

/// The length of the run of each voxel up to itself, one direction, for the rows that later ones need: those of a slice
/// and, for directions to the next slice, of the slice before.
final class RunTracker<Level: TextureLevel> {
  private let grid: LevelGrid<Level>
  private let step: Int
  /// Steps into the next slice, and what of the step lies within it.
  private let crosses: Bool, within: Int
  private let memory: UnsafeMutablePointer<UInt8>
  private var current: UnsafeMutablePointer<UInt8>, before: UnsafeMutablePointer<UInt8>

  init(_ grid: LevelGrid<Level>, _ direction: Offset) {
    self.grid = grid
    step = grid.step(direction)
    crosses = direction.z > 0
    within = step - (crosses ? grid.plane : 0)
    // A row and a voxel on each side: steps lead out of the slice, never further.
    let margin = grid.row + 1, length = grid.plane + 2 * margin
    memory = .allocate(capacity: 2 * length)
    memory.initialize(repeating: 0, count: 2 * length)
    current = memory + margin
    before = current + length
  }

  deinit { memory.deallocate() }

  /// Prepares for the first of some slices: runs that reach it from before are followed back once.
  func start(_ voxels: UnsafePointer<Level>, slice z: Int) {
    guard crosses && z > 0 else { return }
    let slice = voxels + grid.first + (z - 1) * grid.plane
    for i in 0..<grid.plane where slice[i] != 0 { current[i] = UInt8(min(255, length(slice + i))) }
  }

  func begin() { if crosses { swap(&current, &before) } }

  /// Length of the run up to a voxel.
  private func length(_ voxel: UnsafePointer<Level>) -> Int {
    var (n, p) = (1, voxel - step)
    while p.pointee == voxel.pointee {
      n &+= 1
      p -= step
    }
    return n
  }

  /// Writes for some whole rows, from an index of the slice, the lengths of the runs that end at each voxel, at most
  /// `limit`, 0 where none ends.
  func ends(
    _ c: UnsafePointer<Level>, at: Int, _ rows: Int, _ n: Int, limit: UInt8, into ends: UnsafeMutablePointer<UInt8>
  ) {
    let to = current + at, from = (crosses ? before : current) + (at &- within)
    let (last, next) = (c - step, c + step)
    if within == 1 && !crosses {
      var length: UInt8 = 0
      for x in 0..<n {
        length &= c[x] == last[x] ? 255 : 0
        length &+= length < 255 ? 1 : 0
        to[x] = length
      }
    } else {
      // By rows: within a slice a row needs the one before.
      for y in 0..<rows {
        let k = y &* grid.row
        Self.extend(c + k, last + k, from + k, to + k, grid.size.columns)
      }
    }
    // Read before it is chosen, so that there is no branch.
    for x in 0..<n {
      let length = to[x]
      ends[x] = (length < limit ? length : limit) & (c[x] == next[x] ? 0 : 255)
    }
  }

  @inline(__always) private static func extend(
    _ c: UnsafePointer<Level>, _ last: UnsafePointer<Level>, _ from: UnsafePointer<UInt8>,
    _ to: UnsafeMutablePointer<UInt8>, _ n: Int
  ) {
    for x in 0..<n {
      let before = from[x] & (c[x] == last[x] ? 255 : 0)
      to[x] = before &+ (before < 255 ? 1 : 0)
    }
  }

  /// Lists the runs that were cut to the limit with their whole length.
  func listLong(
    _ c: UnsafePointer<Level>, _ n: Int, _ ends: UnsafePointer<UInt8>, limit: UInt8, into table: RunTable
  ) {
    for x in 0..<n where ends[x] == limit && c[x] != 0 { table.addBeyond(Int(c[x]), length(c + x)) }
  }
}
