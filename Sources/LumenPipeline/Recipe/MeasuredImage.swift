// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenFilters
import LumenRadiomics

/// An image made ready for measuring: interpolated and filtered once, measured in any number of regions.
///
/// The order is that of IBSI: interpolation of image and mask, resegmentation on the interpolated image, filters on the
/// whole interpolated image, features of their response inside the resegmented mask.
public struct MeasuredImage: Sendable {
  /// The image that resegmentation looks at.
  let image: AnyVolume
  /// What is measured, where it is not the image itself.
  let response: AnyVolume?
  private let grid: Resample?
  private let extraction: FeatureExtraction

  init(_ image: AnyVolume, _ recipe: Recipe) throws(ImageError) {
    grid = recipe.interpolate?.operation as? Resample
    do throws(ImageError) {
      self.image = try grid.map { grid throws(ImageError) in try grid(image) } ?? image
    } catch { throw error.at("interpolate") }
    do throws(ImageError) {
      response = recipe.response.isEmpty ? nil : try recipe.response.filtered(self.image)
    } catch { throw error.at("response") }
    extraction = recipe.features
  }

  /// The features of a region that lies on the grid of the image as it was given.
  ///
  /// - Throws: as ``FeatureExtraction/callAsFunction(_:in:)``.
  public func features(in mask: Mask) throws(ImageError) -> [FeatureValue] {
    guard var grid else { return try extraction(image, response: response, in: mask) }
    grid.interpolation = grid.interpolation == .nearest ? .nearest : .linear
    return try extraction(image, response: response, in: try grid(mask, threshold: 0.5))
  }
}

extension Recipe {
  /// An image after ``prepare``, made ready for measuring.
  ///
  /// - Throws: what the filters throw, with the step's name.
  public func measuring(_ image: AnyVolume) throws(ImageError) -> MeasuredImage {
    try MeasuredImage(image, self)
  }
}
