// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A voxel type seen as whole numbers of the same order, so that every rank filter compares integers.
///
/// Floats keep their order as integers once the magnitude bits of negative ones are flipped; NaN of either sign becomes
/// the largest key. The map is its own inverse.
protocol RankKey: Voxel {
  associatedtype Key: FixedWidthInteger & SIMDScalar & Sendable
  /// One register of keys.
  associatedtype Lanes: SIMD<Key> & Sendable
  /// Keys of voxels and voxels of keys, both as bits.
  static func keys(_ bits: Lanes) -> Lanes
}

extension RankKey {
  @inline(__always) static func keys(_ bits: Lanes) -> Lanes { bits }
}

extension UInt8: RankKey {
  typealias Key = UInt8
  typealias Lanes = SIMD32<UInt8>
}
extension Int8: RankKey {
  typealias Key = Int8
  typealias Lanes = SIMD32<Int8>
}
extension UInt16: RankKey {
  typealias Key = UInt16
  typealias Lanes = SIMD16<UInt16>
}
extension Int16: RankKey {
  typealias Key = Int16
  typealias Lanes = SIMD16<Int16>
}
extension UInt32: RankKey {
  typealias Key = UInt32
  typealias Lanes = SIMD8<UInt32>
}
extension Int32: RankKey {
  typealias Key = Int32
  typealias Lanes = SIMD8<Int32>
}
extension Float: RankKey {
  typealias Key = Int32
  typealias Lanes = SIMD8<Int32>
  @inline(__always) static func keys(_ bits: SIMD8<Int32>) -> SIMD8<Int32> {
    let magnitude = bits & 0x7fff_ffff
    return (bits ^ ((bits &>> 31) & 0x7fff_ffff)).replacing(with: 0x7fff_ffff, where: magnitude .> 0x7f80_0000)
  }
}
extension Double: RankKey {
  typealias Key = Int64
  typealias Lanes = SIMD4<Int64>
  @inline(__always) static func keys(_ bits: SIMD4<Int64>) -> SIMD4<Int64> {
    let magnitude = bits & 0x7fff_ffff_ffff_ffff
    return (bits ^ ((bits &>> 63) & 0x7fff_ffff_ffff_ffff))
      .replacing(with: 0x7fff_ffff_ffff_ffff, where: magnitude .> 0x7ff0_0000_0000_0000)
  }
}

/// A register from any address.
@inline(__always) func load<L: SIMD>(_ p: UnsafePointer<L.Scalar>, as: L.Type) -> L {
  UnsafeRawPointer(p).loadUnaligned(as: L.self)
}

/// Writes a register to any address.
@inline(__always) func store<L: SIMD>(_ v: L, _ p: UnsafeMutablePointer<L.Scalar>) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: L.self)
}
