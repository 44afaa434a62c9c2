// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenLearning

/// Trains a model from a feature table and a list of classes on disk.
public struct Training: Sendable {
  /// Wide feature table.
  public var table: String
  /// CSV with the columns id (of the table, Series Instance UID, or path below the input) and class, and where
  /// known patient: the rows of one patient stay in one fold.
  public var labels: String
  /// The class whose probability the model gives.
  public var positive: String
  /// Features the model may use at most.
  public var features: Int
  /// Cross-validation folds.
  public var folds: Int

  /// A training.
  public init(table: String, labels: String, positive: String, features: Int = 10, folds: Int = 5) {
    self.table = table
    self.labels = labels
    self.positive = positive
    self.features = features
    self.folds = folds
  }

  /// Trains on the rows whose id has a class.
  ///
  /// - Throws: `invalidParameter` when the classes are not two, or one is not `positive`.
  public func callAsFunction() throws(ImageError) -> DiagnosisModel {
    let bytes = try Files.read(table)
    let csv: CSV, classes: CSV
    do { csv = try CSV(String(decoding: bytes, as: UTF8.self)) } catch { throw error.at(table) }
    do { classes = try CSV(String(decoding: try Files.read(labels), as: UTF8.self)) } catch { throw error.at(labels) }
    let (id, name) = (try classes.index(of: "id"), try classes.index(of: "class"))
    let patient = classes.header.firstIndex(of: "patient")
    var known: [String: (outcome: String, patient: String)] = [:]
    for row in classes.rows where !row[name].isEmpty {
      let entry = (row[name], patient.map { row[$0] } ?? row[id])
      known[row[id]] = entry
      known[ImageSource.id(ofKey: row[id])] = entry
    }
    let ids = csv.header.firstIndex(of: "id")
    guard csv.rows.contains(where: { row in ids.map { known[row[$0]] != nil } ?? false }) else {
      throw ImageError(
        .invalidParameter, "no id of \(labels) stands in the table", place: table,
        hint: "give the id of the table or the Series Instance UID")
    }
    let matrix = try FeatureMatrix(csv: csv, ids: Set(known.keys))
    let outcomes = matrix.ids.map { known[$0]?.outcome ?? "" }
    let names = Set(outcomes).sorted()
    guard names.count == 2, let negative = names.first(where: { $0 != positive }), names.contains(positive) else {
      throw ImageError(
        .invalidParameter, "the labelled rows hold the classes \(names), expected \"\(positive)\" and one other",
        place: labels, hint: "ids must equal those of the feature table")
    }
    return try DiagnosisModel.train(
      matrix, labels: outcomes.map { $0 == positive }, groups: matrix.ids.map { known[$0]?.patient ?? $0 },
      positive: positive, negative: negative,
      settings: TrainingSettings(maximumFeatures: features, folds: folds), tableHash: sha256(bytes))
  }
}
