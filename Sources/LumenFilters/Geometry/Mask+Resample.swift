// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension Resample {
  /// How much of each voxel of the new grid a region fills, 0 … 1: the mask interpolated as an image.
  ///
  /// - Source: IBSI 1 reference manual, interpolation of segmentation masks (partial volume).
  public func coverage(of mask: Mask) throws(ImageError) -> Volume<Float> {
    var filter = self
    filter.rounded = false
    return try filter(mask.voxels.map { Float($0) })
  }

  /// The region on the new grid: voxels of which it fills at least `threshold`, after interpolation as an image.
  ///
  /// - Accuracy: fractions within 1e-6 of the threshold count as reaching it.
  /// - Throws: as the filter; `invalidParameter` for a threshold outside 0 … 1.
  /// - Source: IBSI 1 reference manual, interpolation of segmentation masks; its configurations use trilinear and 0.5.
  public func callAsFunction(_ mask: Mask, threshold: Double = 0.5) throws(ImageError) -> Mask {
    let least = try Self.fraction(threshold)
    return Mask(try coverage(of: mask), atLeast: least)
  }

  static func fraction(_ threshold: Double) throws(ImageError) -> Float {
    guard threshold > 0, threshold <= 1 else {
      throw ImageError(
        .invalidParameter, "threshold is \(shortest(threshold)), expected more than 0 and at most 1")
    }
    return Float(threshold - 1e-6)
  }
}
