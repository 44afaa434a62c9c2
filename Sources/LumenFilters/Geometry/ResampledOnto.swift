// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// An image sampled on any grid: axis by axis where the axes agree, else voxel by voxel.
struct GridSampling {
  let map: IndexMap, geometry: Geometry, interpolation: Interpolation
  /// What lies outside; nil for the nearest edge.
  let outside: Double?

  func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    try check(image)
    return switch image {
    case .u8(let v): .u8(run(v, Float.self))
    case .i8(let v): .i8(run(v, Float.self))
    case .u16(let v): .u16(run(v, Float.self))
    case .i16(let v): .i16(run(v, Float.self))
    case .u32(let v): .u32(run(v, Double.self))
    case .i32(let v): .i32(run(v, Double.self))
    case .f32(let v): .f32(run(v, Float.self))
    case .f64(let v): .f64(run(v, Double.self))
    }
  }

  /// The sampled image.
  func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try check(.f32(volume))
    return run(volume, Float.self)
  }

  private func check(_ image: AnyVolume) throws(ImageError) {
    if interpolation == .cubicSpline, !map.meetsVoxels { try requireFinite(image, "cubic-spline interpolation") }
    if let outside { try requireHeld(outside, by: image.kind, "outside") }
  }

  private func run<T: Voxel, W: Sample>(_ volume: Volume<T>, _ type: W.Type) -> Volume<T> {
    if map.isAxisAligned(geometry.size) { return alongAxes(volume, type) }
    if interpolation == .cubicSpline {
      return sample(SplineCoefficients<W>(axes: [true, true, true])(volume), type)
    }
    return sample(volume, type)
  }

  private func sample<S: Voxel, T: Voxel, W: Sample>(_ volume: Volume<S>, _ type: W.Type) -> Volume<T> {
    Volume<T>(geometry) { out in
      volume.withVoxels { voxels in
        guard let source = voxels.baseAddress, let target = out.baseAddress else { return }
        AffineSampling<S, W, T>(
          map: map, interpolation: interpolation, outside: outside.map { T.rounding($0) }, rounded: false
        ).run(source, volume.size, target, geometry.size)
      }
    }
  }

  private func alongAxes<T: Voxel, W: Sample>(_ volume: Volume<T>, _ type: W.Type) -> Volume<T> {
    let from = volume.size, to = geometry.size, steps = SIMD3(map.x.x, map.y.y, map.z.z)
    let axes = (0..<3).map { axis in
      AxisSampling(
        count: to[axis], length: from[axis], start: map.origin[axis], step: steps[axis], interpolation)
    }
    let plan = ResamplingPlan(geometry: geometry, axes: axes, isSpline: interpolation == .cubicSpline)
    var result = plan.run(volume, type, rounded: false)
    guard let outside else { return result }
    let value = T.rounding(outside)
    let inside = (0..<3).map { axis in
      range(
        to[axis], SIMD3(map.origin[axis], 0, 0), SIMD3(steps[axis], 0, 0), SIMD3(-0.5 - 1e-9, -1, -1),
        SIMD3(Double(from[axis]) - 0.5 - 1e-9, 1, 1))
    }
    if (0..<3).allSatisfy({ inside[$0].count == to[$0] }) { return result }
    result.withMutableVoxels { out in
      guard let out = out.baseAddress else { return }
      for row in 0..<to.rows * to.slices {
        let line = out + row * to.columns
        if inside[1].contains(row % to.rows) && inside[2].contains(row / to.rows) {
          line.update(repeating: value, count: inside[0].lowerBound)
          (line + inside[0].upperBound).update(repeating: value, count: to.columns - inside[0].upperBound)
        } else {
          line.update(repeating: value, count: to.columns)
        }
      }
    }
    return result
  }
}

extension AnyVolume {
  /// The image on another grid, of any spacing and direction; every voxel stays where it is in space.
  ///
  /// - Shape: the result has `geometry` and the image's stored type.
  /// - Range: `outside` for voxels whose centre lies more than half a voxel beyond the outermost centres, the value at the
  ///   nearest edge for the others, and for all when it is nil.
  /// - Cost: axis by axis where the axes agree; else O(taps³) a voxel. The cubic spline one volume of coefficients.
  /// - Throws: `invalidParameter` for a grid without extent, or billions of voxels away; for a value of `outside` that
  ///   the stored type does not hold; for voxels that are not finite with the cubic spline, which would spread them.
  /// - Source: oracle ITK `ResampleImageFilter`.
  public func resampled(
    onto geometry: Geometry, interpolation: Interpolation = .linear, outside: Double? = nil
  ) throws(ImageError) -> AnyVolume {
    let map = try IndexMap(from: geometry, to: self.geometry)
    return try GridSampling(map: map, geometry: geometry, interpolation: interpolation, outside: outside)(self)
  }
}

extension Volume<Float> {
  /// The image on another grid, of any spacing and direction; every voxel stays where it is in space.
  public func resampled(
    onto geometry: Geometry, interpolation: Interpolation = .linear, outside: Double? = nil
  ) throws(ImageError) -> Self {
    let map = try IndexMap(from: geometry, to: self.geometry)
    return try GridSampling(map: map, geometry: geometry, interpolation: interpolation, outside: outside)(self)
  }
}

extension Mask {
  /// The region on another grid: voxels of which it fills at least `threshold`, after interpolation as an image; nothing
  /// is inside beyond the mask's own grid.
  ///
  /// - Throws: `invalidParameter` for a grid without extent, or a threshold outside 0 … 1.
  /// - Source: IBSI 1 reference manual, interpolation of segmentation masks.
  public func resampled(
    onto geometry: Geometry, interpolation: Interpolation, threshold: Double = 0.5
  ) throws(ImageError) -> Mask {
    let least = try Resample.fraction(threshold)
    let filled = try voxels.map { Float($0) }.resampled(onto: geometry, interpolation: interpolation, outside: 0)
    return Mask(filled, atLeast: least)
  }
}
