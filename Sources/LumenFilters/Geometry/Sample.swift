// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The type in which values are interpolated: Float for stored types of up to 16 bits and Float, Double for the rest.
protocol Sample: Voxel, BinaryFloatingPoint {
  static func of<T: Voxel>(_ value: T) -> Self
  /// Taps on each side after which the prefilter of the cubic spline is below the last bit.
  static var splineRadius: Int { get }
}

extension Float: Sample {
  @inline(__always) static func of<T: Voxel>(_ value: T) -> Float { value.floatValue }
  static var splineRadius: Int { 14 }
}

extension Double: Sample {
  @inline(__always) static func of<T: Voxel>(_ value: T) -> Double { value.doubleValue }
  static var splineRadius: Int { 29 }
}

/// Sixteen values from any address.
@inline(__always)
func loadVector<W: Sample>(_ p: UnsafePointer<W>) -> SIMD16<W> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD16<W>.self)
}

/// Writes sixteen values to any address.
@inline(__always)
func storeVector<W: Sample>(_ v: SIMD16<W>, _ p: UnsafeMutablePointer<W>) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: SIMD16<W>.self)
}

/// Σ weights[t] · rows(t)[i] for a row of n values.
@inline(__always)
func blend<S: Voxel, W: Sample>(
  _ taps: Int, _ weights: UnsafePointer<W>, _ out: UnsafeMutablePointer<W>, _ n: Int,
  _ rows: (Int) -> UnsafePointer<S>
) {
  switch taps {
  case 1:
    let a = rows(0)
    for i in 0..<n { out[i] = W.of(a[i]) }
  case 2:
    let (u, v) = (weights[0], weights[1])
    let a = rows(0), b = rows(1)
    // On a voxel centre its neighbour has no say, not even as 0 · ∞.
    if v == 0 {
      for i in 0..<n { out[i] = W.of(a[i]) }
    } else {
      for i in 0..<n { out[i] = u * W.of(a[i]) + v * W.of(b[i]) }
    }
  default:
    var t = 0
    while t < taps {
      let (u, v) = (weights[t], weights[t &+ 1]), a = rows(t), b = rows(t &+ 1)
      if t == 0 {
        for i in 0..<n { out[i] = u * W.of(a[i]) + v * W.of(b[i]) }
      } else {
        for i in 0..<n { out[i] += u * W.of(a[i]) + v * W.of(b[i]) }
      }
      t &+= 2
    }
  }
}

/// Writes a row of values as the stored type: nearest, ties to even, saturated.
@inline(__always)
func storeRow<W: Sample, T: Voxel>(
  _ row: UnsafePointer<W>, _ out: UnsafeMutablePointer<T>, _ n: Int, rounded: Bool
) {
  let source = UnsafeRawPointer(row), target = UnsafeMutableRawPointer(out)
  if W.self == Float.self {
    let row = source.assumingMemoryBound(to: Float.self)
    if T.self == Int16.self { return storeIntegers(row, target.assumingMemoryBound(to: Int16.self), n) }
    if T.self == UInt16.self { return storeIntegers(row, target.assumingMemoryBound(to: UInt16.self), n) }
    if T.self == Int8.self { return storeIntegers(row, target.assumingMemoryBound(to: Int8.self), n) }
    if T.self == UInt8.self { return storeIntegers(row, target.assumingMemoryBound(to: UInt8.self), n) }
    if T.self == Float.self {
      let out = target.assumingMemoryBound(to: Float.self)
      if !rounded { return out.update(from: row, count: n) }
      for i in 0..<n { out[i] = row[i].rounded(.toNearestOrEven) }
      return
    }
  }
  for i in 0..<n {
    let value = Double(row[i])
    out[i] = T.rounding(rounded ? value.rounded(.toNearestOrEven) : value)
  }
}

/// Integers of up to 16 bits; no value is NaN, because the voxels they are made of are integers too.
@inline(__always)
private func storeIntegers<I: Voxel & FixedWidthInteger>(
  _ row: UnsafePointer<Float>, _ out: UnsafeMutablePointer<I>, _ n: Int
) {
  let low = Float(I.min), high = Float(I.max)
  for i in 0..<n {
    var v = row[i]
    v = v < low ? low : v
    v = v > high ? high : v
    // 1.5 · 2²³ added leaves the rounded number in the low bits.
    out[i] = I(truncatingIfNeeded: (v + 12_582_912).bitPattern)
  }
}
