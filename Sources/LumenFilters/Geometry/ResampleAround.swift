// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension Resample {
  /// Image and region on the new grid, cut to the box that the region can reach there and `margin` voxels around it: the
  /// same voxels as of the whole image and the whole region.
  ///
  /// - Parameters:
  ///   - threshold: how much of a voxel the region must fill, as for masks alone.
  ///   - masks: how the mask is interpolated; nil: by nearest neighbour where the image is, else linearly.
  ///   - margin: voxels of the new grid.
  /// - Shape: an empty region gives its first voxel, outside the region.
  /// - Cost: proportional to the box; the cubic spline makes coefficients of the whole image.
  /// - Throws: as the filter; `invalidParameter` when image and mask lie on different grids.
  /// - Source: IBSI 1 reference manual, interpolation of image and segmentation mask.
  public func callAsFunction(
    _ image: AnyVolume, around mask: Mask, threshold: Double = 0.5, masks: Interpolation? = nil, margin: Int = 0
  ) throws(ImageError) -> (image: AnyVolume, mask: Mask) {
    try image.geometry.requireSame(as: mask.geometry, "the mask")
    let least = try Self.fraction(threshold)
    var forMask = self
    forMask.interpolation = masks ?? (interpolation == .nearest ? .nearest : .linear)
    let plan = try plan(for: image.geometry, bytes: 1), covered = try forMask.plan(for: mask.geometry, bytes: 1)
    if interpolation == .cubicSpline, plan.geometry != image.geometry {
      try requireFinite(image, "cubic-spline interpolation")
    }
    let box = mask.boundingBox
    let inside = [box?.columns, box?.rows, box?.slices]
    let ranges = (0..<3).map { axis in
      let n = plan.geometry.size[axis]
      guard let range = inside[axis].flatMap({ covered.axes[axis].results(touching: $0) }) else { return 0..<1 }
      let around = max(0, min(margin, n))
      return max(0, range.lowerBound - around)..<min(n, range.upperBound + around)
    }
    let part = plan.part(ranges), coverage = covered.part(ranges)
    let image = image.accept(ResamplePart(part: part, asFloat: asFloat, rounded: rounded))
    // Nearest neighbours are whole: bytes stay bytes.
    if forMask.interpolation == .nearest {
      return (image, Mask(coverage.run(mask.voxels, UInt8.self, Float.self, rounded: false)))
    }
    let filled = coverage.run(mask.voxels, Float.self, Float.self, rounded: false)
    return (image, Mask(filled, atLeast: least))
  }
}

private struct ResamplePart: AnyVolume.Visitor {
  typealias Failure = Never
  let part: PartOfResampling
  let asFloat: Bool, rounded: Bool

  func visit<T: Voxel>(_ volume: Volume<T>) -> AnyVolume {
    if asFloat { return .f32(part.run(volume, Float.self, Float.self, rounded: rounded)) }
    switch T.kind {
    case .uint32, .int32, .float64: return T.erase(part.run(volume, T.self, Double.self, rounded: rounded))
    default: return T.erase(part.run(volume, T.self, Float.self, rounded: rounded))
    }
  }
}

extension ResamplingPlan {
  /// The box of the result with these columns, rows and slices.
  func part(_ ranges: [Range<Int>]) -> PartOfResampling {
    var grid = geometry
    grid.size = Size(columns: ranges[0].count, rows: ranges[1].count, slices: ranges[2].count)
    grid.origin = geometry.position(
      of: SIMD3(Double(ranges[0].lowerBound), Double(ranges[1].lowerBound), Double(ranges[2].lowerBound)))
    let needed = (0..<3).map { axes[$0].voxels(for: ranges[$0]) }
    let parts = (0..<3).map { axes[$0].part(ranges[$0], of: needed[$0]) }
    return PartOfResampling(
      plan: ResamplingPlan(geometry: grid, axes: parts, isSpline: isSpline), needed: needed,
      splines: axes.map { isSpline && $0.taps > 1 })
  }
}

/// A box of a resampled image, and the box of the image that it is made of.
struct PartOfResampling {
  let plan: ResamplingPlan
  /// Columns, rows, slices of the image.
  let needed: [Range<Int>]
  /// Axes with spline coefficients.
  let splines: [Bool]

  func run<S: Voxel, T: Voxel, W: Sample>(
    _ volume: Volume<S>, _ result: T.Type, _ type: W.Type, rounded: Bool
  ) -> Volume<T> {
    guard splines.contains(true) else { return plan.sample(crop(volume), type, rounded: rounded) }
    return plan.sample(crop(SplineCoefficients<W>(axes: splines)(volume)), type, rounded: rounded)
  }

  private func crop<S: Voxel>(_ volume: Volume<S>) -> Volume<S> {
    volume.cropped(columns: needed[0], rows: needed[1], slices: needed[2])
  }
}

extension AxisSampling {
  /// The results that take anything from some voxels; nil for none.
  func results(touching voxels: Range<Int>) -> Range<Int>? {
    func touches(_ k: Int) -> Bool { (0..<taps).contains { voxels.contains(index(base[k] + $0)) } }
    guard let first = (0..<count).first(where: touches), let last = (0..<count).last(where: touches) else {
      return nil
    }
    return first..<last + 1
  }

  /// The voxels that some results are made of.
  func voxels(for results: Range<Int>) -> Range<Int> {
    var (low, high) = (length, -1)
    for k in results {
      for t in 0..<taps {
        let i = index(base[k] + t)
        (low, high) = (min(low, i), max(high, i))
      }
    }
    return high < 0 ? 0..<1 : low..<high + 1
  }

  /// Some of the results, of an axis cut to the voxels that these need.
  func part(_ results: Range<Int>, of voxels: Range<Int>) -> AxisSampling {
    var part = self
    part.cut(results, voxels)
    return part
  }
}
