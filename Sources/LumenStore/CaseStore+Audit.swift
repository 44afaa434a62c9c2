// SPDX-License-Identifier: Apache-2.0
import GRDB
public import LumenCore

/// What the audit follows: a table whose rows are hashed, with the columns that count.
enum Entity: String, CaseIterable {
  case patient, study, series, roi
  case column = "feature_column"

  var columns: [String] {
    switch self {
    case .patient: ["identifier", "name", "sex", "birth_date"]
    case .study: ["patient_id", "uid", "date", "description", "accession"]
    case .series: ["study_id", "uid", "number", "modality", "description", "geometry", "source"]
    case .roi: ["series_id", "name", "recipe_hash", "status", "error", "recorded_at"]
    case .column: ["key", "name", "code", "family", "unit", "definition", "aggregation"]
    }
  }
}

/// Fields as bytes that no other fields give: type, length and text of each.
struct Canonical {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: DatabaseValue) {
    switch value.storage {
    case .null: append("n", "")
    case .int64(let x): append("i", String(x))
    case .double(let x): append("d", shortest(x))
    case .string(let s): append("s", s)
    case .blob(let b): append("b", b.map { String($0) }.joined(separator: " "))
    }
  }

  mutating func append(_ text: String) { append("s", text) }
  mutating func append(_ number: Int) { append("i", String(number)) }
  mutating func append(_ number: Double?) { if let number { append("d", shortest(number)) } else { append("n", "") } }

  private mutating func append(_ type: StaticString, _ text: String) {
    bytes.append(type.utf8Start.pointee)
    bytes += String(text.utf8.count).utf8
    bytes.append(0x3A)
    bytes += text.utf8
  }
}

/// The newest entry of the audit.
public struct AuditHead: Sendable, Equatable {
  /// Number of entries.
  public let count: Int
  /// Hash of the newest one, which covers all before it; "" when there is none.
  public let hash: String
}

extension CaseStore {
  /// The newest entry. Kept elsewhere (printed, mailed, signed), it also proves that no entry was cut off the end.
  public func auditHead() throws(ImageError) -> AuditHead { try read(auditHead) }

  func auditHead(_ db: Database) throws -> AuditHead {
    guard let row = try Row.fetchOne(db, sql: "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1") else {
      return AuditHead(count: 0, hash: "")
    }
    return AuditHead(count: try row.int(0), hash: try row.text(1))
  }

  /// Appends that a row now has this content.
  func audit(_ db: Database, _ entity: Entity, _ id: Int, _ content: String, at: String) throws {
    let head = try auditHead(db)
    let hash = chained(head.hash, head.count + 1, at, entity.rawValue, id, content)
    let insert = try db.cachedStatement(
      sql: "INSERT INTO audit (seq, at, entity, entity_id, content, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)")
    try insert.execute(arguments: [head.count + 1, at, entity.rawValue, id, content, head.hash, hash])
  }

  private func chained(
    _ previous: String, _ seq: Int, _ at: String, _ entity: String, _ id: Int, _ content: String
  ) -> String {
    var fields = Canonical()
    fields.append(previous)
    fields.append(seq)
    fields.append(at)
    fields.append(entity)
    fields.append(id)
    fields.append(content)
    return digest(fields.bytes)
  }

  /// Content hash of one stored row; for a region with its values and findings. Nil when there is no such row.
  func content(_ db: Database, _ entity: Entity, _ id: Int) throws -> String? {
    let select = try db.cachedStatement(
      sql: "SELECT \(entity.columns.joined(separator: ", ")) FROM \(entity.rawValue) WHERE id = ?")
    guard let row = try Row.fetchOne(select, arguments: [id]) else { return nil }
    var fields = Canonical()
    for value in row.databaseValues { fields.append(value) }
    if entity == .roi {
      let values = try db.cachedStatement(
        sql: "SELECT column_id, value FROM feature WHERE roi_id = ? ORDER BY column_id")
      let rows = try Row.fetchCursor(values, arguments: [id])
      while let r = try rows.next() { for value in r.databaseValues { fields.append(value) } }
      let findings = try db.cachedStatement(
        sql: """
          SELECT position, kind, body, probability, model, disclaimer FROM finding WHERE roi_id = ? ORDER BY position
          """)
      let found = try Row.fetchCursor(findings, arguments: [id])
      while let r = try found.next() { for value in r.databaseValues { fields.append(value) } }
    }
    return digest(fields.bytes)
  }

  /// Checks the whole audit: every entry against the one before it, and every stored row against its newest entry.
  ///
  /// - Cost: reads the whole store once.
  /// - Returns: the number of entries.
  /// - Throws: `malformed` naming the first entry or row that was changed, removed or added behind the audit's back.
  public func verifyAudit() throws(ImageError) -> Int {
    try read { db in
      func broken(_ what: String) -> ImageError {
        ImageError(
          .malformed, "the audit does not hold: \(what)", place: path,
          hint: "the file was changed by something else; restore it from a backup")
      }
      var count = 0
      var previous = ""
      var newest: [Entity: [Int: String]] = [:]
      let entries = try Row.fetchCursor(
        db, sql: "SELECT seq, at, entity, entity_id, content, previous, hash FROM audit ORDER BY seq")
      while let row = try entries.next() {
        count += 1
        let id = try row.int(3), content = try row.text(4)
        guard try row.int(0) == count else { throw broken("entry \(count) is missing") }
        guard let entity = Entity(rawValue: try row.text(2)), try row.text(5) == previous,
          try row.text(6) == chained(previous, count, try row.text(1), entity.rawValue, id, content)
        else { throw broken("entry \(count) was changed") }
        previous = try row.text(6)
        newest[entity, default: [:]][id] = content
      }
      for entity in Entity.allCases {
        var expected = newest[entity] ?? [:]
        for id in try Int.fetchAll(db, sql: "SELECT id FROM \(entity.rawValue) ORDER BY id") {
          guard let hash = expected.removeValue(forKey: id) else {
            throw broken("\(entity.rawValue) \(id) has no entry")
          }
          guard try content(db, entity, id) == hash else { throw broken("\(entity.rawValue) \(id) was changed") }
        }
        if let id = expected.keys.min() { throw broken("\(entity.rawValue) \(id) is missing") }
      }
      for table in ["feature", "finding"] {
        let loose = "SELECT roi_id FROM \(table) WHERE roi_id NOT IN (SELECT id FROM roi) LIMIT 1"
        if let id = try Int.fetchOne(db, sql: loose) { throw broken("roi \(id) is missing") }
      }
      return count
    }
  }
}
