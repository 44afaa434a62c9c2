// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import LumenCore
import LumenLearning
import LumenPipeline

struct ClusterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Group the rows of a feature table by k-means.",
    discussion: "EXAMPLE\n  lumen cluster results/features.csv -k 2")
  @Argument(help: "Wide feature table (CSV).") var table: String
  @Option(name: .customShort("k"), help: "Number of clusters.") var k = 3
  @Option(help: "Seed of the first centres.") var seed: UInt64 = 1
  @OptionGroup var format: JSONOption

  func run() throws {
    let matrix = try FeatureMatrix(contentsOf: table)
    var settings = KMeans()
    settings.k = k
    settings.seed = seed
    let clustering = try settings(matrix)
    if format.json {
      return sayJSON([
        "silhouette": number(clustering.silhouette), "inertia": clustering.inertia,
        "clusters": Dictionary(zip(matrix.ids, clustering.labels.map { $0 + 1 })) { a, _ in a },
      ])
    }
    say("id,cluster")
    for (id, label) in zip(matrix.ids, clustering.labels) { say("\(id),\(label + 1)") }
  }
}

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a calibrated logistic regression on a feature table with known classes.",
    discussion: """
      Cross-validates (stratified folds, a patient's rows together, feature selection inside each fold), calibrates on the out-of-fold scores
      (Platt) and stores the validation figures with the model.

      EXAMPLE
        lumen train results/features.csv --labels classes.csv --positive malignant -o model.json
      """)
  @Argument(help: "Wide feature table (CSV).") var table: String
  @Option(help: "CSV with the columns id (of the table, or Series Instance UID), class and, where known, patient.")
  var labels: String
  @Option(help: "The class whose probability the model gives.") var positive: String
  @Option(help: "Features the model may use at most.") var features = 10
  @Option(help: "Cross-validation folds.") var folds = 5
  @OptionGroup var out: OutputOption
  @OptionGroup var format: JSONOption

  func run() throws {
    let model = try Training(table: table, labels: labels, positive: positive, features: features, folds: folds)()
    try ModelFile.write(model, to: out.output)
    let v = model.validation
    if format.json {
      return sayJSON([
        "cases": v.cases, "positive": v.positives, "auc": number(v.auc),
        "auc95": [number(v.aucLower), number(v.aucUpper)],
        "brier": number(v.brier), "features": model.features.map(\.name),
      ])
    }
    say(
      "\(v.cases) cases (\(v.positives) \(positive)) · AUC \(three(v.auc)) (95 % \(three(v.aucLower))–\(three(v.aucUpper)), "
        + "\(folds)-fold) · Brier \(three(v.brier)) · \(model.features.count) features")
    say(Software.disclaimer)
  }
}

struct DiagnoseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose", abstract: "Give every row of a feature table the model's calibrated probability.",
    discussion: "\(Software.disclaimer)\n\nEXAMPLE\n  lumen diagnose results/features.csv --model model.json --json")
  @Argument(help: "Wide feature table (CSV).") var table: String
  @Option(help: "Model from lumen train.") var model: String
  @OptionGroup var format: JSONOption

  func run() throws {
    let (model, hash) = try ModelFile.read(self.model)
    let rows = try FeatureRows(contentsOf: table)
    if !format.json { say("id,roi,proposal,probability,outside_training_range,notice") }
    for row in rows.rows {
      let p: Prediction
      do { p = try model.predict(row.values) } catch { throw error.at("row \(row.id)") }
      if format.json {
        sayJSON([
          "id": row.id, "roi": row.roi, "proposal": p.label, "probability": p.probability,
          "outsideTrainingRange": p.outsideRange, "model": hash, "notice": Software.disclaimer,
          "contributions": p.contributions.map {
            ["feature": $0.feature, "logOdds": $0.contribution] as [String: Any]
          },
        ])
      } else {
        let line = csvLine([
          row.id, row.roi, p.label, shortest(p.probability), p.outsideRange.joined(separator: " "), Software.disclaimer,
        ])
        say(String(line.dropLast()))
      }
    }
  }
}

/// Three decimals for reading.
func three(_ value: Double) -> String {
  value.isFinite ? String(format: "%.3f", value) : shortest(value)
}
