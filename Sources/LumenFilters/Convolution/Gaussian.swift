// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Gaussian smoothing, separable, in physical units.
///
///     g(k) ∝ exp(−k² / 2σ²),  |k| ≤ ⌊cutoff·σ + ½⌋,  Σg = 1,  σ in voxels of each axis
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: σ in millimetres, divided by the spacing of each axis.
/// - Range: NaN and infinity spread to every voxel whose kernel touches them.
/// - Accuracy: within 2e-6 of the largest magnitude of the input from the double-precision sum; the same bits for any
///   number of threads.
/// - Cost: O(voxels · cutoff · σ / spacing) per axis; no scratch volume.
/// - Throws: `invalidParameter` for σ or cutoff that are not positive and finite, or a kernel beyond 10 000 voxels.
/// - Source: sampled Gaussian; oracle SciPy `gaussian_filter` (cutoff is its `truncate`). Boundary names as in IBSI 2.
public struct Gaussian: Filter {
  /// Standard deviation of the kernel.
  public var sigma = Length.mm(1)
  /// Where the kernel ends, in standard deviations.
  public var cutoff = 4.0
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// σ = 1 mm.
  public init() {}
  /// A smoothing of this width.
  public init(sigma: Length, boundary: BoundaryCondition = .mirror, cutoff: Double = 4) {
    self.sigma = sigma
    self.cutoff = cutoff
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "gaussian", summary: "Gaussian smoothing", source: "sampled Gaussian; IBSI 2 boundary conditions",
    parameters: [
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the kernel"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
      Parameter(\.cutoff, "cutoff", 0.5...10, "where the kernel ends, in standard deviations"),
    ])

  /// The smoothed image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The smoothed image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try convolution(for: volume.geometry)(volume)
  }

  /// The smoothed image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    try convolution(for: volume.geometry)(volume, into: &result)
  }

  /// The slices within the kernel.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { try convolution(for: geometry).reach }

  private func convolution(for geometry: Geometry) throws(ImageError) -> SeparableConvolution {
    let width = try GaussianWidth(sigma, cutoff: cutoff, in: geometry)
    return SeparableConvolution(channels: [[width.term([:])]], boundary: boundary)
  }
}

extension Volume<Float> {
  /// The image smoothed by a Gaussian.
  public func gaussian(sigma: Length, boundary: BoundaryCondition = .mirror) throws(ImageError) -> Self {
    try Gaussian(sigma: sigma, boundary: boundary)(self)
  }
}

extension AnyVolume {
  /// The image smoothed by a Gaussian, as 32-bit float.
  public func gaussian(sigma: Length, boundary: BoundaryCondition = .mirror) throws(ImageError) -> AnyVolume {
    try Gaussian(sigma: sigma, boundary: boundary)(self)
  }
}
