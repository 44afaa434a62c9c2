// SPDX-License-Identifier: Apache-2.0
import LumenCore

// A ball or cross is a set of lines along x. Those that reach furthest are combined first; the row so far is widened
// along x by what they reach further than the next ones, which join it, and so on: every line is read once, and the
// running maxima along x together cost what the widest alone would (Horner's scheme for dilations, which distribute
// over unions).
extension Extremum {
  /// Lines of one reach, and how the row so far is widened before they join.
  private struct Stage {
    let lines: Range<Int>, reach: Int, window: RunningWindow?
  }

  func runLines(_ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>) {
    let tiles = ExtremumTiles(self), sorted = lines.sorted { ($1.reach, $0.dz, $0.dy) < ($0.reach, $1.dz, $1.dy) }
    let stages = stages(of: sorted)
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(tiles.count, grain: tiles.grain) { items in
      let block = 4 * Lanes.scalarCount
      let ring = tiles.ringBytes / MemoryLayout<Key>.stride + block
      withScratch(of: Key.self, ring + tiles.stride + 2 * half.x + 2 * block) { scratch in
        withUnsafeTemporaryAllocation(of: UnsafePointer<Key>.self, capacity: sorted.count) { bases in
          guard let bases = bases.baseAddress else { return }
          for i in items { tile(tiles, i, stages, sorted, source, target, scratch, scratch + ring, bases) }
        }
      }
    }
  }

  private func stages(of lines: [StructuringElement.Line]) -> [Stage] {
    var stages: [Stage] = [], first = 0, before: Int?
    while first < lines.count {
      let reach = lines[first].reach
      let end = lines[first...].firstIndex { $0.reach != reach } ?? lines.count
      stages.append(Stage(lines: first..<end, reach: reach, window: before.map { RunningWindow(2 * ($0 - reach) + 1) }))
      (first, before) = (end, reach)
    }
    if let before, before > 0 {
      stages.append(Stage(lines: first..<first, reach: 0, window: RunningWindow(2 * before + 1)))
    }
    return stages
  }

  /// One tile: its slices pass through a ring of those that one slice of the result needs.
  @inline(__always)
  private func tile(
    _ tiles: ExtremumTiles, _ i: Int, _ stages: [Stage], _ lines: [StructuringElement.Line],
    _ source: UnsafePointer<Key>,
    _ target: UnsafeMutablePointer<Key>, _ ring: UnsafeMutablePointer<Key>, _ row: UnsafeMutablePointer<Key>,
    _ bases: UnsafeMutablePointer<UnsafePointer<Key>>
  ) {
    let (xs, ys, zs) = tiles.tile(i, size)
    let layers = 2 &* half.z &+ 1, rows = ys.count &+ 2 &* half.y, layer = (tiles.height &+ 2 &* half.y) &* tiles.stride
    for k in 0..<zs.count &+ 2 &* half.z {
      let z = boundary.index(zs.lowerBound &- half.z &+ k, count: size.slices)
      for v in 0..<rows {
        fetch(
          source, boundary.index(ys.lowerBound &- half.y &+ v, count: size.rows), z, first: xs.lowerBound &- half.x,
          count: xs.count &+ 2 &* half.x, to: ring + (k % layers &* layer &+ v &* tiles.stride))
      }
      if k < 2 &* half.z { continue }
      for (l, line) in lines.enumerated() {
        let slot = (k &- half.z &+ line.dz) % layers
        bases[l] = UnsafePointer(
          ring + (slot &* layer &+ (half.y &+ line.dy) &* tiles.stride &+ half.x &- line.reach))
      }
      let out = target + size.offset(xs.lowerBound, ys.lowerBound, zs.lowerBound &+ k &- 2 &* half.z)
      for y in 0..<ys.count {
        for stage in stages {
          let count = xs.count &+ 2 &* stage.reach
          let first = bases + stage.lines.lowerBound, n = stage.lines.count
          if let window = stage.window {
            for distance in window.doublings { double(row, distance, count &+ window.width &- 2 &* distance) }
            join(row, window, first, n, y &* tiles.stride, count)
          } else {
            start(row, first, n, y &* tiles.stride, count)
          }
        }
        emit(count: xs.count, to: out + y &* size.columns) { load(row + $0) }
      }
    }
  }

  /// row[c] = the largest of the lines at c.
  @inline(__always)
  private func start(
    _ row: UnsafeMutablePointer<Key>, _ lines: UnsafePointer<UnsafePointer<Key>>, _ n: Int, _ shift: Int, _ count: Int
  ) {
    let lanes = Lanes.scalarCount
    var c = 0
    while c < count {
      let p = lines[0] + (shift &+ c)
      var (a, b, d, e) = (load(p), load(p + lanes), load(p + 2 &* lanes), load(p + 3 &* lanes))
      var l = 1
      while l < n {
        let p = lines[l] + (shift &+ c)
        a = Key.larger(a, load(p))
        b = Key.larger(b, load(p + lanes))
        d = Key.larger(d, load(p + 2 &* lanes))
        e = Key.larger(e, load(p + 3 &* lanes))
        l &+= 1
      }
      store(a, row + c)
      store(b, row + (c &+ lanes))
      store(d, row + (c &+ 2 &* lanes))
      store(e, row + (c &+ 3 &* lanes))
      c &+= 4 &* lanes
    }
  }

  /// row[c] = the largest of the last step of a window on the row, and of the lines at c.
  @inline(__always)
  private func join(
    _ row: UnsafeMutablePointer<Key>, _ window: RunningWindow, _ lines: UnsafePointer<UnsafePointer<Key>>, _ n: Int,
    _ shift: Int, _ count: Int
  ) {
    let lanes = Lanes.scalarCount, second = window.second, third = window.third
    @inline(__always) func widened(_ c: Int) -> Lanes {
      Key.larger(Key.larger(load(row + c), load(row + (c &+ second))), load(row + (c &+ third)))
    }
    var c = 0
    while c < count {
      var (a, b) = (widened(c), widened(c &+ lanes))
      var (d, e) = (widened(c &+ 2 &* lanes), widened(c &+ 3 &* lanes))
      var l = 0
      while l < n {
        let p = lines[l] + (shift &+ c)
        a = Key.larger(a, load(p))
        b = Key.larger(b, load(p + lanes))
        d = Key.larger(d, load(p + 2 &* lanes))
        e = Key.larger(e, load(p + 3 &* lanes))
        l &+= 1
      }
      store(a, row + c)
      store(b, row + (c &+ lanes))
      store(d, row + (c &+ 2 &* lanes))
      store(e, row + (c &+ 3 &* lanes))
      c &+= 4 &* lanes
    }
  }

  /// row[c] = the larger of row[c] and row[c + distance], in place.
  @inline(__always)
  func double(_ row: UnsafeMutablePointer<Key>, _ distance: Int, _ count: Int) {
    forEachRegister(count) { c in store(Key.larger(load(row + c), load(row + (c &+ distance))), row + c) }
  }
}
