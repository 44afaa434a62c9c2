// SPDX-License-Identifier: Apache-2.0
import CSIMD
import LumenCore

/// A voxel type seen as signed integers of the same size and order, so that every rank filter compares integers.
///
/// Unsigned types flip the highest bit. Floats flip the magnitude bits of negative numbers; NaN of either sign becomes
/// the largest key.
protocol RankKey: Voxel {
  associatedtype Key: RankInteger
  /// Keys of voxels, both as bits.
  static func keys(_ bits: Key.Lanes) -> Key.Lanes
  /// Voxels of keys, both as bits.
  static func voxels(_ keys: Key.Lanes) -> Key.Lanes
}

extension RankKey {
  /// The map of integers is its own inverse.
  @inline(__always) static func voxels(_ keys: Key.Lanes) -> Key.Lanes { Self.keys(keys) }

  /// Turns keys back to voxels, in place.
  @inline(__always) static func restore(_ keys: UnsafeMutablePointer<Key>, _ n: Int) {
    let lanes = Key.Lanes.scalarCount
    var x = 0
    while x &+ lanes <= n {
      store(voxels(load(UnsafePointer(keys) + x)), keys + x)
      x &+= lanes
    }
    while x < n {
      keys[x] = voxels(Key.Lanes(repeating: keys[x]))[0]
      x &+= 1
    }
  }
}

extension Int8: RankKey {
  typealias Key = Int8
  @inline(__always) static func keys(_ bits: SIMD16<Int8>) -> SIMD16<Int8> { bits }
}
extension UInt8: RankKey {
  typealias Key = Int8
  @inline(__always) static func keys(_ bits: SIMD16<Int8>) -> SIMD16<Int8> { bits ^ SIMD16<Int8>(repeating: .min) }
}
extension Int16: RankKey {
  typealias Key = Int16
  @inline(__always) static func keys(_ bits: SIMD16<Int16>) -> SIMD16<Int16> { bits }
}
extension UInt16: RankKey {
  typealias Key = Int16
  @inline(__always) static func keys(_ bits: SIMD16<Int16>) -> SIMD16<Int16> { bits ^ SIMD16<Int16>(repeating: .min) }
}
extension Int32: RankKey {
  typealias Key = Int32
  @inline(__always) static func keys(_ bits: SIMD8<Int32>) -> SIMD8<Int32> { bits }
}
extension UInt32: RankKey {
  typealias Key = Int32
  @inline(__always) static func keys(_ bits: SIMD8<Int32>) -> SIMD8<Int32> { bits ^ SIMD8<Int32>(repeating: .min) }
}
extension Float: RankKey {
  typealias Key = Int32
  @inline(__always) static func keys(_ bits: SIMD8<Int32>) -> SIMD8<Int32> {
    let magnitude = SIMD8<Int32>(repeating: .max), infinity = SIMD8<Int32>(repeating: 0x7f80_0000)
    let keys = bits ^ ((bits &>> SIMD8<Int32>(repeating: 31)) & magnitude)
    return keys.replacing(with: magnitude, where: (bits & magnitude) .> infinity)
  }
  /// The largest key is a NaN as it stands.
  @inline(__always) static func voxels(_ keys: SIMD8<Int32>) -> SIMD8<Int32> {
    keys ^ ((keys &>> SIMD8<Int32>(repeating: 31)) & SIMD8<Int32>(repeating: .max))
  }
}
extension Double: RankKey {
  typealias Key = Int64
  @inline(__always) static func keys(_ bits: SIMD4<Int64>) -> SIMD4<Int64> {
    let magnitude = SIMD4<Int64>(repeating: .max), infinity = SIMD4<Int64>(repeating: 0x7ff0_0000_0000_0000)
    let keys = bits ^ ((bits &>> SIMD4<Int64>(repeating: 63)) & magnitude)
    return keys.replacing(with: magnitude, where: (bits & magnitude) .> infinity)
  }
  /// The largest key is a NaN as it stands.
  @inline(__always) static func voxels(_ keys: SIMD4<Int64>) -> SIMD4<Int64> {
    keys ^ ((keys &>> SIMD4<Int64>(repeating: 63)) & SIMD4<Int64>(repeating: .max))
  }
}

