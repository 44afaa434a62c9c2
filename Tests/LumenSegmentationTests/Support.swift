// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The deterministic noise of the oracles: x ← 1664525 x + 1013904223 mod 2³², upper 16 bits, seed 7; columns fastest.
let noise: [UInt32] = {
  var x: UInt32 = 7
  return (0..<24 * 20 * 16).map { _ in
    x = x &* 1_664_525 &+ 1_013_904_223
    return x >> 16
  }
}()

let grid = Geometry(size: Size(columns: 24, rows: 20, slices: 16), spacing: [0.8, 1, 2])

/// The noise below a level of a thousand.
func noisyMask(_ level: UInt32) -> Mask {
  Mask(grid) { out in for i in out.indices { out[i] = noise[i] % 1000 < level ? 1 : 0 } }
}
