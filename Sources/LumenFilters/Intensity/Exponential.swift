// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Exponential that maps the largest magnitude to itself.
///
///     out = exp(c·v),  c = ln(max|v|) / max|v|
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float.
/// - Range: max|v| of the finite voxels; an image of zeros becomes 1.
/// - Accuracy: double precision, rounded once.
/// - Cost: two passes; 32-bit images one exponential a voxel, smaller types one a value.
/// - Source: PyRadiomics 3.1 `getExponentialImage`.
public struct Exponential: Filter {
  /// The only one.
  public init() {}

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "exponential", summary: "exponential that maps the largest magnitude to itself",
    source: "PyRadiomics 3.1 getExponentialImage")

  /// The image of exponentials, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    let largest = image.largestMagnitude
    let c = largest > 0 ? log(largest) / largest : 0
    return .f32(image.mapped(Function(c: c)))
  }

  private struct Function: PointFunction {
    let c: Double
    func callAsFunction(_ v: Double) -> Float { Float(exp(c * v)) }
  }
}
