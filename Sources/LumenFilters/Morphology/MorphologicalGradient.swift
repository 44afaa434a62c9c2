// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Morphological gradient: how much the values of a neighbourhood differ.
///
///     gradient = dilation(f) − erosion(f)
///
/// - Shape: any columns × rows × slices → same geometry and stored type, signed integers as unsigned of the same
///   size. One slice is a 2-D image.
/// - Units: radius in millimetres, or in voxels.
/// - Range: every difference of integers is held; ∞ − ∞ is NaN.
/// - Accuracy: exact; the same bits for any number of threads.
/// - Cost: that of an erosion and a dilation; two volumes of scratch.
/// - Throws: `invalidParameter` for a radius outside 0 … 100 mm or 250 voxels.
/// - Source: Serra 1982; oracle SciPy `morphological_gradient`. Boundary names as in IBSI 2.
public struct MorphologicalGradient: Filter {
  /// The neighbourhood.
  public var element = StructuringElement()
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.nearest

  /// A ball of 2 mm.
  public init() {}
  /// A gradient by a neighbourhood.
  public init(_ element: StructuringElement, planar: Bool = false, boundary: BoundaryCondition = .nearest) {
    self.element = element
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "morphological-gradient", summary: "largest minus smallest value in a neighbourhood",
    source: "Serra 1982; oracle SciPy morphological_gradient",
    parameters: [
      Parameter(\.element.radius, "radius", .mm(0) ... .mm(100), "radius of the element"),
      Parameter(\.element.voxels, "voxels", 0...250, "radius in voxels of every axis; 0: radius holds"),
      Parameter(\.element.shape, "shape", "form of the element"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The gradient, stored as the input is, signed integers as unsigned.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    let largest = try extremum(of: image, element, planar: planar, boundary: boundary, largest: true)
    return excess(
      of: largest, over: try extremum(of: image, element, planar: planar, boundary: boundary, largest: false))
  }

  /// The dilated and the eroded image.
  public func scratch(_ geometry: Geometry) -> Int { geometry.bytes(ofFloats: 2) }

  /// The element's half-width along slices; nil where slices are periodic.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    try element.reach(geometry, planar: planar, boundary: boundary, steps: 1)
  }
}
