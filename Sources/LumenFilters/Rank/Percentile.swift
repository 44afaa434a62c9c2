// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Percentile of a cubic window: 0 is the minimum, 50 the median, 100 the maximum.
///
///     out(x, y, z) = value number ⌊n · percentile / 100⌋, from 0, of the n = (2r+1)³ sorted ones around (x, y, z);
///                    (2r+1)² in a slice; the last for 100
///
/// - Shape: any columns × rows × slices → same geometry and the same stored type. One slice is filtered as a 2-D image.
/// - Units: radius in voxels of each axis, whatever their spacing.
/// - Range: NaN counts as larger than every number; of equal zeros the result may be either.
/// - Accuracy: exact.
/// - Cost: O(1) a voxel in a slice, O(radius) in a volume; scratch of the histograms of 256 columns (8 bits) or of a
///   sorted tile with its surroundings (120 MB at radius 50 in a volume) and 8 MB of histograms a thread.
/// - Throws: `invalidParameter` for a percentile outside 0 … 100 or a radius outside 1 … 50.
/// - Source: definition; oracle SciPy `percentile_filter`. Boundary names as in IBSI 2.
public struct Percentile: Filter {
  /// How much of the window lies below the result, in percent.
  public var percentile = 50.0
  /// Voxels of the window on each side of its centre.
  public var radius = 1
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.nearest

  /// The median of 3 × 3 × 3.
  public init() {}
  /// A percentile of a window of (2·radius + 1) voxels along each axis.
  public init(
    _ percentile: Double, radius: Int = 1, planar: Bool = false, boundary: BoundaryCondition = .nearest
  ) {
    self.percentile = percentile
    self.radius = radius
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "percentile", summary: "percentile of a cubic window", source: "definition; oracle SciPy percentile_filter",
    parameters: [
      Parameter(\.percentile, "percentile", 0...100, "how much of the window lies below the result, in percent"),
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

  /// A tile of a large window in order.
  public func scratch(_ geometry: Geometry) -> Int { (try? window())?.scratch(geometry) ?? 0 }

  /// The radius, or none for single slices.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { try window().reach(geometry) }

  private func window() throws(ImageError) -> RankWindow {
    guard (0...100).contains(percentile) else {
      throw ImageError(.invalidParameter, "percentile is \(shortest(percentile)), expected 0 … 100")
    }
    let p = percentile
    return try RankWindow(radius: radius, planar: planar, boundary: boundary) { n in
      p == 100 ? n - 1 : Int(Double(n) * p / 100)
    }
  }
}
