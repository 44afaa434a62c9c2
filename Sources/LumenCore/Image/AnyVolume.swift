// SPDX-License-Identifier: Apache-2.0

/// A volume of any stored pixel type. Public entry points switch on it once and run a specialised kernel.
public enum AnyVolume: Sendable, Equatable {
  case u8(Volume<UInt8>), i8(Volume<Int8>), u16(Volume<UInt16>), i16(Volume<Int16>)
  case u32(Volume<UInt32>), i32(Volume<Int32>), f32(Volume<Float>), f64(Volume<Double>)

  /// Work that is generic in the pixel type.
  public protocol Visitor {
    /// What the work gives.
    associatedtype Result
    /// Why it fails; `Never` when it cannot.
    associatedtype Failure: Error = ImageError
    /// The work, called with the stored type.
    func visit<Element: Voxel>(_ volume: Volume<Element>) throws(Failure) -> Result
  }

  /// Calls the visitor with the typed volume.
  @inlinable public func accept<V: Visitor>(_ visitor: V) throws(V.Failure) -> V.Result {
    switch self {
    case .u8(let v): try visitor.visit(v)
    case .i8(let v): try visitor.visit(v)
    case .u16(let v): try visitor.visit(v)
    case .i16(let v): try visitor.visit(v)
    case .u32(let v): try visitor.visit(v)
    case .i32(let v): try visitor.visit(v)
    case .f32(let v): try visitor.visit(v)
    case .f64(let v): try visitor.visit(v)
    }
  }

  /// Size, spacing, origin and direction.
  public var geometry: Geometry {
    switch self {
    case .u8(let v): v.geometry
    case .i8(let v): v.geometry
    case .u16(let v): v.geometry
    case .i16(let v): v.geometry
    case .u32(let v): v.geometry
    case .i32(let v): v.geometry
    case .f32(let v): v.geometry
    case .f64(let v): v.geometry
    }
  }

  /// Voxels along each axis.
  public var size: Size { geometry.size }

  /// The stored pixel type.
  public var kind: VoxelKind {
    switch self {
    case .u8: .uint8
    case .i8: .int8
    case .u16: .uint16
    case .i16: .int16
    case .u32: .uint32
    case .i32: .int32
    case .f32: .float32
    case .f64: .float64
    }
  }

  /// The same voxels on another grid of the same size.
  public func with(_ geometry: Geometry) -> AnyVolume {
    switch self {
    case .u8(let v): .u8(v.with(geometry))
    case .i8(let v): .i8(v.with(geometry))
    case .u16(let v): .u16(v.with(geometry))
    case .i16(let v): .i16(v.with(geometry))
    case .u32(let v): .u32(v.with(geometry))
    case .i32(let v): .i32(v.with(geometry))
    case .f32(let v): .f32(v.with(geometry))
    case .f64(let v): .f64(v.with(geometry))
    }
  }

  /// As single precision; the volume itself when it is stored so.
  public var float: Volume<Float> {
    switch self {
    case .u8(let v): v.map { Float($0) }
    case .i8(let v): v.map { Float($0) }
    case .u16(let v): v.map { Float($0) }
    case .i16(let v): v.map { Float($0) }
    case .u32(let v): v.map { Float($0) }
    case .i32(let v): v.map { Float($0) }
    case .f32(let v): v
    case .f64(let v): v.map { Float($0) }
    }
  }

  /// As another stored type: nearest value, saturated (``Voxel/rounding(_:)``).
  public func converted(to kind: VoxelKind) -> AnyVolume {
    if kind == self.kind { return self }
    switch kind {
    case .uint8: return .u8(rounded())
    case .int8: return .i8(rounded())
    case .uint16: return .u16(rounded())
    case .int16: return .i16(rounded())
    case .uint32: return .u32(rounded())
    case .int32: return .i32(rounded())
    case .float32: return .f32(float)
    case .float64: return .f64(rounded())
    }
  }

  func rounded<T: Voxel>() -> Volume<T> {
    switch self {
    case .u8(let v): v.map { T.rounding(Double($0)) }
    case .i8(let v): v.map { T.rounding(Double($0)) }
    case .u16(let v): v.map { T.rounding(Double($0)) }
    case .i16(let v): v.map { T.rounding(Double($0)) }
    case .u32(let v): v.map { T.rounding(Double($0)) }
    case .i32(let v): v.map { T.rounding(Double($0)) }
    case .f32(let v): v.map { T.rounding(Double($0)) }
    case .f64(let v): v.map { T.rounding($0) }
    }
  }
}
