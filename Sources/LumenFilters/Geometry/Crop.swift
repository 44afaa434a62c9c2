// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The box of voxels from a first one on, at its place in space.
///
/// - Shape: columns × rows × slices of the box, the same stored type.
/// - Units: voxels, counted from 0; a length of 0 reaches to the end.
/// - Accuracy: exact. Cost: one copy of the box.
/// - Throws: `invalidParameter` for a box that is not inside the image.
/// - Source: ITK `RegionOfInterestImageFilter`.
public struct Crop: Filter {
  /// Column, row and slice of the first voxel, from 0.
  public var first = SIMD3<Int>(0, 0, 0)
  /// Columns, rows and slices; 0 for all from the first.
  public var count = SIMD3<Int>(0, 0, 0)

  /// The whole image.
  public init() {}
  /// A box of `count` voxels from `first` on.
  public init(first: SIMD3<Int>, count: SIMD3<Int> = [0, 0, 0]) {
    self.first = first
    self.count = count
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "crop", summary: "a box of voxels, at its place in space", source: "ITK RegionOfInterestImageFilter",
    parameters: [
      Parameter(\.first.x, "x", 0...65_535, "first column"),
      Parameter(\.first.y, "y", 0...65_535, "first row"),
      Parameter(\.first.z, "z", 0...4_194_303, "first slice"),
      Parameter(\.count.x, "columns", 0...65_536, "how many; 0 to the end"),
      Parameter(\.count.y, "rows", 0...65_536, "how many; 0 to the end"),
      Parameter(\.count.z, "slices", 0...4_194_304, "how many; 0 to the end"),
    ])

  /// The box, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    var box: [Range<Int>] = []
    for (axis, name) in ["columns", "rows", "slices"].enumerated() {
      let n = image.size[axis], from = first[axis]
      guard from >= 0, from < n else {
        throw ImageError(
          .invalidParameter, "\(["x", "y", "z"][axis]) is \(from), expected 0 … \(n - 1): the image has \(n) \(name)")
      }
      guard count[axis] >= 0, count[axis] <= n - from else {
        throw ImageError(
          .invalidParameter, "\(name) is \(count[axis]), expected 0 … \(n - from) from \(from) on")
      }
      box.append(from..<(count[axis] == 0 ? n : from + count[axis]))
    }
    return image.accept(Box(columns: box[0], rows: box[1], slices: box[2]))
  }

  private struct Box: AnyVolume.Visitor {
    typealias Failure = Never
    let columns: Range<Int>, rows: Range<Int>, slices: Range<Int>
    func visit<T: Voxel>(_ volume: Volume<T>) -> AnyVolume {
      T.erase(volume.cropped(columns: columns, rows: rows, slices: slices))
    }
  }
}
