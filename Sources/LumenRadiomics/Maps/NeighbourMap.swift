// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Dependence or tone difference features of neighbourhoods, by the definitions of PyRadiomics.
///
/// For each voxel of the neighbourhood the numbers of its neighbours within are kept: how many there are or depend on it,
/// and the sum of their levels. They change by whole numbers, pair by pair, when a plane enters or leaves, so they do not
/// depend on the way the neighbourhood came.
struct NeighbourMap: MapWindow {
  /// What all rows share.
  final class Tables: Sendable {
    /// Which class is measured; for dependences with the largest difference of dependent levels.
    enum Kind: Sendable {
      case dependence(coarseness: Int)
      case toneDifference
    }

    let grid: MapGrid
    let kind: Kind
    let plane: [Int]
    /// Pairs by how many planes apart they are: places of both ends in their planes.
    let pairs: [[(a: Int32, b: Int32)]]
    /// Grey levels in padded memory, 0 outside.
    let levels: [UInt16]
    let values: [Double]
    /// n·log₂ n.
    let entropy: [Double]
    /// Most neighbours of a voxel.
    let neighbours: Int
    let dependence = PyRadiomicsGLDM.features, toneDifference = PyRadiomicsNGTDM.features

    init(_ grid: MapGrid, _ kind: Kind) {
      self.grid = grid
      self.kind = kind
      plane = grid.plane
      values = grid.levelValues
      entropy = entropyTerms(upTo: grid.windowCount)
      neighbours = min(2 * grid.steps.count, grid.windowCount - 1)
      let used = [0] + grid.used.map { UInt16(truncatingIfNeeded: $0) }
      levels = grid.levels.withVoxels { $0.map { used[Int($0)] } }
      let (ry, rz) = (grid.reach.y, grid.reach.z)
      func place(_ y: Int, _ z: Int) -> Int32 { Int32((z + rz) * (2 * ry + 1) + y + ry) }
      var pairs = [[(a: Int32, b: Int32)]](repeating: [], count: (grid.steps.map(\.x).max() ?? 0) + 1)
      for s in grid.steps {
        for z in -rz...rz where abs(z + s.z) <= rz {
          for y in -ry...ry where abs(y + s.y) <= ry { pairs[s.x].append((place(y, z), place(y + s.y, z + s.z))) }
        }
      }
      self.pairs = pairs
    }
  }

  let tables: Tables
  var planes = 0..<0
  private var base = 0
  /// By plane (modulo the width of the neighbourhood) and place: neighbours and the sum of their levels.
  private var near: [Int32], sums: [Int32]
  /// Voxels of a level with so many dependent neighbours: at level · (neighbours + 1) + number.
  private var dependences: [Int32] = []
  /// Σ |i − mean of the neighbours| by level.
  private var differences: [Double]
  private var levels: WindowLevels
  private var present: [Int] = []
  private var matrix: WindowMatrix

  init(_ tables: Tables) {
    self.tables = tables
    let grid = tables.grid
    near = [Int32](repeating: 0, count: (2 * grid.reach.x + 1) * tables.plane.count)
    sums = near
    if case .dependence = tables.kind { dependences = [Int32](repeating: 0, count: Self.cells(grid)) }
    differences = [Double](repeating: 0, count: grid.used.count + 1)
    levels = WindowLevels(grid)
    matrix = WindowMatrix(widest: tables.neighbours + 1, tables.entropy)
  }

  /// Cells of the matrix of one thread.
  static func cells(_ grid: MapGrid) -> Int {
    (grid.used.count + 1) * (min(2 * grid.steps.count, grid.windowCount - 1) + 1)
  }

  /// First place of a plane in `near` and `sums`.
  @inline(__always)
  private func slot(_ x: Int) -> Int { x % (2 &* tables.grid.reach.x &+ 1) &* tables.plane.count }

  mutating func begin(_ y: Int, _ z: Int) { base = tables.grid.offset(0, y, z) }

  mutating func enter(_ x: Int) {
    let own = slot(x)
    for k in own..<own + tables.plane.count {
      near[k] = 0
      sums[k] = 0
    }
    for apart in tables.pairs.indices where x - apart >= planes.lowerBound { change(x - apart, apart, 1) }
    tally(x, 1)
  }

