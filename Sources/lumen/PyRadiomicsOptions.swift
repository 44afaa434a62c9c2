// SPDX-License-Identifier: Apache-2.0
public import ArgumentParser
import LumenCore
public import LumenPipeline
import LumenRadiomics

/// `-p params.yaml` and what goes with it: `lumen features` as PyRadiomics' command line.
struct PyRadiomicsOptions: ParsableArguments {
  /// What is measured.
  enum Mode: String, ExpressibleByArgument, CaseIterable {
    /// Regions.
    case segment
    /// The neighbourhood of every voxel.
    case voxel
  }

  @Option(name: [.customShort("p"), .customLong("param")], help: "PyRadiomics parameter file (YAML or JSON).")
  var parameters: String?
  @Option(
    name: [.short, .long], help: "PyRadiomics setting as name:value, over those of the file; repeat for several.")
  var setting: [String] = []
  @Option(
    name: .customLong("format"),
    help: "PyRadiomics' formats (default: by the output's ending, csv of a batch, else txt).")
  var format: PyRadiomicsCases.Format?
  @Option(help: "Whether regions or the neighbourhoods of all voxels are measured (default: segment).")
  var mode: Mode?
  @Option(help: "Folder of the maps of --mode voxel (default: the current one).")
  var outDir: String?

  /// Whether any of them is given.
  var isAsked: Bool { parameters != nil || !setting.isEmpty || format != nil || mode != nil || outDir != nil }

  func run(
    _ image: String, _ mask: String?, _ regions: RegionOptions, _ reading: ReadingOptions, output: String?, json: Bool
  ) throws {
    var extraction = PyRadiomics()
    if let parameters { extraction = try PyRadiomics(contentsOf: parameters) }
    extraction = try extraction.with(overrides: setting)
    extraction.software = "Lumen \(Software.version)"
    let cases = try self.cases(image, mask, regions, reading), isBatch = cases.cases.count > 1 || mask == nil
    let folder = outDir ?? "."
    if mode == .voxel { try Files.makeFolder(folder) }
    let progress = isBatch ? ProgressBar() : nil
    progress?.begin(cases.cases.count)
    var outcomes: [PyRadiomicsCases.Outcome] = []
    for (n, item) in cases.cases.enumerated() {
      let outcome =
        mode == .voxel
        ? cases.measureVoxels(item, number: n + 1, extraction, folder: folder) : cases.measure(item, extraction)
      if outcome.error != nil || !outcome.warnings.isEmpty { progress?.clear() }
      if let error = outcome.error { warn(isBatch ? "case \(n + 1): \(error.description)" : error.description) }
      for warning in outcome.warnings { warn(isBatch ? "case \(n + 1): \(warning)" : warning) }
      outcomes.append(outcome)
      progress?.advance()
    }
    progress?.clear()
    let ending = output.flatMap { $0.split(separator: ".").last }.flatMap { PyRadiomicsCases.Format(rawValue: "\($0)") }
    let text = PyRadiomicsCases.text(outcomes, json ? .json : format ?? ending ?? (mask == nil ? .csv : .txt))
    try deliver(text, to: output)
    if outcomes.contains(where: { $0.error != nil }) {
      throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue)
    }
  }

  /// What is to be measured: the rows of a CSV file, or one image with its mask, each region asked for.
  private func cases(
    _ image: String, _ mask: String?, _ regions: RegionOptions, _ reading: ReadingOptions
  ) throws -> PyRadiomicsCases {
    if regions.resampleMask {
      throw ValidationError("--resample-mask does not go with -p: -s correctMask:true moves the mask.")
    }
    var cases: PyRadiomicsCases
    if let mask {
      let labels =
        regions.roi.isEmpty ? [] : try RegionSource(contentsOf: mask).listing.chosen(regions.roi).map(\.number)
      cases = PyRadiomicsCases(image: image, mask: mask, labels: labels)
    } else {
      guard regions.roi.isEmpty else { throw ValidationError("--roi needs a mask; a CSV file has the column Label.") }
      // Text has no control characters but tabs and the ends of lines.
      if try Files.isFolder(image) || Files.head(image, 512).contains(where: { $0 < 9 }) {
        throw ImageError(
          .invalidParameter, "is no CSV file of images and masks, and there is no mask", place: image,
          hint: "lumen features IMAGE MASK -p …, or CASES.csv -p …")
      }
      cases = try PyRadiomicsCases(batch: image)
    }
    cases.reading = reading.options
    cases.anyFrame = regions.anyFrame
    return cases
  }
}

extension PyRadiomicsCases.Format: ExpressibleByArgument {}
