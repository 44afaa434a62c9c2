// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Median of a cubic window: removes noise and keeps edges.
///
///     out(x, y, z) = the middle of the (2r+1)³ sorted values around (x, y, z);  (2r+1)² in a slice
///
/// - Shape: any columns × rows × slices → same geometry and the same stored type. One slice is filtered as a 2-D image.
/// - Units: radius in voxels of each axis, whatever their spacing.
/// - Range: NaN counts as larger than every number and is the result where it fills more than half of the window;
///   of equal zeros the result may be either.
/// - Accuracy: exact.
/// - Cost: 3 × 3 × 3 and 5 × 5 about 100 instructions a register of voxels (neighbouring windows share sorted columns);
///   larger windows O(1) a voxel in a slice, O(radius) in a volume; scratch of the histograms of 256 columns (8 bits) or
///   of a sorted tile with its surroundings (120 MB at radius 50 in a volume) and 8 MB of histograms a thread.
/// - Throws: `invalidParameter` for a radius outside 1 … 50.
/// - Source: definition; oracle SciPy `median_filter`. Boundary names as in IBSI 2.
public struct Median: Filter {
  /// Voxels of the window on each side of its centre.
  public var radius = 1
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.nearest

  /// 3 × 3 × 3.
  public init() {}
  /// A window of (2·radius + 1) voxels along each axis.
  public init(radius: Int = 1, planar: Bool = false, boundary: BoundaryCondition = .nearest) {
    self.radius = radius
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "median", summary: "median of a cubic window", source: "definition; oracle SciPy median_filter",
    parameters: [
      Parameter(\.radius, "radius", 1...50, "voxels of the window on each side of its centre"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The filtered image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { try window().filtered(image) }

  /// The filtered image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try window().filtered(volume)
  }

  /// The filtered image.
  public func callAsFunction(_ volume: Volume<Int16>) throws(ImageError) -> Volume<Int16> {
    try window().filtered(volume)
  }

  /// The filtered image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    try window().filter(volume, into: &result)
  }

  /// The filtered image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Int16>, into result: inout Volume<Int16>) throws(ImageError) {
    try window().filter(volume, into: &result)
  }

  /// A tile of a large window in order.
  public func scratch(_ geometry: Geometry) -> Int { (try? window())?.scratch(geometry) ?? 0 }

  /// The radius, or none for single slices.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { try window().reach(geometry) }

  private func window() throws(ImageError) -> RankWindow {
    try RankWindow(radius: radius, planar: planar, boundary: boundary) { $0 / 2 }
  }
}

extension AnyVolume {
  /// The image filtered by the median of a cubic window.
  public func median(radius: Int = 1, planar: Bool = false) throws(ImageError) -> AnyVolume {
    try Median(radius: radius, planar: planar)(self)
  }
}

extension Volume<Float> {
  /// The image filtered by the median of a cubic window.
  public func median(radius: Int = 1, planar: Bool = false) throws(ImageError) -> Self {
    try Median(radius: radius, planar: planar)(self)
  }
}

extension Volume<Int16> {
  /// The image filtered by the median of a cubic window.
  public func median(radius: Int = 1, planar: Bool = false) throws(ImageError) -> Self {
    try Median(radius: radius, planar: planar)(self)
  }
}
