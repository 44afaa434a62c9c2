// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Histogram matching to a standard: percentiles of the image are mapped to given intensities, linearly between them.
///
///     out = s[k] + (v − p[k]) · (s[k+1] − s[k]) / (p[k+1] − p[k]),  p[k] ≤ v < p[k+1]
///
/// where p are percentiles of the image and s the standard's intensities. The first and the last piece go on outside.
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float.
/// - Range: NaN and infinity stay. Equal percentiles of the image count as one, with the last of their intensities.
/// - Accuracy: double precision, rounded once; percentiles of 64-bit and 32-bit integer images as 32-bit floats.
/// - Cost: two to three passes.
/// - Throws: `invalidParameter` for an image whose percentiles are all equal or that has no voxel above the threshold.
/// - Source: Nyúl & Udupa 1999; Nyúl, Udupa & Zhang 2000. The standard is learnt by ``NyulStandard``.
public struct Nyul: Filter {
  /// Percentiles and the intensities they are mapped to.
  public var standard = NyulStandard()
  /// Percentiles are of the finite voxels above this: the foreground. All voxels are mapped.
  public var above = 0.0

  /// Percentiles 1 and 99 to 0 and 100.
  public init() {}
  /// A standard, and where the foreground begins.
  public init(standard: NyulStandard, above: Double = 0) {
    self.standard = standard
    self.above = above
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "nyul", summary: "histogram matching to a standard by percentiles", source: "Nyúl & Udupa 1999",
    parameters: [
      Parameter(
        text: \.standard, "standard", "percentile:intensity, … rising", "what percentiles of the image are mapped to"),
      Parameter(\.above, "above", -Double.infinity...Double.infinity, "percentiles are of the voxels above this"),
    ])

  /// The matched image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    guard !above.isNaN else { throw ImageError(.invalidParameter, "above is nan, expected a number") }
    let landmarks = image.percentiles(standard.percentiles, above: above)
    var knots: [Double] = [], targets: [Double] = []
    for (knot, target) in zip(landmarks, standard.values) {
      if knot == knots.last {
        targets[targets.count - 1] = target
      } else {
        knots.append(knot)
        targets.append(target)
      }
    }
    guard knots.count >= 2 else {
      throw ImageError(
        .invalidParameter, "the image has no range between its percentiles above \(shortest(above))",
        hint: "is above = \(shortest(above)) the end of its background?")
    }
    return .f32(
      knots.withUnsafeBufferPointer { knots in
        targets.withUnsafeBufferPointer { targets in
          image.mapped(
            Pieces(knots: knots.baseAddress!, targets: targets.baseAddress!, last: knots.count - 2))
        }
      })
  }

  private struct Pieces: PointFunction, @unchecked Sendable {
    let knots: UnsafePointer<Double>, targets: UnsafePointer<Double>, last: Int

    func callAsFunction(_ v: Double) -> Float {
      guard v.isFinite else { return Float(v) }
      var k = 0
      while k < last && v >= knots[k + 1] { k += 1 }
      return Float(targets[k] + (v - knots[k]) * (targets[k + 1] - targets[k]) / (knots[k + 1] - knots[k]))
    }
  }
}
