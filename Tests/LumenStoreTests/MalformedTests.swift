// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import LumenCore
import Testing

@testable import LumenStore

@Suite("Case store · malformed: files that are not what they should be")
struct MalformedStoreTests {
  let folder = Folder()

  /// Runs SQL behind the store's back.
  func alter(_ path: String, _ sql: String...) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    for s in sql { try queue.writeWithoutTransaction { try $0.execute(sql: s) } }
    try queue.close()
  }

  func recorded(_ name: String) throws -> String {
    let path = folder.file(name)
    let store = try openStore(path)
    try store.record(sampleCase())
    try store.record(sampleCase(patient: "P2", study: "2", series: "2.1"))
    return path
  }

  @Test func emptyFileBecomesAStoreForItsOwner() throws {
    let path = folder.file("empty.sqlite")
    #expect(FileManager.default.createFile(atPath: path, contents: Data()))
    let store = try openStore(path)
    try store.record(sampleCase())
    #expect(try store.cases().count == 1)
    _ = try openStore(folder.file("new.sqlite"))
    let mode = try FileManager.default.attributesOfItem(atPath: folder.file("new.sqlite"))[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let version = try store.read { try String.fetchOne($0, sql: "SELECT value FROM lumen_store WHERE name = 'schema'") }
    #expect(version == String(Schema.version))
    let settings = try store.write { db in
      (
        try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"),
        try Int.fetchOne(db, sql: "PRAGMA foreign_keys")
      )
    }
    #expect(settings == ("wal", 2, 1))
  }

  @Test func notADatabase() throws {
    let path = folder.file("text.sqlite")
    try Files.write("patient,age\n", to: path)
    #expect(failure { () throws(ImageError) in try openStore(path) }?.kind == .malformed)
    #expect(try Files.read(path) == Array("patient,age\n".utf8), "the file is left as it was")
  }

  @Test func someoneElsesDatabase() throws {
    let path = folder.file("other.sqlite")
    try alter(path, "CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    let before = try Files.read(path)
    #expect(failure { () throws(ImageError) in try openStore(path) }?.kind == .malformed)
    #expect(try Files.read(path) == before, "the file is left as it was")
  }

  @Test func newerSchema() throws {
    let path = try recorded("new.sqlite")
    try alter(path, "UPDATE lumen_store SET value = '99'")
    #expect(failure { () throws(ImageError) in try openStore(path) }?.kind == .unsupported)
    try alter(path, "UPDATE lumen_store SET value = 'x'")
    #expect(failure { () throws(ImageError) in try openStore(path) }?.kind == .malformed)
  }

  @Test func pathsThatCannotBeUsed() throws {
    #expect(failure { () throws(ImageError) in try openStore(folder.path) }?.kind == .io)
    #expect(failure { () throws(ImageError) in try openStore(folder.file("no/such/a.sqlite")) }?.kind == .notFound)
    #expect(failure { () throws(ImageError) in try openStore("/proc/lumen.sqlite") } != nil)
    #expect(failure { () throws(ImageError) in try openStore("") } != nil)
  }

  /// Every page damaged in turn, and every length cut: an error or right answers, never a trap.
  @Test func damagedFilesNeverTrap() throws {
    let source = try recorded("whole.sqlite")
    try alter(source, "PRAGMA wal_checkpoint(TRUNCATE)")
    let whole = try Files.read(source)
    var refused = 0
    func probe(_ bytes: [UInt8], _ name: String) throws {
      let path = folder.file(name)
      try Files.write(bytes, to: path)
      do throws(ImageError) {
        let store = try openStore(path)
        for c in try store.cases() { _ = try store.show(c.id) }
        _ = try store.history(patientID: "P1")
        try store.record(sampleCase(roi: "another"))
        _ = try store.verifyAudit()
      } catch {
        refused += 1
        #expect([.malformed, .io, .invalidParameter, .notFound, .unsupported].contains(error.kind))
      }
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
    let pages = whole.count / 4096
    for page in 0..<pages {
      var bytes = whole
      for i in 0..<512 { bytes[page * 4096 + (page == 0 ? 100 : 0) + i] = UInt8(truncatingIfNeeded: i &* 37 &+ page) }
      try probe(bytes, "damaged\(page).sqlite")
      try probe(Array(whole.prefix(page * 4096 + 200)), "cut\(page).sqlite")
    }
    #expect(refused > pages)
  }

  @Test func wrongTypesAreRefusedOrRead() throws {
    let path = try recorded("types.sqlite")
    try alter(
      path, "UPDATE feature SET value = 'abc' WHERE column_id = 2", "UPDATE series SET number = x'00ff'",
      "PRAGMA ignore_check_constraints = 1", "UPDATE finding SET probability = 'high'", "DELETE FROM feature_column")
    let store = try openStore(path)
    let error = failure { () throws(ImageError) in try store.show(1) }
    #expect(error?.kind == .malformed)
  }

  @Test(arguments: [
    "UPDATE patient SET name = 'Other' WHERE id = 1", "UPDATE study SET date = '19990101' WHERE id = 1",
    "UPDATE feature SET value = 13 WHERE roi_id = 1 AND column_id = 1",
    "DELETE FROM feature WHERE roi_id = 2 AND column_id = 3",
    "UPDATE finding SET probability = 0.9 WHERE roi_id = 1 AND position = 0",
    "UPDATE feature_column SET unit = 'cm' WHERE id = 1",
    "INSERT INTO patient VALUES (7, 'P7', '', '', '')", "DELETE FROM roi WHERE id = 2",
    "DELETE FROM audit WHERE seq = 2", "UPDATE audit SET at = 'x' WHERE seq = 3",
    "UPDATE audit SET content = 'x' WHERE seq = 3",
    "DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)",
  ])
  func tamperingIsDetected(_ sql: String) throws {
    let path = try recorded("t.sqlite")
    #expect(try openStore(path).verifyAudit() == 13)
    try alter(path, "DROP TRIGGER audit_keeps", "DROP TRIGGER audit_stays", sql)
    let store = try openStore(path)
    #expect(failure { () throws(ImageError) in try store.verifyAudit() }?.kind == .malformed)
  }

  @Test func auditRefusesChangesByMistake() throws {
    let path = try recorded("t.sqlite")
    #expect(throws: (any Error).self) { try alter(path, "UPDATE audit SET at = 'x' WHERE seq = 1") }
    #expect(throws: (any Error).self) { try alter(path, "DELETE FROM audit") }
    #expect(try openStore(path).verifyAudit() == 13)
  }
}
