// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The histograms of a tile's columns around a row, and of the window that sweeps along it.
///
/// A column's histogram has `levels` coarse bins, then as many fine ones for each of them.
struct BucketColumns<T: RankKey> {
  typealias Key = T.Key
  private typealias Wide = SIMD16<Int32>

  private let buckets: RankBuckets<T>, side: Int, deep: Int, rank: Int32
  private let columns: UnsafeMutablePointer<UInt16>, stride: Int
  private let window: UnsafeMutablePointer<Int32>
  /// For every coarse bin the first column that its fine bins hold.
  private let since: UnsafeMutablePointer<Int32>

  static func with(
    _ buckets: RankBuckets<T>, radius: Int, depth: Int, rank: Int, _ body: (Self) -> Void
  ) {
    let bins = buckets.levels * (buckets.levels + 1)
    withScratch(of: UInt16.self, bins * buckets.size.columns) { columns in
      withScratch(of: Int32.self, bins + buckets.levels) { window in
        body(
          Self(
            buckets: buckets, side: 2 * radius + 1, deep: 2 * depth + 1, rank: Int32(truncatingIfNeeded: rank),
            columns: columns, stride: bins, window: window, since: window + bins))
      }
    }
  }

  /// The histograms around the first row of a slice.
  func start(at z: Int) {
    let size = buckets.size
    columns.update(repeating: 0, count: stride &* size.columns)
    for c in 0..<size.columns {
      let column = columns + stride &* c
      for j in 0..<side { count(buckets.codes + ((j &* size.columns &+ c) &* size.slices &+ z), 1, column) }
    }
  }

  /// From a row to the next one, or back to the one before.
  func moveRow(_ y: Int, back: Bool, _ z: Int) {
    let size = buckets.size, old = back ? y &+ side &- 1 : y, new = back ? y &- 1 : y &+ side
    for c in 0..<size.columns {
      let column = columns + stride &* c
      count(buckets.codes + ((old &* size.columns &+ c) &* size.slices &+ z), .max, column)
      count(buckets.codes + ((new &* size.columns &+ c) &* size.slices &+ z), 1, column)
    }
  }

  /// From a slice to the next one, at the same row.
  func moveSlice(_ y: Int, from z: Int) {
    let size = buckets.size, levels = Self.power(buckets.levels)
    for c in 0..<size.columns {
      let column = columns + stride &* c, fine = column + buckets.levels
      for j in y..<y &+ side {
        let line = buckets.codes + ((j &* size.columns &+ c) &* size.slices &+ z)
        let old = Int(line[0]), new = Int(line[deep])
        column[old &>> levels] &-= 1
        fine[old] &-= 1
        column[new &>> levels] &+= 1
        fine[new] &+= 1
      }
    }
  }

  /// Adds ±1 for the slices of a line of the window.
  @inline(__always)
  private func count(_ line: UnsafePointer<UInt16>, _ step: UInt16, _ column: UnsafeMutablePointer<UInt16>) {
    let levels = Self.power(buckets.levels), fine = column + buckets.levels
    for k in 0..<deep {
      let code = Int(line[k])
      column[code &>> levels] &+= step
      fine[code] &+= step
    }
  }

  @inline(__always)
  private static func power(_ levels: Int) -> Int { levels.trailingZeroBitCount }

  /// The window along one row; keys go to `out`.
  func sweep(_ y: Int, _ z: Int, _ n: Int, _ out: UnsafeMutablePointer<Key>) {
    let levels = buckets.levels
    since.update(repeating: Int32(truncatingIfNeeded: -side), count: levels)
    window.update(repeating: 0, count: levels)
    for c in 0..<side { add(columns + stride &* c, window) }
    for x in 0..<n {
      if x > 0 { exchange(columns + stride &* (x &- 1), columns + stride &* (x &- 1 &+ side), window) }
      var below: Int32 = 0
      let coarse = find(window, &below), at = levels &* (1 &+ coarse), fine = window + at
      let held = Int(since[coarse])
      if 2 &* (x &- held) < side {
        for c in held..<x { exchange(columns + (stride &* c &+ at), columns + (stride &* (c &+ side) &+ at), fine) }
      } else {
        fine.update(repeating: 0, count: levels)
        for c in x..<x &+ side { add(columns + (stride &* c &+ at), fine) }
      }
      since[coarse] = Int32(truncatingIfNeeded: x)
      let bucket = levels &* coarse &+ find(fine, &below)
      out[x] = Key.bitWidth == 8 ? Key(truncatingIfNeeded: bucket &- 128) : member(of: bucket, below, x, y, z)
    }
  }

