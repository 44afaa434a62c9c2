// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Laplacian of Gaussian by recursion: the cost does not depend on σ. What PyRadiomics takes for its LoG images.
///
///     out = Σ axes ∂²(g ∗ image) / ∂x²,  per mm², times (σ / mm)² with `acrossScale`
///
/// The edge voxel is held outside the image.
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: σ in millimetres, divided by the spacing of each axis: 0.05 … 500 voxels.
/// - Range: NaN and infinity spread along whole rows, columns and lines of slices, so they are refused.
/// - Accuracy: computed in double precision, stored as float32 between the axes: within 1e-6 of the range of ITK's
///   result. The same bits for any number of threads.
/// - Cost: 7 recursions of 16 multiplications a voxel; a volume of scratch and, per thread, 576 bytes a voxel of a
///   line, 128 beyond 4096.
/// - Throws: `invalidParameter` for σ outside its range or voxels that are not finite.
/// - Source: ITK `LaplacianRecursiveGaussianImageFilter`; ``RecursiveGaussian``.
public struct RecursiveLaplacian: Filter {
  /// Standard deviation of the Gaussian.
  public var sigma = Length.mm(1)
  /// Filter each slice for itself.
  public var planar = false
  /// Multiply by (σ / mm)², so that responses at different scales compare.
  public var acrossScale = false

  /// σ = 1 mm.
  public init() {}
  /// A Laplacian at this scale.
  public init(sigma: Length, planar: Bool = false, acrossScale: Bool = false) {
    self.sigma = sigma
    self.planar = planar
    self.acrossScale = acrossScale
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "recursive-laplacian", summary: "Laplacian of Gaussian of any width at constant cost",
    source: "Deriche 1993; ITK LaplacianRecursiveGaussianImageFilter",
    parameters: [
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(1000), "standard deviation of the Gaussian"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.acrossScale, "across-scale", "multiply by the square of the standard deviation in mm"),
    ])

  /// The response, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The response.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let axes = try axes(volume.geometry)
    try requireFinite(volume, Self.catalogue.name)
    return Volume(volume.geometry) { out in
      volume.withVoxels { voxels in run(axes, volume.geometry, voxels, out) }
    }
  }

  /// The response written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    let axes = try axes(volume.geometry)
    try requireSize(of: result.geometry, volume.geometry)
    try requireFinite(volume, Self.catalogue.name)
    result = result.with(volume.geometry)
    result.withMutableVoxels { out in
      volume.withVoxels { voxels in run(axes, volume.geometry, voxels, out) }
    }
  }

  /// None with `planar`; else the recursion reaches through all slices.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    try axes(geometry).contains { $0.axis == 2 } ? nil : 0
  }

  /// What is done along an axis of more than one voxel.
  private struct Pass {
    let axis: Int, smooth: Recursion, curve: Recursion
  }

  private func axes(_ geometry: Geometry) throws(ImageError) -> [Pass] {
    let widths = try RecursiveWidth(sigma, in: geometry)
    var passes: [Pass] = []
    for axis in 0..<3 where geometry.size[axis] > 1 && !(planar && axis == 2) {
      let spacing = geometry.spacing[axis]
      passes.append(
        Pass(
          axis: axis, smooth: try widths.recursion(axis, order: 0),
          curve: try widths.recursion(axis, order: 2, acrossScale: acrossScale).scaled(by: 1 / (spacing * spacing))))
    }
    return passes
  }

  /// Two volumes go from axis to axis: the sum of the second derivatives so far, and the image smoothed so far.
  private func run(
    _ passes: [Pass], _ geometry: Geometry, _ voxels: UnsafeBufferPointer<Float>,
    _ out: UnsafeMutableBufferPointer<Float>
  ) {
    guard let source = voxels.baseAddress, let sum = out.baseAddress else { return }
    guard let last = passes.last else { return out.update(repeating: 0) }
    func run(_ smoothed: UnsafeMutablePointer<Float>) {
      for (i, pass) in passes.enumerated() {
        let isFirst = i == 0, isLast = pass.axis == last.axis
        let sources = isFirst ? [source] : [UnsafePointer(sum), UnsafePointer(smoothed)]
        LineSweep(geometry.size, axis: pass.axis)(sources, isLast ? [sum] : [sum, smoothed]) { lines in
          // In an order that overwrites no line that is still read.
          if isFirst {
            if !isLast {
              lines.filter(pass.smooth, of: 0)
              lines.store(1)
            }
            lines.filter(pass.curve, of: 0)
            return lines.store(0)
          }
          lines.filter(pass.curve, of: 1)
          lines.filter(pass.smooth, of: 0, adds: true)
          lines.store(0)
          if isLast { return }
          lines.filter(pass.smooth, of: 1)
          lines.store(1)
        }
      }
    }
    // Along one axis there is nothing else to smooth.
    if passes.count == 1 { return run(sum) }
    _ = Volume<Float>(geometry) { scratch in scratch.baseAddress.map(run) }
  }
}

extension Volume<Float> {
  /// The Laplacian of the image smoothed by a recursive Gaussian.
  public func recursiveLaplacian(sigma: Length) throws(ImageError) -> Self {
    try RecursiveLaplacian(sigma: sigma)(self)
  }
}
