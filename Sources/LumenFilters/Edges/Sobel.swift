// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Edge strength by Sobel's, Prewitt's or Scharr's operator.
///
///     out = √ Σₐ Gₐ²,  Gₐ = [−1 0 1] along axis a ⊗ w along the others
///     w = [1 2 1] (Sobel), [1 1 1] (Prewitt), [3 10 3] (Scharr)
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: voxels, whatever their spacing; not scaled to a derivative.
/// - Range: NaN and infinity spread to the neighbours; differences beyond 1e18 become infinite.
/// - Accuracy: within 1e-6 of the largest result possible; the same bits for any number of threads.
/// - Cost: eight passes of three voxels in one go over memory; a few slices of a tile of scratch.
/// - Source: Sobel and Feldman 1968, Prewitt 1970, Scharr 2000; oracle SciPy `generic_gradient_magnitude`.
public struct Sobel: Filter {
  /// The weights across the derivative.
  public enum Operator: String, Sendable, CaseIterable {
    case sobel, prewitt, scharr

    var weights: [Double] {
      switch self {
      case .sobel: [1, 2, 1]
      case .prewitt: [1, 1, 1]
      case .scharr: [3, 10, 3]
      }
    }
  }

  /// The weights across the derivative.
  public var weights = Operator.sobel
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// Sobel's weights.
  public init() {}
  /// An operator.
  public init(_ weights: Operator, planar: Bool = false, boundary: BoundaryCondition = .mirror) {
    self.weights = weights
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "sobel", summary: "edge strength by Sobel's, Prewitt's or Scharr's operator",
    source: "Sobel and Feldman 1968, Prewitt 1970, Scharr 2000",
    parameters: [
      Parameter(\.weights, "weights", "weights across the derivative"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The edge strength, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The edge strength.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    convolution(for: volume.geometry)(volume, rootOfSquares)
  }

  /// The edge strength written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    try convolution(for: volume.geometry)(volume, into: &result, rootOfSquares)
  }

  /// The next slice.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { convolution(for: geometry).reach }

  private func convolution(for geometry: Geometry) -> SeparableConvolution {
    let across = Kernel(weights.weights), along = Kernel([1.0, 0, -1])
    let axes = (0..<3).filter { geometry.size[$0] > 1 && !(planar && $0 == 2) }
    let channels = axes.map { axis in
      let k = (0..<3).map { !axes.contains($0) ? Kernel.identity : $0 == axis ? along : across }
      return [SeparableConvolution.Term(k[0], k[1], k[2])]
    }
    return SeparableConvolution(
      channels: channels.isEmpty ? [[.init(Kernel([0.0]), .identity)]] : channels, boundary: boundary)
  }
}
