// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
public import LumenCore
import LumenDICOM
import LumenFormats
import LumenLearning
import LumenRadiomics
import LumenStore
import Synchronization

/// The main job: a folder of studies and a recipe in; tables, masks, pictures, report and case store out.
///
/// Cases run side by side, each independent of the others, so the tables are the same bytes for any number of jobs. A
/// case is durable when its `result.json` and its store rows are written; `resume` repeats only what is not.
public struct Batch: Sendable {
  /// Files and folders to search.
  public var inputs: [String]
  /// What to do with every case.
  public var recipe: Recipe
  /// Folder of the results.
  public var output: String
  /// SQLite file of the case store; `OUT/cases.sqlite` unless set.
  public var store: String
  /// Cases at a time.
  public var jobs: Int
  /// Keep finished cases of an interrupted run with the same recipe.
  public var resume = false
  /// Processes that parse and decode the files; nil: this process does, and a crash in a decoder ends it.
  public var workers: WorkerPool?

  /// A batch.
  public init(_ inputs: [String], recipe: Recipe, output: String, store: String? = nil, jobs: Int? = nil) {
    self.inputs = inputs
    self.recipe = recipe
    self.output = output
    self.store = store ?? "\(output)/cases.sqlite"
    self.jobs = max(1, jobs ?? Parallel.processors)
  }

  /// What happens while it runs.
  public enum Event: Sendable {
    /// The inputs were searched.
    case found(images: Int, otherFiles: Int)
    /// A case ended, or was kept from an earlier run.
    case finished(CaseResult, seconds: Double, kept: Bool)
  }

  /// What a batch gave.
  public struct Summary: Sendable {
    /// The results in the order of the images.
    public let results: [CaseResult]
    /// Files that are no images, with reasons.
    public let others: [(path: String, error: ImageError)]
    /// The feature table.
    public let table: FeatureTable
    /// Path of the report.
    public let report: String

    /// Cases that failed, or of which a region did.
    public var failed: Int { results.count { $0.failure != nil } }
    /// Files that should have been images and could not be read.
    public var damaged: Int { others.count { $0.error.isDamage } }
    /// 3 when anything failed, else 0.
    public var exitCode: ExitCode { failed + damaged > 0 ? .someCasesFailed : .success }
  }

