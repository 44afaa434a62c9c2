// SPDX-License-Identifier: Apache-2.0
public import ArgumentParser
import LumenCore
public import LumenLearning
import LumenPipeline

struct RobustCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "robust",
    abstract: "Measure how robust features are: perturbed images and contours, ICC of each feature.",
    discussion: """
      Measures every region under every combination of perturbations and writes, for each feature, the intraclass \
      correlations ICC(1,1), (2,1) and (3,1) over regions × perturbations with 95 % intervals, and the class of the lower \
      end of the interval (poor < 0.5 ≤ moderate < 0.75 ≤ good < 0.9 ≤ excellent). At least two regions are needed.

      One input, or only folders: a cohort, searched as lumen run does, its regions from the recipe. Otherwise the first \
      input is an image and the others are its masks, all regions of which are measured.

      PERTURBATIONS (--perturb, default: \(PerturbationPlan.standard))
        rotate(-6, 6)           degrees in the plane of the slices; -13..13/2 is a range with a step
        translate(0.25, 0.75)   fractions of a voxel, combined along x, y and z; axes=xy leaves the slices
        noise(2, level=10)      repetitions; standard deviation of each image estimated unless given
        volume(-0.1, 0.1)       part of the volume to add or take away
        contour(3)              repetitions of a contour drawn anew along supervoxels
      All kinds are combined with each other. Random numbers come from --seed and are written with the results.

      TABLE.csv (-o) has a row a feature; beside it TABLE_values.csv has a row a value, TABLE_perturbations.csv a row a \
      region and perturbation with what was changed, seeds and errors.

      COST: the features of every region times the combinations. Exits with 3 when a file is damaged or a region failed \
      under a perturbation; such a region is left out of the correlations.

      EXAMPLE
        lumen robust studies/ -r recipe.yaml -o robust.csv
        lumen robust ct.nii.gz lesions.nii.gz -o robust.csv --perturb 'rotate(-6..6/4) volume(-0.1, 0.1)'

      \(exitCodesNote)
      """)
  @Argument(help: "A cohort: files and folders; or an image and its masks.") var inputs: [String]
  @Option(name: [.short, .long], help: "Recipe (YAML). Default: the general one, see lumen run --print-recipe.")
  var recipe: String?
  @Option(help: "Perturbations, see above; repeat to combine more (default: see above).") var perturb: [String] = []
  @Option(help: "Seed of the random numbers.") var seed: UInt64 = 1
  @Option(help: "Correlation that the class is that of: 1,1 (one-way), 2,1 (agreement) or 3,1 (consistency).")
  var icc: IntraclassCorrelation.Model = .oneWay
  @Option(name: [.short, .long], help: "Perturbed images at a time (default: threads). Results do not depend on it.")
  var jobs: Int?
  @Flag(help: "Decode a cohort in this process, without workers.") var inProcess = false
  @OptionGroup var regions: RegionOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var threads: ThreadsOption
  @OptionGroup var out: OutputOption
  @OptionGroup var format: JSONOption

  func run() throws {
    try threads.apply()
    try requireFolder(of: out.output)
    if let jobs, jobs < 1 { throw ImageError(.invalidParameter, "--jobs is \(jobs), expected at least 1") }
    let recipe =
      try self.recipe.map { path throws(ImageError) in try Recipe(contentsOf: path, needsRegions: isCohort) }
      ?? Recipe(yaml: Recipe.general)
    let plan = try PerturbationPlan(perturb.isEmpty ? PerturbationPlan.standard : perturb.joined(separator: " "))
    var study = RobustnessStudy(recipe: recipe, plan: plan)
    study.seed = seed
    study.jobs = jobs ?? Parallel.width
    let (subjects, damaged) = try self.subjects(recipe, &study)
    let progress = ProgressBar()
    let result = study(subjects) { done, all in
      if done == 0 { progress.begin(all) } else { progress.advance() }
    }
    progress.clear()
    let files = try result.write(to: out.output, classOf: icc)
    report(result, files)
    if result.failed + damaged > 0 {
      throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue)
    }
  }

  /// Whether the inputs are searched for images whose regions the recipe gives.
  private var isCohort: Bool { inputs.count == 1 || inputs.allSatisfy(Files.isFolder) }

  /// What to measure, and how many files could not be read.
  private func subjects(
    _ recipe: Recipe, _ study: inout RobustnessStudy
  ) throws -> (subjects: [RobustnessStudy.Subject], damaged: Int) {
    if isCohort {
      study.workers = inProcess ? nil : WorkerPool()
      let discovery = try Discovery(inputs, mask: recipe.mask, workers: study.workers)
      let damaged = discovery.others.filter(\.error.isDamage)
      for (path, error) in damaged { warn("\(path): \(error.what)") }
      guard !discovery.images.isEmpty else {
        throw ImageError(.notFound, "no readable image", place: inputs.joined(separator: ", "))
      }
      return (discovery.images.map { .source($0) }, damaged.count)
    }
    let input = try reading.read(inputs[0], self.recipe == nil ? ReadingRules() : recipe.reading)
    var drawn: [(name: String, mask: Mask)] = []
    for path in inputs.dropFirst() {
      let failed = try regions.draw(try RegionSource(contentsOf: path), on: input) { region, mask in
        let repeats = drawn.count { $0.name == region.name || $0.name.hasPrefix("\(region.name) #") }
        drawn.append((repeats == 0 ? region.name : "\(region.name) #\(repeats + 1)", mask))
      }
      if let first = failed.first { throw first.error }
    }
    let name = inputs[0].split(separator: "/").last.map(String.init) ?? inputs[0]
    return ([.loaded(id: name, image: input.volume, regions: drawn)], 0)
  }

  private func report(_ result: RobustnessResult, _ files: [String]) {
    let shown = 5
    for failure in result.failures.prefix(shown) { warn(failure) }
    if result.failures.count > shown {
      warn("… and \(result.failures.count - shown) more reasons, see \(files.last ?? "the table of perturbations")")
    }
    let lines = result.robustness
    if result.count - result.failed < 2 {
      warn("correlations need at least two regions that were measured, there are \(result.count - result.failed)")
    }
    if format.json {
      for line in lines {
        var object: [String: Any] = ["feature": line.column.key]
        for model in IntraclassCorrelation.Model.allCases {
          let e = line.correlation[model]
          object["icc(\(model.rawValue))"] = [number(e.value), number(e.lower), number(e.upper)]
        }
        if let agreement = line.correlation[icc].agreement { object["class"] = agreement.rawValue }
        if let reason = line.correlation.reason { object["reason"] = reason }
        sayJSON(object)
      }
      return
    }
    let classes = AgreementClass.allCases.reversed().map { kind in
      "\(lines.count { $0.correlation[icc].agreement == kind }) \(kind.rawValue)"
    }
    let failed = result.failed > 0 ? " · \(result.failed) failed" : ""
    let none = lines.count { $0.correlation[icc].agreement == nil }
    say(
      "\(result.count) regions\(failed) · \(result.combinations.count) perturbations · \(lines.count) features: "
        + (classes + (none > 0 ? ["\(none) without a value"] : [])).joined(separator: ", ")
        + " (lower end of the 95 % interval of ICC(\(icc.rawValue)))")
    for file in files { say(file) }
  }
}

extension IntraclassCorrelation.Model: ExpressibleByArgument {}
