// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// One feature by PyRadiomics' definition: its name there, the IBSI code where the formula is the same, formula and unit.
struct PyRadiomicsFeature<Family>: Sendable {
  let name: String
  /// IBSI code of the same formula (discretisation and aggregation may still differ); nil where there is none.
  let code: String?
  let formula: String
  /// "" for pure numbers; "intensity" stands for the image's own unit.
  let unit: String
  /// Only given when named.
  let isDeprecated: Bool
  let value: @Sendable (Family) -> Double

  init(
    _ name: String, _ code: String?, _ formula: String, unit: String = "", isDeprecated: Bool = false,
    _ value: @escaping @Sendable (Family) -> Double
  ) {
    self.name = name
    self.code = code
    self.formula = formula
    self.unit = unit
    self.isDeprecated = isDeprecated
    self.value = value
  }
}

/// A class of features of PyRadiomics.
protocol PyRadiomicsFamily: Sendable {
  static var features: [PyRadiomicsFeature<Self>] { get }
}

extension PyRadiomicsFamily {
  /// What each feature means, as columns `class_Name`.
  static func columns(_ name: String) -> [FeatureColumn] {
    features.map {
      FeatureColumn(
        key: "\(name)_\($0.name)", name: $0.name, code: $0.code, family: name, unit: $0.unit, definition: $0.formula)
    }
  }
}

/// The smallest number that PyRadiomics adds below logarithms: `numpy.spacing(1)`.
let pythonEpsilon = 2.220446049250313e-16

/// p·log₂(p + ε); 0 for p = 0.
@inline(__always) func entropyTerm(_ p: Double) -> Double { p == 0 ? 0 : p * log2(p + pythonEpsilon) }

/// Mean of the numbers that are not NaN; NaN for none.
func meanOfNumbers(_ values: [Double]) -> Double {
  let numbers = values.filter { !$0.isNaN }
  return numbers.isEmpty ? .nan : numbers.reduce(0, +) / Double(numbers.count)
}
