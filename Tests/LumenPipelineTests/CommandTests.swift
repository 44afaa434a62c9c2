// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

/// What README and guide promise, and what a user may do wrong, through the command itself.
@Suite("Command · property", .serialized)
struct CommandTests {
  private let image = BatchTests.cohort + "/case-01", mask = BatchTests.root + "fixtures/masks/case-01.nii.gz"

  private func run(
    _ program: String, _ arguments: [String], interruptAfter seconds: Double? = nil
  ) throws -> (status: Int32, output: String) {
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    if let seconds {
      Thread.sleep(forTimeInterval: seconds)
      process.interrupt()
    }
    let text = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path())
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
  func commandsOfReadmeAndGuideRun() throws {
    let result = try run("/usr/bin/python3", [BatchTests.root + "scripts/guide.py", BatchTests.command])
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func aBrokenOffCommandLeavesNoFile() throws {
    try inFolder { folder throws in
      for n in 1...8 {
        let output = "\(folder)/x.nii.gz"
        _ = try run(BatchTests.command, ["convert", image, "-o", output], interruptAfter: 0.02 * Double(n))
        let left = try Files.list([folder])
        #expect(left.isEmpty || left == [output], "after \(20 * n) ms")
      }
    }
  }

  @Test func misuseIsSaidInOneLine() throws {
    try inFolder { folder throws in
      let parameters = BatchTests.root + "recipes/pyradiomics/bin-width.yaml", picture = mask
      let cases: [(arguments: [String], status: Int32, text: String)] = [
        (["features", image, mask, "-o", "\(folder)/none/f.csv"], 74, "the folder does not exist"),
        (["features", image, mask, "-p", parameters, "--long"], 64, "--long does not go with -p"),
        (["features", image, mask, "-p", parameters, "--roi", "x"], 66, "no region is called"),
        (["features", picture, "-p", parameters], 64, "there is no mask"),
        (["features", image, mask, "-r", parameters], 64, "-p"),
        (["filter", "otsu", image, "-o", "\(folder)/x.nii"], 64, "lumen segment"),
        (["filter", "mean", image, "-o", "\(folder)/x.xyz"], 64, "extension"),
        (
          ["maps", image, mask, "-o", "\(folder)/maps", "--bin-width", "1", "--bin-count", "2"], 64, "lumen maps --help"
        ),
        (["objects", mask, "--properties", "intensity_mean"], 64, "--image"),
      ]
      for (arguments, status, text) in cases {
        let result = try run(BatchTests.command, arguments)
        #expect(result.status == status, "\(arguments): \(result.output)")
        #expect(result.output.contains(text) && result.output.count { $0 == "\n" } == 1, "\(result.output)")
      }
      #expect(try Files.list([folder]).isEmpty)
    }
  }

  @Test func tablesAsJSONGoIntoTheFile() throws {
    try inFolder { folder throws in
      let output = "\(folder)/f.json"
      let result = try run(BatchTests.command, ["features", image, mask, "--json", "-o", output])
      #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
      let object = try JSONSerialization.jsonObject(with: Data(Files.read(output))) as? [String: Any]
      #expect(object?["status"] as? String == "ok")
      #expect((object?["features"] as? [String: Any])?.count ?? 0 > 90)
    }
  }
}
