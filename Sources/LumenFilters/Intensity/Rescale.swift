// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The range of the image stretched linearly over another.
///
///     out = lower + (v − min) · (upper − lower) / (max − min),  min and max of the finite voxels
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float.
/// - Range: NaN and infinity stay; a constant image becomes `lower`.
/// - Accuracy: double precision, rounded once.
/// - Cost: two passes.
/// - Throws: `invalidParameter` for bounds that are not finite or not in order.
/// - Source: min-max normalisation; oracle SimpleITK `RescaleIntensity`.
public struct Rescale: Filter {
  /// The new minimum.
  public var lower = 0.0
  /// The new maximum.
  public var upper = 1.0

  /// 0 … 1.
  public init() {}
  /// A new minimum and maximum.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "rescale", summary: "intensity range stretched linearly over another", source: "min-max normalisation",
    parameters: [
      Parameter(\.lower, "lower", anyIntensity, "the new minimum"),
      Parameter(\.upper, "upper", anyIntensity, "the new maximum"),
    ])

  /// The rescaled image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    try requireOrder(lower, upper)
    let range = image.valueRange, least = range.minimum
    let scale = range.maximum > least ? (upper - lower) / (range.maximum - least) : 0
    return .f32(image.mapped(Linear(origin: least, scale: scale, lower: lower)))
  }
}
