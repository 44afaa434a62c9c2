// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenLearning

@Suite("Logistic regression · oracle scikit-learn 1.9.1")
struct LogisticRegressionTests {
  @Test(arguments: [
    (1.0, [1.3471102433754638, 0.9222598968277976, 0.10851780788149935, 0.04009546249171926], -1.6620711656282554),
    (
      0.1, [0.36797565229909773, 0.5836202783384774, -0.009711964497523486, -0.004110794445386997], -1.1104434306875632
    ),
    (100, [2.323187709981934, 1.0732168720471165, 0.23368899802359405, 0.076347705784655], -2.1539405303185792),
  ])
  func weights(_ c: Double, _ weights: [Double], _ intercept: Double) throws {
    let fit = try LogisticRegression(c: c).fit(sample.x, columns: 4, sample.noisy)
    for (a, b) in zip(fit.weights, weights) { #expect(near(a, b, 1e-6)) }
    #expect(near(fit.intercept, intercept, 1e-6))
  }

  @Test func moreColumnsThanRowsAndPerfectSeparation() throws {
    let x: [Double] = [1, 0, 2, -1, 3, 0, -1, -2, -1]
    let fit = try LogisticRegression(c: 10).fit(x, columns: 3, [true, false, false])
    #expect(fit.weights.allSatisfy { $0.isFinite })
    #expect(try LogisticRegression().fit([-1e6, 1e6], columns: 1, [false, true]).weights[0] > 0)
  }

  @Test func badInputIsAnError() {
    #expect(throws: ImageError.self) { try LogisticRegression(c: 0).fit([1], columns: 1, [true]) }
    #expect(throws: ImageError.self) { try LogisticRegression().fit([.nan], columns: 1, [true]) }
    #expect(throws: ImageError.self) { try LogisticRegression().fit([1, 2], columns: 1, [true]) }
  }

  @Test func plattScaling() {
    let platt = PlattCalibration(firstColumn, sample.noisy)
    #expect(near(platt.slope, 1.9101175929681449, 1e-5))
    #expect(near(platt.offset, -1.3251390462363974, 1e-5))
  }
}
