// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Order statistic of a large window of any type: histograms of two levels follow the window, and the last step looks at
/// few voxels by themselves. The work grows with the window's depth, not with its volume.
///
/// A tile of the image with its surroundings is sorted once and cut into buckets of equally many voxels, 8 bits into one
/// bucket for each value. Every column of the window has a histogram of its buckets that follows the window from row to
/// row and from slice to slice. The window's coarse histogram is the sum of its columns', kept by adding one and
/// subtracting one; of the fine ones only the part that holds the rank is brought up to date. The bucket's voxels then
/// stand in order, and those inside the window are counted off.
///
/// - Source: Perreault & Hébert 2007, "Median filtering in constant time"; equal buckets, the last step and 3-D are ours.
struct RankByBuckets<T: RankKey>: Sendable {
  let rows: RankRows<T>, radius: Int, depth: Int, rank: Int
  typealias Key = T.Key

  /// Most voxels of a tile with its surroundings.
  private static var most: Int { 6_500_000 }

  /// Columns, rows and slices of a tile without its surroundings.
  private static func tile(_ size: Size, _ r: Int, _ d: Int) -> (Int, Int, Int) {
    // Coordinates in a tile have eight bits.
    var tile = [min(size.columns, 128), min(size.rows, 128), d == 0 ? 1 : min(size.slices, 128)]
    while (tile[0] + 2 * r) * (tile[1] + 2 * r) * (tile[2] + 2 * d) > most, let side = tile.max(), side > 8 {
      tile[tile.lastIndex(of: side) ?? 0] = (side + 1) / 2
    }
    return (tile[0], tile[1], tile[2])
  }

  /// Bytes of a sorted tile with its surroundings and of the histograms of every thread.
  static func scratch(_ size: Size, radius: Int, depth: Int) -> Int {
    let (width, height, layers) = tile(size, radius, depth), columns = width + 2 * radius
    let voxels = columns * (height + 2 * radius) * (layers + 2 * depth)
    return voxels * (2 + 2 * 4 + 2 * MemoryLayout<Key>.size) + Parallel.width * columns * 2 * 128 * 129
  }

  func run(_ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>) {
    let size = rows.size, (r, d) = (radius, depth), (width, height, layers) = Self.tile(size, r, d)
    let across = (size.columns + width - 1) / width, down = (size.rows + height - 1) / height
    let through = (size.slices + layers - 1) / layers
    nonisolated(unsafe) let (source, target) = (source, target)
    @Sendable func tiles(_ items: Range<Int>) {
      let padded = Size(columns: width + 2 * r, rows: height + 2 * r, slices: layers + 2 * d)
      RankBuckets<T>.with(room: padded.count) { buckets in
        for item in items {
          let x = item % across &* width, y = item / across % down &* height, z = item / (across &* down) &* layers
          let inner = Size(
            columns: min(width, size.columns &- x), rows: min(height, size.rows &- y),
            slices: min(layers, size.slices &- z))
          buckets.fill(
            Size(columns: inner.columns + 2 * r, rows: inner.rows + 2 * r, slices: inner.slices + 2 * d)
          ) { j, k, line in
            rows.read(source, y &+ j &- r, z &+ k &- d, columns: x &- r..<x &+ inner.columns &+ r, into: line)
          }
          filter(buckets, inner) { j, k in target + size.offset(x, y &+ j, z &+ k) }
        }
      }
    }
    // Slices are tiles enough to share; a deep tile is sorted and filtered by all threads together.
    if d == 0 { parallelFor(across * down * through, tiles) } else { tiles(0..<across * down * through) }
  }

  private func filter(
    _ buckets: RankBuckets<T>, _ inner: Size, _ row: @Sendable (Int, Int) -> UnsafeMutablePointer<Key>
  ) {
    // Few enough slices for every thread to have some, enough to pay for the first histograms.
    let run = min(inner.slices, 8)
    parallelFor((inner.slices + run - 1) / run) { items in
      BucketColumns<T>.with(buckets, radius: radius, depth: depth, rank: rank) { columns in
        for item in items {
          let slices = item &* run..<min(inner.slices, (item &+ 1) &* run)
          var y = 0
          columns.start(at: slices.lowerBound)
          for z in slices {
            if z > slices.lowerBound { columns.moveSlice(y, from: z &- 1) }
            // Forth in one slice and back in the next, so that the histograms never start anew.
            let back = (z &- slices.lowerBound) % 2 == 1
            for step in 0..<inner.rows {
              if step > 0 {
                columns.moveRow(y, back: back, z)
                y &+= back ? -1 : 1
              }
              let out = row(y, z)
              columns.sweep(y, z, inner.columns, out)
              T.restore(out, inner.columns)
            }
          }
        }
      }
    }
  }
}

