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
      Takes the features settings of a recipe; every region gives a row, also one that cannot be measured, and so does
      a mask without a region (exit 3). Long table: one row a value. --sr writes the values as a DICOM measurement report (TID 1500), --seg the regions as a Segmentation that the report refers to.

      With -p it takes a PyRadiomics parameter file instead and gives PyRadiomics' columns, values and formats; a CSV file
      with the columns Image, Mask, perhaps Label, and no mask beside it measures every row. A case that cannot be measured
      gives a row all the same, with its error (exit 3). --mode voxel writes a map of every feature to --out-dir.

      EXAMPLE
        lumen features ct/ mask.nii.gz --recipe recipe.yaml > features.csv
        lumen features ct/ RS.dcm --roi GTV --seg seg.dcm --sr report.dcm -o features.csv
        lumen features image.nrrd mask.nrrd -p params.yaml -s binWidth:10 --format json
        lumen features cases.csv -p params.yaml -o features.csv
      """)
  @Argument(help: "An image file or the folder of one series; with -p also a CSV file of cases.") var image: String
  @Argument(help: "A DICOM Segmentation, an RT Structure Set, or a label map: 0 outside, labels inside.")
  var mask: String?
  @OptionGroup var regions: RegionOptions
  @Option(name: [.short, .long], help: "Recipe (YAML) whose features section is used.") var recipe: String?
  @Option(name: .customShort("o"), help: "File to write (default: standard output).") var output: String?
  @Flag(help: "One row a value instead of one row a region.") var long = false
  @Option(help: "DICOM Segmentation to write.") var seg: String?
  @Option(help: "DICOM measurement report to write.") var sr: String?
  @OptionGroup var pyRadiomics: PyRadiomicsOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var threads: ThreadsOption
  @OptionGroup var format: JSONOption

  func run() throws {
    try threads.apply()
    if pyRadiomics.isAsked { return try pyRadiomics.run(image, mask, output: output, json: format.json) }
    guard let mask else {
      throw ImageError(
        .invalidParameter, "there is no mask", hint: "give one, or -p with a CSV file of images and masks")
    }
    let recipe =
      try self.recipe.map { path throws(ImageError) in try Recipe(contentsOf: path) } ?? Recipe(yaml: Recipe.general)
    let input = try reading.read(image)
    let source: RegionSource
    do throws(ImageError) { source = try RegionSource(contentsOf: mask) } catch {
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
      for row in table.rows {
        var object: [String: Any] = [
          "roi": row.roi, "recipe": recipe.hash, "status": row.status, "features": row.values.mapValues(number),
        ]
        if row.status != "ok" { object["error"] = row.error }
        sayJSON(object)
      }
      return
    }
    let text = long ? table.longCSV : table.wideCSV
    if let output { try Files.write(text, to: output) } else { say(String(text.dropLast())) }
  }
}
