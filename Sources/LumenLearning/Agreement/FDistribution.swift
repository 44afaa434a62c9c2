// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The F distribution with any positive, also fractional, degrees of freedom.
///
///     P(F ≤ f) = I_x(d₁/2, d₂/2),  x = d₁ f / (d₁ f + d₂)
///
/// - Accuracy: 1e-10 relative for degrees of freedom up to 10⁵.
/// - Source: Abramowitz & Stegun 1964, 26.6.2 and 26.5.8; oracle SciPy `stats.f`.
struct FDistribution: Sendable {
  let numerator: Double, denominator: Double

  /// NaN results for degrees of freedom that are not positive and finite.
  init(_ numerator: Double, _ denominator: Double) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The value below which the variable lies with probability p.
  func quantile(_ p: Double) -> Double {
    guard numerator > 0, denominator > 0, numerator.isFinite, denominator.isFinite, p >= 0, p <= 1 else { return .nan }
    if p == 0 || p == 1 { return p == 0 ? 0 : .infinity }
    // Near x = 1 the distance from 1 keeps its digits: it is the variable of the mirrored function.
    let (a, b) = (numerator / 2, denominator / 2)
    let (x, y) = Self.split(p, a, b)
    return denominator * x / (numerator * y)
  }

  /// x and 1 − x with I_x(a, b) = p, by bisection of the logit: it neither stalls nor leaves 0 … 1.
  private static func split(_ p: Double, _ a: Double, _ b: Double) -> (x: Double, y: Double) {
    var low = -700.0, high = 700.0
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle == low || middle == high { break }
      let (x, y) = logistic(middle)
      if incompleteBeta(x, y, a, b) < p { low = middle } else { high = middle }
    }
    return logistic((low + high) / 2)
  }

  private static func logistic(_ t: Double) -> (Double, Double) { (1 / (1 + exp(-t)), 1 / (1 + exp(t))) }
}

/// The regularised incomplete beta function I_x(a, b), y = 1 − x.
///
/// - Source: continued fraction, Abramowitz & Stegun 1964, 26.5.8, by the method of Lentz 1976; oracle SciPy `betainc`.
func incompleteBeta(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 || y <= 0 { return x <= 0 ? 0 : 1 }
  // The fraction converges fast below the mean.
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(y, x, b, a) }
  let front = exp(a * log(x) + b * log(y) - logBeta(a, b)) / a
  let tiny = 1e-300
  var c = 1.0, d = 1 - (a + b) * x / (a + 1)
  d = 1 / (abs(d) < tiny ? tiny : d)
  var h = d
  for m in 1...20_000 {
    let m = Double(m)
    for term in [
      m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
      -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
    ] {
      d = 1 + term * d
      c = 1 + term / c
      d = 1 / (abs(d) < tiny ? tiny : d)
      c = abs(c) < tiny ? tiny : c
      h *= d * c
    }
    if abs(d * c - 1) < 1e-16 { break }
  }
  return front * h
}

/// log B(a, b).
private func logBeta(_ a: Double, _ b: Double) -> Double {
  func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}
