// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import LumenCore
import LumenPipeline

@main struct Main {
  // Nothing else here: closures formed in `main` are bound to the main actor and slow every loop they reach.
  static func main() { start() }
}

/// Checks the processor, parses, runs, and turns an error into one line and an exit code.
func start() {
  if let complaint = Processor.complaint { fail(complaint, .unsupported) }
  signal(SIGPIPE, SIG_IGN)
  signal(SIGXFSZ, SIG_IGN)  // a full quota is an error of the write, not the end of the process
  let arguments = Array(CommandLine.arguments.dropFirst())
  if arguments.first != WorkerCommand.configuration.commandName { Files.removeUnfinishedOnSignals() }
  if let help = FilterCommand.help(for: arguments) { return say(help) }
  do {
    var command = try LumenCommand.parseAsRoot()
    do { try command.run() } catch let error as ValidationError {
      fail("\(error.message) (see lumen \(arguments.first ?? "") --help)", .usage)
    }
  } catch let error as ImageError {
    fail(error.description, ExitCode(error.kind))
  } catch {
    LumenCommand.exit(withError: error)
  }
}

/// Prints the message to standard error and ends.
func fail(_ message: String, _ code: LumenCore.ExitCode) -> Never {
  warn(message)
  exit(code.rawValue)
}

struct LumenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lumen",
    abstract: "Read medical images, segment them, measure IBSI radiomics, follow the case.",
    discussion: """
      \(Software.disclaimer)

      EXAMPLE
        lumen run studies/ --recipe recipe.yaml --out results

      EXIT CODES
      \(LumenCore.ExitCode.allCases.map { "  \($0.rawValue)\t\($0.meaning)" }.joined(separator: "\n"))
      """,
    version: "Lumen \(Software.version) (\(Processor.level))",
    subcommands: [
      RunCommand.self, InfoCommand.self, VolumeCommand.self, StatsCommand.self, DumpCommand.self, ConvertCommand.self,
      FilterCommand.self, StandardCommand.self, SegmentCommand.self, MaskCommand.self, FeaturesCommand.self,
      MapsCommand.self,
      ObjectsCommand.self, RobustCommand.self, ClusterCommand.self, TrainCommand.self, DiagnoseCommand.self,
      CasesCommand.self, DoctorCommand.self, WorkerCommand.self,
    ])
}

/// Writes a line to standard error.
func warn(_ message: String) { FileHandle.standardError.write(Data("lumen: \(printable(message))\n".utf8)) }

/// Text on one line without control characters: names of files and regions come from strangers.
func printable(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
}

/// Writes a line to standard output. A closed pipe silences the output and lets the work go on; any other failure ends.
func say(_ text: String) {
  let line = Array((text + "\n").utf8)
  var done = 0
  while done < line.count {
    let n = line.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress! + done, line.count - done) }
    if n < 0 && errno == EINTR { continue }
    if n < 0 && errno == EPIPE { return }
    if n < 0 { fail("standard output cannot be written: \(String(cString: strerror(errno)))", .io) }
    done += n
  }
}

/// One JSON object on one line, keys sorted; numbers that are not finite become null.
func jsonLine(_ object: [String: Any]) -> String {
  guard let data = try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
  else { fail("a result could not be written as JSON", .internalError) }
  return String(decoding: data, as: UTF8.self)
}

/// The same on standard output.
func sayJSON(_ object: [String: Any]) { say(jsonLine(object)) }

/// Lines into a file, or to standard output without one.
func deliver(_ text: String, to output: String?) throws {
  if let output { return try Files.write(text, to: output) }
  if !text.isEmpty { say(String(text.dropLast())) }
}

/// The last line of the commands' help.
let exitCodesNote =
  "EXIT CODES are those of lumen --help: 0 success, 3 some could not be measured, 64 and above errors."

/// A number for JSON: null when it is not finite.
func number(_ value: Double) -> Any { value.isFinite ? value : NSNull() }

/// Aligned columns for people.
func printTable(_ header: [String], _ rows: [[String]]) {
  let all = ([header] + rows).map { $0.map(printable) }
  let widths = header.indices.map { i in all.map { $0[i].count }.max() ?? 0 }
  for row in all {
    let line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
    say(String(line.reversed().drop { $0 == " " }.reversed()))
  }
}
