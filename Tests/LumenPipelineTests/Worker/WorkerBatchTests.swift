// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenPipeline

@Suite("Workers · property: a batch gives the same bytes", .serialized)
struct WorkerBatchTests {
  @Test func withAndWithoutWorkers() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func run(_ workers: WorkerPool?, _ name: String) throws -> Batch.Summary {
      var batch = Batch(
        [BatchTests.cohort, BatchTests.root + "fixtures/malformed"], recipe: try Recipe(contentsOf: BatchTests.recipe),
        output: "\(folder)/\(name)", jobs: 2)
      batch.workers = workers
      return try batch()
    }
    var settings = WorkerSettings()
    settings.executable = BatchTests.command
    let here = try run(nil, "here"), there = try run(WorkerPool(settings), "there")
    #expect(here.results == there.results)
    #expect(here.damaged > 0 && here.damaged == there.damaged)
    let files = try Files.list(["\(folder)/here"]).filter { !$0.contains(".sqlite") }
    #expect(files.count > 20)
    for file in files {
      let other = file.replacing("\(folder)/here", with: "\(folder)/there")
      #expect(try Files.read(file) == Files.read(other), "\(file)")
    }
  }
}
