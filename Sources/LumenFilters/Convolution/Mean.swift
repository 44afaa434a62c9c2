// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Mean of a cubic window.
///
///     out(x, y, z) = Σ image / size³ over the window;  size² in a slice
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: the window's size in voxels of each axis, whatever their spacing.
/// - Range: NaN and infinity spread to every voxel whose window touches them.
/// - Accuracy: within 1e-6 of the largest magnitude of the input; the same bits for any number of threads.
/// - Cost: O(voxels · size) per axis; a few slices of a tile of scratch.
/// - Throws: `invalidParameter` for a size that is even or outside 1 … 1001.
/// - Source: IBSI 2 mean filter; oracle SciPy `uniform_filter`.
public struct Mean: Filter {
  /// Voxels of the window along each axis; odd.
  public var size = 3
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// 3 × 3 × 3.
  public init() {}
  /// A window of `size` voxels along each axis.
  public init(size: Int, planar: Bool = false, boundary: BoundaryCondition = .mirror) {
    self.size = size
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "mean", summary: "mean of a cubic window", source: "IBSI 2 mean filter",
    parameters: [
      Parameter(\.size, "size", 1...1001, "voxels of the window along each axis, odd"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The filtered image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The filtered image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try convolution(for: volume.geometry)(volume)
  }

  /// The filtered image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    try convolution(for: volume.geometry)(volume, into: &result)
  }

  /// The slices within the window.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { try convolution(for: geometry).reach }

  private func convolution(for geometry: Geometry) throws(ImageError) -> SeparableConvolution {
    guard (1...1001).contains(size), size % 2 == 1 else {
      throw ImageError(.invalidParameter, "size is \(size), expected an odd number of 1 … 1001")
    }
    let box = Kernel([Double](repeating: 1 / Double(size), count: size))
    let k = (0..<3).map { geometry.size[$0] == 1 || planar && $0 == 2 ? .identity : box }
    return SeparableConvolution(k[0], k[1], k[2], boundary: boundary)
  }
}

extension AnyVolume {
  /// The image filtered by the mean of a cubic window, as 32-bit float.
  public func mean(size: Int, planar: Bool = false) throws(ImageError) -> AnyVolume {
    try Mean(size: size, planar: planar)(self)
  }
}
