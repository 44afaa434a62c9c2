// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Logistic regression with an L2 penalty on all but the intercept.
///
///     minimise ½‖w‖² + C Σᵢ log(1 + exp(−yᵢ (w·xᵢ + b))),  y = ±1
///
/// - Accuracy: Newton steps with halving until no entry of the gradient exceeds 1e-10 · (1 + C · rows).
/// - Cost: O(rows · columns² + columns³) a step; about ten steps.
/// - Source: Hastie, Tibshirani & Friedman 2009, 4.4; oracle scikit-learn `LogisticRegression(C=…)`.
public struct LogisticRegression: Sendable, Equatable {
  /// Inverse strength of the penalty; above 0.
  public var c = 1.0

  /// C = 1.
  public init() {}
  /// A penalty.
  public init(c: Double) { self.c = c }

  /// A fitted model.
  public struct Fit: Sendable, Equatable {
    /// One weight a column.
    public let weights: [Double]
    /// Log odds where every column is 0.
    public let intercept: Double
  }

  /// Fits rows of `columns` values each.
  ///
  /// - Throws: `invalidParameter` for C that is not positive, sizes that do not match, or values that are not finite.
  public func fit(_ x: [Double], columns d: Int, _ labels: [Bool]) throws(ImageError) -> Fit {
    guard c > 0, c.isFinite else { throw ImageError(.invalidParameter, "C is \(shortest(c)), expected above 0") }
    guard x.count == d * labels.count, !labels.isEmpty, x.allSatisfy(\.isFinite) else {
      throw ImageError(.invalidParameter, "training needs a finite row of \(d) values for each label")
    }
    let n = labels.count, m = d + 1
    var w = [Double](repeating: 0, count: m)
    var loss = objective(x, d, labels, w)
    for _ in 0..<100 {
      var gradient = [Double](repeating: 0, count: m), hessian = [Double](repeating: 0, count: m * m)
      for j in 0..<d {
        gradient[j] = w[j]
        hessian[j * m + j] = 1
      }
      for i in 0..<n {
        let p = sigmoid(score(x, d, i, w)), g = c * (p - (labels[i] ? 1 : 0)), h = c * p * (1 - p)
        for j in 0..<m {
          let a = j < d ? x[i * d + j] : 1
          gradient[j] += g * a
          for l in 0...j { hessian[j * m + l] += h * a * (l < d ? x[i * d + l] : 1) }
        }
      }
      if gradient.allSatisfy({ abs($0) <= 1e-10 * (1 + c * Double(n)) }) { break }
      hessian[d * m + d] += 1e-12
      let step = solve(hessian, gradient, m)
      var scale = 1.0, moved = false
      for _ in 0..<40 {
        let next = zip(w, step).map { $0 - scale * $1 }
        let value = objective(x, d, labels, next)
        if value < loss || (value == loss && scale == 1) {
          moved = value < loss
          (w, loss) = (next, value)
          break
        }
        scale /= 2
      }
      if !moved { break }
    }
    return Fit(weights: Array(w[..<d]), intercept: w[d])
  }

  private func score(_ x: [Double], _ d: Int, _ i: Int, _ w: [Double]) -> Double {
    var s = w[d]
    for j in 0..<d { s += x[i * d + j] * w[j] }
    return s
  }

  private func objective(_ x: [Double], _ d: Int, _ labels: [Bool], _ w: [Double]) -> Double {
    var sum = 0.0
    for i in labels.indices {
      let s = score(x, d, i, w)
      sum += softplus(labels[i] ? -s : s)
    }
    return c * sum + w[..<d].reduce(0) { $0 + $1 * $1 } / 2
  }
}

/// 1 / (1 + exp(−x)) without overflow.
func sigmoid(_ x: Double) -> Double {
  if x >= 0 { return 1 / (1 + exp(-x)) }
  let e = exp(x)
  return e / (1 + e)
}

/// log(1 + exp(x)) without overflow.
func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

/// Solves A s = g for a symmetric positive definite A given by its lower half (Cholesky).
func solve(_ a: [Double], _ g: [Double], _ m: Int) -> [Double] {
  var l = a
  for j in 0..<m {
    for i in j..<m {
      var sum = l[i * m + j]
      for k in 0..<j { sum -= l[i * m + k] * l[j * m + k] }
      l[i * m + j] = i == j ? max(sum, .leastNormalMagnitude).squareRoot() : sum / l[j * m + j]
    }
  }
  var s = g
  for i in 0..<m {
    for k in 0..<i { s[i] -= l[i * m + k] * s[k] }
    s[i] /= l[i * m + i]
  }
  for i in (0..<m).reversed() {
    for k in i + 1..<max(m, i + 1) { s[i] -= l[k * m + i] * s[k] }
    s[i] /= l[i * m + i]
  }
  return s
}
