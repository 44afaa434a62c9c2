// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LumenLearning

@Suite("Metrics · oracle scikit-learn 1.9.1")
struct MetricsTests {
  private var ties: [Double] { firstColumn.map { ($0 * 2).rounded(.toNearestOrEven) / 2 } }

  @Test func auc() {
    #expect(near(Metrics.auc(firstColumn, sample.noisy), 0.735558408215661, 1e-14))
    #expect(near(Metrics.auc(ties, sample.noisy), 0.7612323491655969, 1e-14))
    #expect(Metrics.auc([1, 2], [true, true]).isNaN)
  }

  /// The oracle is DeLong's variance by its definition in NumPy 2.4.6.
  @Test func deLongInterval() {
    let (lower, upper) = Metrics.aucInterval(ties, sample.noisy)
    #expect(near(lower, 0.6336170494487728, 1e-12))
    #expect(near(upper, 0.888847648882421, 1e-12))
  }

  /// The oracle solves the equation in the comment of `perfectBound` by `brentq` of SciPy 1.17.1.
  @Test func aPerfectRankingIsNoCertainty() {
    func perfect(_ m: Int, _ n: Int) -> (lower: Double, upper: Double) {
      Metrics.aucInterval((0..<m + n).map(Double.init), (0..<m + n).map { $0 >= n })
    }
    #expect(near(perfect(5, 5).lower, 0.6427028239310432, 1e-9) && perfect(5, 5).upper == 1)
    #expect(near(perfect(12, 30).lower, 0.8824892333365785, 1e-9))
    let (lower, upper) = Metrics.aucInterval([2, 2, 2, 2, 2, 1, 1, 1, 1, 1], (0..<10).map { $0 >= 5 })
    #expect(lower == 0 && near(upper, 1 - 0.6427028239310432, 1e-9))
  }

  @Test func brier() {
    #expect(near(Metrics.brier(firstColumn.map(sigmoid), sample.noisy), 0.23880377287474264, 1e-14))
  }

  @Test func adjustedRandIndex() {
    let a = (0..<60).map { $0 % 3 }
    #expect(near(Metrics.adjustedRandIndex(a, (0..<60).map { $0 / 7 % 4 }), -0.03931792559188275, 1e-13))
    #expect(Metrics.adjustedRandIndex(a, a.map { ($0 * 2 + 1) % 3 }) == 1)
  }

  @Test func silhouette() throws {
    let z = try sampleMatrix().standardised
    #expect(near(Metrics.silhouette(z, sample.classes.map { $0 ? 1 : 0 }), 0.10344327126864107, 1e-12))
  }
}
