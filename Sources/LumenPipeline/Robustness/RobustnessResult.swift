// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenLearning

/// What a study gave: every value, and how robust each feature is.
public struct RobustnessResult: Sendable {
  /// The features.
  public let columns: [FeatureColumn]
  /// The perturbations, in the order of the plan.
  public let combinations: [Perturbation]
  /// By case, region and perturbation.
  public let measurements: [RobustnessStudy.Measurement]
  let plan: PerturbationPlan
  let seed: UInt64
  let recipe: String

  /// One feature.
  public struct Robustness: Sendable, Equatable {
    /// What it measures.
    public let column: FeatureColumn
    /// How well its values under all perturbations agree.
    public let correlation: IntraclassCorrelation
  }

  /// Regions that were not measured under every perturbation; they are left out of all correlations.
  public var failed: Int { regions.count { !$0.isWhole } }
  /// Regions, cases that could not be read among them.
  public var count: Int { regions.count }

  /// The reasons of everything that failed, each once, with the region's name.
  public var failures: [String] {
    var seen: Set<String> = []
    return measurements.compactMap { m in
      guard let error = m.error else { return nil }
      let text = "\(m.id)\(m.roi.isEmpty ? "" : " \"\(m.roi)\""): \(error)"
      return seen.insert(text).inserted ? text : nil
    }
  }

  /// Runs of measurements of one region.
  private var regions: [(range: Range<Int>, isWhole: Bool)] {
    var regions: [(range: Range<Int>, isWhole: Bool)] = [], start = 0
    while start < measurements.count {
      let isCase = measurements[start].isCase
      let end = min(measurements.count, start + (isCase ? 1 : combinations.count))
      regions.append((start..<end, !isCase && measurements[start..<end].allSatisfy { $0.error == nil }))
      start = end
    }
    return regions
  }

  /// The correlation of every feature over the regions that were measured under every perturbation.
  public var robustness: [Robustness] {
    let whole = regions.filter(\.isWhole).map(\.range)
    return columns.indices.map { c in
      let values = whole.flatMap { $0.map { measurements[$0].values[c] } }
      return Robustness(
        column: columns[c], correlation: IntraclassCorrelation(values, repetitions: combinations.count))
    }
  }

  /// One row a feature: the three correlations with their 95 % intervals, and the class of the lower end of one of them.
  ///
  /// - Parameter model: the correlation that the class is that of.
  public func robustnessCSV(classOf model: IntraclassCorrelation.Model = .oneWay) -> String {
    let models = IntraclassCorrelation.Model.allCases
    func key(_ model: IntraclassCorrelation.Model) -> String {
      "icc_" + model.rawValue.split(separator: ",").joined(separator: "_")
    }
    var out = csvLine(
      ["feature", "name", "code", "family", "aggregation", "regions", "perturbations"]
        + models.flatMap { [key($0), "\(key($0))_lower", "\(key($0))_upper"] } + ["class", "class_of", "reason"])
    for line in robustness {
      let (column, icc) = (line.column, line.correlation)
      let numbers = models.flatMap { model in
        let e = icc[model]
        return [e.value, e.lower, e.upper].map(shortest)
      }
      out += csvLine(
        [
          column.key, column.name, column.code ?? "", column.family, column.aggregation, "\(icc.cases)",
          "\(icc.repetitions)",
        ] + numbers + [icc[model].agreement?.rawValue ?? "", "\(key(model))_lower", icc.reason ?? ""])
    }
    return out
  }

  /// One row a value: case, region, perturbation, feature.
  public var valuesCSV: String {
    var out = csvLine(["id", "roi", "perturbation", "feature", "value"])
    for m in measurements where m.error == nil {
      let start = csvLine([m.id, m.roi, m.perturbation.name]).dropLast()
      for (column, value) in zip(columns, m.values) { out += "\(start),\(csvLine([column.key, shortest(value)]))" }
    }
    return out
  }

  /// One row a case, region and perturbation: what was changed by which random numbers, and what became of the region.
  public var perturbationsCSV: String {
    var out = csvLine([
      "id", "roi", "perturbation", "rotation", "translation_x", "translation_y", "translation_z", "noise",
      "noise_level", "noise_seed", "volume", "volume_seed", "contour", "contour_seed", "voxels", "status", "error",
      "plan", "seed", "recipe", "lumen",
    ])
    for m in measurements {
      let p = m.perturbation
      let steps =
        m.isCase
        ? [String](repeating: "", count: 12)
        : [
          p.name, shortest(p.rotation), shortest(p.translation.x), shortest(p.translation.y),
          shortest(p.translation.z), "\(p.noise)", shortest(m.noiseLevel), hex(m.noiseSeed), shortest(p.volume),
          hex(m.volumeSeed), "\(p.contour)", hex(m.contourSeed),
        ]
      out += csvLine(
        [m.id, m.roi] + steps + [
          m.isCase ? "" : "\(m.voxels)", m.error == nil ? "ok" : "failed", m.error ?? "", plan.canonical, "\(seed)",
          recipe, Software.version,
        ])
    }
    return out
  }

  private func hex(_ seed: UInt64?) -> String { seed.map { "0x" + String($0, radix: 16) } ?? "" }
}

extension RobustnessResult {
  /// Writes the three tables, each whole or not at all: `TABLE.csv`, and beside it `TABLE_values.csv` and
  /// `TABLE_perturbations.csv`.
  ///
  /// - Returns: the files.
  public func write(
    to path: String, classOf model: IntraclassCorrelation.Model = .oneWay
  ) throws(ImageError) -> [String] {
    let stem = path.hasSuffix(".csv") ? String(path.dropLast(4)) : path
    let files = [path, "\(stem)_values.csv", "\(stem)_perturbations.csv"]
    // The table that is asked for comes last: when it is there, all are.
    try Files.write(valuesCSV, to: files[1])
    try Files.write(perturbationsCSV, to: files[2])
    try Files.write(robustnessCSV(classOf: model), to: files[0])
    return files
  }
}
