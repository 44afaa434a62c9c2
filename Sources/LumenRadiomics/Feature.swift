// SPDX-License-Identifier: Apache-2.0

/// The families of features, in the order of the IBSI 1 reference manual. Raw values are the names in recipes.
public enum FamilyName: String, Sendable, CaseIterable {
  /// Size and position of the region.
  case morphology
  /// Means over spheres of 1 cm³.
  case local
  /// Statistics of the intensities as they are.
  case statistics
  /// Statistics of the discretised intensities.
  case histogram
  /// Intensity-volume histogram.
  case ivh
  /// Grey level co-occurrence matrix.
  case glcm
  /// Voxel counts, boxes and extremes of the masks, for checking an analysis.
  case diagnostics

  /// The family's name in the tables of IBSI 1.
  public var title: String {
    switch self {
    case .morphology: "Morphology"
    case .local: "Local intensity"
    case .statistics: "Intensity-based statistics"
    case .histogram: "Intensity histogram"
    case .ivh: "Intensity-volume histogram"
    case .glcm: "GLCM"
    case .diagnostics: "Diagnostics"
    }
  }

  /// The family's IBSI code; nil for the diagnostics, which have none.
  public var code: String? {
    switch self {
    case .morphology: "HCUG"
    case .local: "9ST6"
    case .statistics: "UHIW"
    case .histogram: "ZVCW"
    case .ivh: "P88C"
    case .glcm: "LFYI"
    case .diagnostics: nil
    }
  }

  /// Whether its features are measured once for every ``Aggregation`` asked for.
  public var isAggregated: Bool { self == .glcm }
}

/// How texture matrices of directions and slices become one value. Raw values are the endings of column names.
///
/// - Source: IBSI 1 reference manual, GLCM, aggregating features.
public enum Aggregation: String, Sendable, CaseIterable {
  /// Feature per slice and direction, then the mean over all.
  case averaged2D = "2D:avg"
  /// Directions of a slice merged, feature, then the mean over slices.
  case merged2D = "2D:mrg"
  /// Slices of a direction merged, feature, then the mean over directions.
  case averaged25D = "2.5D:avg"
  /// All in-plane directions of all slices merged, one feature.
  case merged25D = "2.5D:mrg"
  /// Feature per 3-D direction, then the mean over the 13 directions.
  case averaged3D = "3D:avg"
  /// The 13 directions merged, one feature.
  case merged3D = "3D:mrg"

  /// IBSI code.
  public var code: String {
    switch self {
    case .averaged2D: "BTW3"
    case .merged2D: "SUJT"
    case .averaged25D: "JJUI"
    case .merged25D: "ZW7Z"
    case .averaged3D: "ITBB"
    case .merged3D: "IAZD"
    }
  }
}

/// One feature of a family: its words, its formula as text and the same formula as code.
struct Feature<Family>: Sendable {
  let name: String
  let code: String?
  let tag: String
  let formula: String
  let unit: String
  let value: @Sendable (Family) -> Double

  init(
    _ name: String, _ code: String?, _ tag: String, _ formula: String, unit: String = "",
    _ value: @escaping @Sendable (Family) -> Double
  ) {
    self.name = name
    self.code = code
    self.tag = tag
    self.formula = formula
    self.unit = unit
    self.value = value
  }
}

/// What a family measures of one region or matrix, and the features read from it.
protocol FeatureFamily: Sendable {
  static var family: FamilyName { get }
  static var features: [Feature<Self>] { get }
}

extension FeatureFamily {
  /// The value of every feature in the declared order; NaN where a formula divides by zero.
  var values: [Double] {
    Self.features.map { feature in
      let value = feature.value(self)
      return value.isFinite ? value : .nan
    }
  }

  /// The family's lines in the catalogue.
  static var lines: [FeatureCatalogue.Line] {
    features.map { .init(tag: $0.tag, code: $0.code, name: $0.name, formula: $0.formula, unit: $0.unit) }
  }
}
