// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenStore
import Testing

@testable import LumenPipeline

/// The main job on the fixture cohort, through the command itself.
@Suite("Batch · fixture cohort", .serialized)
struct BatchTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path()
  static let cohort = root + "fixtures/cohort"
  static let recipe = root + "recipes/ct-lung-nodule.yaml"
  static let tables = [
    "features.csv", "features_long.csv", "dictionary.json", "clusters.csv", "files.csv", "report.html",
  ]

  /// The command that the package built beside the tests.
  static let command: String = {
    var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    for argument in CommandLine.arguments where argument.hasSuffix(".xctest") { folder = URL(filePath: argument) }
    return folder.deletingLastPathComponent().appending(path: "lumen").path()
  }()

  private func lumen(_ arguments: [String], killAfterCases: Int? = nil) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: Self.command)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    var data = Data()
    while true {
      let chunk = pipe.fileHandleForReading.availableData
      if chunk.isEmpty { break }
      data += chunk
      if let killAfterCases,
        String(decoding: data, as: UTF8.self).split(separator: "\n").count(where: { $0.contains("\"event\":\"case\"") })
          >= killAfterCases
      {
        kill(process.processIdentifier, SIGKILL)
      }
    }
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  private func temporary() throws -> String {
    let url = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path()
  }

  private func bytes(_ folder: String) throws -> [[UInt8]] {
    try Self.tables.map { name throws(ImageError) in try Files.read("\(folder)/\(name)") }
  }

  @Test func jobsAndKilledRunsGiveTheSameBytes() throws {
    let folder = try temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func run(_ name: String, _ extra: [String], killAfterCases: Int? = nil) throws -> (Int32, String) {
      try lumen(
        ["run", Self.cohort, "--recipe", Self.recipe, "--out", "\(folder)/\(name)", "--json"] + extra,
        killAfterCases: killAfterCases)
    }
    let one = try run("one", ["--jobs", "1"])
    #expect(one.0 == LumenCore.ExitCode.someCasesFailed.rawValue)
    #expect(try run("two", ["--jobs", "2"]).0 == LumenCore.ExitCode.someCasesFailed.rawValue)
    let killed = try run("cut", ["--jobs", "2"], killAfterCases: 5)
    #expect(killed.0 == SIGKILL)
    #expect(!Files.exists("\(folder)/cut/features.csv"))
    let resumed = try run("cut", ["--jobs", "2", "--resume"])
    #expect(resumed.0 == LumenCore.ExitCode.someCasesFailed.rawValue)
    let kept = resumed.1.split(separator: "\n").count { $0.contains("\"kept\":true") }
    #expect(kept >= 4, "finished cases are not repeated")
    let expected = try bytes("\(folder)/one")
    #expect(try bytes("\(folder)/two") == expected)
    #expect(try bytes("\(folder)/cut") == expected)

    // One store of the three: every case once, the broken one with its reason.
    let store = try CaseStore(path: "\(folder)/cut/cases.sqlite") { sha256($0) }
    let cases = try store.cases(matching: nil)
    let table = try CSV(String(decoding: try Files.read("\(folder)/one/features.csv"), as: UTF8.self))
    #expect(cases.count == table.rows.count)
    #expect(cases.count { $0.status == "failed" } == 1)
    #expect(cases.count { $0.status == "ok" } >= 12)
    #expect(try store.verifyAudit() > 0)
  }

  @Test func aChangedRecipeRepeatsEveryCase() throws {
    let folder = try temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let input = Self.root + "fixtures/images"
    #expect(try lumen(["run", input, "--out", "\(folder)/o", "--json"]).status == 0)
    let recipe = Recipe.general.replacing("fixed-bin-number 32", with: "fixed-bin-number 16")
    try Files.write(recipe, to: "\(folder)/r.yaml")
    let again = try lumen(["run", input, "--recipe", "\(folder)/r.yaml", "--out", "\(folder)/o", "--resume", "--json"])
    #expect(again.status == 0)
    #expect(!again.output.contains("\"kept\":true"))
  }

  @Test(arguments: [
    (["run", "no-such-folder"], LumenCore.ExitCode.notFound), (["run"], .usage), (["run", "/", "--jobs", "0"], .usage),
    (["filter", "gaussan", "a", "-o", "b"], .usage),
    (["convert", root + "fixtures/images/radiograph-grey8.png", "--raw", "/dev/null", "--volume", "2"], .usage),
    (["filter", "gaussian", "a", "-o", "b", "--sigma", "-1mm"], .usage),
    (["info", "no-such-file"], .notFound), (["info", root + "Package.swift"], .unsupported),
    (["cases", "list", "--store", "none.sqlite"], .notFound), (["diagnose", recipe, "--model", recipe], .malformed),
    (["--version"], .success), (["--help"], .success), (["run", "--help"], .success),
  ])
  func exitCodesAreAsDocumented(_ arguments: [String], _ expected: LumenCore.ExitCode) throws {
    #expect(try lumen(arguments).status == expected.rawValue, "\(arguments)")
  }
}
