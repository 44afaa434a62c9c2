// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenDICOM
import LumenPipeline

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check this machine, and take stock of folders.",
    discussion: """
      Of folders: patients, studies, volumes with size, spacing and what is irregular (gaps, tilt, duplicates …), regions \
      and reports with the series they refer to, files that cannot be read. Cases are named by digests; no names, ids or \
      dates of patients are shown, but paths are as they are on disk. JSON is one object a line, "kind" says of what.

      Exits with 3 when a file should have been readable and is not.

      EXAMPLE
        lumen doctor studies/
      """)
  @Argument(help: "Files and folders to look at.") var inputs: [String] = []
  @Flag(help: "Parse the files in this process instead of in worker processes.") var inProcess = false
  @OptionGroup var format: JSONOption

  func run() throws {
    let workers = inProcess ? nil : WorkerPool()
    try checkMachine(workers)
    if inputs.isEmpty { return }
    let holdings = try Holdings(inputs, workers: workers)
    if format.json { listJSON(holdings) } else { list(holdings) }
    if !holdings.damaged.isEmpty { throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue) }
  }

  private func checkMachine(_ workers: WorkerPool?) throws {
    let walls = try workers?.selfTest()
    if format.json {
      return sayJSON([
        "kind": "machine", "lumen": Software.version, "level": Processor.level, "processor": Processor.name,
        "processors": Parallel.processors, "workers": walls != nil, "sandbox": walls?.sandbox ?? false,
        "isolated": walls?.isWhole ?? false,
      ])
    }
    say("Lumen \(Software.version) built for \(Processor.level): runs here")
    say("\(Processor.name.isEmpty ? "processor" : Processor.name) · \(Parallel.processors) processors")
    switch walls {
    case let walls? where walls.isWhole: say("files are decoded in worker processes: limited, system calls filtered")
    case let walls? where !walls.sandbox:
      say("files are decoded in worker processes: limited; this kernel does not filter their system calls")
    case let walls?: say("worker processes are not tight: \(walls.allowed.joined(separator: ", ")) is possible inside")
    case nil: break
    }
  }

  private func list(_ holdings: Holdings) {
    if !holdings.images.isEmpty {
      printTable(
        ["case", "format", "modality", "files", "size", "spacing mm", "source"],
        holdings.images.map { image in
          [
            image.source.id, image.source.format, image.source.modality, "\(image.source.files)",
            image.size.map { $0.map(String.init).joined(separator: " × ") } ?? "",
            image.spacing.map { $0.map { shortest(($0 * 1000).rounded() / 1000) }.joined(separator: " × ") } ?? "",
            image.source.source,
          ]
        })
    }
    for image in holdings.images {
      if let error = image.error { say(printable("\(image.source.id): \(error.description)")) }
      for finding in image.findings { say("\(image.source.id): \(finding)") }
    }
    for object in holdings.objects {
      var line = "\(object.path): \(object.kind)"
      if let regions = object.regions { line += ", \(regions) regions" }
      if !object.cases.isEmpty { line += ", of \(object.cases.joined(separator: ", "))" }
      if object.missingSeries > 0 { line += ", refers to \(object.missingSeries) series that are not here" }
      say(printable(line))
      for note in object.notes { say(printable("\(object.path): \(note)")) }
    }
    for (path, error) in holdings.others {
      say(printable("\(error.isDamage ? "damaged" : "not an image"): \(path): \(error.what)"))
    }
    say(
      "\(holdings.patients) patients · \(holdings.studies) studies · \(holdings.series) DICOM series · "
        + "\(holdings.images.count) images · \(holdings.objects.count) objects · \(holdings.others.count) other files, "
        + "\(holdings.damaged.count) damaged")
  }

  private func listJSON(_ holdings: Holdings) {
    for image in holdings.images {
      var object: [String: Any] = [
        "kind": "image", "case": image.source.id, "source": image.source.source, "format": image.source.format,
        "modality": image.source.modality, "files": image.source.files, "encodings": image.transferSyntaxes,
        "findings": image.findings.map { finding -> [String: Any] in
          var f: [String: Any] = [
            "kind": finding.kind.rawValue, "found": number(finding.found), "expected": number(finding.expected),
            "irregular": finding.isError, "text": finding.description,
          ]
          if let slice = finding.slice { f["slice"] = slice + 1 }
          return f
        },
      ]
      if let size = image.size { object["size"] = size }
      if let spacing = image.spacing { object["spacing"] = spacing.map(number) }
      if let error = image.error { object["error"] = error.description }
      sayJSON(object)
    }
    for o in holdings.objects {
      var object: [String: Any] = [
        "kind": "object", "file": o.path, "is": o.kind, "cases": o.cases, "missingSeries": o.missingSeries,
        "notes": o.notes,
      ]
      if let regions = o.regions { object["regions"] = regions }
      sayJSON(object)
    }
    for (path, error) in holdings.others {
      sayJSON([
        "kind": error.isDamage ? "damaged" : "other", "file": path, "error": error.kind.rawValue,
        "reason": error.description,
      ])
    }
    sayJSON([
      "kind": "total", "patients": holdings.patients, "studies": holdings.studies, "series": holdings.series,
      "images": holdings.images.count, "objects": holdings.objects.count, "others": holdings.others.count,
      "damaged": holdings.damaged.count,
    ])
  }
}
