// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The voxels whose values lie between two bounds, both included.
///
/// - Units: the image's own (HU in CT). NaN is never inside.
public struct Threshold: Segmentation {
  /// Smallest value inside.
  public var lower = -Double.infinity
  /// Largest value inside.
  public var upper = Double.infinity

  /// Every value.
  public init() {}
  /// Values from `lower` to `upper`.
  public init(lower: Double = -.infinity, upper: Double = .infinity) {
    self.lower = lower
    self.upper = upper
  }

  /// Its line in the catalogue.
  public static let catalogue = Entry<Self>(
    "threshold", summary: "values between two bounds", source: "definition",
    parameters: [
      Parameter(\.lower, "lower", -.infinity ... .infinity, "smallest value inside"),
      Parameter(\.upper, "upper", -.infinity ... .infinity, "largest value inside"),
    ])

  /// The region between the bounds.
  ///
  /// - Throws: `invalidParameter` when the lower bound is above the upper one, or a bound is NaN.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> Mask {
    guard lower <= upper else {
      throw ImageError(
        .invalidParameter, "lower is \(shortest(lower)) and upper \(shortest(upper)), expected lower ≤ upper")
    }
    return image.accept(InsideVisitor(lower: lower, upper: upper))
  }
}

/// 1 where lower ≤ value ≤ upper.
struct InsideVisitor: AnyVolume.Visitor {
  typealias Failure = Never
  let lower: Double, upper: Double

  func visit<Element: Voxel>(_ volume: Volume<Element>) -> Mask {
    Mask(volume.geometry) { out in
      volume.withVoxels { voxels in
        nonisolated(unsafe) let (src, dst) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(voxels.count, grain: 1 << 16) { range in
          for i in range {
            let v = src[i].doubleValue
            dst[i] = v >= lower && v <= upper ? 1 : 0
          }
        }
      }
    }
  }
}
