// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenRadiomics
import Testing

@testable import LumenPipeline

@Suite("Recipe · property")
struct RecipeTests {
  static let text = """
    name: t
    segment: [{median: {radius: 1}}, otsu, largest-component]
    features: {families: [statistics], discretisation: fixed-bin-number 16}
    """

  @Test func canonicalTextDoesNotDependOnOrderOrComments() throws {
    let other = """
      # a comment
      features:
        discretisation: fixed-bin-number 16
        families: [statistics]
      segment:
        - median: {radius: 1}
        - otsu
        - largest-component: {}
      name: t
      """
    let (a, b) = (try Recipe(yaml: Self.text), try Recipe(yaml: other))
    #expect(a.canonical == b.canonical)
    #expect(a.hash == b.hash)
  }

  @Test func everyParameterChangesTheHash() throws {
    let base = try Recipe(yaml: Self.text).hash
    for (from, to) in [
      ("name: t", "name: u"), ("radius: 1", "radius: 2"), ("otsu", "{otsu: {bins: 128}}"), ("number 16", "number 17"),
      ("[statistics]", "[statistics, glcm]"), ("segment", "roi: x\nsegment"),
    ] {
      let changed = Self.text.replacing(from, with: to)
      #expect(changed != Self.text)
      #expect(try Recipe(yaml: changed).hash != base, "\(to)")
    }
  }

  @Test func aRecipeForGivenMasksNeedNotSayWhereRegionsComeFrom() throws {
    let features = "features: {families: [glcm]}"
    #expect(try Recipe(yaml: features, needsRegions: false).features.families == [.glcm])
    #expect(throws: ImageError.self) { try Recipe(yaml: features) }
    #expect(throws: ImageError.self) { try Recipe(yaml: Self.text + "mask: m.nii", needsRegions: false) }
  }

