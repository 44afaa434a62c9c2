// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Image and region → feature values, by the definitions of IBSI 1.
///
/// The order of operations: round the intensities if asked, resegment the intensity mask (range and outliers),
/// discretise what is inside it, measure. The morphological mask is the mask as given. Voxels that are NaN or infinite
/// are left out of the intensity mask.
///
///     var extraction = FeatureExtraction()
///     extraction.resegmentationRange = -500...400
///     extraction.discretisation = .fixedBinSize(25)
///     let values = try extraction(.f32(ct), in: tumour)
///
/// - Range: 1 … 65535 grey levels, of which at most 2048 in use for the GLCM; texture of up to 330 million voxels.
/// - Accuracy: double precision; the same bits for any number of threads.
/// - Cost: proportional to the bounding box of the region.
/// - Source: IBSI 1 reference manual; Zwanenburg et al., Radiology 2020;295:328-338.
public struct FeatureExtraction: Sendable, Equatable {
  /// What to measure, in the order of the columns; repeated names count once.
  public var families: [FamilyName] = [.morphology, .statistics, .histogram, .glcm]
  /// How intensities become grey levels for histogram and texture.
  public var discretisation: Discretisation = .fixedBinNumber(32)
  /// How intensities become levels for the intensity-volume histogram. Nil: whole numbers are taken as they are
  /// (step 1), other intensities in 1000 bins, as the manual recommends for arbitrary units.
  public var ivhDiscretisation: Discretisation?
  /// Intensities that stay in the intensity mask, both ends included; nil: all.
  public var resegmentationRange: ClosedRange<Double>?
  /// Keeps intensities within mean ± this many standard deviations of the mask's intensities; nil: all. With a range, what
  /// is within both stays.
  public var outlierSigma: Double?
  /// How texture matrices are aggregated, in the order of the columns; repeated names count once. Families without
  /// directions (GLSZM, GLDZM, NGTDM, NGLDM) take the dimension of each: 2D, 2.5D or 3D, once.
  public var aggregations: [Aggregation] = [.averaged3D, .merged3D]
  /// Distance δ of neighbours in texture matrices, voxels (Chebyshev): of the pairs of the GLCM; NGTDM and NGLDM take all
  /// voxels up to it.
  public var distance = 1
  /// Coarseness α of the NGLDM: the largest difference of dependent grey levels.
  public var coarseness = 0
  /// Weights of directions in merged GLCM and GLRLM and of neighbours in the NGTDM.
  public var weighting = DistanceWeighting.none
  /// Whether intensities are rounded to whole numbers first (HU after interpolation).
  public var roundIntensities = false
  /// Tags of features that are not wanted: `morph_moran_i` and `morph_geary_c` together cost a large region more time than
  /// the rest of its morphology.
  public var leftOut: Set<String> = []

  /// The defaults: morphology, statistics, histogram and 3-D GLCM with 32 grey levels.
  public init() {}

  /// What ``callAsFunction(_:in:)`` gives, in the same order.
  public var columns: [FeatureColumn] { allColumns.filter { !$0.isLeftOut }.map(\.column) }

  /// The columns of whole families.
  private var allColumns: [(column: FeatureColumn, isLeftOut: Bool)] {
    families.withoutRepeats.flatMap { name -> [(column: FeatureColumn, isLeftOut: Bool)] in
      let lines = FeatureCatalogue.byName[name]?.features ?? []
      return name.aggregations(aggregations).flatMap { way in
        lines.map { line -> (column: FeatureColumn, isLeftOut: Bool) in
          let column = FeatureColumn(
            key: way == "-" ? line.tag : "\(line.tag)_\(way)", name: line.name, code: line.code, family: name.title,
            unit: line.unit, definition: line.formula, aggregation: way)
          return (column, leftOut.contains(line.tag))
        }
      }
    }
  }

