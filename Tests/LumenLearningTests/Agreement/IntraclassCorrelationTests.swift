// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenLearning

@Suite("Intraclass correlation · oracles")
struct IntraclassCorrelationTests {
  /// Value and 95 % interval of ICC(1,1), (2,1), (3,1) of tables of `k` columns, from pingouin 0.7 `intraclass_corr`
  /// before its rounding. The first table is that of Shrout & Fleiss 1979 (table 2; printed there: 0.17, 0.29, 0.71); the
  /// second pingouin's data set "icc"; then large values with small differences, and disagreement.
  @Test(arguments: [
    (
      [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7.0], 4,
      [
        0.1657417684054755, -0.13293232487475096, 0.722560062328121, 0.28976377952755916, 0.018786513374712058,
        0.7610843696489527, 0.7148407148407154, 0.34246476503392614, 0.9458582599553597,
      ]
    ),
    (
      [
        1, 2, 0, 1, 1, 3, 3, 2, 3, 8, 1, 4, 6, 4, 3, 3, 6, 5, 5, 6, 7, 5, 6, 2, 8, 7, 7, 9, 9, 9, 9, 8.0,
      ], 4,
      [
        0.727520915896081, 0.43377283327098887, 0.9266960292566442, 0.7276887871853546, 0.4344896578911301,
        0.9267086063159158, 0.7294865007940708, 0.42614603012923313, 0.9278952614727314,
      ]
    ),
    (
      [
        1000.1, 1000.2, 999.9, 1001.3, 1001.2, 1001.4, 1005.5, 1005.1, 1005.2, 998.3, 998.2, 998.6, 1010.1, 1010.5,
        1010.2,
      ], 3,
      [
        0.99856374481558, 0.993603563482283, 0.9998374609580103, 0.9985635764016338, 0.9928028266309844,
        0.9998398185233479, 0.9982124280209502, 0.9910114670773746, 0.9998007181913442,
      ]
    ),
    (
      [1, 5, 3, 2, 2, 1, 5, 4, 4, 3, 1, 5, 5, 2, 4, 1.0], 4,
      [
        -0.3100436681222708, -0.3280564185678117, -0.06252533240108804, -0.46103896103896114, -0.48671515421710027,
        -0.14802368218340112, -0.3155555555555556, -0.32979458241192006, -0.11521680877163587,
      ]
    ),
  ])
  func valuesOfPingouin(_ table: [Double], _ k: Int, _ expected: [Double]) {
    let icc = IntraclassCorrelation(table, repetitions: k)
    #expect(icc.reason == nil && icc.cases == table.count / k && icc.repetitions == k)
    for (n, model) in IntraclassCorrelation.Model.allCases.enumerated() {
      let e = icc[model]
      for (found, wanted) in zip([e.value, e.lower, e.upper], expected[(3 * n)...]) {
        #expect(abs(found - wanted) < 1e-9, "\(model)")
      }
    }
  }

  @Test func perfectAgreementHasNoWidth() {
    let icc = IntraclassCorrelation([1, 1, 2, 2, 5, 5], repetitions: 2)
    for model in IntraclassCorrelation.Model.allCases {
      #expect(icc[model] == .init(value: 1, lower: 1, upper: 1) && icc[model].agreement == .excellent)
    }
    // A shift of all is no disagreement in consistency.
    let shifted = IntraclassCorrelation([1, 2, 2, 3, 5, 6], repetitions: 2)
    #expect(shifted[.consistency].lower == 1 && shifted[.agreement].value < 1 && shifted[.agreement].lower.isFinite)
  }

  @Test(arguments: [
    ([1, 2, 3, 4], 4, "1 cases"), ([1, 2, 3, 4], 1, "1 repetitions"), ([], 3, "0 cases"), ([1, 2, 3], 0, "0 cases"),
    ([1, 2, 3, .nan], 2, "1 of 4 values are not finite"), ([1, .infinity, .nan, 2], 2, "2 of 4"),
    ([7, 7, 7, 7], 2, "all values are the same"), ([0.1 + 0.2, 0.3, 0.3, 0.3], 2, "all values are the same"),
    ([1e300, -1e300, 1e300, 5], 2, "too large"),
  ])
  func noValueWithoutAReason(_ table: [Double], _ k: Int, _ reason: String) {
    let icc = IntraclassCorrelation(table, repetitions: k)
    #expect(icc.reason?.contains(reason) == true, "\(icc.reason ?? "")")
    for model in IntraclassCorrelation.Model.allCases {
      #expect(icc[model].value.isNaN && icc[model].lower.isNaN && icc[model].agreement == nil)
    }
  }

  @Test func classesOfKooAndLi() {
    let expected: [(Double, AgreementClass?)] = [
      (-0.3, .poor), (0.4999, .poor), (0.5, .moderate), (0.7499, .moderate), (0.75, .good), (0.8999, .good),
      (0.9, .excellent), (1, .excellent), (.nan, nil),
    ]
    for (value, agreement) in expected { #expect(AgreementClass(value) == agreement) }
  }
}

@Suite("F distribution · oracles")
struct FDistributionTests {
  /// SciPy 1.17 `stats.f.ppf`.
  @Test(arguments: [
    (5, 18, 0.975, 3.381967805875243), (18, 5, 0.975, 6.361883204654352), (1, 1, 0.975, 647.7890114778442),
    (2.5, 7.25, 0.975, 6.025978544381697), (30, 1500.5, 0.975, 1.575877427155252),
    (99_999, 14, 0.025, 0.5359714981522001), (14, 99_999, 0.975, 1.8657708543226108), (0.5, 3, 0.9, 5.362714542047159),
  ])
  func quantilesOfSciPy(_ a: Double, _ b: Double, _ p: Double, _ expected: Double) {
    #expect(abs(FDistribution(a, b).quantile(p) / expected - 1) < 1e-10)
  }

  /// SciPy 1.17 `special.betainc`.
  @Test(arguments: [
    (0.3, 2, 5, 0.5798250000000003), (0.9, 0.5, 0.5, 0.7951672353008665), (0.5, 1e4, 1e4, 0.5),
    (1e-5, 0.01, 3, 0.9046640856116698), (0.999, 300, 2.5, 0.9879207096183912),
  ])
  func incompleteBetaOfSciPy(_ x: Double, _ a: Double, _ b: Double, _ expected: Double) {
    #expect(abs(incompleteBeta(x, 1 - x, a, b) - expected) < 1e-10)
  }

  @Test func ends() {
    #expect(FDistribution(3, 4).quantile(0) == 0 && FDistribution(3, 4).quantile(1) == .infinity)
    for f in [FDistribution(0, 4), FDistribution(.nan, 4), FDistribution(3, .infinity)] {
      #expect(f.quantile(0.5).isNaN)
    }
    #expect(FDistribution(3, 4).quantile(.nan).isNaN)
  }
}
