// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Difference of a narrow and a wide Gaussian: keeps what lies between two scales.
///
///     out = g(narrow) ∗ image − g(wide) ∗ image
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: both σ in millimetres, divided by the spacing of each axis.
/// - Range: NaN and infinity spread to every voxel whose kernel touches them.
/// - Accuracy: within 4e-6 of the largest magnitude of the input; the same bits for any number of threads.
/// - Cost: that of two Gaussians in one go; a few slices of a tile of scratch.
/// - Throws: `invalidParameter` for σ or cutoff that are not positive and finite, a wide σ not above the narrow one, or
///   a kernel beyond 10 000 voxels.
/// - Source: Marr and Hildreth 1980; oracle scikit-image `difference_of_gaussians`.
public struct DifferenceOfGaussians: Filter {
  /// Standard deviation of the Gaussian that is added.
  public var narrow = Length.mm(1)
  /// Standard deviation of the Gaussian that is subtracted.
  public var wide = Length.mm(1.6)
  /// Where the kernels end, in standard deviations.
  public var cutoff = 4.0
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// 1 mm − 1.6 mm.
  public init() {}
  /// A difference of these two scales.
  public init(
    narrow: Length, wide: Length, planar: Bool = false, boundary: BoundaryCondition = .mirror, cutoff: Double = 4
  ) {
    self.narrow = narrow
    self.wide = wide
    self.planar = planar
    self.boundary = boundary
    self.cutoff = cutoff
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "difference-of-gaussians", summary: "difference of two Gaussians", source: "Marr and Hildreth 1980",
    parameters: [
      Parameter(\.narrow, "narrow", .mm(0.05) ... .mm(200), "standard deviation of the Gaussian that is added"),
      Parameter(\.wide, "wide", .mm(0.05) ... .mm(200), "standard deviation of the Gaussian that is subtracted"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
      Parameter(\.cutoff, "cutoff", 0.5...10, "where the kernels end, in standard deviations"),
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

  /// The slices within the wider kernel.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { try convolution(for: geometry).reach }

  private func convolution(for geometry: Geometry) throws(ImageError) -> SeparableConvolution {
    let a = try GaussianWidth(narrow, cutoff: cutoff, planar: planar, in: geometry, name: "narrow")
    let b = try GaussianWidth(wide, cutoff: cutoff, planar: planar, in: geometry, name: "wide")
    guard wide > narrow else {
      throw ImageError(.invalidParameter, "wide is \(wide), expected more than narrow, which is \(narrow)")
    }
    var minus = b.term([:])
    minus.x = minus.x.scaled(by: -1)
    return SeparableConvolution(channels: [[a.term([:]), minus]], boundary: boundary)
  }
}
