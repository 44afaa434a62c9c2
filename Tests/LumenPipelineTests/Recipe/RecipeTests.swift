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
    ("segment: [otsu]\ncluster: {k: -1}", "k is"), ("- a", "recipe is a list"),
    ("segment: [otsu]\nfeatures:\n  famlies: [glcm]", "line 3: unknown key"),
    ("segment: [otsu]\nresponse:\n  - mean: {size: 3}\n  - mean: {size: 2}", "line 4"),
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
