// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenRadiomics

@Suite("Registry of oracles")
struct OracleRegistryTests {
  @Test("Every value under every setting has an oracle")
  func noneWithout() {
    let without = OracleRegistry.needs.subtracting(OracleRegistry.met).sorted()
    #expect(without.count == 0, "\(without.count): \(without.prefix(20))")
    #expect(OracleRegistry.needs.count > 5000)
  }

  @Test("Every oracle has its value")
  func nothingUnknown() {
    var given: [OracleEntry.Command: Set<String>] = [:]
    for need in OracleRegistry.needs { given[need.command, default: []].insert(need.column) }
    let unknown = OracleRegistry.evidence.map(\.entry).filter { given[$0.command]?.contains($0.column) != true }
    #expect(unknown.isEmpty, "\(unknown.prefix(10))")
  }

  @Test("A value whose only oracle is gone is found")
  func aGapIsFound() {
    let column = "cm_contrast_3D:mrg",
      met = Set(
        OracleRegistry.evidence.filter { $0.entry.column != column }.flatMap { line in
          line.kinds.map { OracleNeed(command: line.entry.command, column: line.entry.column, kind: $0) }
        })
    #expect(OracleRegistry.needs.subtracting(met).count == OracleRegistry.kinds(.glcm).count)
  }

  @Test("The table and its page are those of the evidence")
  func written() throws {
    let files = [
      ("fixtures/oracles/radiomics/registry.csv", OracleRegistry.csv),
      ("Sources/Lumen/Lumen.docc/Oracles.md", OracleRegistry.page),
    ]
    for (path, text) in files {
      let file = projectFolder.appending(path: path)
      if ProcessInfo.processInfo.environment["LUMEN_WRITE_ORACLES"] == "1" { try Data(text.utf8).write(to: file) }
      let kept = try? String(contentsOf: file, encoding: .utf8)
      #expect(kept == text, "\(path) is out of date: make oracles writes it anew")
    }
  }

