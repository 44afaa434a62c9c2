// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Band of one level of the Simoncelli wavelet: non-separable, the same in all directions.
///
///     B(r) = cos(π/2 · log₂ 2r),  ¼ < r ≤ 1, else 0;  r = 2ⁿ⁻¹|w|,  w = −1 … 1 inclusive along each axis
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone.
/// - Units: frequencies are of voxels, whatever their spacing.
/// - Range: NaN and infinity would reach every voxel, so they are refused.
/// - Accuracy: within 2e-6 of the largest magnitude of the input; the same bits for any number of threads.
/// - Cost: O(voxels · log voxels); two volumes of scratch. Any boundary but periodic surrounds the image by 16 · 2ⁿ
///   voxels or half its length, whichever is less: up to eight times the scratch.
/// - Throws: `invalidParameter` for a level outside 1 … 10, or voxels that are not finite.
/// - Source: IBSI 2 reference manual, Simoncelli wavelet; Portilla and Simoncelli 2000.
public struct Simoncelli: Filter {
  /// Level: each is an octave below the one before.
  public var level = 1
  /// Filters each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.periodic

  /// The highest band.
  public init() {}
  /// The band of a level.
  public init(level: Int, planar: Bool = false, boundary: BoundaryCondition = .periodic) {
    self.level = level
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "simoncelli", summary: "band of the Simoncelli wavelet", source: "IBSI 2, Simoncelli wavelet",
    parameters: [
      Parameter(\.level, "level", 1...10, "octaves below the highest band, from 1"),
      Parameter(\.planar, "planar", "each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The band, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// Both parts of the spectrum, with the surroundings.
  public func scratch(_ geometry: Geometry) -> Int { geometry.bytes(ofFloats: 8) }

  /// None when planar, else the whole volume.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { planar ? 0 : nil }

  /// The band.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try requireFinite(volume, Self.catalogue.name)
    guard 1...10 ~= level else { throw ImageError(.invalidParameter, "level is \(level), expected 1 … 10") }
    return RadialWavelet(level: level, planar: planar, boundary: boundary, margin: 16 << level)(volume)
  }
}
