// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Discrete Laplacian: the sum of the second differences along the axes.
///
///     out(i) = Σₐ (v(i − eₐ) − 2·v(i) + v(i + eₐ)) / sₐ²,  sₐ the spacing
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: per mm².
/// - Range: NaN and infinity spread to the neighbours.
/// - Accuracy: within 1e-6 of the largest magnitude of the input over the squared spacing.
/// - Cost: one go over memory; a few slices of a tile of scratch.
/// - Throws: `invalidParameter` for a spacing that is not positive and finite.
/// - Source: second central difference; oracle SciPy `laplace`.
public struct Laplacian: Filter {
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// All axes, mirrored.
  public init() {}
  /// A Laplacian.
  public init(planar: Bool, boundary: BoundaryCondition = .mirror) {
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "laplacian", summary: "sum of second differences", source: "second central difference",
    parameters: [
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The response, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The response.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let geometry = volume.geometry
    var terms: [SeparableConvolution.Term] = []
    for (axis, name) in ["columns", "rows", "slices"].enumerated() where geometry.size[axis] > 1 {
      if planar && axis == 2 { continue }
      let s = geometry.spacing[axis]
      guard s > 0, s.isFinite else {
        throw ImageError(.invalidParameter, "the spacing along \(name) is \(shortest(s)) mm, expected more than 0")
      }
      var k = [Kernel](repeating: .identity, count: 3)
      k[axis] = Kernel([1.0, -2, 1]).scaled(by: 1 / (s * s))
      terms.append(.init(k[0], k[1], k[2]))
    }
    if terms.isEmpty { terms = [.init(Kernel([0.0]), .identity)] }
    return SeparableConvolution(channels: [terms], boundary: boundary)(volume)
  }

  /// The next slice.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    geometry.size.slices == 1 || planar ? 0 : boundary == .periodic ? nil : 1
  }
}
