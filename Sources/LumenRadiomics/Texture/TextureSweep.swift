// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What one sweep counts: which neighbours feed which matrix.
struct TexturePlan: Sendable {
  /// Steps of co-occurrence, each a matrix of its own.
  var pairs: [Offset] = []
  /// Directions of runs, each a matrix of its own.
  var runs: [Offset] = []
  /// Neighbourhood of dependences and tone differences: one of each pair of opposite neighbours.
  var neighbourhood: [Offset] = []
  /// Voxels of each level: for directions of runs that the region is too flat for.
  var countsVoxels = false
  var countsDependence = false
  var countsTone = false
  /// Largest difference of dependent levels.
  var coarseness = 0

  /// The most voxels any step goes along each axis.
  var reach: Offset {
    (pairs + runs + neighbourhood).reduce(into: Offset(0, 0, 0)) {
      $0 = Offset(max($0.x, abs($1.x)), max($0.y, abs($1.y)), max($0.z, abs($1.z)))
    }
  }
}

/// Raw counts of some slices.
final class TextureCounts: @unchecked Sendable {
  /// Side of a co-occurrence matrix: row and column 0 stand for outside.
  let side: Int
  /// Matrices of each step: small ones twice, of voxels at even and odd places, so that flat regions do not wait for one
  /// counter.
  private let pairs: UnsafeMutablePointer<UInt32>
  private let pairCells: Int
  private let copies: Int
  let runs: [RunTable]
  let dependence: CountTable?
  let tone: ToneTable?
  /// Voxels of each level.
  let voxels: UnsafeMutablePointer<UInt32>

  init(_ plan: TexturePlan, highest: Int, size: Size) {
    side = highest + 1
    copies = Self.copies(highest)
    pairCells = copies * plan.pairs.count * side * side
    pairs = .allocate(capacity: max(1, pairCells))
    pairs.initialize(repeating: 0, count: pairCells)
    let rows = highest + 1, longest = max(size.columns, size.rows, size.slices)
    runs = plan.runs.map { _ in RunTable(rows: rows, longest: longest) }
    let neighbours = 2 * plan.neighbourhood.count
    dependence = plan.countsDependence ? CountTable(rows: rows, widest: neighbours, cells: .max) : nil
    tone = plan.countsTone ? ToneTable(rows: rows, neighbours: neighbours) : nil
    voxels = .allocate(capacity: rows)
    voxels.initialize(repeating: 0, count: rows)
  }

  static func copies(_ highest: Int) -> Int { highest <= 256 ? 2 : 1 }

  deinit {
    pairs.deallocate()
    voxels.deallocate()
  }

  func add(_ other: TextureCounts) {
    for k in 0..<pairCells { pairs[k] &+= other.pairs[k] }
    for (a, b) in zip(runs, other.runs) { a.add(b) }
    if let b = other.dependence { dependence?.add(b) }
    if let b = other.tone { tone?.add(b) }
    for k in 0..<side { voxels[k] &+= other.voxels[k] }
  }

  func clear() {
    pairs.update(repeating: 0, count: pairCells)
    for r in runs { r.clear() }
    dependence?.clear()
    tone?.clear()
    voxels.update(repeating: 0, count: side)
  }

  /// Where voxels at even and at odd places are counted for one step.
  @inline(__always) func pairTables(
    _ step: Int
  ) -> (even: UnsafeMutablePointer<UInt32>, odd: UnsafeMutablePointer<UInt32>) {
    let even = pairs + step &* copies &* side &* side
    return (even, even + (copies &- 1) &* side &* side)
  }

  /// The tables that together make the matrix of one step.
  func forEachPairTable(_ step: Int, _ body: (UnsafePointer<UInt32>) -> Void) {
    for k in 0..<copies { body(pairs + (step * copies + k) * side * side) }
  }

  /// How often level a (row) is followed by level b (column) at one step; row and column 0 are outside.
  func pairCounts(_ step: Int) -> [UInt32] {
    var sum = [UInt32](repeating: 0, count: side * side)
    forEachPairTable(step) { table in for k in 0..<side * side { sum[k] &+= table[k] } }
    return sum
  }
}

/// Counts neighbours: the grey levels of a slice pass in segments that stay in the first cache while co-occurrence, runs,
/// dependence and tone differences are counted from them.
struct TextureSweep<Level: TextureLevel>: Sendable {
  let grid: LevelGrid<Level>
  let plan: TexturePlan
  private let pairs: [Int], neighbourhood: [Int]

  init(_ grid: LevelGrid<Level>, _ plan: TexturePlan) {
    self.grid = grid
    self.plan = plan
    pairs = plan.pairs.map(grid.step)
    neighbourhood = plan.neighbourhood.map(grid.step)
  }

