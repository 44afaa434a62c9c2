// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Unsharp masking: what a Gaussian takes away is added once more.
///
///     out = image + amount · (image − g ∗ image)
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: σ in millimetres, divided by the spacing of each axis.
/// - Range: NaN and infinity spread to every voxel whose kernel touches them.
/// - Accuracy: within 4e-6 · (1 + |amount|) of the largest magnitude of the input.
/// - Cost: that of a Gaussian; a few slices of a tile of scratch.
/// - Throws: `invalidParameter` for σ that is not positive and finite, an amount that is not finite, or a kernel beyond
///   10 000 voxels.
/// - Source: unsharp masking; oracle SciPy `gaussian_filter`, scikit-image `unsharp_mask`.
public struct UnsharpMask: Filter {
  /// Standard deviation of the Gaussian.
  public var sigma = Length.mm(1)
  /// How much of the difference is added.
  public var amount = 1.0
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// σ = 1 mm, amount 1.
  public init() {}
  /// A sharpening of details up to this size.
  public init(sigma: Length, amount: Double = 1, planar: Bool = false, boundary: BoundaryCondition = .mirror) {
    self.sigma = sigma
    self.amount = amount
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "unsharp-mask", summary: "sharpening by what a Gaussian takes away", source: "unsharp masking",
    parameters: [
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the Gaussian"),
      Parameter(\.amount, "amount", -1...100, "how much of the difference is added"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The sharpened image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The sharpened image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let smooth = try convolution(for: volume.geometry)
    guard amount.isFinite else {
      throw ImageError(.invalidParameter, "amount is \(shortest(amount)), expected a finite number")
    }
    let a = Float(amount)
    return volume.withVoxels { voxels in
      nonisolated(unsafe) let source = voxels.baseAddress
      return smooth(volume) { channels, offset, n in
        guard let source = source.map({ $0 + offset }) else { return }
        let row = channels[0]
        for x in 0..<n { row[x] = source[x] + a * (source[x] - row[x]) }
      }
    }
  }

  /// The slices within the kernel.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { try convolution(for: geometry).reach }

  private func convolution(for geometry: Geometry) throws(ImageError) -> SeparableConvolution {
    let width = try GaussianWidth(sigma, planar: planar, in: geometry)
    return SeparableConvolution(channels: [[width.term([:])]], boundary: boundary)
  }
}