  @Test("every setting of the features has a key, and each shows in the canonical text")
  func everySettingHasAKey() throws {
    func features(_ text: String) throws -> FeatureExtraction {
      try Recipe(yaml: "segment: [otsu]\nfeatures: {\(text)}").features
    }
    let keys: [(text: String, set: (inout FeatureExtraction) -> Void)] = [
      ("families: [ngldm, local]", { $0.families = [.ngldm, .local] }),
      ("discretisation: none", { $0.discretisation = .none }),
      ("discretisation: fixed-bin-size 2.5", { $0.discretisation = .fixedBinSize(2.5) }),
      ("discretisation: fixed-bin-size 25 from -1000", { $0.discretisation = .fixedBinSize(25, lowerBound: -1000) }),
      ("ivh: fixed-bin-size 2.5 from 0", { $0.ivhDiscretisation = .fixedBinSize(2.5, lowerBound: 0) }),
      ("ivh: fixed-bin-number 100", { $0.ivhDiscretisation = .fixedBinNumber(100) }),
      ("resegment: [-500, 400]", { $0.resegmentationRange = -500...400 }),
      ("resegment: [0, .inf]", { $0.resegmentationRange = 0 ... .infinity }),
      ("resegment: [-.inf, 3]", { $0.resegmentationRange = -.infinity...3 }),
      ("outliers: 3", { $0.outlierSigma = 3 }), ("round: true", { $0.roundIntensities = true }),
      ("aggregations: [\"2.5D:mrg\"]", { $0.aggregations = [.merged25D] }), ("distance: 256", { $0.distance = 256 }),
      ("weighting: euclidean", { $0.weighting = .euclidean }), ("weighting: manhattan", { $0.weighting = .manhattan }),
      ("weighting: infinity", { $0.weighting = .infinity }), ("coarseness: 2", { $0.coarseness = 2 }),
      ("without: [morph_geary_c, morph_moran_i]", { $0.leftOut = ["morph_moran_i", "morph_geary_c"] }),
    ]
    var canonical: Set = [FeatureExtraction().canonical]
    for (text, set) in keys {
      var expected = FeatureExtraction()
      set(&expected)
      #expect(try features(text) == expected, "\(text)")
      #expect(canonical.insert(expected.canonical).inserted, "\(text)")
      // What the canonical text says is what the key takes.
      let (key, value) = try #require(
        text.firstRange(of: ": ").map { (text[..<$0.lowerBound], text[$0.upperBound...]) })
      if !value.hasPrefix("[") { #expect(expected.canonical.contains("\(key)=\(value)"), "\(expected.canonical)") }
    }
    #expect(try features("weighting: no_weighting, coarseness: 0") == FeatureExtraction())
    #expect(
      Mirror(reflecting: FeatureExtraction()).children.count == Set(keys.map { $0.text.prefix { $0 != ":" } }).count)
  }

  @Test func theGeneralRecipeIsValid() throws { _ = try Recipe(yaml: Recipe.general) }

  @Test(arguments: [
    ("", "empty"), ("segment: [", "not YAML"), ("segmnt: [otsu]", "segment"), ("segment: [osu]", "otsu"),
    ("segment: [fill-holes]", "no step makes a mask"),
    ("segment: [otsu, {median: {radius: 1}}]", "does not take a mask"),
    ("segment: [{threshold: {lwer: 1}}]", "lower"), ("segment: [{median: {radius: 99}}]", "radius"),
    ("segment: [otsu]\nmask: m.nii", "segment and mask"), ("name: x", "neither"),
    ("segment: [otsu]\nfeatures: {distance: 0}", "distance"), ("segment: [otsu]\nread: {colour: blue}", "luminance"),
    ("segment: [otsu]\nfeatures: {discretisation: fixed-bin-size 0}", "discretisation"),
    ("segment: [otsu]\nfeatures: {families: [glcn]}", "glcm"),
    ("segment: [otsu]\nfeatures: {resegment: [3, 1]}", "lower"),
    ("segment: [otsu]\nfeatures: {resegment: [.inf]}", "lower"),
    ("segment: [otsu]\nfeatures: {resegment: [.nan, 1]}", "resegment is"),
    ("segment: [otsu]\nfeatures: {weighting: gaussian}", "no_weighting | infinity | euclidean | manhattan"),
    ("segment: [otsu]\nfeatures: {weighting: [euclidean]}", "weighting is a list"),
    ("segment: [otsu]\nfeatures: {wieghting: euclidean}", "weighting"),
    ("segment: [otsu]\nfeatures: {coarseness: -1}", "0 … 65535"),
    ("segment: [otsu]\nfeatures: {without: [morph_moran]}", "morph_moran_i"),
    ("segment: [otsu]\nfeatures: {coarseness: 0.5}", "whole number"),
    ("segment: [otsu]\nfeatures: {distance: 257}", "1 … 256"),
    ("segment: [otsu]\nfeatures: {discretisation: fixed-bin-size 25 from}", "fixed-bin-size 25 from -1000"),
    ("segment: [otsu]\nfeatures: {discretisation: fixed-bin-size from 25 5}", "discretisation"),
    ("segment: [otsu]\nfeatures: {ivh: fixed-bin-number 32 from 0}", "ivh"),
    ("segment: [otsu]\ncluster: {k: -1}", "k is"), ("- a", "recipe is a list"),
    ("segment: [otsu]\nfeatures:\n  famlies: [glcm]", "line 3: unknown key"),
    ("segment: [otsu]\nresponse:\n  - mean: {size: 3}\n  - mean: {size: two}", "line 4"),
    ("segment: [otsu]\nfeatures: {families: []}", "line 2: families is an empty list"),
    ("segment: [otsu]\nfeatures: {aggregations: []}", "aggregations is an empty list"), ("imageType: {}", "-p"),
  ])
  func aBadRecipeSaysWhatIsWrong(_ yaml: String, _ expected: String) {
    let error = #expect(throws: ImageError.self) { try Recipe(yaml: yaml) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }
}

@Suite("Step · property")
struct StepTests {
  @Test func aLineOfStepsIsParsed() throws {
    let steps = try Step.parse("median(radius=1), otsu,fill-holes")
    #expect(steps.map(\.canonical).map { $0.prefix { $0 != "(" } } == ["median", "otsu", "fill-holes"])
    #expect(steps[0].canonical.contains("radius=1"))
  }

  @Test(arguments: [
    "median(radius=1", "median(radius)", "median(radius=x)", "nothing", "otsu()x", ",otsu", "otsu,",
    "median(radius=1),,otsu",
    "(radius=1), otsu", "median() otsu", "median(radius=1,), otsu", "median(=1), otsu", "median(radius=), otsu",
    "median(radius=1, radius=2), otsu", "window(lower=0, width=50), otsu",
  ])
  func aBadLineIsRefused(_ line: String) {
    #expect(throws: ImageError.self) { try Step.parse(line).mask(of: .f32(tiny)) }
  }

  private var tiny: Volume<Float> { Volume(Geometry(size: Size(columns: 2, rows: 2)), repeating: 1) }
}
