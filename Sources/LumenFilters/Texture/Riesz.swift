// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Riesz transform: the directional part of a derivative of any order, without its emphasis of high frequencies.
///
///     R(w) = (−i)ᴸ · √(L! / lx! ly! lz!) · Πₐ (wₐ / |w|)^lₐ,   L = lx + ly + lz
///
/// With a level, of the Simoncelli band of that level; to take it of another band, run that filter before.
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone.
/// - Units: frequencies are of voxels, −1 … 1 inclusive along each axis, whatever their spacing.
/// - Range: NaN and infinity would reach every voxel, so they are refused.
/// - Accuracy: within 2e-6 of the largest magnitude of the input; the same bits for any number of threads.
/// - Cost: O(voxels · log voxels); two volumes of scratch. Any boundary but periodic surrounds the image by 32 voxels
///   (with a level 16 · 2ⁿ) or half its length, whichever is less: up to eight times the scratch.
/// - Throws: `invalidParameter` for orders outside 0 … 8, all of them 0, one along z when planar, a level outside
///   0 … 10, or voxels that are not finite.
/// - Source: IBSI 2 reference manual, Riesz transform; Unser and Van De Ville 2010.
public struct Riesz: Filter {
  /// Order along the columns.
  public var x = 1
  /// Order along the rows.
  public var y = 0
  /// Order along the slices.
  public var z = 0
  /// Level of the Simoncelli band; 0 for all frequencies.
  public var level = 0
  /// Filters each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// The first order along the columns.
  public init() {}
  /// A transform of these orders.
  public init(
    x: Int, y: Int, z: Int, level: Int = 0, planar: Bool = false, boundary: BoundaryCondition = .mirror
  ) {
    self.x = x
    self.y = y
    self.z = z
    self.level = level
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "riesz", summary: "Riesz transform, of all frequencies or of a Simoncelli band", source: "IBSI 2, Riesz transform",
    parameters: [
      Parameter(\.x, "x", 0...8, "order along the columns"),
      Parameter(\.y, "y", 0...8, "order along the rows"),
      Parameter(\.z, "z", 0...8, "order along the slices"),
      Parameter(\.level, "level", 0...10, "level of the Simoncelli band; 0: all frequencies"),
      Parameter(\.planar, "planar", "each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The transform, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// Both parts of the spectrum, with the surroundings.
  public func scratch(_ geometry: Geometry) -> Int { geometry.bytes(ofFloats: 8) }

  /// None when planar, else the whole volume.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { planar ? 0 : nil }

  /// The transform.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    for (name, order) in [("x", x), ("y", y), ("z", z)] {
      let most = planar && name == "z" ? 0 : 8
      guard 0...most ~= order else {
        throw ImageError(
          .invalidParameter,
          "\(name) is \(order), expected 0\(most == 0 ? " because each slice is filtered for itself" : " … 8")")
      }
    }
    try requireFinite(volume, Self.catalogue.name)
    guard x + y + z > 0 else {
      throw ImageError(.invalidParameter, "x, y and z are all 0, expected at least one order above")
    }
    guard 0...10 ~= level else { throw ImageError(.invalidParameter, "level is \(level), expected 0 … 10") }
    return RadialWavelet(
      level: level, order: [x, y, z], planar: planar, boundary: boundary, margin: level == 0 ? 32 : 16 << level)(volume)
  }
}
