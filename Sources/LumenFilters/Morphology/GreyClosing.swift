// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Grey closing: fills what is dark and narrower than the element, and keeps the rest.
///
///     closing = erosion(dilation(f))
///
/// - Shape: any columns × rows × slices → same geometry and the same stored type. One slice is a 2-D image.
/// - Units: radius in millimetres, or in voxels.
/// - Range: with boundary nearest or mirror the result is nowhere smaller than the image, and doing it twice changes
///   nothing.
/// - Accuracy: exact; the same bits for any number of threads.
/// - Cost: that of an erosion and a dilation; one volume of scratch.
/// - Throws: `invalidParameter` for a radius outside 0 … 100 mm or 250 voxels.
/// - Source: Serra 1982; oracle SciPy `grey_closing`. Boundary names as in IBSI 2.
public struct GreyClosing: Filter {
  /// The neighbourhood.
  public var element = StructuringElement()
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.nearest

  /// A ball of 2 mm.
  public init() {}
  /// A closing by a neighbourhood.
  public init(_ element: StructuringElement, planar: Bool = false, boundary: BoundaryCondition = .nearest) {
    self.element = element
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "grey-closing", summary: "fill what is dark and narrower than a neighbourhood",
    source: "Serra 1982; oracle SciPy grey_closing",
    parameters: [
      Parameter(\.element.radius, "radius", .mm(0) ... .mm(100), "radius of the element"),
      Parameter(\.element.voxels, "voxels", 0...250, "radius in voxels of every axis; 0: radius holds"),
      Parameter(\.element.shape, "shape", "form of the element"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The closed image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    let dilated = try extremum(of: image, element, planar: planar, boundary: boundary, largest: true)
    return try extremum(of: dilated, element, planar: planar, boundary: boundary, largest: false)
  }

  /// The element's width along slices; nil where slices are periodic.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    try element.reach(geometry, planar: planar, boundary: boundary, steps: 2)
  }
}
