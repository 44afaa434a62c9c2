// SPDX-License-Identifier: Apache-2.0
import Dispatch
import LumenCore
import Synchronization
import Testing

@testable import LumenStore

@Suite("Runs and jobs · property: a killed batch goes on where it was")
struct RunTests {
  let folder = Folder()

  @Test func resume() throws {
    let path = folder.file("a.sqlite")
    let run: Int
    do {
      let store = try openStore(path)
      run = try store.beginRun(recipeHash: "h", recipe: "steps: []", version: "0.1", at: "t0")
      try store.enqueue(run: run, ["c", "a", "b", "d"])
      #expect(try store.claim(run: run) == "c")
      try store.mark(run: run, "c", .done)
      #expect(try store.claim(run: run) == "a")
      try store.mark(run: run, "a", .failed, error: "mask is empty")
      #expect(try store.claim(run: run) == "b")
    }
    let store = try openStore(path)
    let found = try #require(try store.findRun(recipeHash: "h"))
    #expect(
      found == RunRecord(id: run, recipeHash: "h", recipe: "steps: []", version: "0.1", started: "t0", state: .running))
    try store.enqueue(run: run, ["a", "b", "c", "d", "e"])
    #expect(try store.states(run: run) == ["c": .done, "a": .failed, "b": .running, "d": .queued, "e": .queued])
    #expect(try store.requeue(run: run) == 1)
    #expect(try store.claim(run: run) == "b")
    #expect(try store.claim(run: run) == "d")
    #expect(try store.claim(run: run) == "e")
    #expect(try store.claim(run: run) == nil)
    #expect(
      try store.jobs(run: run) == [
        JobRecord(key: "c", state: .done, error: "", attempts: 1),
        JobRecord(key: "a", state: .failed, error: "mask is empty", attempts: 1),
        JobRecord(key: "b", state: .running, error: "", attempts: 2),
        JobRecord(key: "d", state: .running, error: "", attempts: 1),
        JobRecord(key: "e", state: .running, error: "", attempts: 1),
      ])
    #expect(try store.requeue(run: run, [.failed]) == 1)
    #expect(try store.claim(run: run) == "a")
    try store.endRun(run, .failed)
    #expect(try store.runs().map(\.state) == [.failed])
  }

  @Test func newestRunOfARecipeIsFound() throws {
    let store = try openStore(folder.file("a.sqlite"))
    let first = try store.beginRun(recipeHash: "h", recipe: "", version: "1", at: "t")
    _ = try store.beginRun(recipeHash: "other", recipe: "", version: "1", at: "t")
    let third = try store.beginRun(recipeHash: "h", recipe: "", version: "2", at: "t")
    #expect(try store.findRun(recipeHash: "h")?.id == third)
    #expect(try store.findRun(recipeHash: "h", version: "1")?.id == first)
    #expect(try store.findRun(recipeHash: "none") == nil)
  }

  @Test func workersNeverShareACase() throws {
    let store = try openStore(folder.file("a.sqlite"))
    let run = try store.beginRun(recipeHash: "h", recipe: "", version: "1", at: "t")
    try store.enqueue(run: run, (0..<60).map { "case \($0)" })
    let claimed = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      while let key = try? store.claim(run: run) { claimed.withLock { $0.append(key) } }
    }
    #expect(claimed.withLock { $0.count } == 60)
    #expect(claimed.withLock { Set($0).count } == 60)
  }

  @Test func unknownRunsAndCasesAreNamed() throws {
    let store = try openStore(folder.file("a.sqlite"))
    let run = try store.beginRun(recipeHash: "h", recipe: "", version: "1", at: "t")
    let errors = [
      failure { () throws(ImageError) in try store.mark(run: run, "secret", .done) },
      failure { () throws(ImageError) in try store.enqueue(run: 9, ["a"]) },
      failure { () throws(ImageError) in try store.endRun(9, .done) },
      failure { () throws(ImageError) in _ = try store.jobs(run: 9) },
      failure { () throws(ImageError) in _ = try store.requeue(run: 9) },
    ]
    #expect(errors.map { $0?.kind } == Array(repeating: .notFound, count: 5))
    #expect(errors.allSatisfy { !"\(String(describing: $0))".contains("secret") })
  }
}
