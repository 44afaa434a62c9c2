// SPDX-License-Identifier: Apache-2.0
import CSIMD
import LumenCore

/// Order statistic of eight-bit voxels in time that does not depend on the window's width.
///
/// Every column of the window has a histogram that follows the window down the image: one row leaves, one row enters. The
/// window's own histogram follows along the row: one column leaves, one enters. Counts are cumulative, 16 of the upper
/// half-byte and 16 of the lower within each, so that a voxel is counted by adding a step and a rank is found by one
/// comparison; of the 16 lower registers only the one that holds the rank is brought up to date.
///
/// - Source: Perreault & Hébert 2007, "Median filtering in constant time"; cumulative counts and 3-D are ours.
struct RankByColumns<T: RankKey>: Sendable {
  let rows: RankRows<T>, radius: Int, depth: Int, rank: Int
  typealias Key = T.Key
  typealias Counts = SIMD16<Int16>

  /// The largest window whose counts fit.
  static var limit: Int { Int(Int16.max) }

  func run(_ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>) {
    let size = rows.size, (r, d) = (radius, depth)
    let width = min(size.columns, 256), strips = (size.columns + width - 1) / width
    let height = min(size.rows, max(64, 8 * r)), bands = (size.rows + height - 1) / height
    let columns = width + 2 * r, line = roundUp(columns) + 16
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(size.slices * bands * strips) { items in
      // Histograms of the columns and of the window: 17 registers each; the 16 steps.
      withScratch(of: Int16.self, 16 * (17 * (columns + 1) + 16)) { scratch in
        let histograms = UnsafeMutableRawPointer(scratch).bindMemory(to: Counts.self, capacity: 17 * (columns + 1) + 16)
        withScratch(of: Key.self, 3 * line) { lines in
          let window = histograms + 17 &* columns, steps = window + 17
          for j in 0..<16 { for i in j..<16 { steps[j][i] = 1 } }
          for item in items {
            let x = item % strips &* width, y = item / strips % bands &* height, z = item / (strips &* bands)
            let n = min(width, size.columns &- x)
            let around = x &- r..<x &+ n &+ r
            histograms.update(repeating: .zero, count: 17 &* columns)
            for k in -d...d {
              for j in -r...r {
                rows.read(source, y &+ j, z &+ k, columns: around, into: lines)
                for c in 0..<around.count { count(Self.code(lines[c]), histograms + 17 &* c, steps) }
              }
            }
            for row in y..<min(y &+ height, size.rows) {
              if row > y {
                for k in -d...d {
                  rows.read(source, row &- r &- 1, z &+ k, columns: around, into: lines)
                  rows.read(source, row &+ r, z &+ k, columns: around, into: lines + line)
                  for c in 0..<around.count {
                    exchange(
                      Self.code(lines[c]), Self.code(lines[line &+ c]), histograms + 17 &* c, steps)
                  }
                }
              }
              sweep(histograms, window, lines + 2 &* line, n)
              (target + size.offset(x, row, z)).update(from: lines + 2 &* line, count: n)
            }
          }
        }
      }
    }
  }

  /// A key as 0 … 255 and back.
  @inline(__always)
  private static func code(_ key: Key) -> Int { Int(key) &+ 128 }

  @inline(__always)
  private func count(_ v: Int, _ column: UnsafeMutablePointer<Counts>, _ steps: UnsafePointer<Counts>) {
    column[0] &+= steps[v &>> 4]
    column[1 &+ v &>> 4] &+= steps[v & 15]
  }

  /// One value leaves a column, another enters.
  @inline(__always)
  private func exchange(
    _ old: Int, _ new: Int, _ column: UnsafeMutablePointer<Counts>, _ steps: UnsafePointer<Counts>
  ) {
    column[0] = column[0] &+ steps[new &>> 4] &- steps[old &>> 4]
    column[1 &+ old &>> 4] &-= steps[old & 15]
    column[1 &+ new &>> 4] &+= steps[new & 15]
  }

  /// The window along a row.
  @inline(__always)
  private func sweep(
    _ columns: UnsafePointer<Counts>, _ window: UnsafeMutablePointer<Counts>, _ out: UnsafeMutablePointer<Key>, _ n: Int
  ) {
    let side = 2 &* radius &+ 1, rank = Int16(truncatingIfNeeded: rank)
    // For every upper half-byte the first column that its lower counts hold; none before the row.
    var since = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: -side))
    withUnsafeMutablePointer(to: &since) { since in
      let since = UnsafeMutableRawPointer(since).assumingMemoryBound(to: Int32.self)
      // Upper counts behind a zero, to read the count below a bin.
      withUnsafeTemporaryAllocation(of: Int16.self, capacity: 17) { below in
        guard let below = below.baseAddress else { return }
        below[0] = 0
        var upper = Counts.zero
        for c in 0..<side { upper &+= columns[17 &* c] }
        var x = 0
        while true {
          let bin = v_first_above_i16(upper, rank)
          UnsafeMutableRawPointer(below + 1).storeBytes(of: upper, as: Counts.self)
          var lower = Counts.zero
          let held = Int(since[bin]), entry = columns + (1 &+ bin)
          if x &- held < side {
            lower = window[1 &+ bin]
            for c in held..<x { lower = lower &- entry[17 &* c] &+ entry[17 &* (c &+ side)] }
          } else {
            for c in x..<x &+ side { lower &+= entry[17 &* c] }
          }
          window[1 &+ bin] = lower
          since[bin] = Int32(truncatingIfNeeded: x)
          let value = bin &<< 4 &+ v_first_above_i16(lower, rank &- below[bin])
          out[x] = Key(truncatingIfNeeded: value &- 128)
          x &+= 1
          if x == n { break }
          upper = upper &- columns[17 &* (x &- 1)] &+ columns[17 &* (x &- 1 &+ side)]
        }
      }
    }
    store16Keys(out, n)
  }

  /// Keys back to voxels.
  @inline(__always)
  private func store16Keys(_ out: UnsafeMutablePointer<Key>, _ n: Int) {
    var x = 0
    while x < n {
      store(T.voxels(load(UnsafePointer(out) + x)), out + x)
      x &+= Key.Lanes.scalarCount
    }
  }
}
