// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// A grid moved along its own axes by fractions of its voxels.
///
///     position′ = position + Σ fraction · spacing · axis
///
/// - Shape: the same size, spacing and direction.
/// - Units: fractions of the distance of voxel centres along columns, rows and slices.
/// - Cost: none; sampling the image on the grid is ``LumenCore/AnyVolume/resampled(onto:interpolation:outside:)``.
/// - Throws: `invalidParameter` for a fraction that is not finite.
/// - Source: Zwanenburg et al., Sci Rep 2019;9:614, translation; oracle MIRP 2.7.
public struct GridTranslation: Sendable, Equatable {
  /// Fractions along columns, rows and slices.
  public var fraction: SIMD3<Double>

  /// A translation by fractions along columns, rows and slices.
  public init(fraction: SIMD3<Double>) { self.fraction = fraction }

  /// The moved grid.
  public func callAsFunction(_ grid: Geometry) throws(ImageError) -> Geometry {
    for (axis, name) in ["columns", "rows", "slices"].enumerated() where !fraction[axis].isFinite {
      throw ImageError(
        .invalidParameter, "the translation along \(name) is \(shortest(fraction[axis])), expected a finite fraction")
    }
    var result = grid
    result.origin = grid.position(of: fraction)
    return result
  }
}
