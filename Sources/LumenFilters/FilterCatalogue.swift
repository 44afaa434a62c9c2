// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Every filter there is, by topic. A new one is added to its topic's list; recipes, command line, help and the table of
/// oracles follow.
public enum FilterCatalogue {
  /// All of them.
  public static let all: [any CatalogueEntry] = convolution + rank + intensity + texture

  /// Weighted sums of a neighbourhood.
  static let convolution: [any CatalogueEntry] = [Gaussian.catalogue]
  /// Order statistics of a neighbourhood.
  static let rank: [any CatalogueEntry] = [Median.catalogue]
  /// Functions of single intensities and of their histogram.
  static let intensity: [any CatalogueEntry] = [
    Window.catalogue, Rescale.catalogue, Clip.catalogue, ZScore.catalogue, Square.catalogue, SquareRoot.catalogue,
    Logarithm.catalogue, Exponential.catalogue, Gamma.catalogue, ConvertType.catalogue, EqualiseHistogram.catalogue,
    CLAHE.catalogue, Nyul.catalogue, BiasField.catalogue, Projection.catalogue,
  ]
  /// Patterns of a neighbourhood.
  static let texture: [any CatalogueEntry] = [LocalBinaryPattern.catalogue, LocalBinaryPattern3D.catalogue]
}
