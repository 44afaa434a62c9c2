// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenLearning

extension FeatureMatrix {
  /// The measured rows of a wide feature table on disk.
  public init(contentsOf path: String) throws(ImageError) {
    do {
      try self.init(csv: try CSV(String(decoding: try Files.read(path), as: UTF8.self)))
    } catch { throw error.place == nil ? error.at(path) : error }
  }
}

/// The measured rows of a wide feature table on disk, every number by its column name.
public struct FeatureRows: Sendable {
  /// Id, region and values of one row.
  public let rows: [(id: String, roi: String, values: [String: Double])]

  /// Reads a table as `lumen run` and `lumen features` write it.
  ///
  /// - Throws: `malformed` for a broken table, `notFound` when it has no id column.
  public init(contentsOf path: String) throws(ImageError) {
    do {
      let csv = try CSV(String(decoding: try Files.read(path), as: UTF8.self))
      let id = try csv.index(of: "id")
      let roi = csv.header.firstIndex(of: "roi"), status = csv.header.firstIndex(of: "status")
      rows = csv.rows.filter { row in status.map { row[$0] == "ok" } ?? true }.map { row in
        let values = zip(csv.header, row).compactMap { name, text in Double(text).map { (name, $0) } }
        return (row[id], roi.map { row[$0] } ?? "", Dictionary(values) { first, _ in first })
      }
    } catch { throw error.place == nil ? error.at(path) : error }
  }
}
