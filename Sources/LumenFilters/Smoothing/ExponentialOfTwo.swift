// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// 2ᵗ for t ≤ 0, relative error below 2e-7; 2⁻¹²⁶ for anything smaller and for NaN.
///
/// - Source: the polynomial is that of Cephes `exp2f` (Moshier 1989).
@inline(__always)
func exp2Negative(_ t: SIMD16<Float>) -> SIMD16<Float> {
  let least = SIMD16<Float>(repeating: -126)
  let t = least.replacing(with: t, where: t .> least)
  // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits.
  let magic = SIMD16<Float>(repeating: 12_582_912), shifted = t + magic
  let f = t - (shifted - magic)
  var p = SIMD16<Float>(repeating: 1.535336188319500e-4)
  p = multiplyAdd(p, f, SIMD16(repeating: 1.339887440266574e-3))
  p = multiplyAdd(p, f, SIMD16(repeating: 9.618437357674640e-3))
  p = multiplyAdd(p, f, SIMD16(repeating: 5.550332471162809e-2))
  p = multiplyAdd(p, f, SIMD16(repeating: 2.402264791363012e-1))
  p = multiplyAdd(p, f, SIMD16(repeating: 6.931472028550421e-1))
  p = multiplyAdd(p, f, SIMD16(repeating: 1))
  let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< SIMD16(repeating: 23)
  return unsafeBitCast(unsafeBitCast(p, to: SIMD16<Int32>.self) &+ exponent, to: SIMD16<Float>.self)
}
