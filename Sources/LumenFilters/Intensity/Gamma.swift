// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Gamma correction: a power law on intensities as fractions of the stored type's range.
///
///     out = (v / s)^γ · s · gain,  s: the largest value of an integer type, 1 for floats
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float (not truncated to the stored type).
/// - Accuracy: double precision, rounded once.
/// - Cost: two passes; 32-bit images one power a voxel, smaller types one a value.
/// - Throws: `invalidParameter` for γ < 0 or a gain that is not finite, and for an image with negative voxels.
/// - Source: scikit-image `adjust_gamma`.
public struct Gamma: Filter {
  /// The exponent γ: above 1 darkens, below 1 brightens.
  public var gamma = 1.0
  /// Factor of the result.
  public var gain = 1.0

  /// γ = 1: no change.
  public init() {}
  /// A power law.
  public init(gamma: Double, gain: Double = 1) {
    self.gamma = gamma
    self.gain = gain
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "gamma", summary: "gamma correction", source: "scikit-image adjust_gamma",
    parameters: [
      Parameter(\.gamma, "gamma", 0...100, "exponent"),
      Parameter(\.gain, "gain", anyIntensity, "factor of the result"),
    ])

  /// The corrected image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    guard gamma >= 0, gamma.isFinite else {
      throw ImageError(.invalidParameter, "gamma is \(shortest(gamma)), expected 0 or more")
    }
    try requireFinite(gain, "gain")
    let least = image.valueRange.minimum
    if least < 0 {
      throw ImageError(
        .invalidParameter, "the image has negative voxels, the least is \(shortest(least))",
        hint: "rescale it to 0 … 1 first")
    }
    let scale: Double =
      switch image.kind {
      case .uint8: 255
      case .int8: 127
      case .uint16: 65535
      case .int16: 32767
      case .uint32: Double(UInt32.max)
      case .int32: Double(Int32.max)
      case .float32, .float64: 1
      }
    return .f32(image.mapped(Function(gamma: gamma, scale: scale, gain: gain)))
  }

  private struct Function: PointFunction {
    let gamma: Double, scale: Double, gain: Double
    func callAsFunction(_ v: Double) -> Float { Float(pow(v / scale, gamma) * scale * gain) }
  }
}
