// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// A 1-D convolution kernel of odd length, centred on 0.
///
///     (w ∗ v)(x) = Σₖ w(k) · v(x − k),  k = −radius … radius
struct Kernel: Sendable, Hashable {
  /// What flipping does to a kernel: half of the multiplications of an even or odd one are saved.
  enum Parity: Sendable { case even, odd, neither }

  /// w(−radius) … w(radius).
  let weights: [Float]
  let parity: Parity

  var radius: Int { weights.count / 2 }
  var isIdentity: Bool { weights == [1] }

  /// A kernel from its weights in the order of its argument. One of even length gets a zero at its end, so that it has
  /// a centre (IBSI 2).
  @_disfavoredOverload init(_ weights: [Float]) {
    let w = weights.count % 2 == 0 ? weights + [0] : weights
    self.weights = w
    let pairs = zip(w, w.reversed())
    parity = pairs.allSatisfy { $0 == $1 } ? .even : pairs.allSatisfy { $0 == -$1 } ? .odd : .neither
  }

  /// The same from double precision.
  init(_ weights: [Double]) { self.init(weights.map { Float($0) }) }

  /// Sampled Gaussian g(k) = exp(−k² / 2σ²), k = −radius … radius, or a derivative of it: −k/σ² · g(k), (k²/σ⁴ − 1/σ²) ·
  /// g(k).
  ///
  /// - Parameters:
  ///   - normalised: whether g is divided by its sum, in double precision, or by √(2πσ²).
  init(gaussian σ: Double, radius: Int, order: Int = 0, normalised: Bool = true) {
    let half = (0...radius).map { k in exp(-0.5 * Double(k * k) / (σ * σ)) }
    let sum = normalised ? half[0] + 2 * half.dropFirst().reduce(0, +) : (2 * .pi * σ * σ).squareRoot()
    self.init(
      (-radius...radius).map { k in
        let g = half[abs(k)] / sum, x = Double(k)
        return order == 0 ? g : order == 1 ? -x / (σ * σ) * g : (x * x / (σ * σ) - 1) / (σ * σ) * g
      })
  }

  /// The kernel that changes nothing.
  static let identity = Kernel([1 as Float])

  /// w(−k).
  var flipped: Kernel { Kernel(Array(weights.reversed())) }

  /// Every weight times a factor.
  func scaled(by factor: Double) -> Kernel { Kernel(weights.map { Float(Double($0) * factor) }) }
}

// The three sums below give every voxel the same operations in the same order, w₀·v₀, then the pairs from the centre
// outwards, so that a result does not depend on where a row, a band or a tile begins. `w` points at w₀ of a kernel that
// is already flipped: out = Σₖ w[k]·v[x + k].

/// How a pair of voxels at the same distance from the centre enters a sum.
protocol PairSum {
  static func start(_ centre: SIMD16<Float>, _ w: UnsafePointer<Float>) -> SIMD16<Float>
  static func add(
    _ before: SIMD16<Float>, _ after: SIMD16<Float>, _ w: UnsafePointer<Float>, _ k: Int, _ sum: SIMD16<Float>
  ) -> SIMD16<Float>
}

/// w(−k) = w(k).
enum EvenSum: PairSum {
  @inline(__always)
  static func start(_ centre: SIMD16<Float>, _ w: UnsafePointer<Float>) -> SIMD16<Float> { centre * w[0] }
  @inline(__always)
  static func add(
    _ before: SIMD16<Float>, _ after: SIMD16<Float>, _ w: UnsafePointer<Float>, _ k: Int, _ sum: SIMD16<Float>
  ) -> SIMD16<Float> { multiplyAdd(before + after, SIMD16(repeating: w[k]), sum) }
}

/// w(−k) = −w(k), w(0) = 0.
enum OddSum: PairSum {
  @inline(__always)
  static func start(_ centre: SIMD16<Float>, _ w: UnsafePointer<Float>) -> SIMD16<Float> { .zero }
  @inline(__always)
  static func add(
    _ before: SIMD16<Float>, _ after: SIMD16<Float>, _ w: UnsafePointer<Float>, _ k: Int, _ sum: SIMD16<Float>
  ) -> SIMD16<Float> { multiplyAdd(after - before, SIMD16(repeating: w[k]), sum) }
}

