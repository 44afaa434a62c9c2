// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// How a model is trained.
public struct TrainingSettings: Sendable, Codable, Equatable {
  /// Features the model may use at most.
  public var maximumFeatures: Int
  /// Features more strongly correlated with a better one than this are passed over (Pearson's |r|).
  public var maximumCorrelation: Double
  /// Cross-validation folds.
  public var folds: Int
  /// Inverse strength of the penalty.
  public var c: Double
  /// Seed of the folds.
  public var seed: UInt64

  /// The defaults suit tables of tens to hundreds of cases.
  public init(
    maximumFeatures: Int = 10, maximumCorrelation: Double = 0.9, folds: Int = 5, c: Double = 1, seed: UInt64 = 1
  ) {
    self.maximumFeatures = maximumFeatures
    self.maximumCorrelation = maximumCorrelation
    self.folds = folds
    self.c = c
    self.seed = seed
  }
}

/// What a model says of one region.
public struct Prediction: Sendable, Equatable {
  /// Calibrated probability of the positive class.
  public let probability: Double
  /// The more probable class.
  public let label: String
  /// Features outside the range of the training table: the probability is an extrapolation.
  public let outsideRange: [String]
  /// What each feature adds to the log odds, largest size first.
  public let contributions: [Contribution]

  /// One feature's share.
  public struct Contribution: Sendable, Equatable {
    /// Column name.
    public let feature: String
    /// Log odds.
    public let contribution: Double
  }
}

/// A trained, calibrated two-class model with its validation figures and intended use.
///
/// Features are chosen by their own AUC without near-duplicates, standardised, and weighed by ``LogisticRegression``.
/// The same is done inside every fold of a stratified cross-validation; its out-of-fold scores give the figures and the
/// calibration (``PlattCalibration``), so that no case judges itself.
///
/// - Source: Hastie, Tibshirani & Friedman 2009, 7.10.2 (selection inside the folds); Platt 1999; DeLong 1988.
public struct DiagnosisModel: Sendable, Codable, Equatable {
  /// One input.
  public struct Feature: Sendable, Codable, Equatable {
    /// Column name.
    public let name: String
    /// Mean in the training table.
    public let mean: Double
    /// Population standard deviation in the training table.
    public let deviation: Double
    /// Smallest training value.
    public let minimum: Double
    /// Largest training value.
    public let maximum: Double
    /// Log odds a standard deviation.
    public let weight: Double
  }

  /// How it did on cases it had not seen.
  public struct Validation: Sendable, Codable, Equatable {
    /// Rows of the training table.
    public let cases: Int
    /// Rows of the positive class.
    public let positives: Int
    /// Folds.
    public let folds: Int
    /// Area under the ROC curve of the out-of-fold scores.
    public let auc: Double
    /// Its 95 % interval.
    public let aucLower: Double, aucUpper: Double
    /// Brier score of the calibrated out-of-fold probabilities; slightly favourable, as the two calibration parameters
    /// come from the same scores.
    public let brier: Double
  }

  /// The class whose probability it gives.
  public let positive: String
  /// The other class.
  public let negative: String
  /// Inputs, best first.
  public let features: [Feature]
  /// Score of the mean case.
  public let intercept: Double
  /// Score to probability.
  public let calibration: PlattCalibration
  /// Figures on unseen cases.
  public let validation: Validation
  /// How it was trained.
  public let settings: TrainingSettings
  /// SHA-256 of the training table.
  public let tableHash: String
  /// What it may be used for.
  public let intendedUse: String

  /// Trains and validates.
  ///
  /// - Parameters:
  ///   - groups: a name a row, the patient; rows of one group stay in one fold. Nil: every row for itself.
  ///   - tableHash: SHA-256 of the training table, kept with the model.
  /// - Throws: `invalidParameter` when a class has fewer than two cases or a setting is out of range.
  public static func train(
    _ x: FeatureMatrix, labels: [Bool], groups: [String]? = nil, positive: String, negative: String,
    settings: TrainingSettings = .init(), tableHash: String
  ) throws(ImageError) -> DiagnosisModel {
    let positives = labels.count { $0 }
    guard labels.count == x.rows, positives >= 2, x.rows - positives >= 2 else {
      throw ImageError(
        .invalidParameter,
        "\(positives) cases of \(positive) and \(labels.count - positives) of \(negative), expected at least 2 each")
    }
    guard settings.maximumFeatures >= 1, settings.folds >= 2, (0...1).contains(settings.maximumCorrelation) else {
      throw ImageError(.invalidParameter, "training needs at least 1 feature and 2 folds")
    }
    guard groups.map({ $0.count == x.rows }) ?? true else {
      throw ImageError(.invalidParameter, "\(groups?.count ?? 0) groups given for \(x.rows) rows")
    }
    let folds = min(settings.folds, positives, x.rows - positives)
    let fold = stratifiedFolds(labels, groups ?? x.ids.indices.map(String.init), folds, seed: settings.seed)
    for f in 0..<folds {
      let rest = labels.indices.filter { fold[$0] != f }
      guard rest.contains(where: { labels[$0] }), rest.contains(where: { !labels[$0] }) else {
        throw ImageError(
          .invalidParameter, "a fold leaves only one class to learn from", hint: "more patients or fewer folds")
      }
    }
    var scores = [Double](repeating: 0, count: x.rows)
    for f in 0..<folds {
      let part = try Linear(x, rows: x.ids.indices.filter { fold[$0] != f }, labels, settings)
      for r in x.ids.indices where fold[r] == f { scores[r] = part.score(x, r) }
    }
    let calibration = PlattCalibration(scores, labels)
    let interval = Metrics.aucInterval(scores, labels)
    let final = try Linear(x, rows: Array(x.ids.indices), labels, settings)
    return DiagnosisModel(
      positive: positive, negative: negative,
      features: final.columns.indices.map { n in
        let column = x.column(final.columns[n], of: Array(x.ids.indices))
        return Feature(
          name: x.names[final.columns[n]], mean: final.moments[n].mean, deviation: final.moments[n].deviation,
          minimum: column.min() ?? 0, maximum: column.max() ?? 0, weight: final.fit.weights[n])
      }, intercept: final.fit.intercept, calibration: calibration,
      validation: Validation(
        cases: x.rows, positives: positives, folds: folds, auc: Metrics.auc(scores, labels), aucLower: interval.lower,
        aucUpper: interval.upper, brier: Metrics.brier(scores.map { calibration($0) }, labels)),
      settings: settings, tableHash: tableHash,
      intendedUse: "Research use only. Not a diagnosis; a clinician decides.")
  }

