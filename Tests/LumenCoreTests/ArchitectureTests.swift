// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

/// Who may lean on whom: one row a target, the data flows down the list.
enum Architecture {
  /// Modules that come with the toolchain and may be used everywhere.
  static let toolchain: Set<String> = ["Glibc", "Dispatch", "Synchronization"]

  /// What a target may import, and why nothing else.
  struct Rule: Sendable {
    let name: String
    let may: Set<String>
    let reason: String
    init(_ name: String, _ may: [String], _ reason: String) {
      self.name = name
      self.may = Set(may)
      self.reason = reason
    }
  }

  static let imaging = [
    "LumenCore", "LumenDICOM", "LumenFormats", "LumenFilters", "LumenSegmentation", "LumenRadiomics", "LumenLearning",
    "LumenStore",
  ]

  static let table: [Rule] = [
    Rule("CSIMD", [], "a shim holds headers and a few C lines"),
    Rule("CZlib", [], "a shim holds headers and a few C lines"),
    Rule("CISAL", [], "a shim holds headers and a few C lines"),
    Rule("CPNG", [], "a shim holds headers and a few C lines"),
    Rule("CJPEG", [], "a shim holds headers and a few C lines"),
    Rule("CDCMTK", [], "a shim holds headers and a few C lines"),
    Rule("CJPEG2000", [], "a shim holds headers and a few C lines"),
    Rule("CCharLS", [], "the source of a library, under its own licence"),
    Rule("CJPEGLS", ["CCharLS"], "a shim holds headers and a few C lines"),
    Rule("CJPEGXL", [], "a shim holds headers and a few C lines"),
    Rule("CTIFF", [], "a shim holds headers and a few C lines"),
    Rule("CSandbox", [], "a shim holds headers and a few C lines"),
    Rule("LumenCore", ["CSIMD"], "everything builds on it, so it leans on nothing but the standard library"),
    Rule(
      "LumenCodecs", ["LumenCore", "CDCMTK", "CJPEG", "CJPEG2000", "CJPEGLS", "CJPEGXL", "CISAL", "CZlib"],
      "codestream → samples; what the samples mean is for the formats to say"),
    Rule(
      "LumenDICOM", ["LumenCore", "LumenCodecs", "CDCMTK"],
      "it turns DICOM into volumes and masks; algorithms and other formats come later"),
    Rule(
      "LumenFormats", ["LumenCore", "LumenCodecs", "LumenDICOM", "CPNG", "CJPEG", "CTIFF"],
      "it reads and writes files; algorithms come later"),
    Rule("LumenFilters", ["LumenCore", "CSIMD"], "Volume → Volume: it never opens a file"),
    Rule("LumenSegmentation", ["LumenCore", "LumenFilters"], "Volume → Mask: it never opens a file"),
    Rule("LumenRadiomics", ["LumenCore", "LumenFilters"], "Volume + Mask → features, whatever made the mask"),
    Rule("LumenLearning", ["LumenCore"], "it sees tables, never images"),
    Rule("LumenStore", ["LumenCore", "GRDB", "Foundation"], "it keeps results, it does not make them"),
    Rule(
      "LumenPipeline", imaging + ["CSandbox", "Yams", "Crypto", "Foundation"],
      "it strings the modules together; commands and servers call it"),
    Rule(
      "lumen", imaging + ["LumenPipeline", "ArgumentParser", "Foundation"],
      "a command parses, calls and formats, nothing else"),
    Rule("Lumen", imaging + ["LumenCodecs", "LumenPipeline"], "it re-exports the library and has no code of its own"),
    Rule(
      "make-fixtures", ["LumenCore", "LumenDICOM", "LumenFormats"],
      "it computes fixtures and writes them with our own writers"),
  ]

