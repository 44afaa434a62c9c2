// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Every filter there is, by topic. A new one is added to its topic's list; recipes, command line, help and the table of
/// oracles follow.
public enum FilterCatalogue {
  /// All of them.
  public static let all: [any CatalogueEntry] = convolution + rank

  /// Weighted sums of a neighbourhood.
  static let convolution: [any CatalogueEntry] = [Gaussian.catalogue]
  /// Order statistics of a neighbourhood.
  static let rank: [any CatalogueEntry] = [Median.catalogue]
}
