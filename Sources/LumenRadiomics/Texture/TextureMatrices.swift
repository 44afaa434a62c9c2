// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Texture matrices as counted, before any definition of features: for definitions other than IBSI's.
struct TextureMatrices: Sendable {
  /// A cell of a matrix of levels by lengths, sizes or dependences.
  typealias Cell = (level: Int, column: Int, count: Int)

  /// What to count.
  struct Request: Sendable {
    /// Steps of co-occurrence, one matrix each; only one of each pair of opposite steps is needed.
    var cooccurrence: [Offset] = []
    /// Directions of runs (steps to one of 26 neighbours), one matrix each.
    var runs: [Offset] = []
    /// Neighbours of dependences and tone differences, one of each pair of opposite steps; both are visited.
    var neighbourhood: [Offset] = []
    var dependences = false, toneDifferences = false
    /// Largest difference of dependent levels (α).
    var coarseness = 0
    var zones = false
    /// Zones linked through 8 neighbours within slices, not 26.
    var zonesArePlanar = false
  }

  /// Highest level.
  let levels: Int
  /// By step: how often level a is followed by level b at row a, column b of a matrix with side `levels` + 1; row and
  /// column 0 stand for outside. Directed: add the transpose for symmetric matrices.
  let cooccurrence: [[UInt32]]
  /// By direction: number of runs of a level and length (from 1).
  let runs: [[Cell]]
  /// Number of voxels of a level with so many dependent neighbours (from 0; the voxel itself not counted).
  let dependences: [Cell]
  /// By level: n voxels with neighbours, and s the sum over them of |level − mean of its neighbours|.
  let toneDifferences: [(level: Int, n: Int, s: Double)]
  /// Number of zones of a level and size.
  let zones: [Cell]

  /// Counts over a volume of grey levels, 0 outside the region; one thread.
  ///
  /// - Throws: `limitExceeded` for tables that would not fit memory: co-occurrence of more than 2048 levels, or levels ×
  ///   neighbours above 16 million.
  init(_ volume: [UInt16], _ size: Size, _ request: Request) throws(ImageError) {
    var plan = TexturePlan()
    let pairs = request.cooccurrence.filter { $0.fits(size) }, lines = request.runs.filter { $0.fits(size) }
    plan.pairs = pairs.map(\.forward)
    plan.runs = lines.map(\.forward)
    plan.neighbourhood = request.neighbourhood.filter { $0.fits(size) }
    plan.countsDependence = request.dependences
    plan.countsTone = request.toneDifferences
    plan.coarseness = request.coarseness
    plan.countsVoxels = lines.count < request.runs.count
    let highest = Int(volume.max() ?? 0)
    try plan.checkLimits(highest: highest, voxels: volume.count)
    levels = highest
    let reach = Offset(min(1, size.columns - 1), min(1, size.rows - 1), min(1, size.slices - 1)).covering(plan.reach)
    let counts: (TextureCounts, [Cell])
    if plan.fitsBytes(highest: highest) {
      counts = Self.count(LevelGrid<UInt8>(volume, size, reach: reach), plan, request)
    } else {
      counts = Self.count(LevelGrid<UInt16>(volume, size, reach: reach), plan, request)
    }
    let found = counts.0
    let side = highest + 1
    cooccurrence = request.cooccurrence.map { o in
      guard let k = pairs.firstIndex(of: o) else { return [UInt32](repeating: 0, count: side * side) }
      let matrix = found.pairCounts(k)
      if o.forward == o { return matrix }
      return (0..<side * side).map { matrix[$0 % side * side + $0 / side] }
    }
    let single = (1..<max(side, 1)).filter { found.voxels[$0] > 0 }.map {
      (level: $0, column: 1, count: Int(found.voxels[$0]))
    }
    runs = request.runs.map { o in lines.firstIndex(of: o).map { found.runs[$0].cells } ?? single }
    dependences = found.dependence?.cells ?? []
    toneDifferences = found.tone?.cells ?? []
    zones = counts.1
  }

  private static func count<Level: TextureLevel>(
    _ grid: LevelGrid<Level>, _ plan: TexturePlan, _ request: Request
  ) -> (TextureCounts, [Cell]) {
    let sweep = TextureSweep(grid, plan), counts = sweep.newCounts()
    guard request.zones else {
      sweep.count(0..<grid.size.slices, into: counts)
      return (counts, [])
    }
    let starts = (0...grid.size.slices).map { $0 * grid.size.plane }
    let all = 0..<grid.size.slices
    let zones = ZoneLabelling(grid, planar: request.zonesArePlanar, parts: [all], starts: starts, distance: nil)
    sweep.count(all, into: counts, zones: ZoneLabelling.Part(zones, 0))
    let table = CountTable(rows: grid.highest + 1, widest: 255)
    zones.forEachZone(all) { level, size, _ in table.add(level, size) }
    return (counts, table.cells)
  }
}

extension Offset {
  /// Itself or its opposite, whichever comes later in memory.
  var forward: Offset { z > 0 || (z == 0 && (y > 0 || (y == 0 && x > 0))) ? self : -1 * self }

  /// The larger along each axis.
  func covering(_ o: Offset) -> Offset { Offset(max(x, o.x), max(y, o.y), max(z, o.z)) }
}

extension TexturePlan {
  /// Whether levels and dependences fit a byte and sums of neighbours two.
  func fitsBytes(highest: Int) -> Bool {
    highest <= 255 && neighbourhood.count <= 127 && neighbourhood.count * 2 * highest <= 65_535
  }

  func checkLimits(highest: Int, voxels: Int) throws(ImageError) {
    guard voxels <= 330_000_000 else {
      throw ImageError(.limitExceeded, "the region has \(voxels) voxels, the limit for texture is 330000000")
    }
    guard pairs.isEmpty || highest <= 2048 else {
      throw ImageError(
        .limitExceeded, "\(highest) grey levels are in use, the limit for a co-occurrence matrix is 2048",
        hint: "choose wider or fewer bins")
    }
    let cells = (highest + 1) * (2 * neighbourhood.count + 1)
    guard !(countsTone || countsDependence) || cells <= 16 << 20 else {
      throw ImageError(
        .limitExceeded,
        "\(highest) grey levels with \(2 * neighbourhood.count) neighbours each make \(cells) cells, the limit is 16 million",
        hint: "choose fewer grey levels or a smaller distance")
    }
  }
}
