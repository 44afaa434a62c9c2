// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Rows of numbers with names: what clustering and training work on.
///
/// - Shape: one row a region, one column a feature, row by row. Only columns that are finite in every row and not
///   constant are kept; the others are listed in ``dropped``.
public struct FeatureMatrix: Sendable, Equatable {
  /// Column names.
  public let names: [String]
  /// Row ids, in the order of the table.
  public let ids: [String]
  /// Values, row by row.
  public let values: [Double]
  /// Columns left out, with the reason.
  public let dropped: [String: String]

  /// Number of rows.
  public var rows: Int { ids.count }
  /// Number of columns.
  public var columns: Int { names.count }

  /// A matrix from all its values; cleaned as described above.
  ///
  /// - Throws: `invalidParameter` when there are no rows, or no usable column.
  public init(names: [String], ids: [String], values: [Double]) throws(ImageError) {
    guard values.count == names.count * ids.count else {
      throw ImageError(
        .invalidParameter, "\(values.count) values given for \(ids.count) rows of \(names.count) columns")
    }
    guard !ids.isEmpty else { throw ImageError(.invalidParameter, "the table has no measured row") }
    var kept: [Int] = [], dropped: [String: String] = [:]
    for c in names.indices {
      let column = ids.indices.map { values[$0 * names.count + c] }
      if let bad = column.first(where: { !$0.isFinite }) {
        dropped[names[c]] = "holds \(shortest(bad))"
      } else if column.allSatisfy({ $0 == column[0] }) {
        dropped[names[c]] = "is constant"
      } else {
        kept.append(c)
      }
    }
    guard !kept.isEmpty else {
      throw ImageError(
        .invalidParameter, "no column is finite and varies over the \(ids.count) rows", hint: "are there enough cases?")
    }
    self.names = kept.map { names[$0] }
    self.ids = ids
    self.values = ids.indices.flatMap { r in kept.map { values[r * names.count + $0] } }
    self.dropped = dropped
  }

  /// The measured rows of a feature table.
  public init(_ table: FeatureTable) throws(ImageError) {
    let rows = table.measured, keys = table.columns.map(\.key)
    try self.init(
      names: keys, ids: rows.map(\.id), values: rows.flatMap { row in keys.map { row.values[$0] ?? .nan } })
  }

  /// The measured rows of a wide feature table as text; `ids` keeps only those rows.
  ///
  /// - Throws: `notFound` without an id column.
  public init(csv: CSV, ids wanted: Set<String>? = nil) throws(ImageError) {
    let id = try csv.index(of: "id")
    let status = csv.header.firstIndex(of: "status")
    let rows = csv.rows.filter { row in
      (status.map { row[$0] == "ok" } ?? true) && (wanted?.contains(row[id]) ?? true)
    }
    let numeric = csv.header.indices.filter { c in
      !FeatureTable.descriptive.contains(csv.header[c]) && rows.contains { !$0[c].isEmpty && Double($0[c]) != nil }
    }
    try self.init(
      names: numeric.map { csv.header[$0] }, ids: rows.map { $0[id] },
      values: rows.flatMap { row in numeric.map { Double(row[$0]) ?? .nan } })
  }

  /// One value.
  public subscript(row: Int, column: Int) -> Double { values[row * columns + column] }

  /// The values of one column.
  func column(_ c: Int, of rows: [Int]) -> [Double] { rows.map { values[$0 * columns + c] } }

  /// Every column with mean 0 and population standard deviation 1.
  var standardised: FeatureMatrix {
    var z = values
    for c in 0..<columns {
      let s = Moments(column(c, of: Array(0..<rows)))
      for r in 0..<rows { z[r * columns + c] = s.standardise(z[r * columns + c]) }
    }
    return FeatureMatrix(unchecked: names, ids, z, dropped)
  }

  private init(unchecked names: [String], _ ids: [String], _ values: [Double], _ dropped: [String: String]) {
    self.names = names
    self.ids = ids
    self.values = values
    self.dropped = dropped
  }
}

/// Mean and population standard deviation of a column; 1 where the spread is no more than rounding of the mean, so that
/// a column that is constant in the training rows of a fold does not blow up an unseen row.
///
/// - Source: the bound is scikit-learn's `_is_constant_feature`.
struct Moments: Sendable {
  let mean: Double, deviation: Double

  init(_ x: [Double]) {
    let n = Double(x.count)
    let mean = x.reduce(0, +) / n
    self.mean = mean
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let rounding = n * .ulpOfOne * variance + (n * mean * .ulpOfOne) * (n * mean * .ulpOfOne)
    deviation = variance > rounding ? variance.squareRoot() : 1
  }

  func standardise(_ x: Double) -> Double { (x - mean) / deviation }
}
