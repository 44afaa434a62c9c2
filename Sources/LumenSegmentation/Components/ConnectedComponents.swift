// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Which neighbours are connected.
public enum Connectivity: Int, Sendable, CaseIterable {
  /// Faces (4 in a slice).
  case six = 6
  /// Faces and edges (8 in a slice).
  case eighteen = 18
  /// Faces, edges and corners (8 in a slice).
  case twentySix = 26
}

/// The connected parts of a mask, numbered from 1 in memory order of their first voxels.
///
/// - Cost: rows are cut into runs and joined slab by slab in parallel, then across slabs; 12 bytes a run, fewer than 2³¹
///   runs. The same numbers for any number of threads.
/// - Source: Rosenfeld & Pfaltz 1966, on runs with union-find; oracle SciPy `ndimage.label`.
public struct ConnectedComponents: Sendable {
  /// Voxels `start ..< end` of a row and their component.
  struct Run {
    var start: Int32, end: Int32
    /// While components are joined an earlier run of the same one, or the run's own index.
    var label: Int32
  }

  /// Voxels of each component; component n is at n − 1.
  public let sizes: [Int]
  let geometry: Geometry
  let runs: [Run]
  /// First run of each row; one more entry than rows.
  let rowStart: [Int]

  /// Finds the components of the voxels equal to `value` (1: the region, 0: the background).
  public init(_ mask: Mask, connectivity: Connectivity = .twentySix, of value: UInt8 = 1) {
    geometry = mask.geometry
    (rowStart, runs, sizes) = mask.voxels.withVoxels { voxels in
      let rowStart = Self.countRuns(voxels, mask.size, value)
      var sizes: [Int] = []
      let runs = [Run](unsafeUninitializedCapacity: rowStart[rowStart.count - 1]) { runs, count in
        count = rowStart[rowStart.count - 1]
        guard let base = runs.baseAddress, count > 0 else { return }
        Self.findRuns(voxels, mask.size, value, rowStart, base)
        Self.join(base, rowStart, mask.size, connectivity)
        sizes = Self.number(base, count)
      }
      return (rowStart, runs, sizes)
    }
  }

  /// The first run of each row, and the number of all.
  private static func countRuns(_ voxels: UnsafeBufferPointer<UInt8>, _ size: Size, _ value: UInt8) -> [Int] {
    let rows = size.rows * size.slices, n = size.columns
    var counts = [Int](repeating: 0, count: rows + 1)
    counts.withUnsafeMutableBufferPointer { counts in
      guard let source = voxels.baseAddress, let target = counts.baseAddress else { return }
      nonisolated(unsafe) let (base, to) = (source, target)
      parallelFor(rows, grain: max(1, (1 << 17) / n)) { range in
        for r in range {
          let row = base + r &* n
          var starts: Int32 = row[0] == value ? 1 : 0
          var x = 1
          while x < n {
            starts &+= row[x] == value && row[x &- 1] != value ? 1 : 0
            x &+= 1
          }
          to[r &+ 1] = Int(starts)
        }
      }
      for r in 0..<rows { to[r + 1] += to[r] }
    }
    return counts
  }

