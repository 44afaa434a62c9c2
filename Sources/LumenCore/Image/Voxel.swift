// SPDX-License-Identifier: Apache-2.0

/// A stored pixel type. The set is closed: ``AnyVolume`` has one case for each.
public protocol Voxel: BitwiseCopyable, Codable, Comparable, Hashable, Sendable, SIMDScalar {
  /// Its name in files and errors.
  static var kind: VoxelKind { get }
  /// As double precision; exact for every voxel type.
  var doubleValue: Double { get }
  /// As single precision; rounded for 32-bit integers and Double.
  var floatValue: Float { get }
  /// The nearest value of this type, ties to even, saturated at the ends of the range; integers take 0 for NaN.
  static func rounding(_ value: Double) -> Self
  /// Wraps a typed volume.
  static func erase(_ volume: Volume<Self>) -> AnyVolume
}

/// The names of the voxel types.
public enum VoxelKind: String, Sendable, CaseIterable {
  case uint8, int8, uint16, int16, uint32, int32, float32, float64
  /// Bytes a voxel.
  public var bytes: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .float64: 8
    }
  }
}

extension FixedWidthInteger {
  @inlinable static func saturating(_ value: Double) -> Self {
    let r = value.rounded(.toNearestOrEven)
    if r.isNaN { return 0 }
    return r <= Double(Self.min) ? .min : r >= Double(Self.max) ? .max : Self(r)
  }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension UInt8: Voxel {
  public static var kind: VoxelKind { .uint8 }
  @inlinable public var doubleValue: Double { Double(self) }
  @inlinable public var floatValue: Float { Float(self) }
  @inlinable public static func rounding(_ value: Double) -> UInt8 { saturating(value) }
  public static func erase(_ volume: Volume<UInt8>) -> AnyVolume { .u8(volume) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Int8: Voxel {
  public static var kind: VoxelKind { .int8 }
  @inlinable public var doubleValue: Double { Double(self) }
  @inlinable public var floatValue: Float { Float(self) }
  @inlinable public static func rounding(_ value: Double) -> Int8 { saturating(value) }
  public static func erase(_ volume: Volume<Int8>) -> AnyVolume { .i8(volume) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension UInt16: Voxel {
  public static var kind: VoxelKind { .uint16 }
  @inlinable public var doubleValue: Double { Double(self) }
  @inlinable public var floatValue: Float { Float(self) }
  @inlinable public static func rounding(_ value: Double) -> UInt16 { saturating(value) }
  public static func erase(_ volume: Volume<UInt16>) -> AnyVolume { .u16(volume) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Int16: Voxel {
  public static var kind: VoxelKind { .int16 }
  @inlinable public var doubleValue: Double { Double(self) }
  @inlinable public var floatValue: Float { Float(self) }
  @inlinable public static func rounding(_ value: Double) -> Int16 { saturating(value) }
  public static func erase(_ volume: Volume<Int16>) -> AnyVolume { .i16(volume) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension UInt32: Voxel {
  public static var kind: VoxelKind { .uint32 }
  @inlinable public var doubleValue: Double { Double(self) }
  @inlinable public var floatValue: Float { Float(self) }
  @inlinable public static func rounding(_ value: Double) -> UInt32 { saturating(value) }
  public static func erase(_ volume: Volume<UInt32>) -> AnyVolume { .u32(volume) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Int32: Voxel {
  public static var kind: VoxelKind { .int32 }
  @inlinable public var doubleValue: Double { Double(self) }
  @inlinable public var floatValue: Float { Float(self) }
  @inlinable public static func rounding(_ value: Double) -> Int32 { saturating(value) }
  public static func erase(_ volume: Volume<Int32>) -> AnyVolume { .i32(volume) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: Voxel {
  public static var kind: VoxelKind { .float32 }
  @inlinable public var doubleValue: Double { Double(self) }
  @inlinable public var floatValue: Float { self }
  @inlinable public static func rounding(_ value: Double) -> Float { Float(value) }
  public static func erase(_ volume: Volume<Float>) -> AnyVolume { .f32(volume) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: Voxel {
  public static var kind: VoxelKind { .float64 }
  @inlinable public var doubleValue: Double { self }
  @inlinable public var floatValue: Float { Float(self) }
  @inlinable public static func rounding(_ value: Double) -> Double { value }
  public static func erase(_ volume: Volume<Double>) -> AnyVolume { .f64(volume) }
}
