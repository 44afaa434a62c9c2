// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Top hat: what is bright (or dark) and narrower than the element, on a background of zero.
///
///     white = f − opening(f),  black = closing(f) − f
///
/// - Shape: any columns × rows × slices → same geometry and stored type, signed integers as unsigned of the same
///   size. One slice is a 2-D image.
/// - Units: radius in millimetres, or in voxels.
/// - Range: every difference of integers is held, but those below 0, which boundary zero can give at the border, are 0;
///   ∞ − ∞ is NaN.
/// - Accuracy: exact; the same bits for any number of threads.
/// - Cost: that of an erosion and a dilation; one volume of scratch.
/// - Throws: `invalidParameter` for a radius outside 0 … 100 mm or 250 voxels.
/// - Source: Serra 1982; oracle SciPy `white_tophat` and `black_tophat`. Boundary names as in IBSI 2.
public struct TopHat: Filter {
  /// Which detail is kept.
  public enum Side: String, Sendable, CaseIterable {
    /// What is brighter than its surroundings.
    case white
    /// What is darker than its surroundings.
    case black
  }

  /// Which detail is kept.
  public var side = Side.white
  /// The neighbourhood.
  public var element = StructuringElement()
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.nearest

  /// A ball of 2 mm.
  public init() {}
  /// A top hat by a neighbourhood.
  public init(
    _ element: StructuringElement, side: Side = .white, planar: Bool = false, boundary: BoundaryCondition = .nearest
  ) {
    self.side = side
    self.element = element
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "top-hat", summary: "detail narrower than a neighbourhood, without its background",
    source: "Serra 1982; oracle SciPy white_tophat",
    parameters: [
      Parameter(\.element.radius, "radius", .mm(0) ... .mm(100), "radius of the element"),
      Parameter(\.element.voxels, "voxels", 0...250, "radius in voxels of every axis; 0: radius holds"),
      Parameter(\.element.shape, "shape", "form of the element"),
      Parameter(\.side, "side", "whether bright or dark detail is kept"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The detail, stored as the input is, signed integers as unsigned.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    switch side {
    case .white:
      excess(of: image, over: try GreyOpening(element, planar: planar, boundary: boundary)(image))
    case .black:
      excess(of: try GreyClosing(element, planar: planar, boundary: boundary)(image), over: image)
    }
  }

  /// The element's width along slices; nil where slices are periodic.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    try element.reach(geometry, planar: planar, boundary: boundary, steps: 2)
  }
}
