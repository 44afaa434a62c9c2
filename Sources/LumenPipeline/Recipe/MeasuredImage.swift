// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenFilters
import LumenRadiomics

/// An image made ready for measuring: interpolated and filtered once, measured in any number of regions. Where nothing but
/// the surroundings of a region matters it is interpolated there alone, region by region.
///
/// The order is that of IBSI: interpolation of image and mask, resegmentation on the interpolated image, filters on the
/// whole interpolated image, features of their response inside the resegmented mask.
public struct MeasuredImage: Sendable {
  /// The image that resegmentation looks at.
  let image: AnyVolume
  /// What is measured, where it is not the image itself.
  let response: AnyVolume?
  private let grid: Resample?
  /// The grid that it was sampled on, where another one than the recipe's was asked for.
  private let moved: Geometry?
  private let extraction: FeatureExtraction
  /// Whether the image is as it was given, to be interpolated around each region.
  private let isGiven: Bool
  /// The initial and the interpolated image, where the diagnostics are measured.
  private let stages: [ImageDiagnostics]

  /// - Parameters:
  ///   - moved: a grid to sample the image on instead of that of the recipe, by the interpolation of the recipe; linear
  ///     where it has none.
  ///   - rounded: whether what is sampled on that grid becomes whole numbers.
  ///   - aroundRegions: whether ``features(in:)`` is all that is asked for, so that only surroundings of regions matter.
  init(
    _ image: AnyVolume, _ recipe: Recipe, on moved: Geometry? = nil, rounded: Bool = false, aroundRegions: Bool = false
  ) throws(ImageError) {
    var grid = recipe.interpolate?.operation as? Resample
    // Integers would be rounded whether asked for or not.
    if let own = grid { grid?.asFloat = !own.rounded }
    self.grid = grid
    self.moved = moved
    isGiven =
      aroundRegions && grid != nil && moved == nil && recipe.response.isEmpty
      && !recipe.features.families.contains(.diagnostics)
    if isGiven {
      _ = try recipe.measuringGrid(image.geometry)
      (self.image, response, extraction, stages) = (image, nil, recipe.features, [])
      return
    }
    do throws(ImageError) {
      if let moved {
        let fine = [.float64, .int32, .uint32].contains(image.kind) ? image.converted(to: .float64) : .f32(image.float)
        let sampled = try fine.resampled(onto: moved, interpolation: grid?.interpolation ?? .linear)
        self.image = rounded ? sampled.roundedToWhole : sampled
      } else {
        self.image = try grid.map { grid throws(ImageError) in try grid(image) } ?? image
      }
    } catch { throw error.at("interpolate") }
    do throws(ImageError) {
      let filtered = recipe.features.roundIntensities ? self.image.roundedToWhole : self.image
      response = recipe.response.isEmpty ? nil : try recipe.response.filtered(filtered)
    } catch { throw error.at("response") }
    extraction = recipe.features
    let isWhole = extraction.roundIntensities
    stages =
      extraction.families.contains(.diagnostics)
      ? [ImageDiagnostics(image, rounded: isWhole), ImageDiagnostics(self.image, rounded: isWhole)] : []
  }

  /// The features of a region that lies on the grid of the image as it was given.
  ///
  /// - Throws: as ``FeatureExtraction/callAsFunction(_:in:)``.
  public func features(in mask: Mask) throws(ImageError) -> [FeatureValue] {
    if isGiven, let grid {
      let part = try interpolated(around: mask, grid)
      return try extraction(part.image, in: part.mask)
    }
    let own = try placed(mask)
    let values = try features(inPlaced: own)
    guard stages.count == 2 else { return values }
    return try values + extraction.diagnostics(of: stages[0], in: mask, interpolated: false)
      + extraction.diagnostics(of: stages[1], in: own, interpolated: true)
  }

  /// As much of image and region as is measured.
  private func interpolated(
    around mask: Mask, _ grid: Resample
  ) throws(ImageError) -> (image: AnyVolume, mask: Mask) {
    do throws(ImageError) {
      guard extraction.families.contains(.local) else { return try grid(image, around: mask) }
      // Spheres of 1 cm³ around voxels of the region.
      let reach = 6.3 / (try grid.grid(for: image.geometry).spacing.min())
      return try grid(image, around: mask, margin: reach < 65_536 ? Int(reach) + 1 : 65_536)
    } catch { throw error.at("interpolate") }
  }

  /// A region on the grid that is measured on.
  func placed(_ mask: Mask) throws(ImageError) -> Mask {
    let interpolation = grid?.interpolation == .nearest ? Interpolation.nearest : .linear
    if let moved { return try mask.resampled(onto: moved, interpolation: interpolation, threshold: 0.5) }
    guard var grid else { return mask }
    grid.interpolation = interpolation
    return try grid(mask, threshold: 0.5)
  }

  /// The features of a region on the grid that is measured on.
  func features(inPlaced mask: Mask) throws(ImageError) -> [FeatureValue] {
    try extraction(image, response: response, in: mask)
  }

  private init(_ other: MeasuredImage, _ crop: Crop) throws(ImageError) {
    image = try crop(other.image)
    response = try other.response.map { response throws(ImageError) in try crop(response) }
    grid = other.grid
    moved = other.moved
    extraction = other.extraction
    isGiven = other.isGiven
    stages = []
  }

  /// A box of it; regions are placed before, and cropped likewise.
  func cropped(_ crop: Crop) throws(ImageError) -> MeasuredImage { try MeasuredImage(self, crop) }
}

extension Recipe {
  /// The grid that an image is measured on.
  func measuringGrid(_ image: Geometry) throws(ImageError) -> Geometry {
    guard let grid = interpolate?.operation as? Resample else { return image }
    do { return try grid.grid(for: image) } catch { throw error.at("interpolate") }
  }
}

extension AnyVolume {
  /// Intensities as whole numbers, ties to even.
  var roundedToWhole: AnyVolume {
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
    try MeasuredImage(image, self, aroundRegions: true)
  }
}
