// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Every filter there is, by topic. A new one is added to its topic's list; recipes, command line, help and the table of
/// oracles follow.
///
/// NaN and infinity: filters of a neighbourhood let them spread to the voxels that depend on them, filters of
/// statistics leave them out. What spreads one voxel through the whole image (Fourier transforms, spline coefficients,
/// recursions, iterations) refuses the image with an error that says how many there are; `replace-non-finite` takes
/// them out.
public enum FilterCatalogue {
  /// All of them.
  public static let all: [any CatalogueEntry] = topics.flatMap(\.filters)

  /// The same by topic.
  public static let topics: [(name: String, filters: [any CatalogueEntry])] = [
    ("convolution", convolution), ("edges and structure", edges), ("rank", rank), ("smoothing", smoothing),
    ("grey morphology", morphology), ("texture", texture), ("intensity", intensity), ("geometry", geometry),
  ]

  /// Weighted sums of a neighbourhood.
  static let convolution: [any CatalogueEntry] = [
    Gaussian.catalogue, Mean.catalogue, LaplacianOfGaussian.catalogue, DifferenceOfGaussians.catalogue,
    Laplacian.catalogue, UnsharpMask.catalogue, Laws.catalogue, RecursiveGaussian.catalogue,
    RecursiveLaplacian.catalogue, Convolution.catalogue,
  ]
  /// Derivatives, edges and structure.
  static let edges: [any CatalogueEntry] = [
    GradientMagnitude.catalogue, Sobel.catalogue, Canny.catalogue, HessianEigenvalue.catalogue, Vesselness.catalogue,
    StructureTensor.catalogue,
  ]
  /// Order statistics of a neighbourhood.
  static let rank: [any CatalogueEntry] = [Median.catalogue, Percentile.catalogue]
  /// Smoothing that adapts to the image.
  static let smoothing: [any CatalogueEntry] = [
    Bilateral.catalogue, AnisotropicDiffusion.catalogue, NonLocalMeans.catalogue, TotalVariation.catalogue,
    Kuwahara.catalogue,
  ]
  /// Extremes of a neighbourhood and what is made of them.
  static let morphology: [any CatalogueEntry] = [
    GreyErosion.catalogue, GreyDilation.catalogue, GreyOpening.catalogue, GreyClosing.catalogue, TopHat.catalogue,
    MorphologicalGradient.catalogue, Reconstruction.catalogue,
  ]
  /// Patterns: stripes, wavelets, neighbourhoods.
  static let texture: [any CatalogueEntry] = [
    Gabor.catalogue, Wavelet.catalogue, Simoncelli.catalogue, Riesz.catalogue, SteeredRiesz.catalogue,
    LocalBinaryPattern.catalogue, LocalBinaryPattern3D.catalogue,
  ]
  /// Functions of single intensities and of their histogram.
  static let intensity: [any CatalogueEntry] = [
    Window.catalogue, Rescale.catalogue, Clip.catalogue, ZScore.catalogue, Square.catalogue, SquareRoot.catalogue,
    Logarithm.catalogue, Exponential.catalogue, Gamma.catalogue, ConvertType.catalogue, EqualiseHistogram.catalogue,
    CLAHE.catalogue, Nyul.catalogue, BiasField.catalogue, Projection.catalogue,
    ReplaceNonFinite.catalogue,
  ]
  /// Other grids: spacing, place, order and extent of the voxels.
  static let geometry: [any CatalogueEntry] = [
    Resample.catalogue, AffineTransform.catalogue, Flip.catalogue, Reorient.catalogue, Crop.catalogue, Pad.catalogue,
  ]
}
