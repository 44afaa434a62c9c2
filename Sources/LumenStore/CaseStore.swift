// SPDX-License-Identifier: Apache-2.0
import Glibc
import GRDB
public import LumenCore
import Synchronization

/// Cases in one SQLite file: patient ▸ study ▸ series ▸ region ▸ values and findings; runs, their jobs, and an audit.
///
/// One transaction a call, on disk when the call returns (WAL, `synchronous = FULL`, foreign keys on). Any number of
/// threads and processes may use one file; writers wait for each other up to 30 s. A new file is readable by its owner
/// only: it holds names.
public final class CaseStore: Sendable {
  /// The file.
  public let path: String
  /// Hash of bytes as text, for the audit chain; SHA-256 in practice. The same for the life of a file.
  let digest: @Sendable ([UInt8]) -> String
  private let pool: DatabasePool
  /// Dictionary rows that are known to be committed.
  let columns = Mutex<[FeatureColumn: Int]>([:])

  /// Opens a store, making the file and its tables when they do not exist and bringing older ones up to date.
  ///
  /// - Throws: `malformed` for a file that is not a store or is damaged, `unsupported` for one of a newer version,
  ///   `notFound` for a folder that does not exist, `io` for what cannot be read and written.
  public init(path: String, digest: @escaping @Sendable ([UInt8]) -> String) throws(ImageError) {
    self.path = path
    self.digest = digest
    try Self.inspect(path)
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(30)
      pool = try DatabasePool(path: path, configuration: configuration)
      // The pool sets NORMAL, which may lose the last transactions at a power cut.
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      do { try Schema.migrator.migrate(pool) } catch {
        // Another process made the tables in between; then there is nothing left to do.
        guard try pool.read(Schema.migrator.hasCompletedMigrations) else { throw error }
      }
    } catch {
      throw Self.imageError(error, path)
    }
  }

  /// Looks at a file without changing it: absent or empty, a store of this version or older, or an error.
  private static func inspect(_ path: String) throws(ImageError) {
    let file = try existing(path)
    guard file else { return }
    let head = try Files.head(path, 16)
    if head.isEmpty { return }
    guard head == Array("SQLite format 3\0".utf8) else {
      throw ImageError(.malformed, "is not a case store", place: path, hint: "expected a file made by lumen")
    }
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(30)
      let tables: Set<String>
      let version: String?
      (tables, version) = try DatabaseQueue(path: path, configuration: configuration).read { db in
        let names = try String.fetchSet(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
        let version =
          names.contains("lumen_store")
          ? try String.fetchOne(db, sql: "SELECT value FROM lumen_store WHERE name = 'schema'") : nil
        return (names, version)
      }
      // Made by another process that has not written the tables yet.
      if tables.isSubset(of: ["grdb_migrations", "grdb_issue_102"]) { return }
      guard tables.contains("lumen_store"), let version, let number = Int(version), number >= 1 else {
        throw ImageError(
          .malformed, "is an SQLite database, but not a case store", place: path,
          hint: "expected a file made by lumen")
      }
      guard number <= Schema.version else {
        throw ImageError(
          .unsupported, "is a case store of schema \(number), this version reads up to \(Schema.version)", place: path,
          hint: "use a newer lumen")
      }
    } catch {
      throw imageError(error, path)
    }
  }

  /// Whether the file exists; makes an empty one for the owner alone otherwise.
  private static func existing(_ path: String) throws(ImageError) -> Bool {
    if Files.exists(path) {
      if Files.isFolder(path) { throw ImageError(.io, "is a folder, expected a file", place: path) }
      guard access(path, R_OK | W_OK) == 0 else {
        throw ImageError(.io, "cannot be read and written: \(String(cString: strerror(errno)))", place: path)
      }
      return true
    }
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      let kind: ImageError.Kind = errno == ENOENT ? .notFound : .io
      throw ImageError(kind, "cannot be made: \(String(cString: strerror(errno)))", place: path)
    }
    close(file)
    return false
  }

  /// Reads a consistent state.
  func read<T>(_ body: (Database) throws -> T) throws(ImageError) -> T {
    do { return try pool.read(body) } catch { throw Self.imageError(error, path) }
  }

  /// All of `body` or nothing; on disk when this returns.
  func write<T>(_ body: (Database) throws -> T) throws(ImageError) -> T {
    do { return try pool.write(body) } catch { throw Self.imageError(error, path) }
  }

  /// The typed error of a database error. SQLite's messages name tables and columns, never values.
  static func imageError(_ error: any Error, _ path: String) -> ImageError {
    if let error = error as? ImageError { return error }
    guard let error = error as? DatabaseError else {
      return ImageError(.malformed, "holds a value of an unexpected type", place: path, hint: damaged)
    }
    let message = error.message ?? "code \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      return ImageError(.malformed, "is damaged: \(message)", place: path, hint: damaged)
    case .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_MISMATCH:
      return ImageError(.malformed, "does not have the tables of a case store: \(message)", place: path, hint: damaged)
    case .SQLITE_CONSTRAINT:
      return ImageError(.invalidParameter, "contradicts what the store holds: \(message)", place: path)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return ImageError(.io, "is in use by another process for more than 30 s", place: path)
    default:
      return ImageError(.io, "cannot be read or written: \(message)", place: path)
    }
  }

  private static let damaged = "restore it from a backup"
}

extension Row {
  /// Column `i` as text.
  func text(_ i: Int) throws -> String { try decode(String.self, atIndex: i) }
  /// Column `i` as a whole number.
  func int(_ i: Int) throws -> Int { try decode(Int.self, atIndex: i) }
}
