// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenRadiomics

/// What one case gave: written beside its pictures when it is finished, read back by `--resume`.
public struct CaseResult: Sendable, Codable, Equatable {
  /// One region of interest.
  public struct Region: Sendable, Codable, Equatable {
    /// Its name.
    public var roi: String
    /// Voxels in the region.
    public var voxels: Int
    /// Values by column key, as shortest decimals that read back to the same bits.
    public var values: [String: String]
    /// What the model says, when the recipe has one.
    public var finding: Finding?
    /// Why it could not be measured; nil when it was.
    public var error: String?
  }

  /// The proposal of a trained model for one region.
  public struct Finding: Sendable, Codable, Equatable {
    /// Calibrated probability of the positive class.
    public var probability: Double
    /// The more probable class.
    public var label: String
    /// Inputs outside the range of the training table: the probability is an extrapolation.
    public var outsideRange: [String]
    /// SHA-256 of the model file.
    public var model: String
  }

  /// Name of the case.
  public var id: String
  /// Path below the input.
  public var source: String
  /// "CT", "MR", … or "".
  public var modality: String
  /// Hash of the recipe that made it.
  public var recipe: String
  /// Digest of the input files' names, sizes and times.
  public var input: String
  /// Why the case failed; nil when it did not.
  public var error: String?
  /// What was noticed about the image's geometry.
  public var notes: [String] = []
  /// The measured regions.
  public var regions: [Region] = []

  /// Whether any of it was measured.
  public var isDone: Bool { error == nil }
  /// Why the case or a region of it failed; nil when nothing did.
  public var failure: String? {
    error ?? regions.lazy.compactMap { r in r.error.map { "region \"\(r.roi)\": \($0)" } }.first
  }

  /// The same case as a failure.
  func failing(_ reason: String) -> CaseResult {
    var copy = self
    copy.error = reason
    copy.regions = []
    return copy
  }

  /// The table rows: one a region, one for a failure.
  func rows(columns: [FeatureColumn]) -> [(FeatureTable.Row, [FeatureValue])] {
    let labels = [
      (name: "source", value: source), (name: "modality", value: modality),
      (name: "geometry_notes", value: notes.joined(separator: "; ")), (name: "recipe", value: recipe),
      (name: "lumen", value: Software.version),
    ]
    if let error {
      return [(FeatureTable.Row(id: id, status: "failed", error: error, labels: labels), [])]
    }
    return regions.map { region in
      let finding = [
        (name: "finding", value: region.finding?.label ?? ""),
        (name: "probability", value: region.finding.map { shortest($0.probability) } ?? ""),
        (name: "outside_training_range", value: region.finding?.outsideRange.joined(separator: " ") ?? ""),
      ]
      return (
        FeatureTable.Row(
          id: id, roi: region.roi, status: region.error == nil ? "ok" : "failed", error: region.error ?? "",
          labels: labels + finding),
        columns.compactMap { c in region.values[c.key].flatMap(Double.init).map { FeatureValue(c, $0) } }
      )
    }
  }

  static func read(_ path: String) throws(ImageError) -> CaseResult {
    let bytes = try Files.read(path)
    do { return try JSONDecoder().decode(CaseResult.self, from: Data(bytes)) } catch {
      throw ImageError(.malformed, "is not a case result of this version", place: path)
    }
  }

  func write(to path: String) throws(ImageError) { try Files.write(json(self), to: path) }
}
