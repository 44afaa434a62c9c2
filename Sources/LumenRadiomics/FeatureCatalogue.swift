// SPDX-License-Identifier: Apache-2.0

/// Every feature Lumen measures, as data: column names, help and docs are made from it.
public enum FeatureCatalogue {
  /// One feature.
  public struct Line: Sendable, Hashable {
    /// Short name, unique: `cm_contrast`. Column keys begin with it.
    public let tag: String
    /// IBSI code, unique: `ACUI`; nil outside IBSI's features.
    public let code: String?
    /// The manual's words.
    public let name: String
    /// The definition as text.
    public let formula: String
    /// "" for pure numbers; "intensity" stands for the image's own unit (HU in CT).
    public let unit: String
  }

  /// One family with its features.
  public struct Family: Sendable, Hashable {
    /// Its name in recipes.
    public let name: FamilyName
    /// What it measures.
    public let summary: String
    /// Its features, in the order of the columns.
    public let features: [Line]
  }

  /// The families in the order of the IBSI 1 reference manual.
  public static let families: [Family] = [
    Family(
      name: .morphology, summary: "size, surface, axes, hull, enclosing bodies and spatial autocorrelation",
      features: Morphology.lines),
    Family(
      name: .local, summary: "highest mean intensity of a sphere of 1 cm³", features: LocalIntensity.lines),
    Family(
      name: .statistics, summary: "distribution of the intensities, not discretised",
      features: IntensityStatistics.lines),
    Family(
      name: .histogram, summary: "distribution of the discretised intensities", features: IntensityHistogram.lines),
    Family(
      name: .ivh, summary: "fractions of the volume above an intensity",
      features: IntensityVolumeHistogram.lines),
    Family(
      name: .glcm, summary: "how often grey levels are neighbours", features: GreyLevelCooccurrence.lines),
    Family(
      name: .glrlm, summary: "lengths of runs of one grey level", features: GreyLevelRunLength.lines),
    Family(
      name: .glszm, summary: "sizes of zones of one grey level", features: GreyLevelSizeZone.lines),
    Family(
      name: .gldzm, summary: "distances of zones of one grey level from the border of the region",
      features: GreyLevelDistanceZone.lines),
    Family(
      name: .ngtdm, summary: "how much grey levels differ from those around them",
      features: GreyToneDifference.lines),
    Family(
      name: .ngldm, summary: "how many voxels around have the same grey level", features: GreyLevelDependence.lines),
    Family(
      name: .diagnostics, summary: "voxel counts, boxes and extremes of the masks as they were measured",
      features: Diagnostics.lines),
  ]

  /// Of all features.
  static let tags = Set(families.flatMap { $0.features.map(\.tag) })

  static let byName = Dictionary(uniqueKeysWithValues: families.map { ($0.name, $0) })
}
