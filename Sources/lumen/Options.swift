// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenPipeline

/// `--json`
struct JSONOption: ParsableArguments {
  @Flag(name: .long, help: "Print JSON.")
  var json = false
}

/// `-o FILE`
struct OutputOption: ParsableArguments {
  @Option(name: [.customShort("o"), .long], help: "File to write.")
  var output: String
}

/// `--threads N`
struct ThreadsOption: ParsableArguments {
  @Option(name: .long, help: "Threads to use (default: all processors). Results do not depend on it.")
  var threads: Int?

  func apply() throws {
    guard let threads else { return }
    guard threads >= 1 else {
      throw ImageError(.invalidParameter, "--threads is \(threads), expected at least 1")
    }
    Parallel.width = threads
  }
}