/// A signed integer with the operations of rank filters on one register of it.
///
/// They are requirements, not generic functions over `SIMD`: the generic operators of `SIMD` compile to loops over lanes
/// even when specialised, the concrete ones to one instruction.
protocol RankInteger: FixedWidthInteger, SignedInteger, SIMDScalar, BitwiseCopyable, Codable, Sendable {
  /// One register.
  associatedtype Lanes: SIMD<Self> & Sendable
  static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes
  static func larger(_ a: Lanes, _ b: Lanes) -> Lanes
  /// `count` + 1 in the lanes where `value` < `bound`.
  static func counting(_ count: Lanes, _ value: Lanes, below bound: Lanes) -> Lanes
  /// a + b, wrapping.
  static func sum(_ a: Lanes, _ b: Lanes) -> Lanes
  /// `a`, or `b` where `count` > `limit`.
  static func choose(_ a: Lanes, _ b: Lanes, where count: Lanes, exceeds limit: Self) -> Lanes
}

extension Int8: RankInteger {
  typealias Lanes = SIMD16<Int8>
  @inline(__always) static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes { v_min_i8(a, b) }
  @inline(__always) static func larger(_ a: Lanes, _ b: Lanes) -> Lanes { v_max_i8(a, b) }
  @inline(__always) static func counting(_ count: Lanes, _ value: Lanes, below bound: Lanes) -> Lanes {
    count.replacing(with: count &+ Lanes(repeating: 1), where: value .< bound)
  }
  @inline(__always) static func sum(_ a: Lanes, _ b: Lanes) -> Lanes { a &+ b }
  @inline(__always) static func choose(_ a: Lanes, _ b: Lanes, where count: Lanes, exceeds limit: Int8) -> Lanes {
    a.replacing(with: b, where: count .> Lanes(repeating: limit))
  }
}
extension Int16: RankInteger {
  typealias Lanes = SIMD16<Int16>
  @inline(__always) static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes { v_min_i16(a, b) }
  @inline(__always) static func larger(_ a: Lanes, _ b: Lanes) -> Lanes { v_max_i16(a, b) }
  @inline(__always) static func counting(_ count: Lanes, _ value: Lanes, below bound: Lanes) -> Lanes {
    v_count_below_i16(count, value, bound)
  }
  @inline(__always) static func sum(_ a: Lanes, _ b: Lanes) -> Lanes { a &+ b }
  @inline(__always) static func choose(_ a: Lanes, _ b: Lanes, where count: Lanes, exceeds limit: Int16) -> Lanes {
    a.replacing(with: b, where: count .> Lanes(repeating: limit))
  }
}
extension Int32: RankInteger {
  typealias Lanes = SIMD8<Int32>
  @inline(__always) static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes { v_min_i32(a, b) }
  @inline(__always) static func larger(_ a: Lanes, _ b: Lanes) -> Lanes { v_max_i32(a, b) }
  @inline(__always) static func counting(_ count: Lanes, _ value: Lanes, below bound: Lanes) -> Lanes {
    v_count_below_i32(count, value, bound)
  }
  @inline(__always) static func sum(_ a: Lanes, _ b: Lanes) -> Lanes { a &+ b }
  @inline(__always) static func choose(_ a: Lanes, _ b: Lanes, where count: Lanes, exceeds limit: Int32) -> Lanes {
    a.replacing(with: b, where: count .> Lanes(repeating: limit))
  }
}
extension Int64: RankInteger {
  typealias Lanes = SIMD4<Int64>
  @inline(__always) static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes { v_min_i64(a, b) }
  @inline(__always) static func larger(_ a: Lanes, _ b: Lanes) -> Lanes { v_max_i64(a, b) }
  @inline(__always) static func counting(_ count: Lanes, _ value: Lanes, below bound: Lanes) -> Lanes {
    v_count_below_i64(count, value, bound)
  }
  @inline(__always) static func sum(_ a: Lanes, _ b: Lanes) -> Lanes { a &+ b }
  @inline(__always) static func choose(_ a: Lanes, _ b: Lanes, where count: Lanes, exceeds limit: Int64) -> Lanes {
    a.replacing(with: b, where: count .> Lanes(repeating: limit))
  }
}

/// A register from any address.
@inline(__always) func load<K: RankInteger>(_ p: UnsafePointer<K>) -> K.Lanes {
  UnsafeRawPointer(p).loadUnaligned(as: K.Lanes.self)
}

/// Writes a register to any address.
@inline(__always) func store<K: RankInteger>(_ v: K.Lanes, _ p: UnsafeMutablePointer<K>) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: K.Lanes.self)
}
