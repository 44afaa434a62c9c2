// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The largest connected part of a mask, or the second, third … largest.
///
/// Parts of equal size rank in memory order of their first voxels. An empty mask stays empty.
///
/// - Throws: `invalidParameter` when the mask has fewer parts than `rank`.
/// - Source: ``ConnectedComponents``.
public struct LargestComponent: MaskOperation {
  /// 1 for the largest, 2 for the second largest …
  public var rank = 1
  /// Neighbours that are connected: 6, 18 or 26.
  public var connectivity = 26

  /// The largest, 26-connected.
  public init() {}
  /// A part by its rank.
  public init(rank: Int = 1, connectivity: Connectivity = .twentySix) {
    self.rank = rank
    self.connectivity = connectivity.rawValue
  }

  /// Its line in the catalogue.
  public static let catalogue = Entry<Self>(
    "largest-component", summary: "largest connected part", source: "Rosenfeld & Pfaltz 1966",
    parameters: [
      Parameter(\.rank, "rank", 1...1_000_000, "1 for the largest, 2 for the second largest …"),
      Parameter(\.connectivity, "connectivity", 6...26, "connected neighbours: 6, 18 or 26"),
    ])

  /// The part of the mask.
  public func callAsFunction(_ mask: Mask) throws(ImageError) -> Mask {
    guard let connectivity = Connectivity(rawValue: connectivity) else {
      throw ImageError(.invalidParameter, "connectivity is \(connectivity), expected 6, 18 or 26")
    }
    guard rank >= 1 else { throw ImageError(.invalidParameter, "rank is \(rank), expected at least 1") }
    let parts = ConnectedComponents(mask, connectivity: connectivity)
    if parts.sizes.isEmpty { return mask }
    guard rank <= parts.sizes.count else {
      throw ImageError(
        .invalidParameter, "the mask has \(parts.sizes.count) connected parts, rank \(rank) was asked for",
        hint: "is there something to find in this image?")
    }
    let order = parts.sizes.indices.sorted { (-parts.sizes[$0], $0) < (-parts.sizes[$1], $1) }
    let chosen = order[rank - 1] + 1
    return parts.mask { $0 == chosen }
  }
}