/// The voxels of a tile in order, in buckets of 2^shift.
struct RankBuckets<T: RankKey>: @unchecked Sendable {
  typealias Key = T.Key
  /// Bucket of every voxel; slices lie next to each other, then columns, then rows.
  let codes: UnsafeMutablePointer<UInt16>
  /// Voxels in order: their keys, and their places as column | row << 10 | slice << 20.
  private(set) var keys: UnsafeMutablePointer<Key>, places: UnsafeMutablePointer<UInt32>
  private var spareKeys: UnsafeMutablePointer<Key>, sparePlaces: UnsafeMutablePointer<UInt32>
  private(set) var size = Size(columns: 1, rows: 1)
  private(set) var shift = 0
  /// Coarse bins, and fine bins in each of them.
  private(set) var levels = 16

  static func with(room: Int, _ body: (inout Self) -> Void) {
    let isSmall = Key.bitWidth == 8
    withScratch(of: UInt16.self, room) { codes in
      withScratch(of: Key.self, isSmall ? 2 * 1024 : 2 * (room + 64)) { keys in
        withScratch(of: UInt32.self, isSmall ? 1 : 2 * (room + 64)) { places in
          var buckets = Self(
            codes: codes, keys: keys, places: places, spareKeys: keys + (isSmall ? 1024 : room + 64),
            sparePlaces: places + (isSmall ? 0 : room + 64))
          body(&buckets)
        }
      }
    }
  }

  /// Reads a tile with its surroundings: `read` takes row, slice and where the row goes.
  mutating func fill(_ size: Size, _ read: @Sendable (Int, Int, UnsafeMutablePointer<Key>) -> Void) {
    self.size = size
    let (w, h, d) = (size.columns, size.rows, size.slices)
    nonisolated(unsafe) let (codes, keys, places) = (codes, keys, places)
    if Key.bitWidth == 8 {
      parallelFor(d, grain: 4) { slices in
        withScratch(of: Key.self, w + 64) { line in
          for k in slices {
            for j in 0..<h {
              read(j, k, line)
              for i in 0..<w {
                codes[(j &* w &+ i) &* d &+ k] = UInt16(truncatingIfNeeded: Int(line[i]) &+ 128)
              }
            }
          }
        }
      }
      return
    }
    parallelFor(d, grain: 4) { slices in
      withScratch(of: Key.self, w + 64) { line in
        for k in slices {
          for j in 0..<h {
            read(j, k, line)
            let at = (k &* h &+ j) &* w, place = UInt32(truncatingIfNeeded: j &<< 10 | k &<< 20)
            (keys + at).update(from: line, count: w)
            for i in 0..<w { places[at &+ i] = place | UInt32(truncatingIfNeeded: i) }
          }
        }
      }
    }
    sort()
    let n = size.count
    levels = 16
    while levels < 128, levels * levels * 128 < n { levels *= 2 }
    shift = 4
    while (n - 1) >> shift >= levels * levels { shift += 1 }
    nonisolated(unsafe) let ordered = self.places
    let shift = shift
    parallelFor(n, grain: 1 << 15) { range in
      for s in range {
        let p = Int(ordered[s]), i = p & 1023, j = p &>> 10 & 1023, k = p &>> 20
        codes[(j &* w &+ i) &* d &+ k] = UInt16(truncatingIfNeeded: s &>> shift)
      }
    }
  }

  /// Sorts keys with their places by bytes, the lowest first.
  private mutating func sort() {
    let n = size.count, blocks = n < 1 << 15 ? 1 : 16
    withScratch(of: Int.self, 256 * blocks) { starts in
      var bits = 0
      while bits < Key.bitWidth {
        // The sign bit orders the other way round.
        let flip = bits == Key.bitWidth &- 8 ? 0x80 : 0, shift = bits
        nonisolated(unsafe) let (starts, from, source) = (starts, keys, places)
        nonisolated(unsafe) let (to, target) = (spareKeys, sparePlaces)
        bits &+= 8
        parallelFor(blocks) { range in
          for b in range {
            let counts = starts + 256 &* b
            counts.update(repeating: 0, count: 256)
            for i in n &* b / blocks..<n &* (b &+ 1) / blocks { counts[Self.byte(from[i], shift) ^ flip] &+= 1 }
          }
        }
        var sum = 0, isShared = false
        for v in 0..<256 {
          let before = sum
          for b in 0..<blocks {
            let count = starts[256 &* b &+ v]
            starts[256 &* b &+ v] = sum
            sum &+= count
          }
          if sum &- before == n { isShared = true }
        }
        if isShared { continue }
        parallelFor(blocks) { range in
          for b in range {
            let starts = starts + 256 &* b
            for i in n &* b / blocks..<n &* (b &+ 1) / blocks {
              let v = Self.byte(from[i], shift) ^ flip
              to[starts[v]] = from[i]
              target[starts[v]] = source[i]
              starts[v] &+= 1
            }
          }
        }
        (keys, spareKeys) = (spareKeys, keys)
        (places, sparePlaces) = (sparePlaces, places)
      }
    }
  }

  @inline(__always)
  private static func byte(_ key: Key, _ shift: Int) -> Int {
    Int(truncatingIfNeeded: key &>> Key(truncatingIfNeeded: shift)) & 0xff
  }
}
