// SPDX-License-Identifier: Apache-2.0
public import ArgumentParser
import Foundation
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
  @Option(help: "Whether regions or the neighbourhoods of all voxels are measured.")
  var mode: Mode?
  @Option(help: "Folder of the maps of --mode voxel (default: here).")
  var outDir: String?

  /// Whether any of them is given.
  var isAsked: Bool { parameters != nil || !setting.isEmpty || format != nil || mode != nil || outDir != nil }

  func run(_ image: String, _ mask: String?, output: String?, json: Bool) throws {
    var extraction = PyRadiomics()
    if let parameters { extraction = try PyRadiomics(contentsOf: parameters) }
    extraction = try extraction.with(overrides: setting)
    extraction.software = "Lumen \(Software.version)"
    let isBatch = mask == nil
    let cases = try mask.map { PyRadiomicsCases(image: image, mask: $0) } ?? PyRadiomicsCases(batch: image)
    let folder = outDir ?? "."
    if mode == .voxel { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    var outcomes: [PyRadiomicsCases.Outcome] = []
    for (n, item) in cases.cases.enumerated() {
      let outcome =
        mode == .voxel
        ? cases.measureVoxels(item, number: n + 1, extraction, folder: folder) : cases.measure(item, extraction)
      if let error = outcome.error {
        warn(isBatch ? "case \(n + 1): \(error.description)" : error.description)
      }
      for warning in outcome.warnings { warn(isBatch ? "case \(n + 1): \(warning)" : warning) }
      outcomes.append(outcome)
    }
    let ending = output.flatMap { $0.split(separator: ".").last }.flatMap { PyRadiomicsCases.Format(rawValue: "\($0)") }
    let text = PyRadiomicsCases.text(outcomes, json ? .json : format ?? ending ?? (isBatch ? .csv : .txt))
    if let output { try Files.write(text, to: output) } else { say(String(text.dropLast())) }
    if outcomes.contains(where: { $0.error != nil }) {
      throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue)
    }
  }
}

extension PyRadiomicsCases.Format: ExpressibleByArgument {}
