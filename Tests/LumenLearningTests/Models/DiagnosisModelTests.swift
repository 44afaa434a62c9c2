// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenLearning

@Suite("Diagnosis model · property")
struct DiagnosisModelTests {
  private func trained(_ labels: [Bool] = sample.noisy) throws -> DiagnosisModel {
    try .train(try sampleMatrix(), labels: labels, positive: "yes", negative: "no", tableHash: "h")
  }

  @Test func aSignalIsFoundOnUnseenCases() throws {
    let v = try trained().validation
    #expect(v.auc > 0.7 && v.aucLower < v.auc && v.auc < v.aucUpper)
    #expect(v.cases == 60 && v.positives == 19 && v.folds == 5)
    #expect(try trained() == trained(), "training is deterministic")
  }

  /// 40 columns of noise: selection outside the folds would find a signal.
  @Test func noSignalGivesNoAUC() throws {
    var random = SplitMix64(seed: 3)
    var sum = 0.0
    for round in 0..<10 {
      let x = try FeatureMatrix(
        names: (0..<40).map { "n\($0)" }, ids: (0..<40).map { "\($0)" },
        values: (0..<1600).map { _ in random.uniform() })
      let model = try DiagnosisModel.train(
        x, labels: (0..<40).map { $0 % 2 == 0 }, positive: "a", negative: "b",
        settings: TrainingSettings(seed: UInt64(round)), tableHash: "")
      sum += model.validation.auc / 10
    }
    #expect(abs(sum - 0.5) < 0.1, "mean AUC \(sum)")
  }

  @Test func predictionsSayWhatTheyRestOn() throws {
    let model = try trained()
    var values = ["a": 1.0, "b": 2.0, "c": 0.1, "d": 0.2]
    let p = try model.predict(values)
    #expect(p.label == (p.probability >= 0.5 ? "yes" : "no"))
    #expect(p.outsideRange.isEmpty)
    #expect(p.contributions.count == model.features.count)
    values["a"] = 50
    #expect(try model.predict(values).outsideRange == ["a"])
    values["a"] = nil
    let error = #expect(throws: ImageError.self) { try model.predict(values) }
    #expect(error?.what.contains("a") == true)
  }

  @Test func foldsHoldBothClasses() {
    let fold = stratifiedFolds(sample.classes, (0..<60).map { "\($0)" }, 5, seed: 1)
    for f in 0..<5 { #expect((0..<60).count { fold[$0] == f && sample.classes[$0] } == 4) }
  }

  @Test func onePatientStaysInOneFold() {
    let patients = (0..<60).map { "p\($0 / 4)" }
    let fold = stratifiedFolds(sample.classes, patients, 5, seed: 1)
    for p in Set(patients) { #expect(Set((0..<60).filter { patients[$0] == p }.map { fold[$0] }).count == 1) }
    #expect(Set(fold).count == 5)
  }

  @Test func oneClassIsAnError() {
    #expect(throws: ImageError.self) { try trained(Array(repeating: true, count: 60)) }
  }

  /// Scores that rank unseen cases the wrong way round must not be turned into the right way.
  @Test func worseThanChanceGivesThePrevalence() {
    let platt = PlattCalibration(firstColumn.map { -$0 }, sample.noisy)
    #expect(platt.slope == 0)
    #expect(near(platt(5), (19 * 20.0 / 21 + 41.0 / 43) / 60, 1e-12))
  }

  @Test func aModelWithBrokenNumbersGivesAnError() throws {
    let good = try trained()
    let feature = DiagnosisModel.Feature(name: "a", mean: 0, deviation: 0, minimum: 0, maximum: 1, weight: 1)
    let broken = DiagnosisModel(
      positive: "yes", negative: "no", features: [feature], intercept: 0, calibration: good.calibration,
      validation: good.validation, settings: good.settings, tableHash: "", intendedUse: "")
    for value in [0.0, 1] {
      #expect(throws: ImageError.self) { try broken.predict(["a": value]) }
    }
  }
}
