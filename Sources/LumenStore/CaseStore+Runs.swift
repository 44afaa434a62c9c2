// SPDX-License-Identifier: Apache-2.0
import GRDB
public import LumenCore

/// Where a run of a batch is.
public enum RunState: String, Sendable, CaseIterable {
  /// Begun and not ended; after a crash too.
  case running
  /// Every job is done.
  case done
  /// Ended with failed jobs.
  case failed
}

/// Where one job of a run is.
public enum JobState: String, Sendable, CaseIterable {
  /// Waits.
  case queued
  /// Claimed by a worker; stays so when that is killed, until ``CaseStore/requeue(run:_:)``.
  case running
  /// Its results are on disk.
  case done
  /// It ended with an error.
  case failed
}

/// One batch: a recipe over many cases.
public struct RunRecord: Sendable, Equatable {
  /// Its number in this store.
  public let id: Int
  /// Hash of the recipe.
  public let recipeHash: String
  /// The recipe's text.
  public let recipe: String
  /// Version of the software.
  public let version: String
  /// When it began.
  public let started: String
  /// Where it is.
  public let state: RunState
}

/// One case of a run.
public struct JobRecord: Sendable, Equatable {
  /// The case, a name that is stable between runs.
  public let key: String
  /// Where it is.
  public let state: JobState
  /// Why it failed; "" otherwise.
  public let error: String
  /// How often it was begun.
  public let attempts: Int
}

/// A batch as a state machine: queued → running → done | failed. Killed at any moment, it goes on where it was.
extension CaseStore {
  /// Begins a run; its number.
  public func beginRun(recipeHash: String, recipe: String, version: String, at: String) throws(ImageError) -> Int {
    try write { db in
      let id = try Int.fetchOne(db, sql: "SELECT COALESCE(MAX(id), 0) + 1 FROM run") ?? 1
      try db.execute(
        sql: "INSERT INTO run (id, recipe_hash, recipe, version, started, state) VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [id, recipeHash, recipe, version, at, RunState.running.rawValue])
      return id
    }
  }

  /// Sets the state of a run.
  ///
  /// - Throws: `notFound` when there is no such run.
  public func endRun(_ id: Int, _ state: RunState) throws(ImageError) {
    try write { db in
      try db.execute(sql: "UPDATE run SET state = ? WHERE id = ?", arguments: [state.rawValue, id])
      guard db.changesCount == 1 else { throw noRun(id) }
    }
  }

  /// The newest run of a recipe, to resume it; nil when there is none.
  ///
  /// - Parameter version: only runs of this software version; nil for any.
  public func findRun(recipeHash: String, version: String? = nil) throws(ImageError) -> RunRecord? {
    let found = try runs("WHERE recipe_hash = ?", [recipeHash])
    return found.last { version == nil || $0.version == version }
  }

  /// Every run, oldest first.
  public func runs() throws(ImageError) -> [RunRecord] { try runs("", []) }

  private func runs(_ condition: String, _ arguments: StatementArguments) throws(ImageError) -> [RunRecord] {
    try read { db in
      let sql = "SELECT id, recipe_hash, recipe, version, started, state FROM run \(condition) ORDER BY id"
      return try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
        guard let state = RunState(rawValue: try row.text(5)) else { throw unknownState() }
        return RunRecord(
          id: try row.int(0), recipeHash: try row.text(1), recipe: try row.text(2), version: try row.text(3),
          started: try row.text(4), state: state)
      }
    }
  }

  /// Adds cases to a run, queued in this order; those that it has already are left as they are.
  ///
  /// - Throws: `notFound` when there is no such run.
  public func enqueue(run: Int, _ keys: [String]) throws(ImageError) {
    try write { db in
      try requireRun(db, run)
      var position =
        try Int.fetchOne(db, sql: "SELECT COALESCE(MAX(position), 0) FROM job WHERE run_id = ?", arguments: [run]) ?? 0
      let insert = try db.cachedStatement(
        sql: """
          INSERT INTO job (run_id, key, position, state, error, attempts) VALUES (?, ?, ?, 'queued', '', 0)
          ON CONFLICT (run_id, key) DO NOTHING
          """)
      for key in keys {
        position += 1
        try insert.execute(arguments: [run, key, position])
      }
    }
  }

  /// Takes the next queued case and marks it running, for this worker alone; nil when none is queued.
  public func claim(run: Int) throws(ImageError) -> String? {
    try write { db in
      let key = try String.fetchOne(
        db, sql: "SELECT key FROM job WHERE run_id = ? AND state = 'queued' ORDER BY position LIMIT 1",
        arguments: [run])
      guard let key else { return nil }
      try set(db, run, key, .running, "")
      return key
    }
  }

  /// Sets the state of a case; `running` counts an attempt.
  ///
  /// - Throws: `notFound` when the run has no such case.
  public func mark(run: Int, _ key: String, _ state: JobState, error: String = "") throws(ImageError) {
    try write { db in try set(db, run, key, state, error) }
  }

  private func set(_ db: Database, _ run: Int, _ key: String, _ state: JobState, _ error: String) throws {
    let update = try db.cachedStatement(
      sql: "UPDATE job SET state = ?, error = ?, attempts = attempts + ? WHERE run_id = ? AND key = ?")
    try update.execute(arguments: [state.rawValue, error, state == .running ? 1 : 0, run, key])
    guard db.changesCount == 1 else {
      throw ImageError(.notFound, "run \(run) has no such case", place: path, hint: "enqueue it first")
    }
  }

  /// Queues again the cases in one of these states: `running` ones after a crash (only when no other worker is at it),
  /// `failed` ones to try again. Their number.
  @discardableResult
  public func requeue(run: Int, _ states: [JobState] = [.running]) throws(ImageError) -> Int {
    try write { db in
      try requireRun(db, run)
      var count = 0
      for state in Set(states) {
        try db.execute(
          sql: "UPDATE job SET state = 'queued', error = '' WHERE run_id = ? AND state = ?",
          arguments: [run, state.rawValue])
        count += db.changesCount
      }
      return count
    }
  }

  /// The cases of a run, in the order of ``enqueue(run:_:)``.
  public func jobs(run: Int) throws(ImageError) -> [JobRecord] {
    try read { db in
      try requireRun(db, run)
      let sql = "SELECT key, state, error, attempts FROM job WHERE run_id = ? ORDER BY position"
      return try Row.fetchAll(db, sql: sql, arguments: [run]).map { row in
        guard let state = JobState(rawValue: try row.text(1)) else { throw unknownState() }
        return JobRecord(key: try row.text(0), state: state, error: try row.text(2), attempts: try row.int(3))
      }
    }
  }

  /// The state of every case of a run.
  public func states(run: Int) throws(ImageError) -> [String: JobState] {
    Dictionary(try jobs(run: run).map { ($0.key, $0.state) }) { first, _ in first }
  }

  private func requireRun(_ db: Database, _ run: Int) throws {
    guard try Int.fetchOne(db, sql: "SELECT id FROM run WHERE id = ?", arguments: [run]) != nil else {
      throw noRun(run)
    }
  }

  private func noRun(_ id: Int) -> ImageError {
    ImageError(.notFound, "there is no run \(id)", place: path, hint: "list the runs for their numbers")
  }

  private func unknownState() -> ImageError {
    ImageError(.malformed, "has a run or job in a state that this version does not know", place: path)
  }
}
