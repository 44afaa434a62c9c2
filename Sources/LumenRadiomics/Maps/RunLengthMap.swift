// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Run length features of neighbourhoods, by the definitions of PyRadiomics: a matrix each direction, features averaged
/// over the directions in which two voxels lie on a line.
///
/// Runs within a plane across the rows are counted when it enters and leaves. Along the other directions a voxel that
/// enters lengthens the run before it, and one that leaves shortens the run after it. Counts are whole numbers, so a
/// matrix does not depend on the way it came.
struct RunLengthMap: MapWindow {
  /// What all rows share.
  final class Tables: Sendable {
    let grid: MapGrid
    let features = PyRadiomicsGLRLM.features
    let plane: [Int]
    /// Distance in memory of a direction's next voxel, and whether that lies in the next plane.
    let strides: [Int], isAlong: [Bool]
    /// Steps from a place of the plane, forwards and backwards, until a direction leaves the neighbourhood sideways: at
    /// place · directions + direction.
    let forwards: [Int], backwards: [Int]
    let longest: Int
    let side: Int
    let values: [Double]
    /// n·log₂ n.
    let entropy: [Double]

    /// The grid holds the directions to the 26 neighbours.
    init(_ grid: MapGrid) {
      self.grid = grid
      plane = grid.plane
      side = grid.used.count + 1
      values = grid.levelValues
      entropy = entropyTerms(upTo: grid.windowCount)
      strides = grid.steps.map { grid.stride($0.x, $0.y, $0.z) }
      isAlong = grid.steps.map { $0.x != 0 }
      let (rx, ry, rz) = grid.reach
      longest = Self.longest(grid)
      func room(_ at: Int, _ step: Int, _ reach: Int) -> Int {
        step == 0 ? 2 * max(rx, ry, rz) + 1 : step > 0 ? reach - at : reach + at
      }
      var (forwards, backwards): ([Int], [Int]) = ([], [])
      for z in -rz...rz {
        for y in -ry...ry {
          for s in grid.steps {
            forwards.append(min(room(y, s.y, ry), room(z, s.z, rz)))
            backwards.append(min(room(y, -s.y, ry), room(z, -s.z, rz)))
          }
        }
      }
      (self.forwards, self.backwards) = (forwards, backwards)
    }

    /// The longest run.
    static func longest(_ grid: MapGrid) -> Int { 2 * max(grid.reach.x, grid.reach.y, grid.reach.z) + 1 }
    /// Cells of the matrices of one thread.
    static func cells(_ grid: MapGrid) -> Int { grid.steps.count * (grid.used.count + 1) * (longest(grid) + 1) }
  }

  let tables: Tables
  var planes = 0..<0
  private var base = 0
  /// Runs of direction d, level a and length l at (d · side + a) · (longest + 1) + l.
  private var counts: [Int32]
  /// Neighbours along each direction that are both inside, of one level or not.
  private var neighbours: [Int]
  private var levels: WindowLevels
  private var present: [Int] = []
  private var matrix: WindowMatrix
  private var family = PyRadiomicsGLRLM(directions: [])

  init(_ tables: Tables) {
    self.tables = tables
    counts = [Int32](repeating: 0, count: Tables.cells(tables.grid))
    neighbours = [Int](repeating: 0, count: tables.strides.count)
    levels = WindowLevels(tables.grid)
    matrix = WindowMatrix(widest: tables.longest, tables.entropy)
  }

  mutating func begin(_ y: Int, _ z: Int) { base = tables.grid.offset(0, y, z) }
  mutating func enter(_ x: Int) { change(x, 1, toEdge: x - planes.lowerBound, from: tables.backwards, direction: -1) }
  mutating func leave(_ x: Int) {
    change(x, -1, toEdge: planes.upperBound - 1 - x, from: tables.forwards, direction: 1)
  }

  /// A plane enters (+1) or leaves (−1); `toEdge` planes of the neighbourhood lie on its one side, `direction` of it.
  @inline(__always)
  private mutating func change(_ x: Int, _ change: Int32, toEdge: Int, from sideways: [Int], direction: Int) {
    let tables = tables, width = tables.longest &+ 1, n = tables.strides.count, row = tables.side &* width,
      at = base &+ x
    tables.grid.levels.withVoxels { voxels in
      let here = voxels.baseAddress! + at
      levels.tally(here, tables.plane, change)
      counts.withUnsafeMutableBufferPointer { counts in
        for place in 0..<tables.plane.count {
          let p = here + tables.plane[place], level = p[0]
          if level == 0 { continue }
          let own = Int(level) &* width
          for d in 0..<n {
            let k = place &* n &+ d, cell = d &* row &+ own
            if tables.isAlong[d] {
              let step = direction &* tables.strides[d], room = min(sideways[k], toEdge)
              var length = 0
              if room > 0 {
                if p[step] != 0 { neighbours[d] &+= Int(change) }
                length = Self.length(p, step, room)
              }
              // The rest of the run was there before, or stays.
              if length > 0 { counts[cell &+ length] &-= change }
              counts[cell &+ length &+ 1] &+= change
            } else {
              let step = tables.strides[d]
              if tables.backwards[k] > 0 {
                if p[-step] != 0 { neighbours[d] &+= Int(change) }
                if p[-step] == level { continue }
              }
              counts[cell &+ 1 &+ Self.length(p, step, tables.forwards[k])] &+= change
            }
          }
        }
      }
    }
  }

  /// How many voxels in a row after p have its level.
  @inline(__always)
  private static func length(_ p: UnsafePointer<UInt16>, _ step: Int, _ room: Int) -> Int {
    var (n, q) = (0, p + step)
    while n < room && q[0] == p[0] {
      n &+= 1
      q += step
    }
    return n
  }

  mutating func measure(_ x: Int, into features: UnsafeMutablePointer<Double>) {
    levels.list(into: &present)
    family.directions.removeAll(keepingCapacity: true)
    let width = tables.longest &+ 1
    for d in 0..<neighbours.count where neighbours[d] > 0 || holdsTwo(d) {
      var widest = 0
      for level in present {
        let row = (d &* tables.side &+ level) &* width
        for length in 1..<width where counts[row &+ length] != 0 {
          matrix.add(tables.values[level], length, counts[row &+ length])
          widest = max(widest, length)
        }
      }
      family.directions.append(matrix.matrix(widest: widest))
    }
    tables.features.write(family, into: features)
  }

  /// Whether a line of the neighbourhood along a direction holds two voxels with others between.
  private func holdsTwo(_ d: Int) -> Bool {
    let tables = tables, step = tables.strides[d], n = tables.strides.count
    return tables.grid.levels.withVoxels { voxels in
      for x in planes {
        for place in 0..<tables.plane.count {
          let p = voxels.baseAddress! + (base + x + tables.plane[place])
          if p[0] == 0 { continue }
          let sideways = tables.forwards[place * n + d]
          let room = tables.isAlong[d] ? min(sideways, planes.upperBound - 1 - x) : sideways
          for k in 0..<max(0, room) where p[(k + 1) * step] != 0 { return true }
        }
      }
      return false
    }
  }
}