  /// Measures a region. An empty region, or one that resegmentation emptied, gives NaN (and voxel counts of 0).
  ///
  /// - Parameter response: what a filter made of the image (IBSI 2): its values are measured where resegmentation of
  ///   the image left the mask; the resegmentation range does not bound them.
  /// - Throws: `invalidParameter` when image and mask lie on different grids or a setting does not suit the
  ///   intensities; `limitExceeded` for too many grey levels.
  public func callAsFunction(
    _ image: AnyVolume, response: AnyVolume? = nil, in mask: Mask
  ) throws(ImageError) -> [FeatureValue] {
    try check()
    try image.geometry.requireSame(as: mask.geometry, "the mask")
    if let response { try response.geometry.requireSame(as: mask.geometry, "the mask") }
    let names = families.withoutRepeats
    guard
      var region = Region(
        mask, of: image, rounded: roundIntensities, within: outlierSigma == nil ? resegmentationRange : nil)
    else {
      return columns.map { FeatureValue($0, $0.unit == Diagnostics.countUnit ? 0 : .nan) }
    }
    if let outlierSigma { region.removeOutliers(sigma: outlierSigma, within: resegmentationRange) }
    if let response { region.measure(response) }
    let range = response == nil ? resegmentationRange : nil
    let needsLevels = names.contains { $0 == .histogram || $0.isAggregated }
    let levels =
      needsLevels ? try discretisation.levels(of: region.intensities, in: range) : GreyLevels()

    var found: [FamilyName: [Double]] = [:]
    for name in names {
      switch name {
      case .morphology:
        let skips = leftOut.isSuperset(of: Morphology.ofAllPairs)
        found[name] = Morphology(region, comparesAllPairs: !skips).values
      case .local:
        let isRounded = roundIntensities && response == nil
        found[name] = try LocalIntensity(region, image: response ?? image, rounded: isRounded).values
      case .histogram: found[name] = IntensityHistogram(levels).values
      case .diagnostics: found[name] = Diagnostics(region).values
      case .statistics, .ivh, .glcm, .glrlm, .glszm, .gldzm, .ngtdm, .ngldm: break
      }
    }
    // From here on the intensities are not needed in the order of their voxels: their memory serves the rest.
    if names.contains(where: { $0 == .statistics || $0 == .ivh }) {
      let sorted = radixSorted(region.takeIntensities())
      if names.contains(.statistics) { found[.statistics] = IntensityStatistics(sorted: sorted).values }
      if names.contains(.ivh) {
        found[.ivh] = try IntensityVolumeHistogram(
          sorted: sorted, discretisation: ivhDiscretisation, range: range
        ).values
      }
    }
    _ = region.takeIntensities()
    let texture = try textureFeatures(
      region, levels,
      TextureSettings(
        families: Set(names.filter(\.isAggregated)), aggregations: aggregations.withoutRepeats, distance: distance,
        coarseness: coarseness, weighting: weighting))

    let values = names.flatMap { name -> [Double] in
      if let values = found[name] { return values }
      let undefined = [Double](repeating: .nan, count: FeatureCatalogue.byName[name]?.features.count ?? 0)
      return name.aggregations(aggregations).flatMap { texture[name]?[$0] ?? undefined }
    }
    return zip(allColumns, values).filter { !$0.0.isLeftOut }.map { FeatureValue($0.column, $1) }
  }

  private func check() throws(ImageError) {
    try discretisation.check("discretisation")
    try ivhDiscretisation?.check("ivhDiscretisation")
    guard 1...256 ~= distance else {
      throw ImageError(.invalidParameter, "distance is \(distance), expected 1 … 256 voxels")
    }
    guard 0...65_535 ~= coarseness else {
      throw ImageError(.invalidParameter, "coarseness is \(coarseness), expected 0 … 65535 grey levels")
    }
    if let unknown = leftOut.sorted().first(where: { !FeatureCatalogue.tags.contains($0) }) {
      throw ImageError(
        .invalidParameter, "there is no feature \"\(unknown)\" to leave out")
    }
    if let s = outlierSigma, !(s > 0 && s.isFinite) {
      throw ImageError(.invalidParameter, "outlierSigma is \(s), expected a positive number of standard deviations")
    }
  }
}

extension AnyVolume {
  /// Features of a region with the given settings.
  ///
  /// - Throws: as ``FeatureExtraction/callAsFunction(_:in:)``.
  public func features(
    in mask: Mask, _ extraction: FeatureExtraction = FeatureExtraction()
  ) throws(ImageError) -> [FeatureValue] {
    try extraction(self, in: mask)
  }

  /// Features of a region with a discretisation and otherwise default settings.
  ///
  /// - Throws: as ``FeatureExtraction/callAsFunction(_:in:)``.
  public func features(in mask: Mask, discretisation: Discretisation) throws(ImageError) -> [FeatureValue] {
    var extraction = FeatureExtraction()
    extraction.discretisation = discretisation
    return try extraction(self, in: mask)
  }
}

extension Volume<Float> {
  /// Features of a region with the given settings.
  ///
  /// - Throws: as ``FeatureExtraction/callAsFunction(_:in:)``.
  public func features(
    in mask: Mask, _ extraction: FeatureExtraction = FeatureExtraction()
  ) throws(ImageError) -> [FeatureValue] {
    try extraction(.f32(self), in: mask)
  }

  /// Features of a region with a discretisation and otherwise default settings.
  ///
  /// - Throws: as ``FeatureExtraction/callAsFunction(_:in:)``.
  public func features(in mask: Mask, discretisation: Discretisation) throws(ImageError) -> [FeatureValue] {
    try AnyVolume.f32(self).features(in: mask, discretisation: discretisation)
  }
}

extension Array where Element: Hashable {
  var withoutRepeats: [Element] {
    var seen = Set<Element>()
    return filter { seen.insert($0).inserted }
  }
}
