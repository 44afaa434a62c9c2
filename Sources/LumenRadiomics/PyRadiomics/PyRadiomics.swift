// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Radiomics by the definitions, names and settings of PyRadiomics: what its parameter files ask for.
///
///     var extraction = PyRadiomics()                                        // its defaults: all features, original image
///     let result = try extraction(image, mask: labels)
///     result["original_glcm_Contrast"]
///
/// Where IBSI defines otherwise (bins, resampling grid, kurtosis, neighbours without voxels) ``FeatureExtraction`` has it.
///
/// - Shape: a volume; a single slice is a volume of one slice.
/// - Range: a feature that its formula does not give is NaN. Intensities of the region must be finite.
/// - Accuracy: within 1e-6 relative of PyRadiomics 3.0.1 with SimpleITK 2.5 and NumPy 2.4; the same bits for any number
///   of threads.
/// - Source: PyRadiomics 3.0.1 (van Griethuysen et al. 2017).
public struct PyRadiomics: Sendable, Equatable {
  /// The version whose definitions these are.
  public static let version = "v3.0.1"

  /// Image types by PyRadiomics' names with the settings of each, in order.
  public private(set) var imageTypes: [PythonValue.Entry] = [.init("Original", .dictionary([]))]
  /// Feature classes by PyRadiomics' names with the features of each, in order; an empty list stands for all.
  public private(set) var featureClasses: [(name: String, features: [String])]
  /// Settings of the parameter file and the overrides.
  var settings = PyRadiomicsSettings.defaults
  /// What the diagnostics name as software.
  public var software = "Lumen"

  /// Names of the image types.
  public static var imageTypeNames: [String] { PyRadiomicsImageType.allCases.map(\.rawValue) }
  /// Names of the feature classes.
  public static let featureClassNames = [
    "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape", "shape2D",
  ]

  /// PyRadiomics' defaults: all features of the original image.
  public init() {
    featureClasses = Self.featureClassNames.filter { $0 != "shape2D" }.map { ($0, []) }
  }

  /// The contents of a parameter file, section by section; an empty section keeps the defaults.
  ///
  /// - Throws: `invalidParameter` naming an unknown key with those there are, or a value that does not suit.
  public init(
    imageTypes: [PythonValue.Entry] = [], featureClasses: [PythonValue.Entry] = [],
    settings: [PythonValue.Entry] = [], voxelSettings: [PythonValue.Entry] = []
  ) throws(ImageError) {
    self.init()
    try PyRadiomicsSetting.check(settings, PyRadiomicsSetting.settings, section: "setting")
    try PyRadiomicsSetting.check(voxelSettings, PyRadiomicsSetting.voxelSettings, section: "voxelSetting")
    self.settings = self.settings.updated(settings).updated(voxelSettings)
    if !imageTypes.isEmpty { self.imageTypes = [] }
    for type in imageTypes {
      guard Self.imageTypeNames.contains(type.key) else {
        throw unknownName(type.key, kind: "image type", known: Self.imageTypeNames)
      }
      switch type.value {
      case .dictionary(let own):
        try PyRadiomicsSetting.check(own, PyRadiomicsSetting.settings, section: type.key)
        self.imageTypes.append(type)
      case .none: self.imageTypes.append(.init(type.key, .dictionary([])))
      default:
        throw ImageError(
          .invalidParameter, "image type \(type.key) is \(type.value.representation), expected its settings or {}")
      }
    }
    guard !featureClasses.isEmpty else {
      self.featureClasses = Self.featureClassNames.map { ($0, []) }
      return
    }
    self.featureClasses = []
    for given in featureClasses {
      guard let known = Self.featureNames(of: given.key) else {
        throw unknownName(given.key, kind: "feature class", known: Self.featureClassNames)
      }
      switch given.value {
      case .none: self.featureClasses.append((given.key, []))
      case .list(let items):
        var names: [String] = []
        for item in items {
          guard case .text(let name) = item, known.contains(name) else {
            throw unknownName(item.description, kind: "feature of \(given.key)", known: known)
          }
          names.append(name)
        }
        self.featureClasses.append((given.key, names))
      default:
        throw ImageError(
          .invalidParameter, "feature class \(given.key) is \(given.value.representation), expected a list of features")
      }
    }
  }

  /// What each feature means by PyRadiomics' definition, as columns `class_Name`; the code is IBSI's where the formula is
  /// the same.
  public static var definitions: [FeatureColumn] {
    PyRadiomicsFirstOrder.columns("firstorder") + PyRadiomicsGLCM.columns("glcm") + PyRadiomicsGLDM.columns("gldm")
      + PyRadiomicsGLRLM.columns("glrlm") + PyRadiomicsGLSZM.columns("glszm") + PyRadiomicsNGTDM.columns("ngtdm")
      + PyRadiomicsShapes.columns
  }

  /// The same with some settings replaced.
  ///
  /// - Throws: `invalidParameter` as ``init(imageTypes:featureClasses:settings:voxelSettings:)``.
  public func with(settings new: [PythonValue.Entry]) throws(ImageError) -> PyRadiomics {
    let known = PyRadiomicsSetting.settings + PyRadiomicsSetting.voxelSettings
    try PyRadiomicsSetting.check(new, known, section: "setting")
    var copy = self
    copy.settings = settings.updated(new)
    return copy
  }

  /// The setting `label`.
  public var label: Int { settings.label }
  /// The setting `label_channel`.
  public var labelChannel: Int {
    if case .integer(let channel)? = settings["label_channel"] { channel } else { 0 }
  }

  /// All names that a class knows, those that PyRadiomics took away included; nil for an unknown class.
  static func featureNames(of name: String) -> [String]? {
    switch name {
    case "firstorder": PyRadiomicsFirstOrder.features.map(\.name)
    case "glcm":
      PyRadiomicsGLCM.features.map(\.name) + ["Dissimilarity", "Homogeneity1", "Homogeneity2", "SumVariance"]
    case "gldm":
      PyRadiomicsGLDM.features.map(\.name) + ["DependencePercentage", "GrayLevelNonUniformityNormalized"]
    case "glrlm": PyRadiomicsGLRLM.features.map(\.name)
    case "glszm": PyRadiomicsGLSZM.features.map(\.name)
    case "ngtdm": PyRadiomicsNGTDM.features.map(\.name)
    case "shape": PyRadiomicsShapes.names
    case "shape2D": PyRadiomicsShapes.names2D
    default: nil
    }
  }

  /// Equal settings, image types and features.
  public static func == (a: PyRadiomics, b: PyRadiomics) -> Bool {
    a.imageTypes == b.imageTypes && a.settings == b.settings && a.software == b.software
      && a.featureClasses.elementsEqual(b.featureClasses) { $0 == $1 }
  }
}

/// What ``PyRadiomics`` measured of one region.
public struct PyRadiomicsResult: Sendable, Equatable {
  /// Names and values in the order of PyRadiomics' columns: first the diagnostics, then the features.
  public internal(set) var entries: [PythonValue.Entry]
  /// What was left out and why.
  public internal(set) var warnings: [String]

  /// The value of a feature; nil where it was not measured.
  public subscript(_ name: String) -> Double? { entries.first { $0.key == name }?.value.number }
}

/// The values over a region's box that ``PyRadiomics/maps(_:mask:)`` gives for one feature.
public struct PyRadiomicsMap: Sendable {
  /// Column name, e.g. `original_glcm_Contrast`.
  public let name: String
  /// The feature of each voxel's neighbourhood; `initValue` outside the region.
  public let volume: Volume<Double>
}
