// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// NaN and infinity replaced: what filters of the whole image ask for.
///
///     out = v where v is finite, else value
///
/// - Shape: any columns × rows × slices → same geometry and the same stored type.
/// - Range: integers are finite and stay as they are.
/// - Accuracy: exact. Cost: one pass.
/// - Throws: `invalidParameter` for a value that is not finite or that 32-bit float cannot hold.
/// - Source: definition; NumPy `nan_to_num` with one value for all.
public struct ReplaceNonFinite: Filter {
  /// What NaN and infinity become.
  public var value = 0.0

  /// Zero.
  public init() {}
  /// A value.
  public init(value: Double) { self.value = value }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "replace-non-finite", summary: "NaN and infinity replaced by a value", source: "definition; NumPy nan_to_num",
    parameters: [Parameter(\.value, "value", anyIntensity, "what NaN and infinity become")])

  /// No slice depends on another.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { 0 }

  /// The image without NaN and infinity, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    switch image {
    case .f32(let v):
      try requireHeld(value, by: .float32, "value")
      return .f32(v.applying(Finite(value: Float(value))))
    case .f64(let v):
      try requireHeld(value, by: .float64, "value")
      return .f64(v.applying(Finite(value: value)))
    case .u8, .i8, .u16, .i16, .u32, .i32:
      try requireFinite(value, "value")
      return image
    }
  }

  private struct Finite<T: Voxel & BinaryFloatingPoint>: VoxelFunction {
    let value: T
    func callAsFunction(_ v: T) -> T { v.magnitude <= T.greatestFiniteMagnitude ? v : value }
  }
}
