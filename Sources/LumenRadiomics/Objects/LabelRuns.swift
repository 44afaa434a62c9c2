// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Every object of a label map as runs along rows: one pass over the voxels.
struct LabelRuns: Sendable {
  /// Columns `first` … `last` of a row belong to one object; rows count on over the slices.
  struct Run: Sendable {
    var label: UInt32
    var row: Int32
    var first: Int32, last: Int32
  }

  /// Labels in use, ascending.
  let labels: [UInt32]
  /// Runs by label, those of a label in memory order.
  let runs: [Run]
  /// Index of each label's first run; one more than labels.
  let starts: [Int]

  init(_ map: Volume<UInt32>) {
    let size = map.size, rows = size.rows * size.slices
    // Blocks of fixed size, joined in order.
    let found = map.withVoxels { voxels in
      nonisolated(unsafe) let from = voxels.baseAddress!
      return parallelReduce(rows, block: max(1, (1 << 18) / size.columns), [[Run]]()) { block in
        var runs: [Run] = []
        for row in block { Self.scan(from + row &* size.columns, size.columns, Int32(row), &runs) }
        return [runs]
      } combine: {
        $0 += $1
      }
    }
    let count = found.reduce(0) { $0 + $1.count }
    let largest = found.reduce(UInt32(0)) { m, runs in runs.reduce(m) { max($0, $1.label) } }
    // A table by label where it is not much larger than the runs; otherwise the labels are sorted.
    if Int(largest) <= max(1 << 20, 4 * count) {
      var of = [Int](repeating: 0, count: Int(largest) + 1)
      for runs in found { for run in runs { of[Int(run.label)] += 1 } }
      (labels, runs, starts) = Self.sort(
        found, count, (1...max(1, largest)).filter { Int($0) < of.count && of[Int($0)] > 0 }
      ) {
        of[Int($0)]
      } place: { labels in
        for (k, label) in labels.enumerated() { of[Int(label)] = k }
        return { of[Int($0)] }
      }
    } else {
      var of: [UInt32: Int] = [:]
      for runs in found { for run in runs { of[run.label, default: 0] += 1 } }
      let counts = of
      (labels, runs, starts) = Self.sort(found, count, of.keys.sorted()) {
        counts[$0] ?? 0
      } place: { labels in
        let index = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        return { index[$0] ?? 0 }
      }
    }
  }

  /// Counting sort of the runs by label; it keeps their order.
  private static func sort(
    _ found: [[Run]], _ count: Int, _ labels: [UInt32], number: (UInt32) -> Int,
    place: ([UInt32]) -> (UInt32) -> Int
  ) -> ([UInt32], [Run], [Int]) {
    var starts = [0]
    starts.reserveCapacity(labels.count + 1)
    for label in labels { starts.append(starts[starts.count - 1] + number(label)) }
    let index = place(labels)
    var next = starts
    let sorted = [Run](unsafeUninitializedCapacity: count) { out, n in
      for runs in found {
        for run in runs {
          let k = index(run.label)
          (out.baseAddress! + next[k]).initialize(to: run)
          next[k] &+= 1
        }
      }
      n = count
    }
    return (labels, sorted, starts)
  }

  @inline(__always)
  private static func scan(_ p: UnsafePointer<UInt32>, _ n: Int, _ row: Int32, _ runs: inout [Run]) {
    var x = 0
    while x < n {
      x = end(p, x, n, of: 0)
      if x == n { return }
      let label = p[x], first = x
      x = end(p, x, n, of: label)
      runs.append(Run(label: label, row: row, first: Int32(first), last: Int32(x - 1)))
    }
  }

  /// The first voxel from x that is not the label.
  @inline(__always)
  private static func end(_ p: UnsafePointer<UInt32>, _ x: Int, _ n: Int, of label: UInt32) -> Int {
    var x = x
    let all = SIMD16<UInt32>(repeating: label)
    while x &+ 16 <= n && UnsafeRawPointer(p + x).loadUnaligned(as: SIMD16<UInt32>.self) == all { x &+= 16 }
    while x < n && p[x] == label { x &+= 1 }
    return x
  }
}
