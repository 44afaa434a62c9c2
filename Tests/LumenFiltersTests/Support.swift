// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The deterministic noise of the oracles: s ← 1664525 s + 1013904223 mod 2³², then ⌊s / 2²⁰⌋ − 1024; columns fastest.
func noise(_ geometry: Geometry, seed: UInt32) -> Volume<Int16> {
  Volume(geometry) { out in
    var s = seed
    for i in out.indices {
      s = s &* 1_664_525 &+ 1_013_904_223
      out[i] = Int16(s >> 20) - 1024
    }
  }
}

extension Volume {
  /// The voxels in memory order.
  var array: [Element] { withVoxels { Array($0) } }
}

/// Runs `body` with one and with two threads.
func withThreads<R>(_ body: () throws -> R) rethrows -> (one: R, two: R) {
  let before = Parallel.width
  defer { Parallel.width = before }
  Parallel.width = 1
  let one = try body()
  Parallel.width = 2
  return (one, try body())
}

/// The result, or nil when the filter refuses voxels that are not finite.
func unlessNonFinite<R>(_ body: () throws -> R) throws -> R? {
  do { return try body() } catch let error as ImageError where error.what.contains("NaN or infinite") { return nil }
}