  @inline(__always)
  private func add(_ column: UnsafePointer<UInt16>, _ sums: UnsafeMutablePointer<Int32>) {
    var i = 0
    while i < buckets.levels {
      store(load(sums + i) &+ Wide(truncatingIfNeeded: load(column + i)), sums + i)
      i &+= 16
    }
  }

  @inline(__always)
  private func exchange(
    _ old: UnsafePointer<UInt16>, _ new: UnsafePointer<UInt16>, _ sums: UnsafeMutablePointer<Int32>
  ) {
    var i = 0
    while i < buckets.levels {
      // A column's counts are below 2¹⁵: their difference fits 16 bits.
      let change = SIMD16<Int16>(truncatingIfNeeded: load(new + i) &- load(old + i))
      store(load(sums + i) &+ Wide(truncatingIfNeeded: change), sums + i)
      i &+= 16
    }
  }

  /// The first bin at whose end more than the rank have been counted; `below`: those before it.
  @inline(__always)
  private func find(_ bins: UnsafePointer<Int32>, _ below: inout Int32) -> Int {
    var i = 0
    while true {
      let v = load(bins + i), a = v.lowHalf &+ v.highHalf, b = a.lowHalf &+ a.highHalf
      let sum = below &+ b[0] &+ b[1] &+ b[2] &+ b[3]
      if sum > rank || i &+ 16 >= buckets.levels { break }
      below = sum
      i &+= 16
    }
    while below &+ bins[i] <= rank {
      below &+= bins[i]
      i &+= 1
    }
    return i
  }

  /// The key of the rank among a bucket's voxels: those inside the window are counted off in order.
  @inline(__always)
  private func member(of bucket: Int, _ below: Int32, _ x: Int, _ y: Int, _ z: Int) -> Key {
    // Coordinates have eight of ten bits; the tenth stays set where neither difference is negative.
    let guards: UInt32 = 512 | 512 << 10 | 512 << 20
    let low = UInt32(truncatingIfNeeded: x | y &<< 10 | z &<< 20)
    let high = low &+ UInt32(truncatingIfNeeded: side &- 1) &* 1025 &+ UInt32(truncatingIfNeeded: (deep &- 1) &<< 20)
    let from = SIMD16<UInt32>(repeating: guards &- low), to = SIMD16<UInt32>(repeating: guards &+ high)
    let all = SIMD16<UInt32>(repeating: guards)
    var left = rank &- below, s = bucket &<< buckets.shift
    while true {
      let p = UnsafeRawPointer(buckets.places + s).loadUnaligned(as: SIMD16<UInt32>.self)
      let inside = (p &+ from) & (to &- p) & all
      let ones = Wide.zero.replacing(with: Wide(repeating: 1), where: inside .== all)
      let a = ones.lowHalf &+ ones.highHalf, b = a.lowHalf &+ a.highHalf
      let count = b[0] &+ b[1] &+ b[2] &+ b[3]
      if count > left { break }
      left &-= count
      s &+= 16
    }
    while true {
      let p = buckets.places[s]
      if (p &+ guards &- low) & (guards &+ high &- p) & guards == guards {
        if left == 0 { return buckets.keys[s] }
        left &-= 1
      }
      s &+= 1
    }
  }

  @inline(__always)
  private func load(_ p: UnsafePointer<Int32>) -> Wide { UnsafeRawPointer(p).loadUnaligned(as: Wide.self) }
  @inline(__always)
  private func load(_ p: UnsafePointer<UInt16>) -> SIMD16<UInt16> {
    UnsafeRawPointer(p).loadUnaligned(as: SIMD16<UInt16>.self)
  }
  @inline(__always)
  private func store(_ v: Wide, _ p: UnsafeMutablePointer<Int32>) {
    UnsafeMutableRawPointer(p).storeBytes(of: v, as: Wide.self)
  }
}
