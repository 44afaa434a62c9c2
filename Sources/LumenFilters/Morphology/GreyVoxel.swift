// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A voxel type of the grey morphology: compared as keys, whose complement turns smallest into largest.
protocol GreyVoxel: RankKey where Key: Complementing {
  /// The unsigned type of the same size, which holds every difference of integers; floating point is its own.
  associatedtype Difference: Voxel
  /// a − b; of integers 0 where that is less.
  static func excess(_ a: Self, _ b: Self) -> Difference
}

/// Keys whose order one instruction reverses.
protocol Complementing: RankInteger {
  /// −1 − a.
  static func complement(_ a: Lanes) -> Lanes
}

extension Int8: Complementing {
  @inline(__always) static func complement(_ a: Lanes) -> Lanes { ~a }
}
extension Int16: Complementing {
  @inline(__always) static func complement(_ a: Lanes) -> Lanes { ~a }
}
extension Int32: Complementing {
  @inline(__always) static func complement(_ a: Lanes) -> Lanes { ~a }
}
extension Int64: Complementing {
  @inline(__always) static func complement(_ a: Lanes) -> Lanes { ~a }
}

extension FixedWidthInteger {
  @inline(__always) static func excess(_ a: Self, _ b: Self) -> Magnitude {
    a > b ? Magnitude(truncatingIfNeeded: a &- b) : 0
  }
}
extension UInt8: GreyVoxel {}
extension Int8: GreyVoxel {}
extension UInt16: GreyVoxel {}
extension Int16: GreyVoxel {}
extension UInt32: GreyVoxel {}
extension Int32: GreyVoxel {}
extension Float: GreyVoxel {
  @inline(__always) static func excess(_ a: Float, _ b: Float) -> Float { a - b }
}
extension Double: GreyVoxel {
  @inline(__always) static func excess(_ a: Double, _ b: Double) -> Double { a - b }
}
