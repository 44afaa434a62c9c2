// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenPipeline

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check this machine, and list what the inputs hold.",
    discussion: """
      Exits with 3 when a file should have been an image and cannot be read.

      EXAMPLE
        lumen doctor studies/
      """)
  @Argument(help: "Files and folders to look at.") var inputs: [String] = []
  @OptionGroup var format: JSONOption

  func run() throws {
    if format.json {
      sayJSON([
        "lumen": Software.version, "level": Processor.level, "processor": Processor.name,
        "processors": Parallel.processors,
      ])
    } else {
      say("Lumen \(Software.version) built for \(Processor.level): runs here")
      say("\(Processor.name.isEmpty ? "processor" : Processor.name) · \(Parallel.processors) processors")
    }
    if inputs.isEmpty { return }
    let found = try Discovery(inputs)
    if format.json {
      for i in found.images {
        sayJSON(["case": i.id, "source": i.source, "format": i.format, "modality": i.modality, "files": i.files])
      }
      for o in found.others { sayJSON(["file": o.path, "kind": o.error.kind.rawValue, "reason": o.error.description]) }
    } else {
      if !found.images.isEmpty {
        printTable(
          ["case", "format", "modality", "files", "source"],
          found.images.map { [$0.id, $0.format, $0.modality, "\($0.files)", $0.source] })
      }
      for o in found.others { say("not an image: \(o.path): \(o.error.description)") }
      say("\(found.images.count) images, \(found.others.count) other files")
    }
    let damaged = found.others.contains { $0.error.isDamage }
    if damaged { throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue) }
  }
}
