// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenFilters

/// Binary erosion: keeps the voxels whose whole neighbourhood lies in the region.
///
///     erosion = { p : p + element ⊆ mask }
///
/// - Shape: outside the image counts as region.
/// - Units: radius in millimetres, or in voxels; axes with one voxel are left alone.
/// - Cost: lines of the element · voxels / 64 word operations; two bits a voxel of scratch.
/// - Throws: `invalidParameter` for a radius outside 0 … 100 mm or 250 voxels.
/// - Source: Serra 1982; oracle SciPy `binary_erosion(border_value=1)`.
public struct Erosion: MaskOperation {
  /// The neighbourhood.
  public var element = StructuringElement()
  /// Change each slice for itself.
  public var planar = false

  /// A ball of 2 mm.
  public init() {}
  /// An erosion by a ball of a radius.
  public init(radius: Length) { element.radius = radius }
  /// An erosion by a neighbourhood.
  public init(_ element: StructuringElement, planar: Bool = false) {
    self.element = element
    self.planar = planar
  }

  /// Its line in the catalogue.
  public static let catalogue = Entry<Self>(
    "erosion", summary: "keep what a neighbourhood fits into", source: "Serra 1982",
    parameters: [
      Parameter(\.element.radius, "radius", .mm(0) ... .mm(100), "radius of the element"),
      Parameter(\.element.voxels, "voxels", 0...250, "radius in voxels of every axis; 0: radius holds"),
      Parameter(\.element.shape, "shape", "form of the element"),
      Parameter(\.planar, "planar", "change each slice for itself"),
    ])

  /// The eroded region.
  public func callAsFunction(_ mask: Mask) throws(ImageError) -> Mask {
    try mask.morphed(element, planar: planar, grow: false)
  }
}
