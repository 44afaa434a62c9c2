// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// An eigenvalue of the Hessian: how strongly the image is curved along its principal directions.
///
///     H = σ² · ∂ₐ∂_b g(σ) ∗ image,  λ₁ ≥ λ₂ ≥ λ₃ its eigenvalues
///
/// - Shape: any columns × rows × slices with two axes of more than one voxel → same geometry.
/// - Units: σ in millimetres, divided by the spacing of each axis; the result in units of the image.
/// - Range: NaN and infinity spread to every voxel whose kernel touches them.
/// - Accuracy: within 1e-5 of the largest magnitude of the input; the same bits for any number of threads.
/// - Cost: fifteen passes of O(voxels · cutoff · σ / spacing) and a trigonometric solution; a few slices of scratch.
/// - Throws: `invalidParameter` for σ or cutoff that are not positive and finite, a kernel beyond 10 000 voxels, or an
///   image of a single row.
/// - Source: Lindeberg 1998 (scale-normalised derivatives); Smith 1961 (eigenvalues).
public struct HessianEigenvalue: Filter {
  /// Standard deviation of the Gaussian.
  public var sigma = Length.mm(1)
  /// Which of them.
  public var rank = EigenvalueRank.largest
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror
  /// Where the kernel ends, in standard deviations.
  public var cutoff = 4.0

  /// The largest at σ = 1 mm.
  public init() {}
  /// One of the eigenvalues at this scale.
  public init(
    sigma: Length, rank: EigenvalueRank = .largest, planar: Bool = false, boundary: BoundaryCondition = .mirror,
    cutoff: Double = 4
  ) {
    self.sigma = sigma
    self.rank = rank
    self.planar = planar
    self.boundary = boundary
    self.cutoff = cutoff
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "hessian-eigenvalue", summary: "curvature along a principal direction", source: "Lindeberg 1998; Smith 1961",
    parameters: [
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the Gaussian"),
      Parameter(\.rank, "rank", "which eigenvalue"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
      Parameter(\.cutoff, "cutoff", 0.5...10, "where the kernel ends, in standard deviations"),
    ])

  /// The eigenvalue, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The eigenvalue.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let hessian = try hessian(volume.geometry), rank = rank, dimensions = hessian.dimensions
    return hessian.map(volume) { e, _ in Float(rank.pick(e, dimensions: dimensions)) }
  }

  /// The slices within the kernel.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { try hessian(geometry).reach }

  private func hessian(_ geometry: Geometry) throws(ImageError) -> Hessian {
    try Hessian(sigma, cutoff: cutoff, boundary: boundary, planar: planar, in: geometry, name: "sigma")
  }
}
