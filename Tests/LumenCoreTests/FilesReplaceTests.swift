// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import LumenCore

@Suite("Files · property: a file is replaced whole or not at all")
struct FilesReplace {
  private func folder() throws -> String {
    var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/lumen-replace-XXXXXX".utf8CString)
    return try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  @Test func failureLeavesTheOlderFileAndNothingElse() throws {
    let folder = try folder(), path = folder + "/a"
    defer { remove(path); rmdir(folder) }
    try Files.write("older", to: path)
    var used = ""
    let error = #expect(throws: ImageError.self) {
      try Files.replace(path) { temporary throws(ImageError) in
        used = temporary
        try Files.write("half", to: temporary)
        throw ImageError(.io, "disk full")
      }
    }
    #expect(error?.what == "disk full" && used != path)
    #expect(try Files.list([folder]) == [path] && String(decoding: Files.read(path), as: UTF8.self) == "older")
    // A writer that writes nothing.
    #expect(throws: ImageError.self) { try Files.replace(path) { _ throws(ImageError) in } }
    #expect(try String(decoding: Files.read(path), as: UTF8.self) == "older")
  }

  @Test func writersOfOneNameDoNotMeet() throws {
    let folder = try folder(), path = folder + "/a"
    defer { remove(path); rmdir(folder) }
    let texts = (0..<64).map { String(repeating: "\($0) ", count: 5000) }
    parallelFor(texts.count) { range in for i in range { try? Files.write(texts[i], to: path) } }
    #expect(try texts.contains(String(decoding: Files.read(path), as: UTF8.self)))
    #expect(try Files.list([folder]) == [path])
  }

  @Test func namesWithoutFolderLieInTheCurrentOne() throws {
    let name = "lumen-replace-\(getpid())"
    defer { remove(name) }
    try Files.write("x", to: name)
    #expect(Files.exists(name))
  }
}