  /// Memory of ``newCounts()``, about.
  var bytesOfCounts: Int {
    let rows = grid.highest + 1, neighbours = 2 * plan.neighbourhood.count + 1
    let longest = max(grid.size.columns, grid.size.rows, grid.size.slices)
    let copies = TextureCounts.copies(grid.highest)
    let tables = copies * rows * (plan.pairs.count * rows + plan.runs.count * RunTable.columns(rows, longest))
    return 4 * tables + rows * neighbours * ((plan.countsDependence ? 4 : 0) + (plan.countsTone ? 12 : 0)) + 1
  }

  func newCounts() -> TextureCounts { TextureCounts(plan, highest: grid.highest, size: grid.size) }

  /// Adds what begins (runs: ends) in these slices. `zones` labels the same voxels on the way.
  func count(_ slices: Range<Int>, into counts: TextureCounts, zones: ZoneLabelling<Level>.Part? = nil) {
    // Some whole rows at a time, few enough that they and their neighbours stay in the first cache.
    let rows = max(1, min(grid.size.rows, 1024 / grid.row))
    let scratch = SegmentScratch<Level>(rows * grid.row)
    let trackers = plan.runs.map { RunTracker(grid, $0) }
    grid.voxels.withVoxels { voxels in
      for t in trackers { t.start(voxels.baseAddress!, slice: slices.lowerBound) }
      for z in slices {
        zones?.begin(slice: z)
        for t in trackers { t.begin() }
        let slice = voxels.baseAddress! + grid.first + z * grid.plane
        for y in stride(from: 0, to: grid.size.rows, by: rows) {
          let lines = min(rows, grid.size.rows - y), at = y * grid.row, c = slice + at
          let n = (lines - 1) * grid.row + grid.size.columns
          if scratch.findSpans(c, n) {
            if plan.countsVoxels {
              scratch.forEachInside { x in counts.voxels[Int(c[x])] &+= 1 }
            }
            countPairs(c, n, scratch, counts)
            countRuns(c, at, lines, n, scratch, counts, trackers)
            countNeighbourhood(c, n, scratch, counts)
            zones?.label(c, at: at, n, scratch)
          }
        }
        zones?.end(slice: z)
      }
    }
  }

  private func countPairs(_ c: UnsafePointer<Level>, _ n: Int, _ s: SegmentScratch<Level>, _ counts: TextureCounts) {
    if pairs.isEmpty { return }
    s.startRows(c, n, counts.side)
    for d in pairs.indices {
      let tables = counts.pairTables(d)
      s.addColumns(c + pairs[d], n)
      s.scatter(tables.even, tables.odd)
    }
  }

  /// Runs that end here.
  private func countRuns(
    _ c: UnsafePointer<Level>, _ at: Int, _ rows: Int, _ n: Int, _ s: SegmentScratch<Level>, _ counts: TextureCounts,
    _ trackers: [RunTracker<Level>]
  ) {
    guard let first = counts.runs.first else { return }
    s.startRows(c, n, first.columns)
    let limit = UInt8(truncatingIfNeeded: first.limit)
    let longest = max(grid.size.columns, grid.size.rows, grid.size.slices)
    for (tracker, table) in zip(trackers, counts.runs) {
      tracker.ends(c, at: at, rows, n, limit: limit, into: s.flags)
      s.addColumns(s.flags, n)
      s.scatter(table.even, table.odd)
      if longest >= table.limit { tracker.listLong(c, n, s.flags, limit: limit, into: table) }
    }
  }

  private func countNeighbourhood(
    _ c: UnsafePointer<Level>, _ n: Int, _ s: SegmentScratch<Level>, _ counts: TextureCounts
  ) {
    let (equal, near, sum) = (s.equal, s.near, s.sum)
    if let table = counts.dependence {
      equal.update(repeating: 0, count: n)
      if plan.coarseness == 0 {
        for step in neighbourhood {
          let (a, b) = (c + step, c - step)
          for x in 0..<n { equal[x] &+= (a[x] == c[x] ? 1 : 0) &+ (b[x] == c[x] ? 1 : 0) }
        }
      } else {
        let α = Level(clamping: plan.coarseness)
        for step in neighbourhood {
          let (a, b) = (c + step, c - step)
          for x in 0..<n {
            let v = c[x], (p, q) = (a[x], b[x])
            let (dp, dq) = (p > v ? p &- v : v &- p, q > v ? q &- v : v &- q)
            equal[x] &+= ((dp <= α ? 1 : 0) & (p != 0 ? 1 : 0)) &+ ((dq <= α ? 1 : 0) & (q != 0 ? 1 : 0))
          }
        }
      }
      s.startRows(c, n, table.columns)
      s.addColumns(equal, n)
      s.scatter(table.counts, table.counts)
    }
    if let table = counts.tone {
      near.update(repeating: 0, count: n)
      sum.update(repeating: 0, count: n)
      for step in neighbourhood {
        let (a, b) = (c + step, c - step)
        for x in 0..<n {
          near[x] &+= (a[x] != 0 ? 1 : 0) &+ (b[x] != 0 ? 1 : 0)
          sum[x] &+= Level.Sum(truncatingIfNeeded: a[x]) &+ Level.Sum(truncatingIfNeeded: b[x])
        }
      }
      s.startRows(c, n, table.columns)
      s.addColumns(near, n)
      for x in 0..<n {
        let all = Level.Sum(truncatingIfNeeded: c[x]) &* Level.Sum(truncatingIfNeeded: near[x])
        sum[x] = all > sum[x] ? all &- sum[x] : sum[x] &- all
      }
      s.forEachInside { x in
        let cell = Int(s.cell[x])
        table.counts[cell] &+= 1
        table.differences[cell] &+= UInt64(truncatingIfNeeded: sum[x])
      }
    }
  }
}