  /// The calibrated probability for one region's values by column name.
  ///
  /// - Throws: `invalidParameter` naming the inputs that are missing or not finite; `malformed` when the model's own
  ///   numbers give no probability.
  public func predict(_ values: [String: Double]) throws(ImageError) -> Prediction {
    let missing = features.map(\.name).filter { !(values[$0]?.isFinite ?? false) }
    guard missing.isEmpty else {
      throw ImageError(
        .invalidParameter,
        "the model needs \(missing.joined(separator: ", ")), which the table does not give as finite numbers",
        hint: "measure with the recipe that the model was trained on")
    }
    var score = intercept, outside: [String] = [], shares: [Prediction.Contribution] = []
    for f in features {
      let value = values[f.name] ?? 0
      let part = f.weight * (value - f.mean) / f.deviation
      score += part
      shares.append(Prediction.Contribution(feature: f.name, contribution: calibration.slope * part))
      if value < f.minimum || value > f.maximum { outside.append(f.name) }
    }
    let probability = calibration(score)
    guard probability.isFinite, features.allSatisfy({ $0.deviation > 0 }) else {
      throw ImageError(
        .malformed, "the model gives no finite probability for these values",
        hint: "its file was changed, or the values are out of all range")
    }
    return Prediction(
      probability: probability, label: probability >= 0.5 ? positive : negative, outsideRange: outside,
      contributions: shares.sorted { abs($0.contribution) > abs($1.contribution) })
  }
}

/// Fold of each row: the groups of each class (that of their first row) dealt out evenly after a seeded shuffle.
func stratifiedFolds(_ labels: [Bool], _ groups: [String], _ folds: Int, seed: UInt64) -> [Int] {
  var first: [String: Int] = [:]
  for (r, group) in groups.enumerated() where first[group] == nil { first[group] = r }
  var fold: [String: Int] = [:]
  var random = SplitMix64(seed: seed)
  for side in [true, false] {
    var rows = labels.indices.filter { first[groups[$0]] == $0 && labels[$0] == side }
    random.shuffle(&rows)
    for (n, r) in rows.enumerated() { fold[groups[r]] = n % folds }
  }
  return groups.map { fold[$0] ?? 0 }
}

/// A regression on the best features of some rows.
private struct Linear {
  let columns: [Int]
  let moments: [Moments]
  let fit: LogisticRegression.Fit

  init(_ x: FeatureMatrix, rows: [Int], _ labels: [Bool], _ settings: TrainingSettings) throws(ImageError) {
    let outcome = rows.map { labels[$0] }
    let ranked = (0..<x.columns)
      .map { (column: $0, strength: abs(Metrics.auc(x.column($0, of: rows), outcome) - 0.5)) }
      .sorted { ($1.strength, $0.column) < ($0.strength, $1.column) }
    var columns: [Int] = [], standardised: [[Double]] = [], moments: [Moments] = []
    for (column, _) in ranked {
      if columns.count == settings.maximumFeatures { break }
      let values = x.column(column, of: rows), m = Moments(values)
      let z = values.map { m.standardise($0) }
      let isNew = standardised.allSatisfy { other in
        abs(zip(z, other).reduce(0) { $0 + $1.0 * $1.1 }) / Double(z.count) <= settings.maximumCorrelation
      }
      guard isNew else { continue }
      columns.append(column)
      standardised.append(z)
      moments.append(m)
    }
    let matrix = rows.indices.flatMap { r in standardised.map { $0[r] } }
    self.columns = columns
    self.moments = moments
    fit = try LogisticRegression(c: settings.c).fit(matrix, columns: columns.count, outcome)
  }

  func score(_ x: FeatureMatrix, _ row: Int) -> Double {
    columns.indices.reduce(fit.intercept) { $0 + fit.weights[$1] * moments[$1].standardise(x[row, columns[$1]]) }
  }
}
