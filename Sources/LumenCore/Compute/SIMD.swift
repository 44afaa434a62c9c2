// SPDX-License-Identifier: Apache-2.0
import CSIMD

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

/// Asks for the cache lines of a row that is soon read, where the processor's own prefetching does not see it coming: it
/// stops at every page. Any address is allowed.
public func prefetch(_ row: UnsafeRawPointer, bytes: Int) {
  for line in stride(from: 0, to: bytes, by: 64) { v_prefetch(row + line) }
}

/// How far ahead, in bytes, a kernel that reads row after row asks for memory.
public let prefetchDistance = 4096

/// a · b + c, rounded once: the same bits in every build, many times slower in one without FMA.
@inlinable @inline(__always)
public func multiplyAdd(_ a: SIMD16<Float>, _ b: SIMD16<Float>, _ c: SIMD16<Float>) -> SIMD16<Float> {
  #if LUMEN_FMA
    c.addingProduct(a, b)
  #else
    multiplyAddWithoutFMA(a, b, c)
  #endif
}

/// What ``multiplyAdd(_:_:_:)`` is where the build has no FMA instruction.
@usableFromInline
func multiplyAddWithoutFMA(_ a: SIMD16<Float>, _ b: SIMD16<Float>, _ c: SIMD16<Float>) -> SIMD16<Float> {
  SIMD16(
    lowHalf: v_fused(a.lowHalf, b.lowHalf, c.lowHalf), highHalf: v_fused(a.highHalf, b.highHalf, c.highHalf))
}

/// Smaller of each pair; the first where they compare equal or unordered.
@inlinable @inline(__always)
public func smaller<S: SIMD>(_ a: S, _ b: S) -> S where S.Scalar: Comparable { a.replacing(with: b, where: b .< a) }

/// Larger of each pair; the first where they compare equal or unordered.
@inlinable @inline(__always)
public func larger<S: SIMD>(_ a: S, _ b: S) -> S where S.Scalar: Comparable { a.replacing(with: b, where: b .> a) }
