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
  /// Grey level run length matrix.
  case glrlm
  /// Grey level size zone matrix.
  case glszm
  /// Grey level distance zone matrix.
  case gldzm
  /// Neighbourhood grey tone difference matrix.
  case ngtdm
  /// Neighbouring grey level dependence matrix.
  case ngldm
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
    case .glrlm: "GLRLM"
    case .glszm: "GLSZM"
    case .gldzm: "GLDZM"
    case .ngtdm: "NGTDM"
    case .ngldm: "NGLDM"
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
    case .glrlm: "TP0I"
    case .glszm: "9SAK"
    case .gldzm: "VMDZ"
    case .ngtdm: "IPET"
    case .ngldm: "REK0"
    case .diagnostics: nil
    }
  }

  /// The texture families: those with a matrix of grey levels.
  public static let texture: [FamilyName] = [.glcm, .glrlm, .glszm, .gldzm, .ngtdm, .ngldm]

  /// Whether it measures texture, once for every way of ``aggregations(_:)``.
  public var isAggregated: Bool { Self.texture.contains(self) }

  /// Whether it has a matrix for each direction, so that directions can be averaged or merged. The other texture families
  /// have one matrix for each slice or for the volume.
  public var hasDirections: Bool { self == .glcm || self == .glrlm }

  /// The endings of its columns for some aggregations, in their order: the aggregations themselves for families with
  /// directions, their dimensions (`2D`, `2.5D`, `3D`, each once) for the other texture families, "-" for the rest.
  public func aggregations(_ asked: [Aggregation]) -> [String] {
    !isAggregated ? ["-"] : (hasDirections ? asked.map(\.rawValue) : asked.map(\.dimension.rawValue)).withoutRepeats
  }
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

  /// What the matrices are made of; all that matters for families without directions.
  public var dimension: TextureDimension {
    switch self {
    case .averaged2D, .merged2D: .planar
    case .averaged25D, .merged25D: .stacked
    case .averaged3D, .merged3D: .volumetric
    }
  }

  /// Whether the matrices of directions are merged before features are read.
  var mergesDirections: Bool {
    switch self {
    case .merged2D, .merged25D, .merged3D: true
    case .averaged2D, .averaged25D, .averaged3D: false
    }
  }
}

/// What texture matrices are made of. Raw values are the endings of column names of families without directions.
///
/// - Source: IBSI 1 reference manual, GLSZM, aggregating features.
public enum TextureDimension: String, Sendable, CaseIterable {
  /// A matrix for each slice; the mean of the features.
  case planar = "2D"
  /// The matrices of all slices merged, one feature.
  case stacked = "2.5D"
  /// One matrix of the volume.
  case volumetric = "3D"

  /// IBSI code.
  public var code: String {
    switch self {
    case .planar: "8QNN"
    case .stacked: "62GR"
    case .volumetric: "KOBO"
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
