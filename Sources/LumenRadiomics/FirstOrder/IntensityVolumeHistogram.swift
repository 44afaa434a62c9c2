// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Intensity-volume histogram. IBSI 1 reference manual, P88C.
/// ν(i): fraction of the volume with an intensity of at least i; γ(i) = (i − i₁) / (iₙ − i₁) over the levels i₁ … iₙ.
///
/// The levels: whole numbers from the minimum to the maximum without discretisation; 1 … n for a fixed bin number; bin
/// centres up to the end of the resegmentation range (or the maximum) for a fixed bin size.
struct IntensityVolumeHistogram: FeatureFamily {
  static let family = FamilyName.ivh

  /// Ascending.
  private let x: [Double]
  private let bins: Bins
  /// Number of levels.
  private let steps: Double
  /// Intensity of the first level and distance of levels.
  private let first: Double, step: Double

  /// - Throws: `invalidParameter` without discretisation when the intensities are no whole numbers.
  init(sorted x: [Double], discretisation: Discretisation?, range: ClosedRange<Double>?) throws(ImageError) {
    self.x = x
    let (low, high) = (x.first ?? .nan, x.last ?? .nan)
    let mayBeWhole = discretisation == nil || discretisation == Discretisation.none
    let isWhole = mayBeWhole && x.allSatisfy { $0 == $0.rounded() }
    switch discretisation ?? (isWhole ? .none : .fixedBinNumber(1000)) {
    case .none:
      guard isWhole else {
        throw ImageError(
          .invalidParameter, "the intensities are no whole numbers, expected them for an IVH without discretisation",
          hint: "choose a fixed bin number or a fixed bin size for the intensity-volume histogram")
      }
      bins = Bins(lower: low, width: 1, scale: 1, last: .infinity)
      (first, step, steps) = (low, 1, high - low + 1)
    case .fixedBinNumber(let n):
      bins =
        x.isEmpty
        ? Bins(lower: 0, width: 1, scale: 1, last: 1) : try Discretisation.fixedBinNumber(n).bins(low, high, range)
      (first, step, steps) = (1, 1, Double(n))
    case .fixedBinSize(let width, let lower):
      guard !x.isEmpty else {
        bins = Bins(lower: 0, width: 1, scale: 1, last: 1)
        (first, step, steps) = (0, 1, 0)
        return
      }
      let fitted = try Discretisation.fixedBinSize(width, lowerBound: lower).bins(low, high, range)
      bins = fitted
      let upper = range.map(\.upperBound).flatMap { $0.isFinite ? max($0, high) : nil }
      let toEnd = upper.map { (($0 - fitted.lower) / width).rounded(.up) } ?? fitted.last
      (first, step, steps) = (fitted.lower + width / 2, width, max(toEnd, fitted.last))
    }
  }

  /// Fraction of the volume at level k = 1 … n or above.
  private func fraction(_ k: Double) -> Double {
    Double(x.count - partition(x.count) { bins.level(x[$0]) >= k }) / Double(x.count)
  }

  /// ν at the first level with γ ≥ share.
  func volume(atIntensity share: Double) -> Double {
    guard steps > 1, steps.isFinite else { return .nan }
    return fraction((share * (steps - 1) - 1e-9).rounded(.up) + 1)
  }

  /// The first level with ν ≤ share; NaN where none is.
  func intensity(atVolume share: Double) -> Double {
    guard steps > 1, steps < 1e15 else { return .nan }
    let k = partition(Int(steps)) { fraction(Double($0 + 1)) <= share + 1e-12 }
    return k < Int(steps) ? first + Double(k) * step : .nan
  }

  /// ∫ ν dγ by the trapezoidal rule: Σₖ ν(k) is the mean level, since a voxel of level L counts for k = 1 … L.
  var area: Double {
    guard let low = x.first, let high = x.last else { return .nan }
    if bins.level(low) == bins.level(high) { return 0 }
    let levels = blockSum(x, .level(bins)) / Double(x.count)
    return (levels - (1 + fraction(steps)) / 2) / (steps - 1)
  }
}

extension IntensityVolumeHistogram {
  static let features: [Feature<Self>] = [
    .init("Volume fraction at 10% intensity", "NK6P", "ivh_v10", "V₁₀ = ν(i) at the first γ(i) ≥ 0.1") { h in
      h.volume(atIntensity: 0.1)
    },
    .init("Volume fraction at 90% intensity", "4279", "ivh_v90", "V₉₀ = ν(i) at the first γ(i) ≥ 0.9") { h in
      h.volume(atIntensity: 0.9)
    },
    .init("Intensity at 10% volume", "PWN1", "ivh_i10", "I₁₀ = the first i with ν(i) ≤ 0.1", unit: "intensity") { h in
      h.intensity(atVolume: 0.1)
    },
    .init("Intensity at 90% volume", "BOHI", "ivh_i90", "I₉₀ = the first i with ν(i) ≤ 0.9", unit: "intensity") { h in
      h.intensity(atVolume: 0.9)
    },
    .init(
      "Volume fraction difference between 10% and 90% intensity", "WITY", "ivh_diff_v10_v90", "V₁₀ − V₉₀"
    ) { h in h.volume(atIntensity: 0.1) - h.volume(atIntensity: 0.9) },
    .init(
      "Intensity difference between 10% and 90% volume", "JXJA", "ivh_diff_i10_i90", "I₁₀ − I₉₀", unit: "intensity"
    ) { h in h.intensity(atVolume: 0.1) - h.intensity(atVolume: 0.9) },
    .init(
      "Area under the IVH curve", "9CMM", "ivh_auc", "∫ ν dγ by the trapezoidal rule; 0 where all levels are equal"
    ) { h in h.area },
  ]
}
