// SPDX-License-Identifier: Apache-2.0

/// Fourier transforms of sixteen real sequences, or eight complex ones, side by side in double precision, for sums that
/// other modules build from lines.
///
///     X(k) = Σⱼ x(j) · exp(−2πi jk / n)
///
/// A batch is `16 · n` numbers: element j is eight real parts, then eight imaginary parts.
///
/// - Accuracy: largest error over the root mean square of the result 2e-14 up to n = 343.
/// - Cost: O(n log n).
/// - Source: ``FourierPlan``.
package struct FourierLines: Sendable {
  private let plan: FourierPlan<Double>

  /// Complex numbers side by side.
  package static let lanes = 8

  /// Elements of a line.
  package var count: Int { plan.count }
  /// Numbers that each of the two buffers of ``transform(_:_:)`` needs.
  package var bufferCount: Int { plan.bufferCount }

  /// Lines of `count` elements, at least 1.
  package init(_ count: Int) { plan = FourierPlan(count) }

  /// The smallest length from `n` on that transforms fast.
  package static func length(atLeast n: Int) -> Int { fourierLength(n) }

  /// Transforms the batch in `a` and tells which of the two buffers holds the result.
  package func transform(
    _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>
  ) -> UnsafeMutablePointer<Double> {
    plan.transform(a, b, inverse: false)
  }
}
