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
/// - Cost: radius 1 about 100 instructions a register of voxels (neighbouring windows share sorted columns); larger
///   radii one pass over the window for every bit of the type.
/// - Throws: `invalidParameter` for a radius outside 1 … 3.
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
      Parameter(\.radius, "radius", 1...3, "voxels of the window on each side of its centre"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The filtered image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    switch image {
    case .u8(let v): .u8(try filtered(v))
    case .i8(let v): .i8(try filtered(v))
    case .u16(let v): .u16(try filtered(v))
    case .i16(let v): .i16(try filtered(v))
    case .u32(let v): .u32(try filtered(v))
    case .i32(let v): .i32(try filtered(v))
    case .f32(let v): .f32(try filtered(v))
    case .f64(let v): .f64(try filtered(v))
    }
  }

  /// The filtered image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> { try filtered(volume) }

  /// The filtered image.
  public func callAsFunction(_ volume: Volume<Int16>) throws(ImageError) -> Volume<Int16> { try filtered(volume) }

  /// The filtered image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    try filter(volume, into: &result)
  }

  /// The filtered image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Int16>, into result: inout Volume<Int16>) throws(ImageError) {
    try filter(volume, into: &result)
  }

  private func filtered<T: RankKey>(_ volume: Volume<T>) throws(ImageError) -> Volume<T> {
    try checkRadius()
    if T.Key.bitWidth == 8 && radius > 1 {
      return try filtered(volume.map { Int16($0.doubleValue) }).map { T.rounding($0.doubleValue) }
    }
    return Volume(volume.geometry) { out in volume.withVoxels { run(T.self, volume.size, $0, out) } }
  }

  private func filter<T: RankKey>(_ volume: Volume<T>, into result: inout Volume<T>) throws(ImageError) {
    try checkRadius()
    try requireSize(of: result.geometry, volume.geometry)
    result = result.with(volume.geometry)
    result.withMutableVoxels { out in volume.withVoxels { run(T.self, volume.size, $0, out) } }
  }

  private func checkRadius() throws(ImageError) {
    guard (1...3).contains(radius) else {
      throw ImageError(.invalidParameter, "radius is \(radius), expected 1 … 3")
    }
  }

  private func run<T: RankKey>(
    _ type: T.Type, _ size: Size, _ from: UnsafeBufferPointer<T>, _ to: UnsafeMutableBufferPointer<T>
  ) {
    guard let source = from.baseAddress, let target = to.baseAddress else { return }
    // A voxel and its key have the same size; only the bits are moved.
    source.withMemoryRebound(to: T.Key.self, capacity: from.count) { source in
      target.withMemoryRebound(to: T.Key.self, capacity: to.count) { target in
        let depth = planar || size.slices == 1 ? 0 : radius
        if radius == 1 {
          MedianOfThree<T>(size: size, boundary: boundary, volumetric: depth > 0).run(source, target)
        } else {
          MedianByBits<T>(size: size, boundary: boundary, radius: radius, depth: depth).run(source, target)
        }
      }
    }
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
