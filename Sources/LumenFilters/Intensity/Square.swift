// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Squared intensities on the scale of the image.
///
///     out = (c·v)²,  c = 1 / √max|v|
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float.
/// - Range: max|v| of the finite voxels; an image of zeros stays. Results are positive: PyRadiomics' text promises the
///   sign of the input, its code does not keep it.
/// - Accuracy: double precision, rounded once.
/// - Cost: two passes.
/// - Source: PyRadiomics 3.1 `getSquareImage`.
public struct Square: Filter {
  /// The only one.
  public init() {}

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "square", summary: "squared intensities on the scale of the image", source: "PyRadiomics 3.1 getSquareImage")

  /// The squared image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    let largest = image.largestMagnitude
    let c = largest > 0 ? 1 / largest.squareRoot() : 0
    return .f32(image.mapped(Function(c: c)))
  }

  private struct Function: PointFunction {
    let c: Double
    func callAsFunction(_ v: Double) -> Float { Float((c * v) * (c * v)) }
  }
}
