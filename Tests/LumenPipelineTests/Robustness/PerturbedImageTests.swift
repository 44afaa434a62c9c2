// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenFilters
import LumenLearning
import LumenRadiomics
import Testing

@testable import LumenPipeline

/// What is sampled and made noisy around a region only is what the whole image gives.
@Suite("Perturbed image · against the whole image")
struct PerturbedImageTests {
  static let stored = AnyVolume.i16(
    Volume(Geometry(size: Size(columns: 60, rows: 56, slices: 30), spacing: [1.1, 0.9, 2], origin: [-30, 10, 99])) {
      var random = SplitMix64(seed: 2)
      for i in $0.indices { $0[i] = Int16(i % 60) * 3 + Int16(random.next() % 40) }
    })
  static let mask = Mask(stored.geometry) {
    for i in $0.indices {
      let (x, y, z) = (i % 60 - 28, i / 60 % 56 - 25, i / 3360 - 14)
      $0[i] = 2 * x * x + 3 * y * y + 9 * z * z < 200 ? 1 : 0
    }
  }
  static let families = "features: {families: [morphology, statistics, local], discretisation: fixed-bin-number 8}\n"

  static let recipes = [
    "segment: [otsu]\n", "segment: [otsu]\nread: {geometry: accept}\ninterpolate: {spacing: 1.5mm, rounded: true}\n",
    "segment: [otsu]\ninterpolate: {spacing: 1.3mm, interpolation: cubic-spline}\n",
    "segment: [otsu]\ninterpolate: {spacing: 1.5mm}\nresponse: [{gaussian: {sigma: 1mm}}]\n",
    "segment: [otsu]\nprepare: [{median: {radius: 1}}]\n",
  ].map { $0 + families }

  private func perturbation(_ rotation: Double, _ translation: SIMD3<Double>, _ noise: Int) -> Perturbation {
    var p = Perturbation()
    (p.rotation, p.translation, p.noise) = (rotation, translation, noise)
    return p
  }

  /// The features of the whole image, step by step.
  private func expected(_ recipe: Recipe, _ p: Perturbation, _ noise: NoiseAddition?) throws -> [Double] {
    var image = try recipe.prepared(try noise.map { try $0(Self.stored) } ?? Self.stored)
    let resample = recipe.interpolate?.operation as? Resample
    let isRounded = resample?.rounded ?? !recipe.prepare.isEmpty || resample == nil
    guard p.movesGrid else {
      if resample == nil { image = .f32(image.float.map { $0.rounded(.toNearestOrEven) }) }
      return try recipe.measuring(image).features(in: Self.mask).map(\.value)
    }
    let grid = try GridRotation(degrees: p.rotation)(
      GridTranslation(fraction: p.translation)(resample?.grid(for: image.geometry) ?? image.geometry))
    var sampled = try image.float.resampled(onto: grid, interpolation: resample?.interpolation ?? .linear)
    if isRounded { sampled = sampled.map { $0.rounded(.toNearestOrEven) } }
    let mask = try Self.mask.resampled(onto: grid, interpolation: .linear)
    let response = recipe.response.isEmpty ? nil : try recipe.response.filtered(.f32(sampled))
    return try recipe.features(.f32(sampled), response: response, in: mask).map(\.value)
  }

  @Test(arguments: recipes)
  func everyPathGivesTheWholeImagesFeatures(_ yaml: String) throws {
    let recipe = try Recipe(yaml: yaml)
    let noise = NoiseAddition(level: 10, seed: 5)
    for p in [
      perturbation(0, [0, 0, 0], 0), perturbation(0, [0, 0, 0], 1), perturbation(0, [0.25, 0.75, 0.5], 0),
      perturbation(17, [0, 0, 0], 0), perturbation(-8, [0.25, 0, 0.75], 1),
    ] {
      let added = p.noise > 0 ? noise : nil
      let image = try PerturbedImage(
        stored: Self.stored, prepared: try recipe.prepared(Self.stored), recipe, p, noise: added, reach: .mm(12))
      let (measured, placed) = try image.measurable(Self.mask)
      #expect(placed.size.count < Self.stored.size.count, "only the surroundings")
      let found = try measured.features(inPlaced: placed).map(\.value)
      let wanted = try expected(recipe, p, added)
      #expect(found.count == wanted.count)
      for (n, (a, b)) in zip(found, wanted).enumerated() {
        // Centres of mass and the like are the same to rounding of the positions.
        #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(p.name): \(recipe.features.columns[n].key)")
      }
    }
  }

  @Test func withoutPerturbationItIsTheOrdinaryValue() throws {
    for yaml in Self.recipes {
      let recipe = try Recipe(yaml: yaml)
      let plan = try PerturbationPlan("rotate(0)")
      let result = RobustnessStudy(recipe: recipe, plan: plan)([
        .loaded(id: "a", image: Self.stored, regions: [("r", Self.mask)])
      ])
      let ordinary = try recipe.measuring(recipe.prepared(Self.stored)).features(in: Self.mask)
      #expect(result.measurements.map(\.values) == [ordinary.map(\.value)])
    }
  }

  @Test func aRegionThatVanishesFailsAlone() throws {
    let recipe = try Recipe(yaml: Self.recipes[0])
    let empty = Mask(Self.stored.geometry) { $0.update(repeating: 0) }
    let plan = try PerturbationPlan("rotate(5) volume(-0.5, 0.5)")
    let result = RobustnessStudy(recipe: recipe, plan: plan)([
      .loaded(id: "a", image: Self.stored, regions: [("none", empty), ("r", Self.mask)])
    ])
    #expect(result.measurements.map { $0.error == nil } == [false, false, true, true])
    #expect(result.count == 2 && result.failed == 1)
    #expect(result.failures == ["a \"none\": the region is empty"])
    let sizes = result.measurements[2...].map(\.voxels)
    #expect(abs(sizes[1] - 3 * sizes[0]) <= 2, "half and one and a half of the turned region")
    #expect(result.robustness[0].correlation.reason?.contains("1 cases") == true)
  }
}
