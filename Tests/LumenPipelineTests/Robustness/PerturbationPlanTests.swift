// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenPipeline

@Suite("Perturbation plan")
struct PerturbationPlanTests {
  @Test func everyKindIsRead() throws {
    let plan = try PerturbationPlan(
      "rotate(-13..13/6.5) × translate(0.25, 0.75, axes=xy), noise(2, level=1.5) volume(-0.2, 0, 0.2)contour( 3 )")
    #expect(plan.rotations == [-13, -6.5, 0, 6.5, 13])
    #expect(plan.translations == [0.25, 0.75] && plan.translatedAxes == [0, 1])
    #expect(plan.noise == 2 && plan.noiseLevel == 1.5)
    #expect(plan.volumes == [-0.2, 0, 0.2] && plan.contours == 3)
    #expect(plan.count == 5 * 4 * 2 * 3 * 3)
    #expect(try PerturbationPlan(plan.canonical) == plan)
  }

  @Test func combinationsAreTheProduct() throws {
    let all = try PerturbationPlan("rotate(-1, 1) translate(0.5, 0, axes=z) noise(2) volume(0.1) contour(2)")
      .combinations
    #expect(all.count == 16 && Set(all.map(\.name)).count == 16)
    #expect(all[0].name == "rotate=-1 translate=0,0,0.5 noise=1 volume=0.1 contour=1")
    #expect(all[1].contour == 2 && all[2].noise == 2 && all[15].rotation == 1)
    #expect(try PerturbationPlan("").combinations.map(\.name) == ["none"])
    #expect(try PerturbationPlan("rotate(0, 5)").combinations.map(\.name) == ["none", "rotate=5"])
    #expect(try PerturbationPlan(PerturbationPlan.standard).count == 16)
  }

  @Test(arguments: [
    ("rotat(1)", "rotate"), ("rotate", "kind(levels)"), ("rotate(1", "kind(levels)"), ("rotate()", "no levels"),
    ("rotate(x)", "\"x\""), ("rotate(400)", "400"), ("rotate(1..5)", "1..5"), ("rotate(5..1/1)", "5..1/1"),
    ("rotate(1..5/0)", "1..5/0"), ("rotate(1..5/1e-9)", "1..5/1e-9"), ("rotate(nan)", "nan"),
    ("rotate(1) rotate(2)", "twice"), ("translate(2)", "2"), ("translate(0.5, axes=w)", "xyz"),
    ("translate(0.5, axes=xx)", "xyz"), ("noise(0)", "repetitions"), ("noise(1, 2)", "repetitions"),
    ("noise(1, level=-1)", "level"), ("noise(1, levle=1)", "level"), ("volume(-1)", "-1"), ("contour(1.5)", "1.5"),
    ("rotate(0..300/1) contour(99)", "at most 10000"),
  ])
  func aBadPlanSaysWhatIsWrong(_ text: String, _ expected: String) {
    let error = #expect(throws: ImageError.self) { try PerturbationPlan(text) }
    #expect(
      error?.kind == .invalidParameter && error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func seedsDependOnEveryPart() {
    let seeds = [
      Perturbation.seed(1, "a", "b"), Perturbation.seed(2, "a", "b"), Perturbation.seed(1, "a", "c"),
      Perturbation.seed(1, "ab"), Perturbation.seed(1, "a", "b", ""),
    ]
    #expect(Set(seeds).count == seeds.count && Perturbation.seed(1, "a", "b") == seeds[0])
  }
}
