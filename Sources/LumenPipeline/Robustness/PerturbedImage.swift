// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenFilters
import LumenSegmentation

/// One image under one noise, rotation and translation, ready for measuring its regions.
///
/// Image and region are interpolated once: the grid of the recipe is moved and turned, not the image. Only the
/// surroundings of a region are sampled and made noisy, unless the recipe has filters, which need the whole image.
struct PerturbedImage {
  /// What is measured, with the region on its grid.
  typealias Measurable = (image: MeasuredImage, mask: Mask)

  private let recipe: Recipe
  /// The grid of the recipe after translation and rotation.
  private let grid: Geometry
  private let isMoved: Bool
  private let noise: NoiseAddition?
  /// Whether sampled values become whole numbers: as the recipe says, else as the image is stored.
  private let isRounded: Bool
  /// How far around a region voxels can matter.
  private let reach: Length
  /// The image to sample, noise included; without noise where that is added around each region.
  private let source: AnyVolume
  private let addsNoiseLocally: Bool
  /// The whole image ready for measuring, where it is not sampled around each region.
  private let whole: MeasuredImage?

  /// - Parameters:
  ///   - stored: the image as it is on file.
  ///   - prepared: what `prepare` makes of it without noise.
  ///   - reach: how far from the region as it is the changed region and its features look.
  init(
    stored: AnyVolume, prepared: AnyVolume, _ recipe: Recipe, _ perturbation: Perturbation, noise: NoiseAddition?,
    reach: Length
  ) throws(ImageError) {
    self.recipe = recipe
    self.noise = noise
    self.reach = reach
    isMoved = perturbation.movesGrid
    let resample = recipe.interpolate?.operation as? Resample
    isRounded = resample?.rounded ?? ![.float32, .float64].contains(prepared.kind)
    let base = try recipe.measuringGrid(prepared.geometry)
    grid = try GridRotation(degrees: perturbation.rotation)(
      try GridTranslation(fraction: perturbation.translation)(base))
    // Filters and the prefilter of the spline carry every voxel everywhere.
    addsNoiseLocally =
      noise != nil && recipe.prepare.isEmpty && recipe.response.isEmpty && resample?.interpolation != .cubicSpline
    if let noise, !addsNoiseLocally {
      source = try recipe.prepared(try noise(stored))
    } else {
      source = prepared
    }
    let isWhole = !addsNoiseLocally && (!isMoved || !recipe.response.isEmpty)
    whole = isWhole ? try Self.measured(source, recipe, isMoved ? grid : nil, noise != nil && isRounded) : nil
  }

  /// The image around a region of the unchanged grid, and the region on the changed one.
  ///
  /// - Throws: `invalidParameter` for a region that is empty, or that the new grid has no voxel of.
  func measurable(_ mask: Mask) throws(ImageError) -> Measurable {
    guard let box = mask.boundingBox else { throw ImageError(.invalidParameter, "the region is empty") }
    let from = mask.geometry
    let target = Self.box(
      around: [(box.columns, box.rows, box.slices)], of: from, in: grid, more: reach.millimetres)
    if let whole {
      let crop = Self.crop(target)
      return (try whole.cropped(crop), try Self.cropped(try whole.placed(mask), target))
    }
    var image = source
    if addsNoiseLocally, let noise {
      // Interpolation looks at six voxels more.
      let widest = 6 * max(from.spacing.x, from.spacing.y, from.spacing.z)
      image = try noise(image, within: Self.box(around: [target], of: grid, in: from, more: widest))
    }
    guard isMoved else {
      let measured = try Self.measured(image, recipe, nil, noise != nil && isRounded)
      return (try measured.cropped(Self.crop(target)), try Self.cropped(try measured.placed(mask), target))
    }
    var part = grid
    part.origin = grid.position(
      of: SIMD3(
        Double(target.columns.lowerBound), Double(target.rows.lowerBound), Double(target.slices.lowerBound)))
    part.size = Size(columns: target.columns.count, rows: target.rows.count, slices: target.slices.count)
    let measured = try MeasuredImage(image, recipe, on: part, rounded: isRounded)
    return (measured, try measured.placed(mask))
  }

  private static func measured(
    _ image: AnyVolume, _ recipe: Recipe, _ grid: Geometry?, _ rounded: Bool
  ) throws(ImageError) -> MeasuredImage {
    if let grid { return try MeasuredImage(image, recipe, on: grid, rounded: rounded) }
    // Noise has left the whole numbers; without a grid of the recipe nothing else rounds them.
    return try MeasuredImage(rounded && recipe.interpolate == nil ? image.roundedToWhole : image, recipe)
  }

  /// The voxels of a grid in and around boxes of another one.
  private static func box(
    around boxes: [NoiseAddition.Box], of other: Geometry, in grid: Geometry, more: Double
  ) -> NoiseAddition.Box {
    var low = SIMD3<Double>(repeating: .infinity), high = -low
    for box in boxes {
      for corner in 0..<8 {
        func end(_ range: Range<Int>, _ bit: Int) -> Double {
          Double(corner & bit == 0 ? range.lowerBound : range.upperBound - 1)
        }
        let index = grid.index(
          of: other.position(of: SIMD3(end(box.columns, 1), end(box.rows, 2), end(box.slices, 4))))
        low = pointwiseMin(low, index)
        high = pointwiseMax(high, index)
      }
    }
    let sides = (0..<3).map { axis in
      let n = grid.size[axis], pad = more / grid.spacing[axis] + 2
      func voxel(_ x: Double) -> Int { x.isNaN ? 0 : Int(min(max(x, 0), Double(n - 1))) }
      return voxel((low[axis] - pad).rounded(.down))..<voxel((high[axis] + pad).rounded(.up)) + 1
    }
    return (sides[0], sides[1], sides[2])
  }

  private static func crop(_ box: NoiseAddition.Box) -> Crop {
    Crop(
      first: SIMD3(box.columns.lowerBound, box.rows.lowerBound, box.slices.lowerBound),
      count: SIMD3(box.columns.count, box.rows.count, box.slices.count))
  }

  private static func cropped(_ mask: Mask, _ box: NoiseAddition.Box) throws(ImageError) -> Mask {
    Mask(mask.voxels.cropped(columns: box.columns, rows: box.rows, slices: box.slices))
  }
}