  /// Runs to the end; a failing case never stops the others.
  ///
  /// - Throws: `notFound` for a missing input or when no image was found; `io` when results cannot be written.
  public func callAsFunction(_ notify: @Sendable @escaping (Event) -> Void = { _ in }) throws(ImageError) -> Summary {
    let discovery = try Discovery(inputs, mask: recipe.mask, excluding: output, workers: workers)
    guard !discovery.images.isEmpty else {
      throw ImageError(
        .notFound, "no readable image among \(discovery.others.count) files", place: inputs.joined(separator: ", "),
        hint: "lumen doctor lists what each file is")
    }
    notify(.found(images: discovery.images.count, otherFiles: discovery.others.count))
    try Files.makeFolder("\(output)/cases")
    let store = try CaseStore(path: self.store) { sha256($0) }
    let hash = recipe.hash
    let run = try beginRun(store, hash, discovery.images)
    let finished = Set(try store.states(run: run).filter { $0.value == .done }.keys)
    let columns = recipe.features.columns
    let results = Results(count: discovery.images.count)
    let contradictions = Self.contradictions(discovery.images)

    let width = Parallel.width
    let parallel = min(jobs, discovery.images.count)
    Parallel.width = max(1, width / parallel)
    defer { Parallel.width = width }
    workers?.trim(to: parallel)
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: parallel) { _ in
      while true {
        let n = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if n >= discovery.images.count || results.stopped { return }
        do throws(ImageError) {
          let image = discovery.images[n]
          let (result, seconds, kept) = try runCase(
            image, contradiction: contradictions[image.id], damaged: discovery.damaged(beside: image), store, run,
            finished, hash, columns)
          results.set(n, result)
          notify(.finished(result, seconds: seconds, kept: kept))
        } catch { results.stop(error) }
      }
    }
    let all = try results.all()
    let summary = try writeTables(all, discovery, columns)
    try store.endRun(run, summary.failed == 0 ? .done : .failed)
    return summary
  }

  /// The run to continue, or a new one with every case queued.
  private func beginRun(_ store: CaseStore, _ hash: String, _ images: [ImageSource]) throws(ImageError) -> Int {
    let run: Int
    if resume, let known = try store.findRun(recipeHash: hash, version: Software.version) {
      run = known.id
      try store.endRun(run, .running)
    } else {
      run = try store.beginRun(recipeHash: hash, recipe: recipe.canonical, version: Software.version, at: now())
    }
    try store.enqueue(run: run, images.map(\.id))
    return run
  }

  private func runCase(
    _ image: ImageSource, contradiction: String?, damaged: Int, _ store: CaseStore, _ run: Int, _ finished: Set<String>,
    _ hash: String,
    _ columns: [FeatureColumn]
  ) throws(ImageError) -> (CaseResult, seconds: Double, kept: Bool) {
    let folder = "\(output)/cases/\(image.id)"
    let file = "\(folder)/result.json"
    let input = fingerprint(of: image)
    if resume, let old = try? CaseResult.read(file), old.recipe == hash, old.input == input,
      finished.contains(image.id)
    {
      return (old, 0, true)
    }
    try store.mark(run: run, image.id, .running)
    let start = ContinuousClock.now
    let runner = CaseRunner(recipe: recipe, recipeHash: hash, columns: columns, output: folder, workers: workers)
    for name in ["mask.nii.gz", "qc.png", "result.json"] + DICOMResults.Kind.allCases.map(\.fileName) {
      unlink("\(folder)/\(name)")
    }
    var result = runner(image, input: input)
    if let contradiction { result = result.failing(contradiction) }
    if damaged > 0 {
      let note = "\(damaged) files beside it could not be read and may belong to it, see files.csv"
      if let error = result.error { result.error = "\(error); \(note)" } else { result.notes.append(note) }
    }
    result.error = result.error.map { belowInputs($0, image) }
    for n in result.regions.indices {
      result.regions[n].error = result.regions[n].error.map { belowInputs($0, image) }
    }
    result.notes = result.notes.map { belowInputs($0, image) }
    try Files.makeFolder(folder)
    do {
      // A contradicting series would be refused by the store; its failure stands in the tables.
      if contradiction == nil {
        for record in result.records(image, columns: columns, roi: recipe.roi, at: now()) { try store.record(record) }
      }
    } catch  where error.kind == .invalidParameter {
      // The headers contradict what the store knows from earlier runs: this case's fault, not the batch's.
      result = result.failing("not stored: \(error.what)")
    }
    try result.write(to: file)
    try store.mark(run: run, image.id, result.isDone ? .done : .failed, error: result.error ?? "")
    return (result, (ContinuousClock.now - start) / .seconds(1), false)
  }

  /// Series whose study another series of the batch gives to another patient, by case name; the first one is believed.
  private static func contradictions(_ images: [ImageSource]) -> [String: String] {
    var patients: [String: String] = [:], result: [String: String] = [:]
    for image in images {
      guard let header = image.header, !header.studyInstanceUID.isEmpty else { continue }
      if let known = patients[header.studyInstanceUID], known != header.patientID {
        result[image.id] = "its Study Instance UID belongs to another patient's study in this batch"
      } else {
        patients[header.studyInstanceUID] = header.patientID
      }
    }
    return result
  }

  private func writeTables(_ results: [CaseResult], _ discovery: Discovery, _ columns: [FeatureColumn])
    throws(ImageError) -> Summary
  {
    var table = FeatureTable()
    if results.contains(where: \.isDone) { table.declare(columns) }
    for result in results { for (row, values) in result.rows(columns: columns) { table.append(row, values) } }
    try Files.write(table.wideCSV, to: "\(output)/features.csv")
    try Files.write(table.longCSV, to: "\(output)/features_long.csv")
    try ColumnDictionary(recipe, table.columns).write(to: "\(output)/dictionary.json")
    let listed = discovery.others.map { path, error in
      let place = Discovery.below(inputs, path)
      return (
        path: place,
        error: ImageError(
          error.kind, error.what.replacing(path, with: place), place: error.place?.replacing(path, with: place),
          hint: error.hint?.replacing(path, with: place))
      )
    }
    let others =
      csvLine(["file", "kind", "reason"])
      + listed.map { csvLine([$0.path, $0.error.kind.rawValue, $0.error.description]) }.joined()
    try Files.write(others, to: "\(output)/files.csv")
    let groups = Groups(recipe.cluster, table)
    try Files.write(groups.csv, to: "\(output)/clusters.csv")
    let report = "\(output)/report.html"
    try Files.write(
      HTMLReport(
        recipe: recipe, results: results, others: listed, table: table, groups: groups, folder: output
      )
      .html, to: report)
    return Summary(results: results, others: discovery.others, table: table, report: report)
  }

  /// Every file that a case is read from: slices, or the image file with its data files; masks with theirs.
  private func files(of image: ImageSource) -> [String] {
    var paths: [String] = []
    switch image.content {
    case .series(let series): paths = series.instances.map(\.path)
    case .file: paths = [image.path] + ImageFile.dataFiles(of: image.path)
    }
    if recipe.mask == Recipe.linkedMask { return paths + image.regionFiles }
    if let mask = recipe.mask.map({ Discovery.maskPath(of: image.path, pattern: $0) }) {
      paths += [mask] + ImageFile.dataFiles(of: mask)
    }
    return paths
  }

  /// A text in which files are named by their paths below the inputs: folders above often bear names of patients.
  private func belowInputs(_ text: String, _ image: ImageSource) -> String {
    guard text.contains("/") else { return text }
    var text = text
    // A folder comes after the files in it.
    for path in Set(files(of: image) + [image.path]).sorted(by: >) where text.contains(path) {
      text = text.replacing(path, with: Discovery.below(inputs, path))
    }
    return text
  }

  private func fingerprint(of image: ImageSource) -> String {
    var text = ""
    for path in files(of: image) {
      var info = stat()
      if stat(path, &info) == 0 {
        text += "\(path) \(info.st_size) \(info.st_mtim.tv_sec).\(info.st_mtim.tv_nsec)\n"
      }
    }
    return String(sha256(text.utf8).prefix(16))
  }

  private func now() -> String { Date.now.formatted(.iso8601) }
}

/// The results of cases that end in any order.
private final class Results: Sendable {
  private let state: Mutex<(results: [CaseResult?], error: ImageError?)>

  init(count: Int) { state = Mutex((Array(repeating: nil, count: count), nil)) }
  func set(_ n: Int, _ result: CaseResult) { state.withLock { $0.results[n] = result } }
  func stop(_ error: ImageError) { state.withLock { if $0.error == nil { $0.error = error } } }
  var stopped: Bool { state.withLock { $0.error != nil } }

  func all() throws(ImageError) -> [CaseResult] {
    let (results, error) = state.withLock { ($0.results, $0.error) }
    if let error { throw error }
    return results.compactMap(\.self)
  }
}
