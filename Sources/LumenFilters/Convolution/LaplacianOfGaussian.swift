// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Laplacian of Gaussian: bright where the image is darker than its surroundings at the scale σ.
///
///     h(k) = Σₐ (kₐ²/σₐ⁴ − 1/σₐ²) · Πₐ g(kₐ),  |kₐ| ≤ ⌊cutoff·σₐ + ½⌋,  σₐ in voxels of each axis
///     g(k) = exp(−k² / 2σ²) / √(2πσ²), not corrected; with `normalised`, Σg = 1
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: σ in millimetres, divided by the spacing of each axis; the result per voxel².
/// - Range: NaN and infinity spread to every voxel whose kernel touches them.
/// - Accuracy: within 2e-6 of the largest magnitude of the input; the same bits for any number of threads.
/// - Cost: six passes of O(voxels · cutoff · σ / spacing); a few slices of a tile of scratch.
/// - Throws: `invalidParameter` for σ or cutoff that are not positive and finite, or a kernel beyond 10 000 voxels.
/// - Source: IBSI 2 Laplacian-of-Gaussian filter; normalised as SciPy `gaussian_laplace`.
public struct LaplacianOfGaussian: Filter {
  /// Standard deviation of the Gaussian.
  public var sigma = Length.mm(1)
  /// Where the kernel ends, in standard deviations.
  public var cutoff = 4.0
  /// Filter each slice for itself.
  public var planar = false
  /// Whether the sampled Gaussian is divided by its sum.
  public var normalised = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// σ = 1 mm.
  public init() {}
  /// A Laplacian at this scale.
  public init(
    sigma: Length, planar: Bool = false, normalised: Bool = false, boundary: BoundaryCondition = .mirror,
    cutoff: Double = 4
  ) {
    self.sigma = sigma
    self.planar = planar
    self.normalised = normalised
    self.boundary = boundary
    self.cutoff = cutoff
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "laplacian-of-gaussian", summary: "Laplacian of Gaussian", source: "IBSI 2 Laplacian-of-Gaussian filter",
    parameters: [
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the Gaussian"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
      Parameter(\.cutoff, "cutoff", 0.5...10, "where the kernel ends, in standard deviations"),
      Parameter(\.normalised, "normalised", "divide the sampled Gaussian by its sum"),
    ])

  /// The response, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The response.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try convolution(for: volume.geometry)(volume)
  }

  /// The response written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    try convolution(for: volume.geometry)(volume, into: &result)
  }

  /// The slices within the kernel.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { try convolution(for: geometry).reach }

  private func convolution(for geometry: Geometry) throws(ImageError) -> SeparableConvolution {
    let width = try GaussianWidth(sigma, cutoff: cutoff, planar: planar, in: geometry)
    let axes = width.activeAxes
    let terms = axes.map { curved in width.term([curved: 2], normalised: normalised) }
    return SeparableConvolution(
      channels: [terms.isEmpty ? [.init(Kernel([0.0]), .identity)] : terms], boundary: boundary)
  }
}
