// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A small deterministic generator of random numbers; the same numbers on every machine.
///
/// The n-th number is a function of seed and n alone (``init(seed:skipping:)``), so that work that is shared among
/// threads gives the same result for any number of them.
///
/// - Source: Steele, Lea & Flood 2014.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  @usableFromInline var state: UInt64

  /// The generator of a seed, `count` numbers on.
  @inlinable public init(seed: UInt64, skipping count: UInt64 = 0) { state = seed &+ count &* 0x9E37_79B9_7F4A_7C15 }

  /// The next 64 random bits.
  @inlinable public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in 0 ..< 1.
  @inlinable public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Normal with mean 0 and standard deviation 1; one number of the sequence.
  public mutating func normal() -> Double { normalQuantile((Double(next() >> 11) + 0.5) * 0x1p-53) }

  /// Puts items in random order.
  @inlinable public mutating func shuffle<T>(_ items: inout [T]) {
    for i in stride(from: items.count - 1, to: 0, by: -1) { items.swapAt(i, Int(next() % UInt64(i + 1))) }
  }
}

/// The value below which a standard normal variable lies with probability p; ∓∞ for 0 and 1, NaN outside.
///
/// - Accuracy: 1e-15 relative.
/// - Source: Wichura 1988, algorithm AS 241 (PPND16); oracle SciPy `norm.ppf`.
public func normalQuantile(_ p: Double) -> Double {
  guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
  let q = p - 0.5
  if abs(q) <= 0.425 {
    let r = 0.180625 - q * q
    let above = horner(
      r,
      3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
      4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3)
    let below = horner(
      r,
      1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
      3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3)
    return q * above / below
  }
  var r = (-log(q < 0 ? p : 1 - p)).squareRoot()
  let above: Double, below: Double
  if r <= 5 {
    r -= 1.6
    above = horner(
      r,
      1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
      1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4)
    below = horner(
      r,
      1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
      1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9)
  } else {
    r -= 5
    above = horner(
      r,
      6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
      2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7)
    below = horner(
      r,
      1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
      1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15)
  }
  return q < 0 ? -above / below : above / below
}

/// c₀ + c₁ r + … + c₇ r⁷.
@inline(__always)
private func horner(
  _ r: Double, _ c0: Double, _ c1: Double, _ c2: Double, _ c3: Double, _ c4: Double, _ c5: Double, _ c6: Double,
  _ c7: Double
) -> Double {
  ((((((c7 * r + c6) * r + c5) * r + c4) * r + c3) * r + c2) * r + c1) * r + c0
}
