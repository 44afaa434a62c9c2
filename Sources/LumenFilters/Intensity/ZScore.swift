// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Intensities as multiples of the standard deviation from the mean.
///
///     out = (v − μ) / σ,  μ and σ of the finite voxels above a threshold
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float.
/// - Range: NaN and infinity stay; where σ is 0 or no voxel lies above the threshold, every finite voxel becomes 0.
/// - Accuracy: double precision, rounded once.
/// - Cost: two passes.
/// - Throws: `invalidParameter` for a threshold of NaN.
/// - Source: definition; oracle NumPy `mean` and `std`.
public struct ZScore: Filter {
  /// Divide the squared deviations by n − 1 (sample) instead of n (population).
  public var sample = false
  /// Mean and deviation are taken of the voxels above this: the foreground. All voxels are mapped.
  public var above = -Double.infinity

  /// The whole image, population deviation.
  public init() {}
  /// Mean and deviation of the voxels above a threshold.
  public init(sample: Bool = false, above: Double = -.infinity) {
    self.sample = sample
    self.above = above
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "z-score", summary: "intensities in standard deviations from the mean", source: "definition",
    parameters: [
      Parameter(\.sample, "sample", "sample instead of population standard deviation"),
      Parameter(
        \.above, "above", -Double.infinity...Double.infinity, "mean and deviation are of the voxels above this"),
    ])

  /// The normalised image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    guard !above.isNaN else { throw ImageError(.invalidParameter, "above is nan, expected a number") }
    let range = image.valueRange(above: above), n = Double(range.count)
    let σ = sample && n > 1 ? range.deviation * (n / (n - 1)).squareRoot() : range.deviation
    let inverse = σ > 0 ? 1 / σ : 0, μ = range.count > 0 ? range.mean : 0
    return .f32(image.mapped(Linear(origin: μ, scale: inverse)))
  }
}
