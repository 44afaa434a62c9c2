// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Square root of the magnitude, with the sign, on the scale of the image.
///
///     out = √(c·v) for v ≥ 0,  −√(−c·v) for v < 0;  c = max|v|
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float.
/// - Range: max|v| of the finite voxels.
/// - Accuracy: double precision, rounded once.
/// - Cost: two passes.
/// - Source: PyRadiomics 3.1 `getSquareRootImage`.
public struct SquareRoot: Filter {
  /// The only one.
  public init() {}

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "square-root", summary: "signed square root on the scale of the image",
    source: "PyRadiomics 3.1 getSquareRootImage")

  /// The image of square roots, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    let c = image.largestMagnitude
    return .f32(image.mapped(Function(c: c)))
  }

  private struct Function: PointFunction {
    let c: Double
    func callAsFunction(_ v: Double) -> Float { Float(v < 0 ? -(-v * c).squareRoot() : (v * c).squareRoot()) }
  }
}
