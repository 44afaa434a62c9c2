// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Grey erosion: the smallest value in a neighbourhood, which widens what is dark.
///
///     out(p) = min { f(p + d) : d in the structuring element }
///
/// - Shape: any columns × rows × slices → same geometry and the same stored type. One slice is a 2-D image.
/// - Units: radius in millimetres, or in voxels.
/// - Range: NaN counts as larger than every number, so it stays only where the element holds nothing else. Boundary
///   nearest and mirror both leave out what lies outside.
/// - Accuracy: exact; the same bits for any number of threads.
/// - Cost: box O(voxels), ball and cross O(voxels · lines of the element); scratch that grows with the element, at
///   most 512 MiB a thread.
/// - Throws: `invalidParameter` for a radius outside 0 … 100 mm or 250 voxels.
/// - Source: Serra 1982; oracle SciPy `grey_erosion`. Boundary names as in IBSI 2.
public struct GreyErosion: Filter {
  /// The neighbourhood.
  public var element = StructuringElement()
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.nearest

  /// A ball of 2 mm.
  public init() {}
  /// An erosion by a neighbourhood.
  public init(_ element: StructuringElement, planar: Bool = false, boundary: BoundaryCondition = .nearest) {
    self.element = element
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "grey-erosion", summary: "smallest value in a neighbourhood", source: "Serra 1982; oracle SciPy grey_erosion",
    parameters: [
      Parameter(\.element.radius, "radius", .mm(0) ... .mm(100), "radius of the element"),
      Parameter(\.element.voxels, "voxels", 0...250, "radius in voxels of every axis; 0: radius holds"),
      Parameter(\.element.shape, "shape", "form of the element"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The eroded image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    try extremum(of: image, element, planar: planar, boundary: boundary, largest: false)
  }

  /// The eroded image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    try write(volume, into: &result)
  }

  /// The eroded image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Int16>, into result: inout Volume<Int16>) throws(ImageError) {
    try write(volume, into: &result)
  }

  private func write<T: GreyVoxel>(_ volume: Volume<T>, into result: inout Volume<T>) throws(ImageError) {
    let minimum = try Extremum<T>(
      element, planar: planar, boundary: boundary, largest: false, on: volume.geometry)
    try requireSize(of: result.geometry, volume.geometry)
    result = result.with(volume.geometry)
    result.withMutableVoxels { out in volume.withVoxels { minimum.run($0, out) } }
  }

  /// The element's half-width along slices; nil where slices are periodic.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    try element.reach(geometry, planar: planar, boundary: boundary, steps: 1)
  }
}
