// SPDX-License-Identifier: Apache-2.0
import GRDB
public import LumenCore

extension CaseStore {
  /// The cases, ordered by patient, study date, series and region.
  ///
  /// - Parameter text: part of patient ID or name, study or series UID, study description, accession number, modality,
  ///   region, recipe hash or status, upper and lower case alike; nil for all.
  public func cases(matching text: String? = nil) throws(ImageError) -> [CaseSummary] {
    // SQLite's own LOWER knows ASCII only; this one is registered by GRDB. PostgreSQL: "LOWER".
    let lower = "swiftLowercaseString"
    let searched = [
      "p.identifier", "p.name", "t.uid", "s.uid", "t.description", "t.accession", "s.modality", "r.name",
      "r.recipe_hash", "r.status",
    ]
    var condition = "", arguments = StatementArguments()
    if let text, !text.isEmpty {
      condition =
        "WHERE " + searched.map { "\(lower)(\($0)) LIKE ? ESCAPE '!'" }.joined(separator: " OR ")
      var pattern = "%"
      for c in text.lowercased() { pattern += c == "!" || c == "%" || c == "_" ? "!\(c)" : String(c) }
      arguments = StatementArguments(searched.map { _ in pattern + "%" })
    }
    let sql = """
      SELECT r.id, p.identifier, p.name, t.date, t.description, t.uid, s.uid, s.modality, r.name, r.recipe_hash,
        r.status, r.error, r.recorded_at, (SELECT COUNT(*) FROM feature f WHERE f.roi_id = r.id),
        (SELECT COUNT(*) FROM finding d WHERE d.roi_id = r.id)
      \(Self.joined) \(condition) \(Self.ordered("p.identifier, "))
      """
    return try read { db in
      try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
        CaseSummary(
          id: try row.int(0), patientID: try row.text(1), patientName: try row.text(2), studyDate: try row.text(3),
          studyDescription: try row.text(4), studyUID: try row.text(5), seriesUID: try row.text(6),
          modality: try row.text(7), roi: try row.text(8), recipeHash: try row.text(9), status: try row.text(10),
          error: try row.text(11), at: try row.text(12), valueCount: try row.int(13), findingCount: try row.int(14))
      }
    }
  }

  /// One case whole, by its number in this store.
  ///
  /// - Throws: `notFound` when there is none.
  public func show(_ id: Int) throws(ImageError) -> CaseRecord {
    let found = try read { db in try records(db, "WHERE r.id = ?", [id]) }
    guard let first = found.first else {
      throw ImageError(.notFound, "there is no case \(id)", place: path, hint: "list the cases for their numbers")
    }
    return first.record
  }

  /// A patient by Patient ID.
  ///
  /// - Throws: `notFound` when there is none.
  public func patient(_ id: String) throws(ImageError) -> PatientRecord {
    let found = try read { db in
      try Row.fetchOne(
        db, sql: "SELECT identifier, name, sex, birth_date FROM patient WHERE identifier = ?", arguments: [id]
      ).map {
        PatientRecord(id: try $0.text(0), name: try $0.text(1), sex: try $0.text(2), birthDate: try $0.text(3))
      }
    }
    guard let found else {
      throw ImageError(.notFound, "there is no patient with this ID", place: path, hint: "list the cases")
    }
    return found
  }

  /// Every case of a patient with its values and findings, by study date, series and region; unknown dates last.
  ///
  /// - Parameter roi: only this region; nil for all.
  /// - Throws: `notFound` when there is no such patient.
  public func history(patientID: String, roi: String? = nil) throws(ImageError) -> [HistoryEntry] {
    _ = try patient(patientID)
    return try read { db in
      if let roi { return try records(db, "WHERE p.identifier = ? AND r.name = ?", [patientID, roi]) }
      return try records(db, "WHERE p.identifier = ?", [patientID])
    }
  }

  private static let joined = """
    FROM roi r JOIN series s ON s.id = r.series_id JOIN study t ON t.id = s.study_id
    JOIN patient p ON p.id = t.patient_id
    """

  private static func ordered(_ first: String = "") -> String {
    """
    ORDER BY \(first)CASE WHEN t.date = '' THEN 1 ELSE 0 END, t.date, t.uid, COALESCE(s.number, 0), s.uid, r.name,
      r.recipe_hash
    """
  }

  private func records(
    _ db: Database, _ condition: String, _ arguments: StatementArguments
  ) throws -> [HistoryEntry] {
    let sql = """
      SELECT r.id, p.identifier, p.name, p.sex, p.birth_date, t.uid, t.date, t.description, t.accession, s.uid,
        s.number, s.modality, s.description, s.geometry, s.source, r.name, r.recipe_hash, r.status, r.error,
        r.recorded_at
      \(Self.joined) \(condition) \(Self.ordered())
      """
    var dictionary: [Int: FeatureColumn] = [:]
    return try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
      let id = try row.int(0), date = try row.text(6)
      let record = CaseRecord(
        patient: PatientRecord(
          id: try row.text(1), name: try row.text(2), sex: try row.text(3), birthDate: try row.text(4)),
        study: StudyRecord(
          uid: try row.text(5), date: date, description: try row.text(7), accession: try row.text(8)),
        series: SeriesRecord(
          uid: try row.text(9), number: try row.decode(Int?.self, atIndex: 10), modality: try row.text(11),
          description: try row.text(12), geometry: try row.text(13), source: try row.text(14)),
        roi: try row.text(15), recipeHash: try row.text(16), values: try values(db, id, &dictionary),
        findings: try findings(db, id), status: try row.text(17), error: try row.text(18), at: try row.text(19))
      return HistoryEntry(caseID: id, studyDate: date, record: record)
    }
  }

  private func values(
    _ db: Database, _ roi: Int, _ dictionary: inout [Int: FeatureColumn]
  ) throws -> [FeatureValue] {
    let select = try db.cachedStatement(
      sql: "SELECT column_id, value FROM feature WHERE roi_id = ? ORDER BY column_id")
    return try Row.fetchAll(select, arguments: [roi]).map { row in
      let id = try row.int(0)
      let value = try row.decode(Double?.self, atIndex: 1) ?? .nan
      if let column = dictionary[id] { return FeatureValue(column, value) }
      let lookup = try db.cachedStatement(
        sql: "SELECT \(Entity.column.columns.joined(separator: ", ")) FROM feature_column WHERE id = ?")
      guard let c = try Row.fetchOne(lookup, arguments: [id]) else {
        throw ImageError(.malformed, "has values of a column that it does not describe", place: path)
      }
      let code = try c.text(2)
      let column = FeatureColumn(
        key: try c.text(0), name: try c.text(1), code: code.isEmpty ? nil : code, family: try c.text(3),
        unit: try c.text(4), definition: try c.text(5), aggregation: try c.text(6))
      dictionary[id] = column
      return FeatureValue(column, value)
    }
  }

  private func findings(_ db: Database, _ roi: Int) throws -> [FindingRecord] {
    let select = try db.cachedStatement(
      sql: "SELECT kind, body, probability, model, disclaimer FROM finding WHERE roi_id = ? ORDER BY position")
    return try Row.fetchAll(select, arguments: [roi]).map { f in
      FindingRecord(
        kind: try f.text(0), text: try f.text(1), probability: try f.decode(Double?.self, atIndex: 2),
        model: try f.text(3), disclaimer: try f.text(4))
    }
  }
}
