// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// The coefficients of a recursive Gaussian or of its derivative along one axis.
///
///     n(z) / d(z) ≈ Σ of two damped cosines (a·cos(w·x/σ) + b·sin(w·x/σ))·exp(l·x/σ),  x ≥ 0
///
/// scaled so that a constant (order 0), a ramp (1) or a parabola (2) is met exactly.
///
/// - Source: Farnebäck and Westin 2006, "Improving Deriche-style recursive Gaussian filters", with ITK's constants.
struct Recursion: Sendable {
  let order: Int
  /// n₀ … n₃ of the forward part.
  private(set) var forward = SIMD4<Double>()
  /// m₁ … m₄ of the backward part.
  private(set) var backward = SIMD4<Double>()
  /// d₁ … d₄ of both.
  private(set) var feedback = SIMD4<Double>()
  /// What each part gives for a constant 1.
  private(set) var forwardGain = 0.0, backwardGain = 0.0

  // a₁, b₁, a₂, b₂ for each order; w and l of the two cosines.
  private static let amplitudes: [SIMD4<Double>] = [
    [1.3530, 1.8151, -0.3531, 0.0902], [-0.6724, -3.4327, 0.6724, 0.6100], [-1.3563, 5.2318, 0.3446, -2.2355],
  ]
  private static let w1 = 0.6681, l1 = -1.3932, w2 = 2.0787, l2 = -1.3732

  /// - Parameters:
  ///   - σ: in voxels.
  ///   - factor: what the response is multiplied by.
  init(sigma σ: Double, order: Int, factor: Double = 1) {
    self.order = order
    let c1 = cos(Self.w1 / σ), c2 = cos(Self.w2 / σ), e1 = exp(Self.l1 / σ), e2 = exp(Self.l2 / σ)
    feedback[0] = -2 * (e2 * c2 + e1 * c1)
    feedback[1] = 4 * c2 * c1 * e1 * e2 + e1 * e1 + e2 * e2
    feedback[2] = -2 * c1 * e1 * e2 * e2 - 2 * c2 * e2 * e1 * e1
    feedback[3] = e1 * e1 * e2 * e2
    let back: SIMD4<Double> = [1, 2, 3, 4], ahead: SIMD4<Double> = [0, 1, 2, 3]
    // Sums of the coefficients with k⁰, k¹, k²: the moments of the two polynomials.
    let sd = 1 + feedback.sum(), dd = (feedback * back).sum(), ed = (feedback * back * back).sum()
    var n = Self.numerator(σ, Self.amplitudes[order])
    if order == 2 {
      // A part of the smoothing is added that takes away the response to a constant.
      let smooth = Self.numerator(σ, Self.amplitudes[0])
      let left: Double = 2 * n.sum() - sd * n[0], taken: Double = 2 * smooth.sum() - sd * smooth[0]
      n -= smooth * (left / taken)
    }
    let sn = n.sum(), dn = (n * ahead).sum(), en = (n * ahead * ahead).sum()
    // What a constant, a ramp or a parabola becomes.
    let gain: Double
    switch order {
    case 0: gain = 2 * sn / sd - n[0]
    case 1: gain = 2 * (sn * dd - dn * sd) / (sd * sd)
    default:
      let even: Double = en * sd * sd - ed * sn * sd
      let odd: Double = 2 * dd * (dd * sn - dn * sd)
      gain = (even + odd) / (sd * sd * sd)
    }
    n *= factor / gain
    forward = n
    let m = SIMD4(n[1], n[2], n[3], 0) - feedback * n[0]
    backward = order == 1 ? -m : m
    forwardGain = n.sum() / sd
    backwardGain = backward.sum() / sd
  }

  private static func numerator(_ σ: Double, _ a: SIMD4<Double>) -> SIMD4<Double> {
    let (a1, b1, a2, b2) = (a[0], a[1], a[2], a[3])
    let s1 = sin(w1 / σ), s2 = sin(w2 / σ), c1 = cos(w1 / σ), c2 = cos(w2 / σ), e1 = exp(l1 / σ), e2 = exp(l2 / σ)
    let n1: Double = e2 * (b2 * s2 - (a2 + 2 * a1) * c2) + e1 * (b1 * s1 - (a1 + 2 * a2) * c1)
    let mixed: Double = (a1 + a2) * c2 * c1 - b1 * c2 * s1 - b2 * c1 * s2
    let n2: Double = 2 * e1 * e2 * mixed + a2 * e1 * e1 + a1 * e2 * e2
    let n3: Double = e2 * e1 * e1 * (b2 * s2 - a2 * c2) + e1 * e2 * e2 * (b1 * s1 - a1 * c1)
    return [a1 + a2, n1, n2, n3]
  }

  var isFinite: Bool { (0..<4).allSatisfy { forward[$0].isFinite && backward[$0].isFinite && feedback[$0].isFinite } }

  /// The response times a factor.
  func scaled(by factor: Double) -> Recursion {
    var copy = self
    copy.forward *= factor
    copy.backward *= factor
    copy.forwardGain *= factor
    copy.backwardGain *= factor
    return copy
  }
}

/// σ of a recursive Gaussian, checked where an axis is filtered.
struct RecursiveWidth {
  private let sigma: Length, geometry: Geometry

  init(_ sigma: Length, in geometry: Geometry) throws(ImageError) {
    guard sigma.millimetres > 0, sigma.millimetres.isFinite else {
      throw ImageError(
        .invalidParameter, "sigma is \(sigma), expected more than 0mm", hint: "the usual range is 0.05mm … 200mm")
    }
    self.sigma = sigma
    self.geometry = geometry
  }

  /// The recursion along an axis.
  ///
  /// - Throws: `invalidParameter` for σ outside 0.05 … 500 voxels: below, the derivatives vanish in rounding, above,
  ///   the recursion's own rounding shows.
  func recursion(_ axis: Int, order: Int, acrossScale: Bool = false) throws(ImageError) -> Recursion {
    let voxels = sigma.millimetres / geometry.spacing[axis], name = ["columns", "rows", "slices"][axis]
    guard (0.05...500).contains(voxels) else {
      throw ImageError(
        .invalidParameter, "sigma \(sigma) is \(shortest(voxels)) voxels along \(name), expected 0.05 … 500",
        hint: voxels < 0.05 ? "gaussian takes smaller ones" : "resample to larger voxels first")
    }
    let factor = acrossScale ? pow(sigma.millimetres, Double(order)) : 1
    let recursion = Recursion(sigma: voxels, order: order, factor: factor)
    guard recursion.isFinite else {
      throw ImageError(
        .invalidParameter, "sigma \(sigma) is too small or too large along \(name) for a derivative of order \(order)")
    }
    return recursion
  }
}
