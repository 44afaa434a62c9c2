// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Intensities beyond two bounds set to the bounds.
///
///     out = min(max(v, lower), upper)
///
/// - Shape: any columns × rows × slices → same geometry and the same stored type.
/// - Range: bounds beyond the ends of the stored type do not matter; NaN stays.
/// - Accuracy: exact.
/// - Cost: one pass.
/// - Throws: `invalidParameter` for bounds that are NaN or not in order, or that an integer type would have to hold and
///   cannot.
/// - Source: definition; oracle NumPy `clip`.
public struct Clip: Filter {
  /// Smallest intensity kept.
  public var lower = -1000.0
  /// Largest intensity kept.
  public var upper = 1000.0

  /// −1000 … 1000.
  public init() {}
  /// Two bounds; infinity leaves a side open.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "clip", summary: "intensities beyond two bounds set to the bounds", source: "definition; oracle NumPy clip",
    parameters: [
      Parameter(\.lower, "lower", -Double.infinity...Double.infinity, "smallest intensity kept"),
      Parameter(\.upper, "upper", -Double.infinity...Double.infinity, "largest intensity kept"),
    ])

  /// No slice depends on another.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { 0 }

  /// The clipped image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    guard lower <= upper else {
      throw ImageError(
        .invalidParameter, "lower is \(shortest(lower)) and upper is \(shortest(upper)), expected lower ≤ upper")
    }
    // What the image is clipped to must be one of its values; a bound beyond them clips nothing.
    let ends = image.kind.ends
    if lower > ends.lowerBound { try requireHeld(lower, by: image.kind, "lower") }
    if upper < ends.upperBound { try requireHeld(upper, by: image.kind, "upper") }
    return switch image {
    case .u8(let v): .u8(clipped(v))
    case .i8(let v): .i8(clipped(v))
    case .u16(let v): .u16(clipped(v))
    case .i16(let v): .i16(clipped(v))
    case .u32(let v): .u32(clipped(v))
    case .i32(let v): .i32(clipped(v))
    case .f32(let v): .f32(clipped(v))
    case .f64(let v): .f64(clipped(v))
    }
  }

  private func clipped<T: Voxel>(_ volume: Volume<T>) -> Volume<T> {
    volume.applying(Bounds(low: T.rounding(lower), high: T.rounding(upper)))
  }

  private struct Bounds<T: Voxel>: VoxelFunction {
    let low: T, high: T
    func callAsFunction(_ v: T) -> T { v < low ? low : v > high ? high : v }
  }
}
