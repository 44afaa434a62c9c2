// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenPipeline

/// The process in which other commands decode; started by them, not by people.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode-worker", abstract: "Decode for another lumen process, locked in.",
    discussion: """
      Speaks over the descriptors that the other process gives it. --self-test starts such a worker and prints which of
      its walls stand on this machine; it exits with 77 when one does not.
      """,
    shouldDisplay: false)
  @Option(help: "Address space that decoding may take, bytes.") var memory = 2 << 30
  @Option(help: "Most bytes of voxels it may hand back.") var output = Limits.standard.decodedBytes
  @Flag(help: "Print what a worker can and cannot do here.") var selfTest = false

  func run() throws {
    guard selfTest else { try WorkerService.run(memory: memory, output: output) }
    let result = try WorkerPool().selfTest()
    sayJSON([
      "sandbox": result.sandbox, "limits": result.limits, "threads": result.threads, "refused": result.refused,
      "allowed": result.allowed,
    ])
    if !result.isWhole { throw ArgumentParser.ExitCode(LumenCore.ExitCode.limitExceeded.rawValue) }
  }
}
