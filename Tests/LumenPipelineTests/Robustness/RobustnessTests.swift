// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenLearning
import LumenRadiomics
import Testing

@testable import LumenPipeline

/// `lumen robust` on cases of the fixture cohort, through the command itself.
@Suite("Robustness · fixture cohort", .serialized)
struct RobustnessTests {
  private func lumen(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
    let process = Process(), output = Pipe(), errors = Pipe()
    process.executableURL = URL(filePath: BatchTests.command)
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: complaints, as: UTF8.self)
    )
  }

  private func temporary() throws -> String {
    let url = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path()
  }

  private func tables(_ path: String) throws -> [CSV] {
    try ["", "_values", "_perturbations"].map {
      try CSV(String(decoding: Files.read("\(path)\($0).csv"), as: UTF8.self))
    }
  }

  static let plan = "translate(0.5, axes=xy) rotate(0, 9) noise(1) volume(-0.1, 0) contour(1)"

  /// Three cases and a broken one: the tables agree with each other and do not depend on jobs or workers.
  @Test func threeCasesUnderFourPerturbations() throws {
    let folder = try temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cases = ["01", "02", "03", "15"].map { "\(BatchTests.cohort)/case-\($0)" }
    func run(_ name: String, _ extra: [String]) throws -> (status: Int32, output: String, errors: String) {
      try lumen(
        ["robust"] + cases + ["-r", BatchTests.recipe, "-o", "\(folder)/\(name).csv", "--perturb", Self.plan] + extra)
    }
    let one = try run("one", ["--jobs", "1"])
    #expect(one.status == LumenCore.ExitCode.someCasesFailed.rawValue, "\(one.errors)")
    #expect(!one.errors.contains("█"), "no progress bar in a pipe")
    #expect(try run("two", ["--jobs", "2", "--threads", "2", "--in-process"]).status == one.status)
    for name in ["", "_values", "_perturbations"] {
      #expect(try Files.read("\(folder)/one\(name).csv") == Files.read("\(folder)/two\(name).csv"), "\(name)")
    }
    #expect(try run("other", ["--seed", "2", "--jobs", "2"]).status == one.status)
    #expect(try Files.read("\(folder)/one_values.csv") != Files.read("\(folder)/other_values.csv"))

    let found = try tables("\(folder)/one")
    let (robust, values, perturbed) = (found[0], found[1], found[2])
    let recipe = try Recipe(contentsOf: BatchTests.recipe), features = recipe.features.columns.count
    #expect(robust.rows.count == features && values.rows.count == 3 * 4 * features)
    #expect(perturbed.rows.count == 3 * 4 + 1)
    let status = try perturbed.index(of: "status")
    #expect(perturbed.rows.count { $0[status] == "failed" } == 1)
    let noiseSeed = try perturbed.index(of: "noise_seed"), contourSeed = try perturbed.index(of: "contour_seed")
    let good = perturbed.rows.filter { $0[status] == "ok" }
    #expect(Set(good.map { $0[noiseSeed] }).count == 6 && Set(good.map { $0[contourSeed] }).count == 12)

    // The correlation of the values table is that of the other one.
    let feature = try values.index(of: "feature"), value = try values.index(of: "value")
    let key = try robust.index(of: "feature"), icc = try robust.index(of: "icc_1_1")
    let lower = try robust.index(of: "icc_1_1_lower"), kind = try robust.index(of: "class")
    for row in robust.rows {
      let numbers = values.rows.filter { $0[feature] == row[key] }.compactMap { Double($0[value]) }
      let again = IntraclassCorrelation(numbers, repetitions: 4)
      #expect(shortest(again[.oneWay].value) == row[icc] && shortest(again[.oneWay].lower) == row[lower], "\(row[key])")
      #expect(row[kind] == again[.oneWay].agreement?.rawValue ?? "")
    }
    // A feature of the region's size says more about the nodule than about its contour; with three nodules the interval
    // is wide all the same.
    let volume = try #require(robust.rows.first { $0[key] == "morph_vol_approx" })
    #expect(try #require(Double(volume[icc])) > 0.5)
  }

  @Test func oneImageWithItsMasks() throws {
    let folder = try temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let image = "\(BatchTests.cohort)/case-01", mask = "\(BatchTests.root)fixtures/masks/case-01.nii.gz"
    let run = try lumen([
      "robust", image, mask, mask, "-r", BatchTests.recipe, "-o", "\(folder)/r.csv", "--perturb", "volume(-0.2, 0.2)",
      "--icc", "3,1", "--json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let found = try tables("\(folder)/r")
    let roi = try found[2].index(of: "roi"), voxels = try found[2].index(of: "voxels")
    #expect(found[2].rows.map { $0[roi] } == ["label 1", "label 1", "label 1 #2", "label 1 #2"])
    #expect(found[2].rows.map { $0[voxels] } == ["1788", "2682", "1788", "2682"], "of 2235")
    #expect(try found[0].rows[0][found[0].index(of: "class_of")] == "icc_3_1_lower")
    #expect(run.output.split(separator: "\n").count == found[0].rows.count)
  }

  @Test(arguments: [
    (["robust", "no-such-folder", "-o", "/dev/null"], LumenCore.ExitCode.notFound),
    (["robust", BatchTests.cohort, "-o", "x.csv", "--perturb", "rotate(x)"], .usage),
    (["robust", BatchTests.cohort], .usage), (["robust", "--help"], .success),
  ])
  func exitCodesAreAsDocumented(_ arguments: [String], _ expected: LumenCore.ExitCode) throws {
    #expect(try lumen(arguments).status == expected.rawValue, "\(arguments)")
  }
}
