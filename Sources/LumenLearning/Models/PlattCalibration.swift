// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Turns scores into probabilities: p = 1 / (1 + exp(−(slope · score + offset))).
///
/// Fitted by maximum likelihood against targets smoothed for the small sample: (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2). Scores
/// that rank unseen cases worse than chance carry no information: the slope is then 0 and the probability that of the
/// mean target, never the scores turned round.
///
/// - Source: Platt 1999; Newton with halving after Lin, Lin & Weng 2007; oracle scikit-learn `_SigmoidCalibration`.
public struct PlattCalibration: Sendable, Codable, Equatable {
  /// Change of log odds with the score.
  public let slope: Double
  /// Log odds at score 0.
  public let offset: Double

  /// Fits scores of known outcome; both classes are present.
  init(_ scores: [Double], _ labels: [Bool]) {
    let positives = Double(labels.count { $0 }), negatives = Double(labels.count) - positives
    let targets = labels.map { $0 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2) }
    var a = 0.0, b = log((positives + 1) / (negatives + 1))
    func loss(_ a: Double, _ b: Double) -> Double {
      zip(scores, targets).reduce(0) { $0 + softplus(a * $1.0 + b) - $1.1 * (a * $1.0 + b) }
    }
    var value = loss(a, b)
    for _ in 0..<100 {
      var (ga, gb, haa, hab, hbb) = (0.0, 0.0, 1e-12, 0.0, 1e-12)
      for (s, t) in zip(scores, targets) {
        let p = sigmoid(a * s + b), h = p * (1 - p)
        ga += (p - t) * s
        gb += p - t
        haa += h * s * s
        hab += h * s
        hbb += h
      }
      if abs(ga) < 1e-10 && abs(gb) < 1e-10 { break }
      let determinant = haa * hbb - hab * hab
      let (da, db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant)
      var scale = 1.0, moved = false
      for _ in 0..<40 {
        let next = loss(a - scale * da, b - scale * db)
        if next < value {
          (a, b, value, moved) = (a - scale * da, b - scale * db, next, true)
          break
        }
        scale /= 2
      }
      if !moved { break }
    }
    if a < 0 {
      let mean = targets.reduce(0, +) / Double(targets.count)
      (a, b) = (0, log(mean / (1 - mean)))
    }
    (slope, offset) = (a, b)
  }

  /// The probability of a score.
  func callAsFunction(_ score: Double) -> Double { sigmoid(slope * score + offset) }
}