  /// The modules that a Swift source imports.
  static func imports(in source: String) -> [String] {
    source.split(whereSeparator: \.isNewline).compactMap { line in
      var words = line.split { $0 == " " || $0 == "\t" || $0 == ";" }[...]
      while let word = words.first,
        word.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains(word)
      { words.removeFirst() }
      guard words.first == "import" else { return nil }
      words.removeFirst()
      if let kind = words.first,
        ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"].contains(kind)
      {
        words.removeFirst()
      }
      return words.first.flatMap { $0.split(separator: ".").first }.map(String.init)
    }
  }

  /// The targets of a manifest with the names they depend on (products by product name); test targets included.
  static func targets(in manifest: String) -> [(name: String, dependencies: [String])] {
    let text = manifest.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
    guard let package = text.end(of: "= Package(\n"), let start = text[package...].end(of: "targets: [\n")
    else { return [] }
    return elements(of: text, from: start).compactMap { element in
      guard let name = literals(in: element).first else { return nil }
      if element.hasPrefix("module(") || element.hasPrefix("tests(") {
        return (name, dependencies(in: element))
      }
      guard let list = element.end(of: "dependencies: [") else { return (name, []) }
      return (name, elements(of: element, from: list).compactMap { literals(in: $0).first })
    }
  }

  /// The quoted names of the first bracketed list: of `.product(name: "GRDB", package: "GRDB.swift")` only the first.
  private static func dependencies(in text: String) -> [String] {
    guard let open = text.firstIndex(of: "[") else { return [] }
    return elements(of: text, from: text.index(after: open)).compactMap { literals(in: $0).first }
  }

  /// The comma-separated elements of a list up to its closing bracket, trimmed.
  private static func elements(of text: String, from start: String.Index) -> [String] {
    var out: [String] = [], current = "", depth = 0
    for c in text[start...] {
      if c == "(" || c == "[" { depth += 1 }
      if c == ")" || c == "]" { depth -= 1 }
      if depth < 0 { break }
      if c == "," && depth == 0 {
        out.append(current)
        current = ""
      } else if !(current.isEmpty && c.isWhitespace) {
        current.append(c)
      }
    }
    return (out + [current]).filter { !$0.allSatisfy(\.isWhitespace) }
  }

  private static func literals(in text: String) -> [String] {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }

  /// Every edge that the table forbids, with its reason.
  static func forbidden(_ target: String, _ edges: some Sequence<String>, in place: String) -> [String] {
    guard let rule = table.first(where: { $0.name == target }) else {
      return ["\(place): \(target) is not in the table of Tests/LumenCoreTests/ArchitectureTests.swift"]
    }
    return edges.filter { !rule.may.contains($0) && !toolchain.contains($0) }
      .map { "\(place): \(target) → \($0) is forbidden: \(rule.reason)" }
  }
}

extension StringProtocol {
  /// The index after the first occurrence of a text.
  fileprivate func end(of text: String) -> Index? {
    var i = startIndex
    while i < endIndex {
      if self[i...].hasPrefix(text) { return index(i, offsetBy: text.count) }
      formIndex(after: &i)
    }
    return nil
  }
}

@Suite("Architecture · the table of modules")
struct ArchitectureTests {
  /// The package folder; links are resolved, so that a linked copy of the tests checks the real sources.
  let root: String

