// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Logarithm of the magnitude plus one, with the sign, on the scale of the image.
///
///     out = c·ln(v + 1) for v ≥ 0,  −c·ln(1 − v) for v < 0;  c = max|v| / ln(max|v| + 1)
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float.
/// - Range: max|v| of the finite voxels; an image of zeros stays.
/// - Accuracy: double precision, rounded once.
/// - Cost: two passes; 32-bit images one logarithm a voxel, smaller types one a value.
/// - Source: PyRadiomics 3.1 `getLogarithmImage`.
public struct Logarithm: Filter {
  /// The only one.
  public init() {}

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "logarithm", summary: "signed logarithm on the scale of the image", source: "PyRadiomics 3.1 getLogarithmImage")

  /// The image of logarithms, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    let largest = image.largestMagnitude
    let c = largest > 0 ? largest / log(largest + 1) : 0
    return .f32(image.mapped(Function(c: c)))
  }

  private struct Function: PointFunction {
    let c: Double
    func callAsFunction(_ v: Double) -> Float { Float(v < 0 ? -c * log(1 - v) : c * log(v + 1)) }
  }
}
