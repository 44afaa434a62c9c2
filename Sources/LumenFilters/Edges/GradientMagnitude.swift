// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Length of the gradient, from derivatives of a Gaussian.
///
///     out = √ Σₐ ((∂ₐ g ∗ image) / sₐ)²,  ∂g(k) = −k/σ² · g(k),  σ in voxels of each axis, sₐ the spacing
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: σ in millimetres, divided by the spacing of each axis; the result per mm.
/// - Range: NaN and infinity spread to every voxel whose kernel touches them; gradients beyond 1e18 become infinite.
/// - Accuracy: within 4e-6 of the largest magnitude of the input over σ; the same bits for any number of threads.
/// - Cost: eight passes of O(voxels · cutoff · σ / spacing); a few slices of a tile of scratch.
/// - Throws: `invalidParameter` for σ or cutoff that are not positive and finite, or a kernel beyond 10 000 voxels.
/// - Source: sampled Gaussian derivatives; oracle SciPy `gaussian_gradient_magnitude`.
public struct GradientMagnitude: Filter {
  /// Standard deviation of the Gaussian.
  public var sigma = Length.mm(1)
  /// Where the kernel ends, in standard deviations.
  public var cutoff = 4.0
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// σ = 1 mm.
  public init() {}
  /// A gradient at this scale.
  public init(sigma: Length, planar: Bool = false, boundary: BoundaryCondition = .mirror, cutoff: Double = 4) {
    self.sigma = sigma
    self.planar = planar
    self.boundary = boundary
    self.cutoff = cutoff
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "gradient-magnitude", summary: "length of the gradient", source: "sampled Gaussian derivatives",
    parameters: [
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the Gaussian"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
      Parameter(\.cutoff, "cutoff", 0.5...10, "where the kernel ends, in standard deviations"),
    ])

  /// The length of the gradient, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The length of the gradient.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try convolution(for: volume.geometry)(volume, rootOfSquares)
  }

  /// The length of the gradient written over another volume of the same size, whose memory is reused when it is not
  /// shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    try convolution(for: volume.geometry)(volume, into: &result, rootOfSquares)
  }

  /// The slices within the kernel.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { try convolution(for: geometry).reach }

  private func convolution(for geometry: Geometry) throws(ImageError) -> SeparableConvolution {
    let width = try GaussianWidth(sigma, cutoff: cutoff, planar: planar, in: geometry)
    let channels = width.activeAxes.map { axis in [width.term([axis: 1], scaledBy: 1 / geometry.spacing[axis])] }
    return SeparableConvolution(
      channels: channels.isEmpty ? [[.init(Kernel([0.0]), .identity)]] : channels, boundary: boundary)
  }
}
