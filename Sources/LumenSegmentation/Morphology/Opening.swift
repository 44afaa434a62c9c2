// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenFilters

/// Binary opening: removes what the element does not fit into, such as thin bridges and vessels.
///
///     opening = dilation(erosion(mask))
///
/// - Shape: outside the image counts as region for the erosion and as background for the dilation.
/// - Units: radius in millimetres, or in voxels; axes with one voxel are left alone.
/// - Cost: that of an erosion and a dilation.
/// - Throws: `invalidParameter` for a radius outside 0 … 100 mm or 250 voxels.
/// - Source: Serra 1982; oracle SciPy `binary_erosion(border_value=1)` and `binary_dilation`.
public struct Opening: MaskOperation {
  /// The neighbourhood.
  public var element = StructuringElement()
  /// Change each slice for itself.
  public var planar = false

  /// A ball of 2 mm.
  public init() {}
  /// An opening by a ball of a radius.
  public init(radius: Length) { element.radius = radius }
  /// An opening by a neighbourhood.
  public init(_ element: StructuringElement, planar: Bool = false) {
    self.element = element
    self.planar = planar
  }

  /// Its line in the catalogue.
  public static let catalogue = Entry<Self>(
    "opening", summary: "remove what a neighbourhood does not fit into", source: "Serra 1982",
    parameters: [
      Parameter(\.element.radius, "radius", .mm(0) ... .mm(100), "radius of the element"),
      Parameter(\.element.voxels, "voxels", 0...250, "radius in voxels of every axis; 0: radius holds"),
      Parameter(\.element.shape, "shape", "form of the element"),
      Parameter(\.planar, "planar", "change each slice for itself"),
    ])

  /// The opened region.
  public func callAsFunction(_ mask: Mask) throws(ImageError) -> Mask {
    let passes = try element.passes(on: mask.geometry, planar: planar)
    var bits = PackedMask(mask, complement: true)
    for lines in passes { bits = bits.dilated(by: lines) }
    bits = bits.complement
    for lines in passes { bits = bits.dilated(by: lines) }
    return bits.mask(mask.geometry, complement: false)
  }
}
