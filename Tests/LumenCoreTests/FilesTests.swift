// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

/// A folder of its own that disappears with the value.
final class TemporaryFolder {
  let path: String
  init() throws {
    var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/lumen-core-XXXXXX".utf8CString)
    let made = mkdtemp(&template).map { String(cString: $0) }
    path = try #require(made)
  }
  deinit {
    for file in (try? Files.list([path])) ?? [] { unlink(file) }
    for folder in ["a/b", "a", "link", "pipe", "gone", ""] {
      unlink("\(path)/\(folder)")
      rmdir("\(path)/\(folder)")
    }
  }
}

@Suite("Files")
struct FilesTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  func kind(_ body: () throws -> Void) -> ImageError? {
    do { try body() } catch { return error as? ImageError }
    return nil
  }

  @Test(arguments: [0, 1, 4096, 3_000_001])
  func whatIsWrittenIsRead(_ n: Int) throws {
    let bytes = (0..<n).map { UInt8(truncatingIfNeeded: $0 &* 7) }, path = folder.path + "/x.bin"
    try Files.write(bytes, to: path)
    #expect(try Files.read(path) == bytes)
    #expect(try Files.head(path, 16) == Array(bytes.prefix(16)))
    #expect(try Files.list([folder.path]) == [path], "no partial file is left")
  }

  @Test func writesReplaceWholeFiles() throws {
    let path = folder.path + "/x.txt"
    try Files.write("a long first text", to: path)
    try Files.write("short", to: path)
    #expect(try Files.read(path) == Array("short".utf8))
  }

  @Test func aFailedWriteLeavesNothing() throws {
    try Files.makeFolder(folder.path + "/a/b")
    let error = kind { try Files.write("text", to: folder.path + "/a") }
    #expect(error?.kind == .io && error?.place == folder.path + "/a")
    #expect(try Files.list([folder.path]).isEmpty)
    #expect(kind { try Files.write("text", to: folder.path + "/none/x") }?.kind == .io)
  }

  @Test func limitsAreCheckedBeforeReading() throws {
    let path = folder.path + "/x.bin"
    try Files.write([1, 2, 3, 4, 5], to: path)
    var limits = Limits()
    limits.fileBytes = 4
    #expect(throws: ImageError(.limitExceeded, "has 5 bytes, the limit is 4", place: path)) {
      try Files.read(path, limits: limits)
    }
    limits.fileBytes = 5
    #expect(try Files.read(path, limits: limits).count == 5)
  }

  @Test func missingFilesAndWrongKinds() throws {
    let missing = folder.path + "/gone"
    #expect(throws: ImageError(.notFound, "cannot be opened: No such file or directory", place: missing)) {
      try Files.read(missing)
    }
    #expect(kind { _ = try Files.head(missing, 4) }?.kind == .notFound)
    #expect(kind { _ = try Files.list([missing]) }?.kind == .notFound)
    #expect(throws: ImageError(.io, "is not a regular file", place: folder.path)) { try Files.read(folder.path) }
    // A pipe without a writer must be refused, not waited for.
    try #require(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(kind { _ = try Files.read(folder.path + "/pipe") }?.what == "is not a regular file")
    #expect(kind { _ = try Files.head(folder.path + "/pipe", 4) }?.what == "is not a regular file")
  }

  @Test func foldersAreListedDeepAndSorted() throws {
    try Files.makeFolder(folder.path + "/a/b")
    try Files.makeFolder(folder.path + "/a/b")
    for name in ["z", "a/2", "a/10", "a/b/c", "é"] { try Files.write(name, to: "\(folder.path)/\(name)") }
    try #require(symlink(folder.path, folder.path + "/link") == 0)
    try #require(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(
      try Files.list([folder.path]) == ["a/10", "a/2", "a/b/c", "z", "é"].map { "\(folder.path)/\($0)" })
    #expect(try Files.list([folder.path + "/z"]) == [folder.path + "/z"])
    #expect(Files.isFolder(folder.path + "/a") && !Files.isFolder(folder.path + "/z"))
    #expect(Files.exists(folder.path + "/z") && !Files.exists(folder.path + "/y"))
    let error = kind { try Files.makeFolder(folder.path + "/z/deeper") }
    #expect(error?.kind == .io)
    #expect(kind { try Files.makeFolder(folder.path + "/z") }?.what == "is a file, expected a folder")
  }

  @Test func namesThatAreNoTextAreTold() throws {
    let name = Array("\(folder.path)/K".utf8CString.dropLast()) + [CChar(bitPattern: 0xF6), 0]
    let fd = open(name, O_CREAT | O_WRONLY, 0o600)
    #expect(fd >= 0)
    close(fd)
    defer { unlink(name) }
    let survey = try Files.survey([folder.path])
    #expect(survey.files.isEmpty && survey.unreadable.map(\.error.kind) == [.io])
  }

  @Test func devicesAreNotReplaced() throws {
    #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
    #expect(kind { try Files.write([1], to: "\(folder.path)/pipe") }?.kind == .io)
    var info = stat()
    #expect(lstat("\(folder.path)/pipe", &info) == 0 && info.st_mode & S_IFMT == S_IFIFO)
  }
}
