// SPDX-License-Identifier: Apache-2.0

/// What one column of a feature table measures.
public struct FeatureColumn: Sendable, Hashable {
  /// Unique column name, e.g. `cm_contrast_3D:avg`.
  public let key: String
  /// The manual's words, e.g. "contrast".
  public let name: String
  /// IBSI code, e.g. `ACUI`; nil outside IBSI, then `definition` says whose it is.
  public let code: String?
  /// Feature family, e.g. "grey level co-occurrence matrix".
  public let family: String
  /// Unit, "" for pure numbers; "intensity" stands for the image's own unit (HU in CT).
  public let unit: String
  /// The formula or the source of the definition.
  public let definition: String
  /// Aggregation over directions and slices, e.g. `3D:avg`; "-" where there is none.
  public let aggregation: String

  /// A column.
  public init(
    key: String, name: String, code: String?, family: String, unit: String = "", definition: String,
    aggregation: String = "-"
  ) {
    self.key = key
    self.name = name
    self.code = code
    self.family = family
    self.unit = unit
    self.definition = definition
    self.aggregation = aggregation
  }
}

/// One measured value with the column it belongs to.
public struct FeatureValue: Sendable, Equatable {
  /// What was measured.
  public let column: FeatureColumn
  /// The value; NaN where the definition gives none.
  public let value: Double

  /// A value.
  public init(_ column: FeatureColumn, _ value: Double) {
    self.column = column
    self.value = value
  }
}

/// The features of many regions: one row a region, also when it failed.
public struct FeatureTable: Sendable, Equatable {
  /// One region of one image.
  public struct Row: Sendable, Equatable {
    /// The case (stable name of the series within the batch).
    public var id: String
    /// The region of interest.
    public var roi: String
    /// "ok" or "failed".
    public var status: String
    /// Why it failed; "" otherwise.
    public var error: String
    /// Further descriptive columns, e.g. modality, recipe hash, in order.
    public var labels: [(name: String, value: String)]
    /// Values by column key.
    public var values: [String: Double]

    /// A row.
    public init(
      id: String, roi: String = "", status: String = "ok", error: String = "",
      labels: [(name: String, value: String)] = [], values: [String: Double] = [:]
    ) {
      self.id = id
      self.roi = roi
      self.status = status
      self.error = error
      self.labels = labels
      self.values = values
    }

    /// Equal in every part, NaN equal to NaN.
    public static func == (a: Row, b: Row) -> Bool {
      a.id == b.id && a.roi == b.roi && a.status == b.status && a.error == b.error
        && a.labels.elementsEqual(b.labels) { $0 == $1 } && a.values.count == b.values.count
        && a.values.allSatisfy { key, x in b.values[key].map { $0 == x || ($0.isNaN && x.isNaN) } ?? false }
    }
  }

  /// Columns of a wide table that describe a row instead of measuring it; no model may learn from them.
  public static let descriptive: Set<String> = [
    "id", "roi", "status", "error", "source", "modality", "geometry_notes", "recipe", "lumen", "finding", "probability",
    "outside_training_range",
  ]

  /// The columns, in order of appearance.
  public private(set) var columns: [FeatureColumn] = []
  /// The rows, in order of appearance.
  public private(set) var rows: [Row] = []
  private var known: Set<String> = []

  /// An empty table.
  public init() {}

  /// Declares columns ahead of the rows, keeping their order; known ones are skipped.
  public mutating func declare(_ new: some Sequence<FeatureColumn>) {
    for column in new where known.insert(column.key).inserted { columns.append(column) }
  }

  /// Adds a row with its measured values.
  public mutating func append(_ row: Row, _ values: [FeatureValue] = []) {
    var row = row
    declare(values.map(\.column))
    for v in values { row.values[v.column.key] = v.value }
    rows.append(row)
  }

  /// Rows that were measured without error.
  public var measured: [Row] { rows.filter { $0.status == "ok" } }

  /// One row a region: id, roi, status, error, labels, then a column a feature. RFC 4180, "\n", shortest exact decimals.
  public var wideCSV: String {
    let labels = labelNames
    var out = csvLine(["id", "roi", "status", "error"] + labels + columns.map(\.key))
    for row in rows {
      out += csvLine(
        [row.id, row.roi, row.status, row.error] + labels.map { row.label($0) }
          + columns.map { row.values[$0.key].map(shortest) ?? "" })
    }
    return out
  }

  /// One row a value: id, roi, feature, IBSI code, family, aggregation, value, unit; failed rows carry their error.
  public var longCSV: String {
    var out = csvLine(["id", "roi", "status", "error", "feature", "code", "family", "aggregation", "value", "unit"])
    for row in rows {
      if row.status != "ok" { out += csvLine([row.id, row.roi, row.status, row.error, "", "", "", "", "", ""]) }
      for c in columns {
        guard let value = row.values[c.key] else { continue }
        out += csvLine([
          row.id, row.roi, row.status, "", c.key, c.code ?? "", c.family, c.aggregation, shortest(value), c.unit,
        ])
      }
    }
    return out
  }

  private var labelNames: [String] {
    var names: [String] = []
    for row in rows { for l in row.labels where !names.contains(l.name) { names.append(l.name) } }
    return names
  }
}

extension FeatureTable.Row {
  /// A descriptive label, "" when absent.
  public func label(_ name: String) -> String { labels.first { $0.name == name }?.value ?? "" }
}
