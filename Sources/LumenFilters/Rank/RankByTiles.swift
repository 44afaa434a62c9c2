// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Order statistic of a large window of any type by a histogram that follows the window along a row.
///
/// A tile of the image with its surroundings is renamed to small whole numbers in the same order: voxels of 8 bits to
/// themselves, wider ones to their place among the tile's sorted values, which keeps the histogram in the cache. The
/// histogram knows how many of the window lie below the last result and walks from there to the next, over empty
/// stretches in steps of 64.
///
/// - Source: Huang, Yang & Tang 1979, "A fast two-dimensional median filtering algorithm".
struct RankByTiles<T: RankKey>: Sendable {
  let rows: RankRows<T>, radius: Int, depth: Int, rank: Int
  typealias Key = T.Key

  func run(_ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>) {
    let size = rows.size, (r, d) = (radius, depth), flat = d == 0
    let width = min(size.columns, 256), height = min(size.rows, flat ? 64 : 16), layers = min(size.slices, flat ? 1 : 8)
    let across = (size.columns + width - 1) / width, down = (size.rows + height - 1) / height
    let through = (size.slices + layers - 1) / layers
    let most = (width + 2 * r) * (height + 2 * r) * (layers + 2 * d), small = Key.bitWidth == 8
    let bins = small ? 1 << Key.bitWidth : most
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(across * down * through) { items in
      withScratch(of: UInt32.self, most + bins + (bins >> 6) + 1) { codes in
        withScratch(of: Key.self, small ? width + 2 * r + 64 : 2 * most + 64) { keys in
          withScratch(of: UInt32.self, small ? 1 : 2 * most) { places in
            let histogram = codes + most
            for item in items {
              let x = item % across &* width, y = item / across % down &* height
              let z = item / (across &* down) &* layers
              let tile = Size(
                columns: min(width, size.columns &- x), rows: min(height, size.rows &- y),
                slices: min(layers, size.slices &- z))
              let padded = Size(
                columns: tile.columns + 2 * r, rows: tile.rows + 2 * r, slices: tile.slices + 2 * d)
              // 8 bits need one line of keys, wider ones the whole tile.
              for k in 0..<padded.slices {
                for j in 0..<padded.rows {
                  let at = padded.offset(0, j, k), line = small ? keys : keys + at
                  rows.read(source, y &+ j &- r, z &+ k &- d, columns: x &- r..<x &+ tile.columns &+ r, into: line)
                  if small { for c in 0..<padded.columns { codes[at &+ c] = Self.code(line[c]) } }
                }
              }
              if !small { order(keys, places, codes, padded.count, spare: most) }
              for k in 0..<tile.slices {
                for j in 0..<tile.rows {
                  let out = target + size.offset(x, y &+ j, z &+ k)
                  sweep(codes + padded.offset(0, j, k), padded, histogram, bins, tile.columns) { c, code in
                    out[c] = small ? Self.key(code) : keys[Int(code)]
                  }
                  T.restore(out, tile.columns)
                }
              }
            }
          }
        }
      }
    }
  }

  /// A narrow key as 0, 1 … and back.
  @inline(__always)
  private static func code(_ key: Key) -> UInt32 {
    UInt32(truncatingIfNeeded: Int(truncatingIfNeeded: key) &- Int(truncatingIfNeeded: Key.min))
  }
  @inline(__always)
  private static func key(_ code: UInt32) -> Key {
    Key(truncatingIfNeeded: Int(code) &+ Int(truncatingIfNeeded: Key.min))
  }

  /// Sorts the first `n` keys, bytes from the lowest, and names each voxel by its place; equal keys share one.
  private func order(
    _ keys: UnsafeMutablePointer<Key>, _ places: UnsafeMutablePointer<UInt32>, _ codes: UnsafeMutablePointer<UInt32>,
    _ n: Int, spare: Int
  ) {
    var from = keys, to = keys + (spare &+ 32), source = places, target = places + spare
    for i in 0..<n { source[i] = UInt32(truncatingIfNeeded: i) }
    var shift = 0
    while shift < Key.bitWidth {
      withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { starts in
        starts.initialize(repeating: 0)
        // The sign bit orders the other way round.
        let flip = shift == Key.bitWidth &- 8 ? 0x80 : 0
        for i in 0..<n { starts[Self.byte(from[i], shift) ^ flip] &+= 1 }
        if starts[Self.byte(from[0], shift) ^ flip] == n { return }
        var sum = 0
        for b in 0..<256 {
          let count = starts[b]
          starts[b] = sum
          sum &+= count
        }
        for i in 0..<n {
          let b = Self.byte(from[i], shift) ^ flip
          to[starts[b]] = from[i]
          target[starts[b]] = source[i]
          starts[b] &+= 1
        }
        swap(&from, &to)
        swap(&source, &target)
      }
      shift &+= 8
    }
    if from != keys { keys.update(from: from, count: n) }
    var code = 0
    for i in 0..<n {
      let key = from[i]
      if i > 0, key != keys[code] {
        code &+= 1
        keys[code] = key
      }
      codes[Int(source[i])] = UInt32(truncatingIfNeeded: code)
    }
  }

  @inline(__always)
  private static func byte(_ key: Key, _ shift: Int) -> Int {
    Int(truncatingIfNeeded: key &>> Key(truncatingIfNeeded: shift)) & 0xff
  }

  /// The window along one row: `codes` is the first voxel of the first window; `emit` takes column and result.
  @inline(__always)
  private func sweep(
    _ codes: UnsafePointer<UInt32>, _ padded: Size, _ histogram: UnsafeMutablePointer<UInt32>, _ bins: Int, _ n: Int,
    _ emit: (Int, UInt32) -> Void
  ) {
    let side = 2 &* radius &+ 1, deep = 2 &* depth &+ 1, stretches = histogram + bins,
      rank = UInt32(truncatingIfNeeded: rank)
    var current = UInt32(0), below = UInt32(0)
    /// Adds ±1 for every voxel of a column of the window.
    @inline(__always)
    func count(_ column: Int, _ step: UInt32) {
      for k in 0..<deep {
        var p = codes + (k &* padded.plane &+ column)
        for _ in 0..<side {
          let code = p.pointee
          histogram[Int(code)] &+= step
          stretches[Int(code &>> 6)] &+= step
          below &+= code < current ? step : 0
          p += padded.columns
        }
      }
    }
    for c in 0..<side { count(c, 1) }
    for x in 0..<n {
      if x > 0 {
        count(x &- 1, .max)
        count(x &- 1 &+ side, 1)
      }
      // Down while too many lie below, then up over bins and stretches that do not reach the rank.
      while below > rank {
        if current & 63 == 0, below &- stretches[Int(current &>> 6) &- 1] > rank {
          current &-= 64
          below &-= stretches[Int(current &>> 6)]
        } else {
          current &-= 1
          below &-= histogram[Int(current)]
        }
      }
      while true {
        if current & 63 == 0, below &+ stretches[Int(current &>> 6)] <= rank {
          below &+= stretches[Int(current &>> 6)]
          current &+= 64
        } else {
          let here = histogram[Int(current)]
          if below &+ here > rank { break }
          below &+= here
          current &+= 1
        }
      }
      emit(x, current)
    }
    // Empty again for the next row.
    for c in n &- 1..<n &- 1 &+ side { count(c, .max) }
  }
}
