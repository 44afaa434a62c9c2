// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Half of a symmetric kernel: w₀ at the centre, wₖ at distance k on both sides.
struct SymmetricKernel: Sendable {
  let weights: [Float]
  var radius: Int { weights.count - 1 }

  /// Sampled Gaussian exp(−k² / 2σ²), k = −radius … radius, normalised to sum 1 in double precision.
  init(gaussian σ: Double, radius: Int) {
    var half = (0...radius).map { k in exp(-0.5 * Double(k * k) / (σ * σ)) }
    let sum = half[0] + 2 * half.dropFirst().reduce(0, +)
    for k in half.indices { half[k] /= sum }
    weights = half.map { Float($0) }
  }

  /// The kernel that changes nothing.
  static let identity = SymmetricKernel(gaussian: 1, radius: 0)
}

// The three sums below give every voxel the same operations in the same order, w₀·v₀, then the pairs from the centre
// outwards, so that a result does not depend on where a row or a band of rows begins.

/// out[x] = w₀·row[x] + Σₖ wₖ·(row[x−k] + row[x+k]); `row` is padded by the radius on both sides.
///
/// Works on whole vectors of 16: `row` and `out` have room for `count` rounded up.
@inline(__always)
func sumAlongRow(
  _ row: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ radius: Int, _ out: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  var x = 0
  while x &+ 16 < count {
    let p = row + x
    var s0 = load16(p) * w[0], s1 = load16(p + 16) * w[0]
    var k = 1
    while k <= radius {
      let wk = SIMD16<Float>(repeating: w[k])
      s0 = multiplyAdd(load16(p - k) + load16(p + k), wk, s0)
      s1 = multiplyAdd(load16(p + 16 - k) + load16(p + 16 + k), wk, s1)
      k &+= 1
    }
    store16(s0, out + x)
    store16(s1, out + x + 16)
    x &+= 32
  }
  while x < count {
    let p = row + x
    var s = load16(p) * w[0]
    var k = 1
    while k <= radius {
      s = multiplyAdd(load16(p - k) + load16(p + k), SIMD16(repeating: w[k]), s)
      k &+= 1
    }
    store16(s, out + x)
    x &+= 16
  }
}

/// Two neighbouring output rows of a sum across rows `stride` apart: `first` is centred on `centre`, `second` on the
/// row after it. Every row but the outermost serves both, so 2·radius + 2 loads make two results.
@inline(__always)
func sumAcrossRows(
  _ centre: UnsafePointer<Float>, stride: Int, _ w: UnsafePointer<Float>, _ radius: Int,
  _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ count: Int
) {
  var x = 0
  while x < count {
    var below = centre + x, above = below + stride
    var low = load16(below), high = load16(above)
    var s0 = low * w[0], s1 = high * w[0]
    var k = 1
    while k <= radius {
      below -= stride
      above += stride
      let wk = SIMD16<Float>(repeating: w[k])
      let nextLow = load16(below), nextHigh = load16(above)
      s0 = multiplyAdd(nextLow + high, wk, s0)
      s1 = multiplyAdd(low + nextHigh, wk, s1)
      low = nextLow
      high = nextHigh
      k &+= 1
    }
    storeFront(s0, first + x, count &- x)
    storeFront(s1, second + x, count &- x)
    x &+= 16
  }
}

/// One output row of a sum across rows: the last of an odd number.
@inline(__always)
func sumAcrossRows(
  _ centre: UnsafePointer<Float>, stride: Int, _ w: UnsafePointer<Float>, _ radius: Int,
  _ out: UnsafeMutablePointer<Float>, _ count: Int
) {
  var x = 0
  while x < count {
    var below = centre + x, above = below
    var s = load16(below) * w[0]
    var k = 1
    while k <= radius {
      below -= stride
      above += stride
      s = multiplyAdd(load16(below) + load16(above), SIMD16(repeating: w[k]), s)
      k &+= 1
    }
    storeFront(s, out + x, count &- x)
    x &+= 16
  }
}

/// Stores the first `count` of sixteen floats, all of them when `count` is larger.
@inline(__always)
private func storeFront(_ v: SIMD16<Float>, _ p: UnsafeMutablePointer<Float>, _ count: Int) {
  if count >= 16 { return store16(v, p) }
  for i in 0..<count { p[i] = v[i] }
}
