// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore

@testable import LumenStore

/// FNV-1a, 64 bits: enough for a chain in tests; the application injects SHA-256.
@Sendable func testDigest(_ bytes: [UInt8]) -> String {
  var h: UInt64 = 0xcbf2_9ce4_8422_2325
  for b in bytes { h = (h ^ UInt64(b)) &* 0x100_0000_01b3 }
  return String(h, radix: 16)
}

/// A folder that is removed with its last reference.
final class Folder: Sendable {
  let path: String
  init() {
    path = NSTemporaryDirectory() + "lumen-store-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  func file(_ name: String) -> String { path + "/" + name }
}

func openStore(_ path: String) throws(ImageError) -> CaseStore { try CaseStore(path: path, digest: testDigest) }

func featureColumn(_ key: String, unit: String = "mm") -> FeatureColumn {
  FeatureColumn(
    key: key, name: "name of \(key)", code: key == "volume" ? "RNU0" : nil, family: "morphology", unit: unit,
    definition: "Σ", aggregation: "3D:avg")
}

func sampleCase(
  patient: String = "P1", study: String = "1.2.3", date: String = "20260102", series: String = "1.2.3.4",
  roi: String = "tumour", recipe: String = "abc", volume: Double = 12.5, at: String = "2026-05-01T12:00:00Z"
) -> CaseRecord {
  CaseRecord(
    patient: PatientRecord(id: patient, name: "Müller^Änne", sex: "F", birthDate: "19700101"),
    study: StudyRecord(uid: study, date: date, description: "CT thorax 100 %", accession: "A-\(study)"),
    series: SeriesRecord(
      uid: series, number: 3, modality: "CT", description: "lung", geometry: "512 × 512 × 90", source: "in/ct"),
    roi: roi, recipeHash: recipe,
    values: [
      FeatureValue(featureColumn("volume"), volume), FeatureValue(featureColumn("area"), 0.1 + 0.2),
      FeatureValue(featureColumn("huge"), 1.7976931348623157e308),
      FeatureValue(featureColumn("tiny"), 0x1p-1074), FeatureValue(featureColumn("infinite"), -.infinity),
    ],
    findings: [
      FindingRecord(kind: "diagnosis", text: "benign", probability: 0.25, model: "m1", disclaimer: "research"),
      FindingRecord(kind: "note", text: ""),
    ], at: at)
}

/// The error of a body that must throw one.
func failure<T>(_ body: () throws(ImageError) -> T) -> ImageError? {
  do {
    _ = try body()
    return nil
  } catch { return error }
}
