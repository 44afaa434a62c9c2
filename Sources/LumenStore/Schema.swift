// SPDX-License-Identifier: Apache-2.0
import GRDB
import LumenCore

/// The tables, as plain SQL that PostgreSQL takes too; what is SQLite's own stands apart and is marked.
///
///     patient ▸ study ▸ series ▸ roi ▸ feature, finding        run ▸ job        audit
enum Schema {
  /// The version that this build writes, stored in `lumen_store`.
  static let version = 1

  /// SQLite only: rows live in the primary key itself, half the size for feature rows. PostgreSQL: "".
  private static let clustered = " WITHOUT ROWID"

  static let tables: [String] = [
    "CREATE TABLE lumen_store (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "INSERT INTO lumen_store (name, value) VALUES ('schema', '1')",
    """
    CREATE TABLE patient (
      id INTEGER PRIMARY KEY, identifier TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sex TEXT NOT NULL,
      birth_date TEXT NOT NULL)
    """,
    """
    CREATE TABLE study (
      id INTEGER PRIMARY KEY, patient_id INTEGER NOT NULL REFERENCES patient (id), uid TEXT NOT NULL UNIQUE,
      date TEXT NOT NULL, description TEXT NOT NULL, accession TEXT NOT NULL)
    """,
    "CREATE INDEX study_patient ON study (patient_id)",
    """
    CREATE TABLE series (
      id INTEGER PRIMARY KEY, study_id INTEGER NOT NULL REFERENCES study (id), uid TEXT NOT NULL UNIQUE,
      number BIGINT, modality TEXT NOT NULL, description TEXT NOT NULL, geometry TEXT NOT NULL, source TEXT NOT NULL)
    """,
    "CREATE INDEX series_study ON series (study_id)",
    """
    CREATE TABLE roi (
      id INTEGER PRIMARY KEY, series_id INTEGER NOT NULL REFERENCES series (id), name TEXT NOT NULL,
      recipe_hash TEXT NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL, recorded_at TEXT NOT NULL,
      UNIQUE (series_id, name, recipe_hash))
    """,
    """
    CREATE TABLE feature_column (
      id INTEGER PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, code TEXT NOT NULL, family TEXT NOT NULL,
      unit TEXT NOT NULL, definition TEXT NOT NULL, aggregation TEXT NOT NULL,
      UNIQUE (key, name, code, family, unit, definition, aggregation))
    """,
    // A missing value is the feature's NaN: SQLite has no NaN.
    """
    CREATE TABLE feature (
      roi_id INTEGER NOT NULL REFERENCES roi (id), column_id INTEGER NOT NULL REFERENCES feature_column (id),
      value DOUBLE PRECISION, PRIMARY KEY (roi_id, column_id))\(clustered)
    """,
    """
    CREATE TABLE finding (
      roi_id INTEGER NOT NULL REFERENCES roi (id), position INTEGER NOT NULL, kind TEXT NOT NULL,
      body TEXT NOT NULL, probability DOUBLE PRECISION, model TEXT NOT NULL, disclaimer TEXT NOT NULL,
      PRIMARY KEY (roi_id, position))
    """,
    """
    CREATE TABLE run (
      id INTEGER PRIMARY KEY, recipe_hash TEXT NOT NULL, recipe TEXT NOT NULL, version TEXT NOT NULL,
      started TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')))
    """,
    "CREATE INDEX run_recipe ON run (recipe_hash)",
    """
    CREATE TABLE job (
      run_id INTEGER NOT NULL REFERENCES run (id), key TEXT NOT NULL, position INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')), error TEXT NOT NULL,
      attempts INTEGER NOT NULL, PRIMARY KEY (run_id, key))
    """,
    "CREATE INDEX job_state ON job (run_id, state, position)",
    """
    CREATE TABLE audit (
      seq INTEGER PRIMARY KEY, at TEXT NOT NULL, entity TEXT NOT NULL, entity_id INTEGER NOT NULL,
      content TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)
    """,
  ]

  /// SQLite only: the audit refuses changes by mistake; those by intent break the chain. PostgreSQL: revoke the rights.
  static let guards: [String] = [
    """
    CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE (ABORT, 'the audit is append-only'); END
    """,
    """
    CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE (ABORT, 'the audit is append-only'); END
    """,
  ]

  /// One step a version; a step that was released is never edited. Each also sets `lumen_store.schema`.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 cases, runs, audit") { db in
      for sql in tables + guards { try db.execute(sql: sql) }
    }
    return migrator
  }
}
