// SPDX-License-Identifier: Apache-2.0
import CSIMD
public import LumenCore

/// Another stored type: nearest value, ties to even, saturated at the ends of the type.
///
/// - Shape: any columns × rows × slices → same geometry, stored as ``type``.
/// - Range: NaN becomes 0 in integers; values beyond a type become its nearest end.
/// - Accuracy: exact.
/// - Cost: one pass.
/// - Source: definition; oracle NumPy `rint` and `clip`.
public struct ConvertType: Filter {
  /// Stored type of the result.
  public var type = VoxelKind.float32

  /// To 32-bit float.
  public init() {}
  /// To a stored type.
  public init(to type: VoxelKind) { self.type = type }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "convert-type", summary: "another stored type, saturated", source: "definition; oracle NumPy rint and clip",
    parameters: [Parameter(\.type, "type", "stored type of the result")])

  /// No slice depends on another.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { 0 }

  /// The converted image.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    if image.kind == type { return image }
    return switch type {
    case .uint8: .u8(saturated(image))
    case .int8: .i8(saturated(image))
    case .uint16: .u16(saturated(image))
    case .int16: .i16(saturated(image))
    case .int32: .i32(saturated(image))
    case .uint32: .u32(saturated(image))
    case .float32, .float64: image.converted(to: type)
    }
  }

  private func saturated<T: Voxel & FixedWidthInteger>(_ image: AnyVolume) -> Volume<T> {
    switch image {
    case .u8(let v): v.applying(Clamped())
    case .i8(let v): v.applying(Clamped())
    case .u16(let v): v.applying(Clamped())
    case .i16(let v): v.applying(Clamped())
    case .u32(let v): v.applying(Clamped())
    case .i32(let v): v.applying(Clamped())
    case .f32(let v): v.applying(Nearest())
    case .f64(let v): v.applying(Nearest())
    }
  }

  private struct Clamped<Input: Voxel & FixedWidthInteger, Output: Voxel & FixedWidthInteger>: VoxelFunction {
    func callAsFunction(_ v: Input) -> Output { Output(clamping: v) }
  }

  /// The nearest value of a type of at most 32 bits.
  private struct Nearest<Input: Voxel, Output: Voxel & FixedWidthInteger>: VoxelFunction {
    func callAsFunction(_ v: Input) -> Output {
      let low = Double(Output.min), high = Double(Output.max), r = v.doubleValue.rounded(.toNearestOrEven)
      let bounded = r < low ? low : r > high ? high : r
      return Output(truncatingIfNeeded: v_i64(bounded == bounded ? bounded : 0))
    }
  }
}
