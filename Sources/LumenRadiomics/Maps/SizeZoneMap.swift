// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Size zone features of neighbourhoods, by the definitions of PyRadiomics.
///
/// A voxel that leaves may split a zone, so zones are found anew in every neighbourhood: voxels in memory order join those
/// of the 13 neighbours before them that have their level, as in ``ZoneLabelling``.
struct SizeZoneMap: MapWindow {
  /// What all rows share.
  final class Tables: Sendable {
    let grid: MapGrid
    let features = PyRadiomicsGLSZM.features
    let values: [Double]
    /// n·log₂ n.
    let entropy: [Double]
    /// Size of the neighbourhood with a voxel of border.
    let columns: Int, rows: Int, slices: Int
    private let before: [Int]

    init(_ grid: MapGrid) {
      self.grid = grid
      values = grid.levelValues
      entropy = entropyTerms(upTo: grid.windowCount)
      (columns, rows, slices) = (2 * grid.reach.x + 3, 2 * grid.reach.y + 3, 2 * grid.reach.z + 3)
      let (columns, rows) = (columns, rows)
      before = Offset.directions.map { ($0.z * rows + $0.y) * columns + $0.x }
    }

    /// Distances to the neighbours before a voxel, and for each set of equal ones the least set that links them.
    @inline(__always)
    func withSteps(_ body: (UnsafeBufferPointer<Int>, UnsafeBufferPointer<UInt16>) -> Void) {
      before.withUnsafeBufferPointer { before in leastSets.withUnsafeBufferPointer { body(before, $0) } }
    }
  }

  let tables: Tables
  var planes = 0..<0
  private var base = 0
  /// The neighbourhood's levels with a border of zeros, and by place its zone's first place (itself at the zone's own).
  private var levels: [UInt16], parents: [Int32]
  /// Voxels of the zone at its first place.
  private var sizes: [Int32]
  /// Level << 32 | size.
  private var zones: [UInt64] = []
  private var matrix: WindowMatrix

  init(_ tables: Tables) {
    self.tables = tables
    let n = tables.columns * tables.rows * tables.slices
    levels = [UInt16](repeating: 0, count: n)
    parents = [Int32](repeating: 0, count: n)
    sizes = parents
    matrix = WindowMatrix(widest: tables.grid.windowCount, tables.entropy)
  }

  mutating func begin(_ y: Int, _ z: Int) { base = tables.grid.offset(0, y, z) }
  mutating func enter(_ x: Int) {}
  mutating func leave(_ x: Int) {}

  mutating func measure(_ x: Int, into features: UnsafeMutablePointer<Double>) {
    label(x)
    sort()
    var at = 0, widest = 0
    while at < zones.count {
      let zone = zones[at], first = at
      while at < zones.count && zones[at] == zone { at &+= 1 }
      let size = Int(zone & 0xFFFF_FFFF)
      matrix.add(tables.values[Int(zone >> 32)], size, Int32(at - first))
      widest = max(widest, size)
    }
    tables.features.write(PyRadiomicsGLSZM(matrix: matrix.matrix(widest: widest)), into: features)
  }

  /// Finds the zones of the neighbourhood around x.
  private mutating func label(_ x: Int) {
    let tables = tables, grid = tables.grid, columns = tables.columns, plane = columns * tables.rows
    let at = base + x, (rx, ry, rz) = grid.reach
    zones.removeAll(keepingCapacity: true)
    grid.levels.withVoxels { voxels in
      levels.withUnsafeMutableBufferPointer { levels in
        parents.withUnsafeMutableBufferPointer { parents in
          sizes.withUnsafeMutableBufferPointer { sizes in
            tables.withSteps { before, leastSets in
              for z in 0...2 &* rz {
                for y in 0...2 &* ry {
                  let from = voxels.baseAddress! + (at &+ grid.stride(-rx, y &- ry, z &- rz))
                  let row = (z &+ 1) &* plane &+ (y &+ 1) &* columns &+ 1
                  for i in 0...2 &* rx {
                    let level = from[i], place = row &+ i
                    levels[place] = level
                    if level == 0 { continue }
                    var root = Int32(truncatingIfNeeded: place)
                    parents[place] = root
                    sizes[place] = 1
                    // Neighbours that touch each other were joined already: one of each such group is enough.
                    var equal = 0
                    for (bit, step) in before.enumerated() {
                      equal |= (levels[place &- step] == level ? 1 : 0) &<< bit
                    }
                    var set = leastSets[equal]
                    while set != 0 {
                      var other = Int32(truncatingIfNeeded: place &- before[set.trailingZeroBitCount])
                      set &= set &- 1
                      while parents[Int(other)] != other {
                        parents[Int(other)] = parents[Int(parents[Int(other)])]
                        other = parents[Int(other)]
                      }
                      if other == root { continue }
                      let (kept, gone) = (min(root, other), max(root, other))
                      parents[Int(gone)] = kept
                      sizes[Int(kept)] &+= sizes[Int(gone)]
                      root = kept
                    }
                  }
                }
              }
              for z in 1..<tables.slices &- 1 {
                for y in 1..<tables.rows &- 1 {
                  let row = z &* plane &+ y &* columns
                  for place in row &+ 1..<row &+ columns &- 1
                  where levels[place] != 0 && Int(parents[place]) == place {
                    zones.append(UInt64(levels[place]) << 32 | UInt64(sizes[place]))
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Few zones are sorted faster where they are.
  private mutating func sort() {
    if zones.count > 64 { return zones.sort() }
    zones.withUnsafeMutableBufferPointer { zones in
      for n in 0..<zones.count {
        let zone = zones[n]
        var k = n
        while k > 0 && zones[k &- 1] > zone {
          zones[k] = zones[k &- 1]
          k &-= 1
        }
        zones[k] = zone
      }
    }
  }
}
