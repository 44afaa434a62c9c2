// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenFilters

/// A region drawn anew along the edges of the image: supervoxels of its surroundings, each taken with the probability of
/// its overlap with the region.
///
///     p = |supervoxel ∩ mask| / |supervoxel|;  p ≥ 0.9 → 1,  p < 0.2 → 0,  the largest p → 1;  then a closing
///
/// - Shape: the mask's grid. A region never becomes empty.
/// - Units: ``boundary`` in millimetres around the region's box; supervoxels of about 500 mm³, 20 voxels at least.
/// - Range: intensities are clipped to those in the region, widened by a tenth of their range.
/// - Accuracy: the same voxels for any number of threads.
/// - Cost: that of ``Supervoxels`` for the box, once for any number of repetitions.
/// - Throws: `invalidParameter` for an image on another grid, or a boundary that is negative or not finite.
/// - Source: Zwanenburg et al., Sci Rep 2019;9:614, contour randomisation; the constants are those of MIRP 2.7.
public struct ContourRandomisation: Sendable {
  /// How far around the region's box supervoxels are formed.
  public static let boundary = Length.mm(25)

  private let mask: Mask
  private let labels: Volume<UInt32>
  private let first: SIMD3<Int>
  /// Probability of each supervoxel that meets the region, by label.
  private let probability: [Double]

  /// The supervoxels around a region.
  ///
  /// - Parameter range: intensities of interest; nil: those in the region.
  public init(
    _ mask: Mask, of image: AnyVolume, intensities range: ClosedRange<Double>? = nil, boundary: Length = Self.boundary
  ) throws(ImageError) {
    try image.geometry.requireSame(as: mask.geometry, "the mask")
    guard boundary >= .mm(0), boundary.millimetres.isFinite else {
      throw ImageError(.invalidParameter, "boundary is \(boundary), expected at least 0mm")
    }
    self.mask = mask
    guard let box = mask.boundingBox else {
      (labels, first, probability) = (Volume(Geometry(size: Size(columns: 1, rows: 1)), repeating: 0), SIMD3(), [])
      return
    }
    let sides = [box.columns, box.rows, box.slices].enumerated().map { axis, side in
      let n = mask.size[axis], reach = (boundary.millimetres / mask.geometry.spacing[axis]).rounded(.up)
      let more = reach < Double(n) ? Int(reach) : n
      return max(0, side.lowerBound - more)..<min(n, side.upperBound + more)
    }
    first = SIMD3(sides[0].lowerBound, sides[1].lowerBound, sides[2].lowerBound)
    let crop = Crop(first: first, count: SIMD3(sides[0].count, sides[1].count, sides[2].count))
    let inside = mask.voxels.cropped(columns: sides[0], rows: sides[1], slices: sides[2])
    let part = try crop(image).float
    let clipped = Self.clipped(part, inside, range)
    let g = part.geometry
    let pieceVoxels = max(20, 500 / g.voxelVolume)
    labels = try Supervoxels(
      count: max(1, Int(Double(g.size.count) / pieceVoxels)), sigma: .mm(g.spacing.min()))(clipped)
    probability = Self.overlaps(labels, inside)
  }

  /// The region drawn anew; another one for every seed.
  public func callAsFunction(seed: UInt64) throws(ImageError) -> Mask {
    if probability.isEmpty { return mask }
    var random = SplitMix64(seed: seed)
    // One number a supervoxel, also for those that have no choice: a label keeps its number.
    let isTaken = probability.map { random.uniform() < $0 }
    let size = mask.size, part = labels.size, first = first
    let drawn = Mask(mask.geometry) { out in
      out.update(repeating: 0)
      labels.withVoxels { labels in
        var i = 0
        for z in 0..<part.slices {
          for y in 0..<part.rows {
            let row = size.offset(first.x, first.y + y, first.z + z)
            for x in 0..<part.columns {
              out[row + x] = isTaken[Int(labels[i])] ? 1 : 0
              i += 1
            }
          }
        }
      }
    }
    return try Closing(StructuringElement(.cross, voxels: 1))(drawn)
  }

  /// Intensities clipped to the range of interest, widened by a tenth at both ends; NaN becomes the lower end.
  private static func clipped(
    _ image: Volume<Float>, _ mask: Volume<UInt8>, _ range: ClosedRange<Double>?
  ) -> Volume<Float> {
    var (low, high) = (Float.infinity, -Float.infinity)
    if let range {
      (low, high) = (Float(range.lowerBound), Float(range.upperBound))
    } else {
      image.withVoxels { v in
        mask.withVoxels { m in
          for i in 0..<v.count where m[i] != 0 && v[i].isFinite { (low, high) = (min(low, v[i]), max(high, v[i])) }
        }
      }
    }
    guard low <= high, low.isFinite, high.isFinite else { return image.map { _ in 0 } }
    let more = 0.1 * (high - low), bounds = (low - more, high + more)
    return image.map { $0.isNaN ? bounds.0 : min(max($0, bounds.0), bounds.1) }
  }

  /// The probability of every label, at its number.
  private static func overlaps(_ labels: Volume<UInt32>, _ mask: Volume<UInt8>) -> [Double] {
    var (all, met) = ([Int](), [Int]())
    labels.withVoxels { labels in
      mask.withVoxels { mask in
        let most = Int(labels.max() ?? 0)
        all = [Int](repeating: 0, count: most + 1)
        met = all
        for i in 0..<labels.count {
          all[Int(labels[i])] += 1
          met[Int(labels[i])] += Int(mask[i])
        }
      }
    }
    var p = zip(all, met).map { $0 == 0 ? 0 : Double($1) / Double($0) }
    let best = p.max() ?? 0
    if let first = p.firstIndex(of: best), best > 0 { p[first] = 1 }
    return p.map { $0 >= 0.9 ? 1 : $0 < 0.2 ? 0 : $0 }
  }
}
