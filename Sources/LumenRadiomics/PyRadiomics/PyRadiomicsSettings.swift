// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The settings of one image type, by PyRadiomics' names and defaults.
struct PyRadiomicsSettings: Sendable, Equatable {
  /// As given, in order; later ones replace earlier.
  private(set) var entries: [PythonValue.Entry] = []

  /// PyRadiomics' own defaults, of which every extraction starts.
  static let defaults = PyRadiomicsSettings(entries: [
    .init("minimumROIDimensions", .integer(2)), .init("minimumROISize", .none), .init("normalize", .bool(false)),
    .init("normalizeScale", .integer(1)), .init("removeOutliers", .none), .init("resampledPixelSpacing", .none),
    .init("interpolator", .text("sitkBSpline")), .init("preCrop", .bool(false)), .init("padDistance", .integer(5)),
    .init("distances", .list([.integer(1)])), .init("force2D", .bool(false)), .init("force2Ddimension", .integer(0)),
    .init("resegmentRange", .none), .init("label", .integer(1)), .init("additionalInfo", .bool(true)),
  ])

  /// With further settings, in Python's manner: a known key keeps its place.
  func updated(_ new: [PythonValue.Entry]) -> PyRadiomicsSettings {
    var copy = self
    for entry in new {
      if let i = copy.entries.firstIndex(where: { $0.key == entry.key }) {
        copy.entries[i].value = entry.value
      } else {
        copy.entries.append(entry)
      }
    }
    return copy
  }

  /// A value; nil when it is not set or null.
  subscript(_ key: String) -> PythonValue? {
    entries.first { $0.key == key }.flatMap { $0.value == .none ? nil : $0.value }
  }

  private func flag(_ key: String, _ otherwise: Bool = false) -> Bool {
    if case .bool(let b)? = self[key] { b } else { otherwise }
  }
  private func whole(_ key: String) -> Int? { if case .integer(let i)? = self[key] { i } else { nil } }
  private func real(_ key: String) -> Double? { self[key]?.number }
  private func word(_ key: String) -> String? { if case .text(let s)? = self[key] { s } else { nil } }

  // Masks
  var label: Int { whole("label") ?? 1 }
  var minimumDimensions: Int { whole("minimumROIDimensions") ?? 2 }
  var minimumSize: Int? { whole("minimumROISize") }
  var tolerance: Double { real("geometryTolerance") ?? 1e-6 }
  var correctsMask: Bool { flag("correctMask") }
  var hasAdditionalInfo: Bool { flag("additionalInfo") }
  // Intensities and grid
  var normalizes: Bool { flag("normalize") }
  var normalizeScale: Double { real("normalizeScale") ?? 1 }
  var outliers: Double? { real("removeOutliers") }
  var spacing: [Double]? { self["resampledPixelSpacing"]?.numbers }
  var padDistance: Int { whole("padDistance") ?? 5 }
  var preCrops: Bool { flag("preCrop") }
  /// By SimpleITK's name or number; nil: no resampling.
  var interpolator: PyRadiomicsResampling.Interpolator? {
    let all = PyRadiomicsResampling.interpolators
    if let number = whole("interpolator") {
      return all.indices.contains(number - 1) ? all[number - 1].interpolator : nil
    }
    return word("interpolator").flatMap { name in all.first { $0.name == name }?.interpolator }
  }
  // Resegmentation
  var resegmentRange: [Double]? { self["resegmentRange"]?.numbers }
  var resegmentMode: String { word("resegmentMode") ?? "absolute" }
  var resegmentsShape: Bool { flag("resegmentShape") }
  // Discretisation
  var binCount: Int? { whole("binCount") }
  var binWidth: PythonValue { self["binWidth"] ?? .integer(25) }
  // Texture
  var distances: [Int] {
    guard case .list(let items)? = self["distances"] else { return [1] }
    return items.compactMap { if case .integer(let i) = $0 { i } else { nil } }
  }
  var weighting: String? { word("weightingNorm") }
  var isSymmetric: Bool { flag("symmetricalGLCM", true) }
  var coarseness: Int { whole("gldm_a") ?? 0 }
  var voxelArrayShift: Double { Double(whole("voxelArrayShift") ?? 0) }
  /// Axis (0 columns, 1 rows, 2 slices) that texture does not cross; PyRadiomics counts the other way round.
  var flatAxis: Int? { flag("force2D") ? 2 - (whole("force2Ddimension") ?? 0) : nil }
  /// The same without regard of `force2D`, for the planes of LBP2D.
  var planeAxis: Int { 2 - (whole("force2Ddimension") ?? 0) }
  // Voxel-based extraction
  var kernelRadius: Int { whole("kernelRadius") ?? 1 }
  var masksKernel: Bool { flag("maskedKernel", true) }
  var initValue: Double { real("initValue") ?? 0 }
  var voxelBatch: Int? { whole("voxelBatch") }
  // Image types
  var sigmas: [PythonValue] { if case .list(let items)? = self["sigma"] { items } else { [] } }
  var wavelet: String { word("wavelet") ?? "coif1" }
  var waveletLevel: Int { whole("level") ?? 1 }
  var waveletStart: Int { whole("start_level") ?? 0 }
  var gradientUsesSpacing: Bool { flag("gradientUseSpacing", true) }
  var patternRadius: Double { real("lbp2DRadius") ?? 1 }
  var patternSamples: Int { whole("lbp2DSamples") ?? 8 }
  var patternMethod: String { word("lbp2DMethod") ?? "uniform" }
  var sphereLevels: Int { whole("lbp3DLevels") ?? 2 }
  var sphereRadius: Double { real("lbp3DIcosphereRadius") ?? 1 }
  var sphereSubdivision: Int { whole("lbp3DIcosphereSubdivision") ?? 1 }
}
