// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The settings of PyRadiomics parameter files: name, type and range of each.
///
/// - Source: PyRadiomics 3.0.1, `schemas/paramSchema.yaml`.
struct PyRadiomicsSetting: Sendable {
  /// What values it takes.
  enum Kind: Sendable {
    case flag
    case whole(ClosedRange<Int>)
    /// A number; positive where asked.
    case real(isPositive: Bool)
    case reals(isPositive: Bool, mayBeZero: Bool)
    case wholes
    case word([String])
    case interpolator
  }

  let name: String
  let kind: Kind

  private init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }

  private static let positive = 1...Int(Int32.max), natural = 0...Int(Int32.max)

  /// Of the section `setting`, and of each image type.
  static let settings: [PyRadiomicsSetting] = [
    .init("minimumROIDimensions", .whole(1...3)),
    .init("minimumROISize", .whole(positive)),
    .init("geometryTolerance", .real(isPositive: true)),
    .init("correctMask", .flag),
    .init("additionalInfo", .flag),
    .init("label", .whole(positive)),
    .init("label_channel", .whole(natural)),
    .init("binWidth", .real(isPositive: true)),
    .init("binCount", .whole(positive)),
    .init("normalize", .flag),
    .init("normalizeScale", .real(isPositive: true)),
    .init("removeOutliers", .real(isPositive: true)),
    .init("resampledPixelSpacing", .reals(isPositive: true, mayBeZero: true)),
    .init("interpolator", .interpolator),
    .init("padDistance", .whole(natural)),
    .init("distances", .wholes),
    .init("force2D", .flag),
    .init("force2Ddimension", .whole(0...2)),
    .init("resegmentRange", .reals(isPositive: false, mayBeZero: true)),
    .init("resegmentMode", .word(["absolute", "relative", "sigma"])),
    .init("resegmentShape", .flag),
    .init("preCrop", .flag),
    .init("sigma", .reals(isPositive: true, mayBeZero: false)),
    .init("start_level", .whole(natural)),
    .init("level", .whole(positive)),
    .init("wavelet", .word(PyRadiomicsWaveletFilters.names)),
    .init("gradientUseSpacing", .flag),
    .init("lbp2DRadius", .real(isPositive: true)),
    .init("lbp2DSamples", .whole(positive)),
    .init("lbp2DMethod", .word(["default", "ror", "uniform", "var"])),
    .init("lbp3DLevels", .whole(positive)),
    .init("lbp3DIcosphereRadius", .real(isPositive: true)),
    .init("lbp3DIcosphereSubdivision", .whole(natural)),
    .init("voxelArrayShift", .whole(-Int(Int32.max)...Int(Int32.max))),
    .init("symmetricalGLCM", .flag),
    .init("weightingNorm", .word(["euclidean", "manhattan", "infinity", "no_weighting"])),
    .init("gldm_a", .whole(natural)),
  ]

  /// Of the section `voxelSetting`.
  static let voxelSettings: [PyRadiomicsSetting] = [
    .init("kernelRadius", .whole(positive)),
    .init("maskedKernel", .flag),
    .init("initValue", .real(isPositive: false)),
    .init("voxelBatch", .whole(positive)),
  ]

  /// Throws unless a value suits the setting; none (`null`) suits all.
  func check(_ value: PythonValue) throws(ImageError) {
    if value == .none { return }
    let expected: String
    switch kind {
    case .flag:
      if case .bool = value { return }
      expected = "true or false"
    case .whole(let range):
      if case .integer(let i) = value, range.contains(i) { return }
      expected =
        range.upperBound == Int(Int32.max)
        ? "a whole number from \(range.lowerBound)"
        : "a whole number in \(range.lowerBound) … \(range.upperBound)"
    case .real(let isPositive):
      if let x = value.number, x.isFinite, !isPositive || x > 0 { return }
      expected = isPositive ? "a positive number" : "a number"
    case .reals(let isPositive, let mayBeZero):
      if let items = value.numbers,
        items.allSatisfy({ $0.isFinite && (!isPositive || $0 > 0 || mayBeZero && $0 == 0) })
      {
        return
      }
      expected = isPositive ? "a list of \(mayBeZero ? "numbers from 0" : "positive numbers")" : "a list of numbers"
    case .wholes:
      if case .list(let items) = value, !items.isEmpty,
        items.allSatisfy({ if case .integer(let i) = $0 { Self.positive.contains(i) } else { false } })
      {
        return
      }
      expected = "a list of whole numbers from 1"
    case .word(let words):
      if case .text(let word) = value, words.contains(word) { return }
      expected = words.joined(separator: " | ")
    case .interpolator:
      let names = PyRadiomicsResampling.interpolators.map(\.name)
      if case .text(let word) = value, names.contains(word) { return }
      if case .integer(let i) = value, 1...names.count ~= i { return }
      expected = names.joined(separator: " | ")
    }
    throw ImageError(.invalidParameter, "\(name) is \(value.representation), expected \(expected)")
  }

  /// Throws unless every key is one of these settings with a value that suits it.
  static func check(
    _ entries: [PythonValue.Entry], _ known: [PyRadiomicsSetting], section: String
  ) throws(ImageError) {
    for entry in entries {
      guard let setting = known.first(where: { $0.name == entry.key }) else {
        throw unknownName(
          entry.key, kind: section == "setting" ? section : "setting of \(section)", known: known.map(\.name))
      }
      try setting.check(entry.value)
    }
  }
}

extension PythonValue {
  /// The numbers of a list; nil for everything else.
  var numbers: [Double]? {
    guard case .list(let items) = self else { return nil }
    let numbers = items.compactMap(\.number)
    return numbers.count == items.count ? numbers : nil
  }
}
