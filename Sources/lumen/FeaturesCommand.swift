// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenDICOM
import LumenPipeline
import LumenRadiomics

struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features", abstract: "Measure the regions of a mask in an image.",
    discussion: """
      Takes read, prepare, interpolate, response and features of a recipe (the guide "Recipes" has every key, recipes/ibsi \
      the configurations of IBSI 1); its other keys are not needed. Every region gives a row, also one that cannot be \
      measured, and so does a mask without a region (exit 3). --long: one row a value, with IBSI code, aggregation and unit. --sr writes the values as a DICOM \
      measurement report (TID 1500), --seg the regions as a Segmentation that the report refers to.

      With -p it takes a PyRadiomics parameter file instead and gives PyRadiomics' columns, values and formats; a CSV file \
      with the columns Image, Mask, perhaps Label, and no mask beside it measures every row. A case that cannot be measured \
      gives a row all the same, with its error (exit 3). --mode voxel writes a map of every feature to --out-dir. Without a file -s alone starts from \
      PyRadiomics' defaults. Without --roi the setting label (default: 1) chooses the region.

      EXAMPLES
        lumen features ct/ mask.nii.gz --recipe recipe.yaml > features.csv
        lumen features ct/ RS.dcm --roi GTV --seg seg.dcm --sr report.dcm -o features.csv
        lumen features image.nrrd mask.nrrd -p params.yaml -s binWidth:10 --format json
        lumen features cases.csv -p params.yaml -o features.csv

      \(exitCodesNote)
      """)
  @Argument(help: "An image file or the folder of one series; with -p also a CSV file of cases.") var image: String
  @Argument(help: "A DICOM Segmentation, an RT Structure Set, or a label map: 0 outside, labels inside.")
  var mask: String?
  @OptionGroup var regions: RegionOptions
  @Option(
    name: [.short, .long], help: "Recipe (YAML). Default: the general one, see lumen run --print-recipe.")
  var recipe: String?
  @Option(name: [.customShort("o"), .long], help: "File to write (default: standard output).") var output: String?
  @Flag(help: "One row a value instead of one row a region.") var long = false
  @Option(help: "DICOM Segmentation to write.") var seg: String?
  @Option(help: "DICOM measurement report to write.") var sr: String?
  @Option(help: "File to write what each column means (JSON): definition, unit, IBSI code.") var dictionary: String?
  @OptionGroup var pyRadiomics: PyRadiomicsOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var threads: ThreadsOption
  @OptionGroup var format: JSONOption

  func run() throws {
    try threads.apply()
    for path in [output, seg, sr, dictionary] { try requireFolder(of: path) }
    if pyRadiomics.isAsked {
      let other = [("--recipe", recipe != nil), ("--long", long), ("--seg", seg != nil), ("--sr", sr != nil)]
      if let (name, _) = other.first(where: \.1) { throw ValidationError("\(name) does not go with -p.") }
      if let dictionary { try ColumnDictionary.pyRadiomics.write(to: dictionary) }
      return try pyRadiomics.run(image, mask, regions, reading, output: output, json: format.json)
    }
    guard let mask else {
      throw ImageError(
        .invalidParameter, "there is no mask", hint: "give one, or -p with a CSV file of images and masks")
    }
    let recipe =
      try self.recipe.map { path throws(ImageError) in try Recipe(contentsOf: path, needsRegions: false) }
      ?? Recipe(yaml: Recipe.general)
    if let dictionary { try ColumnDictionary(recipe, recipe.features.columns).write(to: dictionary) }
    let rules = self.recipe == nil ? ReadingRules() : recipe.reading
    let (input, found) = try reading.read(image, rules, besides: mask)
    let source: RegionSource
    switch found {
    case .success(let read): source = read
    case .failure(let error):
      // A mask that is empty, or whose voxels are no labels, belongs to an image all the same.
      guard error.kind == .invalidParameter else { throw error }
      warn(error.description)
      var table = FeatureTable()
      table.declare(recipe.features.columns)
      table.append(failure("", error, recipe))
      try write(table, recipe)
      throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue)
    }
    let results = seg == nil && sr == nil ? nil : try DICOMResults(input.series)
    let measuring = try recipe.measuring(try recipe.prepared(input.volume))
    var table = FeatureTable()
    var measured: [DICOMResults.Measured] = [], drawn: [(name: String, mask: Mask)] = []
    let failed = try regions.draw(source, on: input, needsOne: false) { region, mask in
      let values = try measuring.features(in: mask)
      table.append(
        FeatureTable.Row(id: image, roi: region.name, labels: [(name: "recipe", value: recipe.hash)]), values)
      guard results != nil else { return }
      measured.append(.init(name: region.name, region: DICOMResults.place(region, in: source), values: values))
      if seg != nil { drawn.append((region.name, mask)) }
    }
    for (region, error) in failed { table.append(failure(region.name, error, recipe)) }
    // A table of failures alone has the columns all the same.
    table.declare(recipe.features.columns)
    if failed.count == table.rows.count {
      try write(table, recipe)
      throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue)
    }
    if let seg, let written = try results?.writeSegmentation(drawn, to: seg) {
      for note in written.notes { warn(note) }
      for n in measured.indices { measured[n].region = .segment(written.object, number: n + 1) }
    }
    if let sr { try results?.writeReport(measured, recipe: recipe.hash, to: sr) }
    try write(table, recipe)
    if !failed.isEmpty { throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue) }
  }

  private func failure(_ roi: String, _ error: ImageError, _ recipe: Recipe) -> FeatureTable.Row {
    FeatureTable.Row(
      id: image, roi: roi, status: "failed", error: error.description, labels: [(name: "recipe", value: recipe.hash)])
  }

  private func write(_ table: FeatureTable, _ recipe: Recipe) throws {
    if format.json {
      let lines = table.rows.map { row in
        jsonLine([
          "id": row.id, "roi": row.roi, "status": row.status, "error": row.error, "recipe": recipe.hash,
          "features": row.values.mapValues(number),
        ])
      }
      return try deliver(lines.map { $0 + "\n" }.joined(), to: output)
    }
    try deliver(long ? table.longCSV : table.wideCSV, to: output)
  }
}