/// Buffers for some rows.
final class SegmentScratch<Level: TextureLevel> {
  /// First places inside the region and one past the last, ascending.
  private let spans: UnsafeMutablePointer<Int32>
  private var spanCount = 0
  /// For each place the row of a table, and the cell.
  private let start: UnsafeMutablePointer<Level.Sum>
  let cell: UnsafeMutablePointer<Level.Sum>
  /// Dependent neighbours, neighbours inside the region, and the sum of these.
  let equal: UnsafeMutablePointer<Level>, near: UnsafeMutablePointer<Level>, sum: UnsafeMutablePointer<Level.Sum>
  /// Lengths of runs that end.
  let flags: UnsafeMutablePointer<UInt8>
  /// One bit for each direction.
  let bits: UnsafeMutablePointer<UInt16>

  init(_ n: Int) {
    spans = .allocate(capacity: n + 2)
    start = .allocate(capacity: n)
    cell = .allocate(capacity: n)
    equal = .allocate(capacity: n)
    near = .allocate(capacity: n)
    sum = .allocate(capacity: n)
    flags = .allocate(capacity: n)
    bits = .allocate(capacity: n)
  }

  deinit {
    spans.deallocate()
    start.deallocate()
    cell.deallocate()
    equal.deallocate()
    near.deallocate()
    sum.deallocate()
    flags.deallocate()
    bits.deallocate()
  }

  /// Lists where voxels are not 0; false where none is.
  func findSpans(_ c: UnsafePointer<Level>, _ n: Int) -> Bool {
    var any: Level = 0
    for x in 0..<n { any |= c[x] }
    spanCount = 0
    if any == 0 { return false }
    var x = 0
    while x < n {
      if c[x] == 0 {
        x &+= 1
        continue
      }
      spans[2 &* spanCount] = Int32(truncatingIfNeeded: x)
      while x < n && c[x] != 0 { x &+= 1 }
      spans[2 &* spanCount &+ 1] = Int32(truncatingIfNeeded: x)
      spanCount &+= 1
    }
    return true
  }

  /// Calls `body` for every place inside the region.
  @inline(__always) func forEachInside(_ body: (Int) -> Void) {
    for k in 0..<spanCount {
      for x in Int(spans[2 &* k])..<Int(spans[2 &* k &+ 1]) { body(x) }
    }
  }

  /// A table with this many columns: where the row of each voxel's level begins.
  func startRows(_ c: UnsafePointer<Level>, _ n: Int, _ columns: Int) {
    let m = Level.Sum(truncatingIfNeeded: columns)
    for x in 0..<n { start[x] = Level.Sum(truncatingIfNeeded: c[x]) &* m }
  }

  /// The cell of each voxel.
  @inline(__always) func addColumns<Column: FixedWidthInteger>(_ column: UnsafePointer<Column>, _ n: Int) {
    for x in 0..<n { cell[x] = start[x] &+ Level.Sum(truncatingIfNeeded: column[x]) }
  }

  /// Counts the cells of the voxels inside the region, by turns in two tables.
  @inline(__always) func scatter(_ even: UnsafeMutablePointer<UInt32>, _ odd: UnsafeMutablePointer<UInt32>) {
    for k in 0..<spanCount {
      var x = Int(spans[2 &* k])
      let end = Int(spans[2 &* k &+ 1])
      while x &+ 4 <= end {
        even[Int(cell[x])] &+= 1
        odd[Int(cell[x &+ 1])] &+= 1
        even[Int(cell[x &+ 2])] &+= 1
        odd[Int(cell[x &+ 3])] &+= 1
        x &+= 4
      }
      while x < end {
        even[Int(cell[x])] &+= 1
        x &+= 1
      }
    }
  }
}