  mutating func leave(_ x: Int) {
    // What the leaving plane counted itself goes with it.
    for apart in tables.pairs.indices.dropFirst() where x + apart < planes.upperBound { change(x, apart, -1) }
    tally(x, -1)
  }

  private mutating func tally(_ x: Int, _ change: Int32) {
    tables.grid.levels.withVoxels { levels.tally($0.baseAddress! + (base + x), tables.plane, change) }
  }

  /// Pairs of a plane and the one `apart` after it.
  private mutating func change(_ x: Int, _ apart: Int, _ change: Int32) {
    let (first, second) = (slot(x), slot(x + apart)), base = base + x, tables = tables
    near.withUnsafeMutableBufferPointer { near in
      sums.withUnsafeMutableBufferPointer { sums in
        tables.levels.withUnsafeBufferPointer { levels in
          tables.plane.withUnsafeBufferPointer { plane in
            let (here, there) = (levels.baseAddress! + base, levels.baseAddress! + base + apart)
            switch tables.kind {
            case .dependence(let coarseness):
              let α = Int32(truncatingIfNeeded: min(coarseness, 1 << 16))
              for (a, b) in tables.pairs[apart] {
                let (a, b) = (Int(a), Int(b)), (i, j) = (Int32(here[plane[a]]), Int32(there[plane[b]]))
                let n = i != 0 && j != 0 && abs(i &- j) <= α ? change : 0
                near[first &+ a] &+= n
                near[second &+ b] &+= n
              }
            case .toneDifference:
              for (a, b) in tables.pairs[apart] {
                let (a, b) = (Int(a), Int(b)), (i, j) = (Int32(here[plane[a]]), Int32(there[plane[b]]))
                let n = i != 0 && j != 0 ? change : 0
                near[first &+ a] &+= n
                near[second &+ b] &+= n
                sums[first &+ a] &+= n &* j
                sums[second &+ b] &+= n &* i
              }
            }
          }
        }
      }
    }
  }

  mutating func measure(_ x: Int, into features: UnsafeMutablePointer<Double>) {
    levels.list(into: &present)
    switch tables.kind {
    case .dependence: measureDependence(into: features)
    case .toneDifference: measureToneDifference(into: features)
    }
  }

  /// Calls `body` with the level's index of each voxel of the neighbourhood and its place in `near`.
  @inline(__always)
  private func forEachVoxel(_ body: (Int, Int) -> Void) {
    tables.grid.levels.withVoxels { voxels in
      for x in planes {
        let (from, own) = (voxels.baseAddress! + (base &+ x), slot(x))
        for place in 0..<tables.plane.count {
          let level = Int(from[tables.plane[place]])
          if level != 0 { body(level, own &+ place) }
        }
      }
    }
  }

  private mutating func measureDependence(into features: UnsafeMutablePointer<Double>) {
    let width = tables.neighbours + 1
    var widest = 0, table: [Int32] = []
    swap(&table, &dependences)
    forEachVoxel { level, at in
      let n = Int(near[at])
      table[level &* width &+ n] &+= 1
      widest = max(widest, n)
    }
    for level in present {
      for n in 0...widest where table[level &* width &+ n] != 0 {
        matrix.add(tables.values[level], n + 1, table[level &* width &+ n])
        table[level &* width &+ n] = 0
      }
    }
    swap(&table, &dependences)
    tables.dependence.write(PyRadiomicsGLDM(matrix: matrix.matrix(widest: widest + 1)), into: features)
  }

  private mutating func measureToneDifference(into features: UnsafeMutablePointer<Double>) {
    var s: [Double] = []
    swap(&s, &differences)
    for level in present { s[level] = 0 }
    forEachVoxel { level, at in
      let n = Double(near[at])
      if n > 0 { s[level] += abs(tables.values[level] * n - Double(sums[at])) / n }
    }
    let rows = present.map { (level: tables.grid.used[$0 - 1], n: Int(levels.counts[$0]), s: s[$0]) }
    swap(&s, &differences)
    tables.toneDifference.write(PyRadiomicsNGTDM(rows), into: features)
  }
}