  init() throws {
    let resolved = realpath(#filePath, nil)
    defer { free(resolved) }
    let file = String(cString: try #require(resolved, "the sources of the tests are here"))
    root = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
  }

  func text(_ path: String) throws -> String { String(decoding: try Files.read(path), as: UTF8.self) }

  func report(_ violations: [String]) {
    for line in violations { print(line) }
    #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
  }

  @Test func importsFollowTheTable() throws {
    var violations: [String] = [], files = 0
    for path in try Files.list([root + "/Sources", root + "/Tools"]) where path.hasSuffix(".swift") {
      let relative = path.dropFirst(root.count + 1)
      let target = String(relative.split(separator: "/")[1])
      violations += Architecture.forbidden(target, Architecture.imports(in: try text(path)), in: String(relative))
      files += 1
    }
    #expect(files >= 20, "the sources were found")
    report(violations)
  }

  @Test func manifestFollowsTheTable() throws {
    let targets = Architecture.targets(in: try text(root + "/Package.swift"))
    #expect(targets.count >= 17 && targets.contains { $0.name == "LumenCore" && $0.dependencies == ["CSIMD"] })
    var violations: [String] = []
    for target in targets {
      if target.name.hasSuffix("Tests") {
        let tested = String(target.name.dropLast(5))
        if !Architecture.table.contains(where: { $0.name == tested }) {
          violations.append("Package.swift: \(target.name) tests \(tested), which is not in the table")
        }
        if !target.dependencies.contains(tested) {
          violations.append("Package.swift: \(target.name) does not depend on \(tested)")
        }
      } else {
        violations += Architecture.forbidden(target.name, target.dependencies, in: "Package.swift")
      }
    }
    for rule in Architecture.table where !targets.contains(where: { $0.name == rule.name }) {
      violations.append("Package.swift: \(rule.name) of the table is missing")
    }
    report(violations)
  }

  @Test func everyFileStartsWithTheLicence() throws {
    let violations = try Files.list([root + "/Sources", root + "/Tests", root + "/Tools"]).filter { path in
      // A manifest has to start with the version of its tools.
      guard [".swift", ".c", ".cpp", ".h"].contains(where: path.hasSuffix), !path.hasSuffix("/Package.swift") else {
        return false
      }
      if path.hasPrefix(root + "/Sources/CCharLS/") { return !(try text(path).contains("BSD-3-Clause")) }
      return !(try text(path).hasPrefix("// SPDX-License-Identifier: Apache-2.0\n"))
    }
    report(
      violations.map { "\($0.dropFirst(root.count + 1)): the first line is not // SPDX-License-Identifier: Apache-2.0" }
    )
  }
}

@Suite("Architecture · the check itself finds what is planted")
struct ArchitectureCheckTests {
  @Test func importLines() {
    let source = """
      // import Nothing
      import Glibc
      public import LumenCore
      @testable import LumenStore
      @_exported public import struct Foundation.Date
      let importance = 1
      #if os(Linux)
        package import GRDB
      #endif
      """
    #expect(Architecture.imports(in: source) == ["Glibc", "LumenCore", "LumenStore", "Foundation", "GRDB"])
  }

  @Test func forbiddenEdgesNameTheReason() {
    #expect(
      Architecture.forbidden("LumenLearning", ["LumenCore", "Glibc", "LumenFilters"], in: "x.swift")
        == ["x.swift: LumenLearning → LumenFilters is forbidden: it sees tables, never images"])
    #expect(Architecture.forbidden("LumenCore", ["CSIMD", "Foundation"], in: "x").count == 1)
    #expect(Architecture.forbidden("LumenNew", [], in: "Package.swift").count == 1)
  }

  @Test func manifestLines() {
    let manifest = """
      let package = Package(
        name: "X",
        products: [.library(name: "A", targets: ["A"])],
        targets: [
          // .target(name: "Comment"),
          .target(name: "C", linkerSettings: [.linkedLibrary("png")]),
          .executableTarget(
            name: "tool", dependencies: ["A", .product(name: "P", package: "p.swift")], path: "Tools/tool"),
          module("A", ["C"]),
          module(
            "B",
            [
              "A", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
          tests("ATests", ["A"]),
        ],
        cxxLanguageStandard: .cxx17
      )
      """
    let targets = Architecture.targets(in: manifest)
    #expect(targets.map(\.name) == ["C", "tool", "A", "B", "ATests"])
    #expect(targets.map(\.dependencies) == [[], ["A", "P"], ["C"], ["A", "GRDB"], ["A"]])
  }

  @Test func theTableItselfFlowsOneWay() {
    // A row may name only rows above it or packages outside.
    let names = Architecture.table.map(\.name)
    #expect(Set(names).count == names.count)
    for (i, rule) in Architecture.table.enumerated() {
      for other in rule.may where names.contains(other) {
        #expect(names.prefix(i).contains(other), "\(rule.name) → \(other)")
      }
    }
  }
}