  @Test("The table of IBSI 1 has the values that the tests compare")
  func ibsi() throws {
    let found = oracleLines("ibsi1.csv").dropFirst().map { String(decoding: $0, as: UTF8.self) }
    #expect(found.count == 2104)
    var kept: [String: [Double]] = [:]
    for line in found {
      let fields = line.split(separator: ",").map(String.init)
      if fields[0] == "digital" { kept[fields[1]] = fields[2...].compactMap { Double($0) } }
    }
    #expect(kept.count == ReferenceRow.digitalPhantom.count)
    for row in ReferenceRow.digitalPhantom { #expect(kept[row.key] == [row.value, row.tolerance], "\(row.key)") }
  }
}

extension OracleRegistry {
  /// Command, column, oracle and the configurations it was compared in.
  static var csv: String {
    struct Key: Hashable { let command: OracleEntry.Command, column: String, oracle: String }
    var configurations: [Key: Set<String>] = [:]
    for (entry, _) in evidence {
      configurations[Key(command: entry.command, column: entry.column, oracle: entry.oracle), default: []]
        .insert(entry.configuration)
    }
    func quoted(_ text: String) -> String { text.contains(",") ? "\"\(text)\"" : text }
    var lines = ["command,column,oracle,configurations"]
    for command in OracleEntry.Command.allCases {
      let own = configurations.filter { $0.key.command == command }
      for (key, names) in own.sorted(by: { ($0.key.column, $0.key.oracle) < ($1.key.column, $1.key.oracle) }) {
        lines.append(
          [command.rawValue, key.column, key.oracle, names.sorted().joined(separator: "; ")].map(quoted)
            .joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func table(_ header: [String], _ rows: [[String]]) -> String {
    ([header, header.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
  }

  private static func oracles(_ command: OracleEntry.Command) -> [String] {
    Set(evidence.lazy.map(\.entry).filter { $0.command == command }.map(\.oracle)).sorted()
  }

  /// The page of the documentation.
  static var page: String {
    let entries = Dictionary(grouping: Set(evidence.map(\.entry)), by: \.command)
    func checked(_ command: OracleEntry.Command, _ oracle: String) -> Set<String> {
      Set((entries[command] ?? []).filter { $0.oracle == oracle }.map(\.column))
    }
    let columns = Set(needs.map { "\($0.command.rawValue) \($0.column)" }).count
    let features = oracles(.features), byOracle = features.map { checked(.features, $0) }
    var families: [[String]] = []
    for family in FeatureCatalogue.families {
      let all = self.columns(family)
      for way in family.name.aggregations(Aggregation.allCases) {
        let own = way == "-" ? all : all.filter { $0.hasSuffix("_\(way)") }
        families.append(
          [family.name.title, way, "\(own.count)"] + byOracle.map { known in "\(own.count { known.contains($0) })" })
      }
    }
    let settings = FamilyName.allCases.flatMap { kinds($0) }.withoutRepeats.map { kind in
      let changed = needs.count { $0.command == .features && $0.kind == kind }
      let names = Set(
        evidence.lazy.filter { $0.entry.command == .features && $0.kinds.contains(kind) }.map(\.entry.oracle))
      return [kind, "\(changed)", names.sorted().joined(separator: ", ")]
    }
    let classes = (pyRadiomicsFeatures + [(family: "diagnostics", names: pyRadiomicsDiagnostics)]).map {
      family, names in
      func own(_ command: OracleEntry.Command) -> [OracleEntry] {
        (entries[command] ?? []).filter { $0.column.hasPrefix("\(family)_") }
      }
      let types = Set(needs.filter { $0.command == .pyRadiomics && $0.column.hasPrefix("\(family)_") }.map(\.kind))
      return [
        family, "\(names.count)", "\(types.count)", "\(own(.pyRadiomics).count)", "\(own(.voxels).count)",
      ]
    }
    let maps = FeatureMaps.Family.allCases.map { family in
      [
        family.rawValue, "\(family.columns.count)",
        "\((entries[.maps] ?? []).count { $0.column.hasPrefix("\(family.rawValue)_") })",
      ]
    }
    let objects = [2, 3].map { dimensions in
      [
        "\(dimensions)-D", "\(needs.count { $0.command == .objects && $0.kind == "\(dimensions)-D" })",
        "\(evidence.count { $0.entry.command == .objects && $0.kinds == ["\(dimensions)-D"] })",
      ]
    }
    return """
      # Who checked each value

      Every column that Lumen gives, beside other implementations.

      ## Overview

      \(columns) columns under \(needs.count) combinations with settings; without an oracle: \(needs.subtracting(met).count).
      Each combination is a number of somebody else that the tests compare with Lumen's. This page and the table behind it,
      `fixtures/oracles/radiomics/registry.csv` (command, column, oracle, configurations), are written from the files of
      numbers by `make oracles`; the tests fail when a column or a setting has no oracle, when an oracle has no column, and
      when page or table are out of date. The numbers are made by `scripts/oracles`.

      ## lumen features

      Columns, and how many of them each oracle has. NumPy stands for the formulas of the IBSI 1 reference manual written out
      in double precision (`scripts/oracles/plain.py`), compared to 1e-9; MIRP computes in single precision and is compared to
      1e-5. Of the values of IBSI 1 the tests compare those of the digital phantom, `make conformance` those of the lung CT
      (configurations A to E), too.

      \(table(["family", "aggregation", "columns"] + features, families))

      \(table(["setting", "columns it is checked in", "oracles"], settings))

      Where others have another number, and why:

      - Local intensity next to the border of the image: MIRP continues the image with its outermost voxels, or with air in
        CT; Lumen takes the mean of the voxels that there are.
      - Volume fractions of whole numbers without discretisation in a resegmentation range: MIRP's levels span the range,
        Lumen's the intensities of the region. The values of IBSI 1 are reproduced by both.

      ## lumen features -p

      \(release): columns of a class, of how many image types each is checked, and how many comparisons with values of
      regions and with maps of voxels. The columns `diagnostics_Versions_` name the software and have no oracle.

      \(table(["class", "columns", "image types", "values", "maps"], classes))

      ## lumen maps

      \(oracles(.maps).joined(separator: ", ")): columns, and maps compared.

      \(table(["family", "columns", "maps"], maps))

      ## lumen objects

      \(oracles(.objects).joined(separator: ", ")): columns, and columns compared over all objects. The columns of
      `--features` are those of `lumen features`.

      \(table(["image", "columns", "compared"], objects))

      """
  }
}
