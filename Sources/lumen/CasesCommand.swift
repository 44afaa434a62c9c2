// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import LumenCore
import LumenPipeline
import LumenStore

struct CasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases", abstract: "Look into the case store.",
    discussion:
      "These commands print patient identifiers: they were asked for.\n\nEXAMPLE\n  lumen cases list --store results/cases.sqlite",
    subcommands: [List.self, Show.self, History.self])

  struct StoreOption: ParsableArguments {
    @Option(help: "Case store (SQLite).") var store = "lumen-out/cases.sqlite"
    func open() throws -> CaseStore {
      guard Files.exists(store) else {
        throw ImageError(.notFound, "does not exist", place: store, hint: "name the case store with --store FILE")
      }
      return try CaseStore(path: store) { sha256($0) }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Every measured series.", discussion: "EXAMPLE\n  lumen cases list --store results/cases.sqlite")
    @OptionGroup var store: StoreOption
    @Option(help: "Only patients, studies or series whose identifier or description contains this.") var matching:
      String?
    @OptionGroup var format: JSONOption

    func run() throws {
      let cases = try store.open().cases(matching: matching)
      if format.json {
        for c in cases {
          sayJSON([
            "case": ImageSource.id(ofKey: c.seriesUID), "patient": c.patientID, "studyDate": c.studyDate,
            "modality": c.modality, "series": c.seriesUID, "roi": c.roi, "recipe": c.recipeHash, "status": c.status,
            "error": c.error, "values": c.valueCount, "findings": c.findingCount,
          ])
        }
      } else {
        printTable(
          ["case", "patient", "study date", "modality", "ROI", "recipe", "status", "values", "findings"],
          cases.map {
            [
              ImageSource.id(ofKey: $0.seriesUID), $0.patientID, $0.studyDate, $0.modality, $0.roi, $0.recipeHash,
              $0.status, "\($0.valueCount)", "\($0.findingCount)",
            ]
          })
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One case with all its values.",
      discussion: "EXAMPLE\n  lumen cases show 1f0c6a3e9b21 --store results/cases.sqlite")
    @Argument(help: "Name of the case, as in features.csv.") var id: String
    @OptionGroup var store: StoreOption
    @OptionGroup var format: JSONOption

    func run() throws {
      let store = try store.open()
      let found = try store.cases().filter { ImageSource.id(ofKey: $0.seriesUID) == id }
      guard !found.isEmpty else {
        throw ImageError(.notFound, "the store has no case \"\(id)\"", hint: "lumen cases list names them")
      }
      for record in try found.map({ try store.show($0.id) }) {
        if format.json {
          sayJSON([
            "patient": record.patient.id, "series": record.series.uid, "studyDate": record.study.date,
            "modality": record.series.modality,
            "roi": record.roi, "status": record.status, "error": record.error, "recipe": record.recipeHash,
            "values": Dictionary(record.values.map { ($0.column.key, number($0.value)) }) { a, _ in a },
            "findings": record.findings.map {
              ["text": $0.text, "probability": $0.probability.map(number) ?? "", "notice": $0.disclaimer]
                as [String: Any]
            },
          ])
          continue
        }
        say("patient \(record.patient.id) · study \(record.study.date) · \(record.series.modality) · \(record.roi)")
        if !record.error.isEmpty { say("failed: \(record.error)") }
        for f in record.findings {
          say("\(f.text)\(f.probability.map { " (\(three($0)))" } ?? ""). \(f.disclaimer)")
        }
        if !record.values.isEmpty {
          printTable(
            ["feature", "IBSI", "value", "unit"],
            record.values.map { [$0.column.key, $0.column.code ?? "", shortest($0.value), $0.column.unit] })
        }
      }
    }
  }

  struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A patient's measurements over time.",
      discussion: "EXAMPLE\n  lumen cases history FX-0001 --feature morph_vol_approx --store results/cases.sqlite")
    @Argument(help: "Patient identifier.") var patient: String
    @Option(help: "Feature to follow.") var feature = "morph_vol_approx"
    @OptionGroup var store: StoreOption
    @OptionGroup var format: JSONOption

    func run() throws {
      let entries = try store.open().history(patientID: patient)
      let known = Set(entries.flatMap { $0.record.values.map(\.column.key) })
      guard known.isEmpty || known.contains(feature) else {
        throw unknownName(feature, kind: "feature", known: known.sorted())
      }
      var previous: [String: Double] = [:]
      var rows: [[String]] = []
      for entry in entries {
        let record = entry.record
        let name = ImageSource.id(ofKey: record.series.uid)
        let lesion = "\(record.roi) \(record.recipeHash)"
        let value = record.values.first { $0.column.key == feature }?.value
        let change = value.flatMap { v in previous[lesion].map { 100 * (v - $0) / $0 } }
        if let value { previous[lesion] = value }
        let proposals = record.findings.map { f in f.text + (f.probability.map { " (\(three($0)))" } ?? "") }
        if format.json {
          sayJSON([
            "studyDate": entry.studyDate, "case": name, "roi": record.roi, "recipe": record.recipeHash,
            "feature": feature, "value": value.map(number) ?? NSNull(), "changePercent": change.map(number) ?? NSNull(),
            "status": record.status, "findings": proposals,
          ])
        } else {
          rows.append([
            entry.studyDate, name, record.roi, record.recipeHash, value.map(shortest) ?? record.status,
            change.map { ($0 > 0 ? "+" : "") + three($0) + " %" } ?? "", proposals.joined(separator: "; "),
          ])
        }
      }
      if !format.json { printTable(["study date", "case", "ROI", "recipe", feature, "change", "findings"], rows) }
    }
  }
}
