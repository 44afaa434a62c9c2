// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import LumenCore
import LumenPipeline

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Measure every image below the inputs: tables, masks, pictures, report, case store.",
    discussion: """
      Finds DICOM series (grouped by series, sorted by position) and image files by content in folders of any shape, \
      runs the recipe on each and writes into OUT: features.csv (a row a region, also when it failed), \
      features_long.csv, dictionary.json, clusters.csv, files.csv (every other file with its reason), report.html, \
      and for each case mask.nii.gz and qc.png. Case names are digests: they show no name or number.

      EXAMPLE
        lumen run studies/ --recipe recipes/ct-lung-nodule.yaml --out results --resume

      Files are parsed and decoded in worker processes with limits of memory and time, locked in by the kernel where it \
      can: a file that crashes, stalls or explodes a decoder is one failed case. The results are the same either way.

      Exits with 3 when a case failed or a file is damaged, and all others were done.
      """)

  @Argument(help: "Files and folders.") var inputs: [String] = []
  @Option(name: [.short, .long], help: "Recipe (YAML). Default: the general one, see --print-recipe.")
  var recipe: String?
  @Option(name: [.customShort("o"), .customLong("out")], help: "Folder of the results.") var out: String = "lumen-out"
  @Option(help: "Case store (SQLite). Default: OUT/cases.sqlite.") var store: String?
  @Option(help: "Trained model that gives each case a finding (instead of the recipe's).") var model: String?
  @Option(name: [.short, .long], help: "Cases at a time (default: processors).") var jobs: Int?
  @Flag(help: "Keep the finished cases of an interrupted run with the same recipe and files.") var resume = false
  @Option(help: "Memory that decoding may take in each worker, MiB (default: half of the machine's).") var memory: Int?
  @Flag(help: "Decode in this process, without workers: for trusted files where processes cannot be started.")
  var inProcess = false
  @OptionGroup var threads: ThreadsOption
  @Flag(help: "Print the general recipe and end.") var printRecipe = false
  @OptionGroup var format: JSONOption

  func run() throws {
    if printRecipe { return say(Recipe.general) }
    try threads.apply()
    guard !inputs.isEmpty else { throw ValidationError("Missing expected argument '<inputs> ...'") }
    if let jobs, jobs < 1 { throw ImageError(.invalidParameter, "--jobs is \(jobs), expected at least 1") }
    var recipe =
      try self.recipe.map { path throws(ImageError) in try Recipe(contentsOf: path) } ?? Recipe(yaml: Recipe.general)
    if let model { try recipe.setModel(model) }
    var batch = Batch(inputs, recipe: recipe, output: out, store: store, jobs: jobs)
    batch.resume = resume
    if !inProcess {
      var settings = WorkerSettings()
      if let memory {
        guard (64...(1 << 30)).contains(memory) else {
          throw ImageError(.invalidParameter, "--memory is \(memory) MiB, expected at least 64")
        }
        settings.memory = memory << 20
      }
      batch.workers = WorkerPool(settings)
    }

    let start = ContinuousClock.now
    let progress = ProgressBar()
    let json = format.json
    let summary = try batch { event in
      switch event {
      case .found(let images, _): progress.begin(images)
      case .finished(_, _, let kept): progress.advance(kept: kept)
      }
      if json { sayJSON(Self.record(event)) }
    }
    progress.clear()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    if json {
      sayJSON([
        "event": "end", "cases": summary.results.count, "failed": summary.failed,
        "features": summary.table.columns.count,
        "otherFiles": summary.others.count, "damagedFiles": summary.damaged, "seconds": seconds,
        "report": summary.report,
      ])
    } else {
      let failed = summary.failed > 0 ? " · \(summary.failed) failed" : ""
      let others = summary.others.isEmpty ? "" : " · \(summary.others.count) other files"
      say(
        "\(summary.table.columns.count) features · \(summary.results.count) cases\(failed)\(others) · "
          + String(format: "%.1f s", seconds))
      for result in summary.results {
        guard let error = result.failure else { continue }
        warn(error.contains(result.source) ? error : "\(result.source): \(error)")
      }
      if summary.damaged > 0 { warn("\(summary.damaged) damaged files, see \(out)/files.csv") }
      say(summary.report)
    }
    if summary.exitCode != .success { Foundation.exit(summary.exitCode.rawValue) }
  }

  private func warn(_ text: String) { FileHandle.standardError.write(Data("lumen: \(text)\n".utf8)) }

  private static func record(_ event: Batch.Event) -> [String: Any] {
    switch event {
    case .found(let images, let others): ["event": "found", "images": images, "otherFiles": others]
    case .finished(let result, let seconds, let kept):
      [
        "event": "case", "id": result.id, "source": result.source, "status": result.failure == nil ? "ok" : "failed",
        "error": result.failure ?? "", "regions": result.regions.count, "seconds": seconds, "kept": kept,
      ]
    }
  }
}
