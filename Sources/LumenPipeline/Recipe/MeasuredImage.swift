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
  /// The initial and the interpolated image, where the diagnostics are measured.
  private let stages: [ImageDiagnostics]

  init(_ image: AnyVolume, _ recipe: Recipe) throws(ImageError) {
    var grid = recipe.interpolate?.operation as? Resample
    // Integers would be rounded whether asked for or not.
    if let own = grid { grid?.asFloat = !own.rounded }
    self.grid = grid
    do throws(ImageError) {
      self.image = try grid.map { grid throws(ImageError) in try grid(image) } ?? image
    } catch { throw error.at("interpolate") }
    do throws(ImageError) {
      let filtered = recipe.features.roundIntensities ? self.image.roundedToWhole : self.image
      response = recipe.response.isEmpty ? nil : try recipe.response.filtered(filtered)
    } catch { throw error.at("response") }
    extraction = recipe.features
    let rounded = extraction.roundIntensities
    stages =
      extraction.families.contains(.diagnostics)
      ? [ImageDiagnostics(image, rounded: rounded), ImageDiagnostics(self.image, rounded: rounded)] : []
  }

  /// The features of a region that lies on the grid of the image as it was given.
  ///
  /// - Throws: as ``FeatureExtraction/callAsFunction(_:in:)``.
  public func features(in mask: Mask) throws(ImageError) -> [FeatureValue] {
    var own = mask
    if var grid {
      grid.interpolation = grid.interpolation == .nearest ? .nearest : .linear
      own = try grid(mask, threshold: 0.5)
    }
    let values = try extraction(image, response: response, in: own)
    guard stages.count == 2 else { return values }
    return try values + extraction.diagnostics(of: stages[0], in: mask, interpolated: false)
      + extraction.diagnostics(of: stages[1], in: own, interpolated: true)
  }
}

extension AnyVolume {
  /// Intensities as whole numbers, ties to even.
  fileprivate var roundedToWhole: AnyVolume {
    switch self {
    case .f32(let v): .f32(v.map { $0.rounded(.toNearestOrEven) })
    case .f64(let v): .f64(v.map { $0.rounded(.toNearestOrEven) })
    default: self
    }
  }
}

extension Recipe {
  /// The image after ``prepare``.
  ///
  /// - Throws: what the filters throw; `invalidParameter` when one of them changes the grid, on which masks, pictures and
  ///   DICOM results lie.
  public func prepared(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    let prepared = try prepare.filtered(image)
    guard prepared.geometry == image.geometry else {
      throw ImageError(
        .invalidParameter, "prepare changes the grid from \(image.size) to \(prepared.size) voxels or moves it",
        hint: "resample for measuring with the key interpolate; crop, flip and reorient with lumen filter beforehand")
    }
    return prepared
  }

  /// An image after ``prepare``, made ready for measuring.
  ///
  /// - Throws: what the filters throw, with the step's name.
  public func measuring(_ image: AnyVolume) throws(ImageError) -> MeasuredImage {
    try MeasuredImage(image, self)
  }
}
