// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenLearning

/// The clusters of a batch: a label and a point in the plane of the first two principal components for each row.
struct Groups: Sendable {
  struct Point: Sendable {
    let id: String, roi: String, cluster: Int, x: Double, y: Double
  }
  var points: [Point] = []
  var silhouette = Double.nan
  /// Why there are none.
  var reason = ""

  init(_ settings: KMeans?, _ table: FeatureTable) {
    guard var settings else {
      reason = "the recipe has no cluster step"
      return
    }
    let rows = table.measured
    guard rows.count >= 3 else {
      reason = "\(rows.count) measured regions; clusters need at least 3"
      return
    }
    settings.k = min(settings.k, rows.count)
    do throws(ImageError) {
      let clustering = try settings(try FeatureMatrix(table))
      silhouette = clustering.silhouette
      for (n, row) in rows.enumerated() {
        let (x, y) = clustering.projection[n]
        points.append(Point(id: row.id, roi: row.roi, cluster: clustering.labels[n] + 1, x: x, y: y))
      }
    } catch { reason = error.description }
  }

  var csv: String {
    csvLine(["id", "roi", "cluster", "pc1", "pc2"])
      + points.map { csvLine([$0.id, $0.roi, "\($0.cluster)", shortest($0.x), shortest($0.y)]) }.joined()
  }

  func cluster(_ row: FeatureTable.Row) -> Int? { points.first { $0.id == row.id && $0.roi == row.roi }?.cluster }
}