/// Any weights.
enum AnySum: PairSum {
  @inline(__always)
  static func start(_ centre: SIMD16<Float>, _ w: UnsafePointer<Float>) -> SIMD16<Float> { centre * w[0] }
  @inline(__always)
  static func add(
    _ before: SIMD16<Float>, _ after: SIMD16<Float>, _ w: UnsafePointer<Float>, _ k: Int, _ sum: SIMD16<Float>
  ) -> SIMD16<Float> {
    multiplyAdd(after, SIMD16(repeating: w[k]), multiplyAdd(before, SIMD16(repeating: w[-k]), sum))
  }
}

/// out[x] = Σₖ w[k]·row[x + k]; `row` is padded by the radius on both sides.
///
/// Works on whole vectors of 16: `row` and `out` have room for `count` rounded up.
@inline(__always)
func sumAlongRow<Sum: PairSum>(
  _ kind: Sum.Type, _ row: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ radius: Int,
  _ out: UnsafeMutablePointer<Float>, _ count: Int
) {
  var x = 0
  while x &+ 16 < count {
    let p = row + x
    var s0 = Sum.start(load16(p), w), s1 = Sum.start(load16(p + 16), w)
    var k = 1
    while k <= radius {
      s0 = Sum.add(load16(p - k), load16(p + k), w, k, s0)
      s1 = Sum.add(load16(p + 16 - k), load16(p + 16 + k), w, k, s1)
      k &+= 1
    }
    store16(s0, out + x)
    store16(s1, out + x + 16)
    x &+= 32
  }
  while x < count {
    let p = row + x
    var s = Sum.start(load16(p), w)
    var k = 1
    while k <= radius {
      s = Sum.add(load16(p - k), load16(p + k), w, k, s)
      k &+= 1
    }
    store16(s, out + x)
    x &+= 16
  }
}

/// Two neighbouring output rows of a sum across rows: `first` is centred on `rows[0]`, `second` on `rows[1]`. Every row
/// but the outermost serves both, so 2·radius + 2 loads make two results.
///
/// - Parameters:
///   - offset: where in every row the sum begins.
///   - adds: whether the sum is added to what the outputs hold; they then have room for `count` rounded up.
@inline(__always)
func sumAcrossRows<Sum: PairSum>(
  _ kind: Sum.Type, _ rows: UnsafePointer<UnsafePointer<Float>>, _ offset: Int, _ w: UnsafePointer<Float>,
  _ radius: Int, adds: Bool, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ count: Int
) {
  var x = 0
  while x < count {
    let at = offset &+ x
    var low = load16(rows[0] + at), high = load16(rows[1] + at)
    var s0 = Sum.start(low, w), s1 = Sum.start(high, w)
    var k = 1
    while k <= radius {
      let nextLow = load16(rows[0 &- k] + at), nextHigh = load16(rows[1 &+ k] + at)
      s0 = Sum.add(nextLow, high, w, k, s0)
      s1 = Sum.add(low, nextHigh, w, k, s1)
      low = nextLow
      high = nextHigh
      k &+= 1
    }
    if adds {
      store16(load16(first + x) + s0, first + x)
      store16(load16(second + x) + s1, second + x)
    } else {
      storeFront(s0, first + x, count &- x)
      storeFront(s1, second + x, count &- x)
    }
    x &+= 16
  }
}

/// One output row of a sum across rows: the last of an odd number.
@inline(__always)
func sumAcrossRows<Sum: PairSum>(
  _ kind: Sum.Type, _ rows: UnsafePointer<UnsafePointer<Float>>, _ offset: Int, _ w: UnsafePointer<Float>,
  _ radius: Int, adds: Bool, _ out: UnsafeMutablePointer<Float>, _ count: Int
) {
  var x = 0
  while x < count {
    let at = offset &+ x
    var s = Sum.start(load16(rows[0] + at), w)
    var k = 1
    while k <= radius {
      s = Sum.add(load16(rows[0 &- k] + at), load16(rows[k] + at), w, k, s)
      k &+= 1
    }
    if adds { store16(load16(out + x) + s, out + x) } else { storeFront(s, out + x, count &- x) }
    x &+= 16
  }
}

/// Stores the first `count` of sixteen floats, all of them when `count` is larger.
@inline(__always)
func storeFront(_ v: SIMD16<Float>, _ p: UnsafeMutablePointer<Float>, _ count: Int) {
  if count >= 16 { return store16(v, p) }
  for i in 0..<count { p[i] = v[i] }
}