  /// Writes the runs of every row, each its own component.
  private static func findRuns(
    _ voxels: UnsafeBufferPointer<UInt8>, _ size: Size, _ value: UInt8, _ rowStart: [Int],
    _ runs: UnsafeMutablePointer<Run>
  ) {
    guard let source = voxels.baseAddress else { return }
    let n = size.columns
    nonisolated(unsafe) let (base, runs) = (source, runs)
    parallelFor(size.rows * size.slices, grain: max(1, (1 << 16) / n)) { range in
      // Columns where the row enters or leaves the value; every column is written, only an edge is kept.
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: n + 2) { edges in
        for r in range {
          let row = base + r &* n, first = rowStart[r], count = rowStart[r &+ 1] &- first
          if count == 0 { continue }
          var edge = 0, inside = false, x = 0
          while x < n {
            let now = row[x] == value
            edges[edge] = Int32(truncatingIfNeeded: x)
            edge &+= now != inside ? 1 : 0
            inside = now
            x &+= 1
          }
          if inside { edges[edge] = Int32(truncatingIfNeeded: n) }
          for i in 0..<count {
            let run = first &+ i
            (runs + run).initialize(
              to: Run(start: edges[2 &* i], end: edges[2 &* i &+ 1], label: Int32(truncatingIfNeeded: run)))
          }
        }
      }
    }
  }

  /// Joins touching runs: slabs of slices in parallel, then the first slice of each slab with the last one before it.
  private static func join(
    _ runs: UnsafeMutablePointer<Run>, _ rowStart: [Int], _ size: Size, _ connectivity: Connectivity
  ) {
    let slab = 8, slabs = (size.slices + slab - 1) / slab
    let diagonal: Int32 = connectivity == .six ? 0 : 1, corner: Int32 = connectivity == .twentySix ? 1 : 0
    nonisolated(unsafe) let runs = runs
    @Sendable func connectSlice(_ z: Int, toPrevious: Bool, within: Bool) {
      rowStart.withUnsafeBufferPointer { starts in
        for y in 0..<size.rows {
          let here = z &* size.rows &+ y
          if starts[here] == starts[here &+ 1] { continue }
          if within && y > 0 { connect(runs, starts, here, here &- 1, diagonal) }
          if !toPrevious { continue }
          let before = here &- size.rows
          connect(runs, starts, here, before, diagonal)
          if connectivity == .six { continue }
          if y > 0 { connect(runs, starts, here, before &- 1, corner) }
          if y &+ 1 < size.rows { connect(runs, starts, here, before &+ 1, corner) }
        }
      }
    }
    parallelFor(slabs) { range in
      for z in range.lowerBound * slab..<min(size.slices, range.upperBound * slab) {
        connectSlice(z, toPrevious: z % slab != 0, within: true)
      }
    }
    for z in stride(from: slab, to: size.slices, by: slab) { connectSlice(z, toPrevious: true, within: false) }
  }

  /// Joins the runs of two rows that overlap once widened by `reach`.
  private static func connect(
    _ runs: UnsafeMutablePointer<Run>, _ starts: UnsafeBufferPointer<Int>, _ a: Int, _ b: Int, _ reach: Int32
  ) {
    var i = starts[a], j = starts[b]
    let (lastI, lastJ) = (starts[a &+ 1], starts[b &+ 1])
    while i < lastI && j < lastJ {
      let (p, q) = (runs[i], runs[j])
      if p.start < q.end &+ reach && q.start < p.end &+ reach { unite(runs, i, j) }
      if p.end < q.end { i &+= 1 } else { j &+= 1 }
    }
  }

  /// Makes two runs one component, named by its earliest run.
  @inline(__always)
  private static func unite(_ runs: UnsafeMutablePointer<Run>, _ i: Int, _ j: Int) {
    @inline(__always) func root(_ run: Int) -> Int {
      var run = run, parent = Int(runs[run].label)
      while parent != run {
        let next = runs[parent].label
        runs[run].label = next
        run = parent
        parent = Int(next)
      }
      return run
    }
    let (a, b) = (root(i), root(j))
    if a < b { runs[b].label = Int32(truncatingIfNeeded: a) } else { runs[a].label = Int32(truncatingIfNeeded: b) }
  }

  /// Numbers the components from 1 in the order of their first runs and gives their sizes.
  private static func number(_ runs: UnsafeMutablePointer<Run>, _ count: Int) -> [Int] {
    var sizes: [Int] = []
    for i in 0..<count {
      let parent = Int(runs[i].label)  // not after i, so an earlier one has its number already
      if parent == i {
        sizes.append(0)
        runs[i].label = Int32(sizes.count)
      } else {
        runs[i].label = runs[parent].label
      }
      sizes[Int(runs[i].label) - 1] += Int(runs[i].end - runs[i].start)
    }
    return sizes
  }

  /// The voxels of the components for which `isKept` holds.
  public func mask(where isKept: (_ component: Int) -> Bool) -> Mask {
    let kept = [false] + (0..<sizes.count).map { isKept($0 + 1) }
    return Mask(geometry) { out in
      forEachRow(out) { row, runs in
        row.update(repeating: 0)
        for run in runs where kept[Int(run.label)] { row[Int(run.start)..<Int(run.end)].update(repeating: 1) }
      }
    }
  }

  /// Every component under its number.
  public var labelMap: LabelMap {
    LabelMap(
      Volume(geometry) { out in
        forEachRow(out) { row, runs in
          row.update(repeating: 0)
          for run in runs { row[Int(run.start)..<Int(run.end)].update(repeating: UInt32(run.label)) }
        }
      })
  }

  /// Whether each component (0: none) has a voxel on the border of the image; in a 2-D image the border of the slice.
  var touchesBorder: [Bool] {
    let s = geometry.size
    var found = [Bool](repeating: false, count: sizes.count + 1)
    for row in 0..<s.rows * s.slices {
      let (y, z) = (row % s.rows, row / s.rows)
      let edge = y == 0 || y == s.rows - 1 || (s.slices > 1 && (z == 0 || z == s.slices - 1))
      let range = rowStart[row]..<rowStart[row + 1]
      if edge {
        for i in range { found[Int(runs[i].label)] = true }
      } else if let first = range.first, let last = range.last {
        if runs[first].start == 0 { found[Int(runs[first].label)] = true }
        if Int(runs[last].end) == s.columns { found[Int(runs[last].label)] = true }
      }
    }
    return found
  }

  /// Every row of a volume on this grid with its runs; parallel.
  func forEachRow<T>(
    _ out: UnsafeMutableBufferPointer<T>, _ body: @Sendable (UnsafeMutableBufferPointer<T>, ArraySlice<Run>) -> Void
  ) {
    let n = geometry.size.columns
    nonisolated(unsafe) let out = out
    parallelFor(rowStart.count - 1, grain: max(1, (1 << 16) / n)) { rows in
      for r in rows {
        body(
          UnsafeMutableBufferPointer(rebasing: out[r * n..<(r + 1) * n]), runs[rowStart[r]..<rowStart[r + 1]])
      }
    }
  }
}
