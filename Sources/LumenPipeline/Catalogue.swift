// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenFilters
import LumenSegmentation

/// Every operation there is. A new one is added to its list here; recipes, command line and help follow.
public enum Catalogue {
  /// Image → image.
  public static let filters: [any CatalogueEntry] = FilterCatalogue.all
  /// Image → mask.
  public static let segmentations: [any CatalogueEntry] = [Otsu.catalogue, Threshold.catalogue]
  /// Mask → mask.
  public static let maskOperations: [any CatalogueEntry] = [
    LargestComponent.catalogue, FillHoles.catalogue, Opening.catalogue, Closing.catalogue, Erosion.catalogue,
    Dilation.catalogue,
  ]
  /// All of them.
  public static let all = filters + segmentations + maskOperations

  /// The entry of a name.
  ///
  /// - Throws: `invalidParameter` naming the nearest known name.
  public static func entry(_ name: String, of kind: String = "operation", in list: [any CatalogueEntry] = all)
    throws(ImageError) -> any CatalogueEntry
  {
    guard let entry = list.first(where: { $0.name == name }) else {
      throw unknownName(name, kind: kind, known: list.map(\.name))
    }
    return entry
  }

  /// The filters by topic.
  public static let filterTopics = FilterCatalogue.topics

  /// One operation a line: name and summary, the summaries below each other.
  public static func list(_ list: [any CatalogueEntry]) -> String {
    let width = (all.map(\.name.count).max() ?? 0) + 2
    return list.map { "  \($0.name)\(String(repeating: " ", count: width - $0.name.count))\($0.summary)" }
      .joined(separator: "\n")
  }

  /// One operation a paragraph: name, summary, parameters with range and default.
  public static func help(_ list: [any CatalogueEntry]) -> String {
    list.map { entry in
      let parameters = entry.parameterList.map {
        "    --\($0.name) \($0.default)   \($0.help) [\($0.range)]"
      }
      return (["  \(entry.name): \(entry.summary) (\(entry.source))"] + parameters).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
