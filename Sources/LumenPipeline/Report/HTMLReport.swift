// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenLearning
import LumenRadiomics

/// One self-contained page for a batch: cases with pictures and key values, clusters, failures with reasons, recipe.
struct HTMLReport {
  let recipe: Recipe
  let results: [CaseResult]
  let others: [(path: String, error: ImageError)]
  let table: FeatureTable
  let groups: Groups
  /// Folder of the batch, for the pictures.
  let folder: String

  /// The columns shown in the page; the tables hold all of them.
  private static let shown = [
    "morph_vol_approx", "stat_mean", "stat_median", "stat_var", "stat_kurt", "ih_entropy",
    "cm_contrast_3D:mrg", "cm_joint_entr_3D:mrg",
  ]
  private static let colours = [
    "#2f6fb2", "#d1662a", "#3c9a5f", "#9b4f96", "#b8a12e", "#4aa3a3", "#a33f4d", "#6b6b6b",
  ]

  var html: String {
    let failed = results.filter { $0.failure != nil }
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <title>Lumen · \(escaped(recipe.name))</title>
      <style>
      :root{color-scheme:light dark}
      body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}
      h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .6rem}
      .notice{border-left:4px solid #d1662a;padding:.4rem .8rem;background:#d1662a1a;margin:1rem 0}
      table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
      th,td{text-align:right;padding:.25rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
      td{white-space:nowrap}th{font-weight:600;vertical-align:bottom}
      th:first-child,td:first-child,td.t,th.t{text-align:left}td.w{white-space:normal;overflow-wrap:anywhere}
      .scroll{overflow-x:auto}figure{margin:0}figcaption{font-size:.85rem;opacity:.8}
      .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(28rem,1fr));gap:1.2rem}
      img{width:100%;height:auto;background:#181818;border-radius:4px}
      pre{background:#8882;padding:.8rem;overflow-x:auto}code{font-size:.9em}
      .dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.35em}
      </style></head><body>
      <h1>\(escaped(recipe.name))</h1>
      <p>\(results.count - failed.count) of \(results.count) cases measured · \(table.columns.count) features ·
      \(failed.count) failed · \(others.count) other files · Lumen \(Software.version) · recipe <code>\(recipe.hash)</code></p>
      <p class="notice">\(escaped(Software.disclaimer))</p>
      \(failures(failed))
      <h2>Measurements</h2>
      \(measurements)
      <h2>Pictures</h2>
      <p>Planes through the largest cross-sections of the region; its outline in red. R L A P H F: the patient's
      right, left, front, back, head, feet.</p>
      <div class="cards">\(pictures)</div>
      <h2>Clusters</h2>
      \(clusters)
      <h2>Other files</h2>
      \(otherFiles)
      <h2>Recipe</h2>
      <pre>\(escaped(recipe.canonical))</pre>
      </body></html>

      """
  }

  private func failures(_ failed: [CaseResult]) -> String {
    if failed.isEmpty { return "" }
    return "<h2>Failures</h2><table><tr><th>case</th><th class=t>source</th><th class=t>reason</th></tr>"
      + failed.map { row([$0.id, $0.source, $0.failure ?? ""], text: 3, wrapsLast: true) }.joined() + "</table>"
  }

  private var measurements: String {
    let columns = table.columns.filter { Self.shown.contains($0.key) }
    let hasFinding = recipe.model != nil
    var out = "<div class=scroll><table><tr><th>case</th><th class=t>ROI</th><th class=t>source</th>"
    out += (hasFinding ? "<th class=t>model proposes</th><th>probability</th>" : "") + "<th>cluster</th>"
    out +=
      columns.map { "<th title=\"\(escaped($0.definition))\">\(escaped($0.name))\(unit($0))</th>" }.joined() + "</tr>"
    for r in table.measured {
      var cells = [r.id, r.roi, r.label("source")]
      if hasFinding {
        cells.append(r.label("finding") + (r.label("outside_training_range").isEmpty ? "" : " (extrapolated)"))
        cells.append(Double(r.label("probability")).map(rounded) ?? "")
      }
      cells.append(groups.cluster(r).map(String.init) ?? "")
      out += row(cells + columns.map { r.values[$0.key].map(rounded) ?? "" }, text: hasFinding ? 4 : 3)
    }
    return out + "</table></div><p>All values: <code>features.csv</code>, <code>features_long.csv</code>; "
      + "what they mean: <code>dictionary.json</code>.</p>"
  }

  private var pictures: String {
    results.filter(\.isDone).map { result in
      guard let png = try? Files.read("\(folder)/cases/\(result.id)/qc.png") else { return "" }
      let regions = result.regions.map { region in
        region.error.map { "\(region.roi): \($0)" } ?? "\(region.voxels) voxels"
          + (region.finding.map { " · model proposes \($0.label) (\(rounded($0.probability)))" } ?? "")
      }
      let notes = result.notes.isEmpty ? "" : "<br>" + escaped(result.notes.joined(separator: "; "))
      return """
        <figure><img alt="planes of case \(result.id)" src="data:image/png;base64,\(Data(png).base64EncodedString())">
        <figcaption><code>\(result.id)</code> \(escaped(result.modality)) \(escaped(result.source)) ·
        \(escaped(regions.joined(separator: "; ")))\(notes)</figcaption></figure>
        """
    }.joined(separator: "\n")
  }

  private var clusters: String {
    guard let first = groups.points.first else { return "<p>None: \(escaped(groups.reason)).</p>" }
    var (x0, x1, y0, y1) = (first.x, first.x, first.y, first.y)
    for p in groups.points { (x0, x1, y0, y1) = (min(x0, p.x), max(x1, p.x), min(y0, p.y), max(y1, p.y)) }
    let (w, h, pad) = (720.0, 400.0, 30.0)
    func place(_ v: Double, _ lo: Double, _ hi: Double, _ length: Double) -> Double {
      hi > lo ? pad + (v - lo) / (hi - lo) * (length - 2 * pad) : length / 2
    }
    let dots = groups.points.map { p in
      let (x, y) = (place(p.x, x0, x1, w), h - place(p.y, y0, y1, h))
      return "<circle cx=\"\(rounded(x))\" cy=\"\(rounded(y))\" r=\"6\" fill=\"\(colour(p.cluster))\">"
        + "<title>\(p.id) \(escaped(p.roi)): cluster \(p.cluster)</title></circle>"
    }
    let count = groups.points.map(\.cluster).max() ?? 0
    let legend = (1...count).map { k in
      "<span class=dot style=\"background:\(colour(k))\"></span>cluster \(k) (\(groups.points.count { $0.cluster == k }))"
    }
    return """
      <p>k-means on standardised features; mean silhouette \(rounded(groups.silhouette)). \(legend.joined(separator: " · "))</p>
      <svg viewBox="0 0 \(Int(w)) \(Int(h))" role="img" aria-label="clusters in the plane of two principal components"
      style="max-width:100%;border:1px solid #8884;border-radius:4px">
      <text x="\(Int(w / 2))" y="\(Int(h) - 8)" font-size="12" text-anchor="middle" fill="currentColor">first principal component</text>
      <text x="14" y="\(Int(h / 2))" font-size="12" text-anchor="middle" fill="currentColor" transform="rotate(-90 14 \(Int(h / 2)))">second</text>
      \(dots.joined(separator: "\n"))
      </svg>
      """
  }

  private var otherFiles: String {
    if others.isEmpty { return "<p>None: every file belongs to an image.</p>" }
    return "<table><tr><th>file</th><th class=t>why it gives no row</th></tr>"
      + others.map {
        row([$0.path, $0.error.what + ($0.error.hint.map { " (\($0))" } ?? "")], text: 2, wrapsLast: true)
      }.joined() + "</table>"
  }

  private func colour(_ cluster: Int) -> String { Self.colours[(cluster - 1) % Self.colours.count] }
  private func unit(_ c: FeatureColumn) -> String {
    c.unit.isEmpty || c.unit == "intensity" ? "" : " [\(escaped(c.unit))]"
  }

  /// A table row whose first `text` cells are words.
  private func row(_ cells: [String], text: Int, wrapsLast: Bool = false) -> String {
    let tags = cells.indices.map { n in
      wrapsLast && n == cells.count - 1 ? " class=\"t w\"" : n < text ? " class=t" : ""
    }
    return "<tr>" + zip(tags, cells).map { "<td\($0)>\(escaped($1))</td>" }.joined() + "</tr>"
  }

  /// Four significant digits for reading; the tables hold the exact values.
  private func rounded(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return shortest(value) }
    let size = abs(value)
    if size >= 1e6 || size < 1e-4 { return String(format: "%.3e", value) }
    let digits = max(0, 3 - Int(log10(size).rounded(.down)))
    return String(format: "%.\(digits)f", value)
  }

  private func escaped(_ text: String) -> String {
    var out = ""
    for c in text {
      switch c {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      default: out.append(c)
      }
    }
    return out
  }
}
