// SPDX-License-Identifier: Apache-2.0
import GRDB
public import LumenCore
import Synchronization

extension CaseStore {
  /// Records a finished case, on disk when this returns. Again with the same series, region and recipe replaces its
  /// values and findings; with the same content too, nothing changes. Empty fields of patient, study and series do not
  /// erase what the store knows.
  ///
  /// - Throws: `invalidParameter` for an empty ID or UID, a column that appears twice, a study of another patient or a
  ///   series of another study; `io` when it cannot be written. Nothing of a refused case is kept.
  public func record(_ c: CaseRecord) throws(ImageError) {
    try check(c)
    let known = columns.withLock { $0 }
    let new = try write { db in try record(db, c, known) }
    if !new.isEmpty { columns.withLock { $0.merge(new) { old, _ in old } } }
  }

  private func check(_ c: CaseRecord) throws(ImageError) {
    let names = [("patient ID", c.patient.id), ("study UID", c.study.uid), ("series UID", c.series.uid)]
    for (name, value) in names where value.isEmpty {
      throw ImageError(
        .invalidParameter, "a case has an empty \(name)", hint: "name it after its file where the images have none")
    }
    var keys = Set<String>()
    for v in c.values where !keys.insert(v.column.key).inserted {
      throw ImageError(.invalidParameter, "a case has two values of \"\(v.column.key)\", expected one")
    }
  }

  /// Inside a transaction. Returns the dictionary rows to remember once it is committed.
  func record(_ db: Database, _ c: CaseRecord, _ known: [FeatureColumn: Int]) throws -> [FeatureColumn: Int] {
    let p = c.patient, s = c.study, r = c.series
    let patient = try put(
      db, .patient, "identifier", [p.id, p.name, p.sex, p.birthDate], parent: false, at: c.at)
    let study = try put(
      db, .study, "uid", [patient, s.uid, s.date, s.description, s.accession], parent: true, at: c.at)
    let series = try put(
      db, .series, "uid", [study, r.uid, r.number, r.modality, r.description, r.geometry, r.source], parent: true,
      at: c.at)

    var new: [FeatureColumn: Int] = [:]
    let values = try c.values.map { v in
      if let id = known[v.column] { return (id, v.value) }
      let id = try columnID(db, v.column, at: c.at)
      new[v.column] = id
      return (id, v.value)
    }

    let find = try db.cachedStatement(sql: "SELECT id FROM roi WHERE series_id = ? AND name = ? AND recipe_hash = ?")
    let existing = try Int.fetchOne(find, arguments: [series, c.roi, c.recipeHash])
    let old = try existing.map { try content(db, .roi, $0) } ?? nil
    let roi: Int
    if let existing {
      roi = existing
      for table in ["feature", "finding"] {
        try db.cachedStatement(sql: "DELETE FROM \(table) WHERE roi_id = ?").execute(arguments: [roi])
      }
      try db.cachedStatement(sql: "UPDATE roi SET status = ?, error = ?, recorded_at = ? WHERE id = ?")
        .execute(arguments: [c.status, c.error, c.at, roi])
    } else {
      roi = try insert(db, .roi, [series, c.roi, c.recipeHash, c.status, c.error, c.at])
    }
    let feature = try db.cachedStatement(sql: "INSERT INTO feature (roi_id, column_id, value) VALUES (?, ?, ?)")
    for (column, value) in values.sorted(by: { $0.0 < $1.0 }) {
      try feature.execute(arguments: [roi, column, value.isNaN ? nil : value])
    }
    let finding = try db.cachedStatement(
      sql: """
        INSERT INTO finding (roi_id, position, kind, body, probability, model, disclaimer) VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    for (i, f) in c.findings.enumerated() {
      try finding.execute(arguments: [roi, i, f.kind, f.text, f.probability, f.model, f.disclaimer])
    }
    if let now = try content(db, .roi, roi), now != old { try audit(db, .roi, roi, now, at: c.at) }
    return new
  }

  /// Inserts or updates a row of patient, study or series by its unique key; the id.
  private func put(
    _ db: Database, _ entity: Entity, _ key: String, _ values: [(any DatabaseValueConvertible)?], parent: Bool,
    at: String
  ) throws -> Int {
    var values = values.map { $0?.databaseValue ?? .null }
    let names = entity.columns
    guard let k = names.firstIndex(of: key) else { preconditionFailure("\(key) is a column of \(entity)") }
    let select = try db.cachedStatement(
      sql: "SELECT id, \(names.joined(separator: ", ")) FROM \(entity.rawValue) WHERE \(key) = ?")
    guard let row = try Row.fetchOne(select, arguments: [values[k]]) else {
      let id = try insert(db, entity, values)
      if let now = try content(db, entity, id) { try audit(db, entity, id, now, at: at) }
      return id
    }
    let id = try row.int(0)
    let stored = Array(row.databaseValues.dropFirst())
    if parent && stored[0] != values[0] {
      let (child, owner) = entity == .study ? ("study", "patient") : ("series", "study")
      throw ImageError(
        .invalidParameter, "the store holds this \(child) under another \(owner)", place: path,
        hint: "two inputs share a \(child) UID, or an ID was corrected after it was stored")
    }
    for i in values.indices where values[i].isNull || values[i] == "".databaseValue { values[i] = stored[i] }
    if values != stored {
      let update = try db.cachedStatement(
        sql: "UPDATE \(entity.rawValue) SET \(names.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?")
      try update.execute(arguments: StatementArguments(values + [id.databaseValue]))
      if let now = try content(db, entity, id) { try audit(db, entity, id, now, at: at) }
    }
    return id
  }

  /// The dictionary row of a column, made when it is new.
  private func columnID(_ db: Database, _ c: FeatureColumn, at: String) throws -> Int {
    let values = [c.key, c.name, c.code ?? "", c.family, c.unit, c.definition, c.aggregation]
    let test = Entity.column.columns.map { "\($0) = ?" }.joined(separator: " AND ")
    let select = try db.cachedStatement(sql: "SELECT id FROM feature_column WHERE \(test)")
    if let id = try Int.fetchOne(select, arguments: StatementArguments(values)) { return id }
    let id = try insert(db, .column, values)
    if let now = try content(db, .column, id) { try audit(db, .column, id, now, at: at) }
    return id
  }

  /// Inserts a row under the next number. Writers are serialised, so that none is given twice.
  private func insert(_ db: Database, _ entity: Entity, _ values: [(any DatabaseValueConvertible)?]) throws -> Int {
    let next = try db.cachedStatement(sql: "SELECT COALESCE(MAX(id), 0) + 1 FROM \(entity.rawValue)")
    guard let id = try Int.fetchOne(next) else { preconditionFailure("an aggregate has one row") }
    let names = ["id"] + entity.columns
    let insert = try db.cachedStatement(
      sql: """
        INSERT INTO \(entity.rawValue) (\(names.joined(separator: ", "))) \
        VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
        """)
    try insert.execute(arguments: StatementArguments([id] + values))
    return id
  }
}
