// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Where the classes `shape` and `shape2D` meet the extraction.
enum PyRadiomicsShapes {
  /// Names of the class `shape`, and those of them that are only given when named.
  static let names = PyRadiomicsShape.features.map(\.tag)
  static let deprecated: Set = ["Compactness1", "Compactness2", "SphericalDisproportion"]
  /// Names of the class `shape2D`.
  static let names2D = PyRadiomicsShape2D.features.map(\.tag)

  /// What each feature of the classes means, as columns `class_Name`.
  static let columns =
    PyRadiomicsShape.features.map { column("shape", $0.tag, $0.unit, $0.formula) }
    + PyRadiomicsShape2D.features.map { column("shape2D", $0.tag, $0.unit, $0.formula) }

  private static func column(_ family: String, _ name: String, _ unit: String, _ formula: String) -> FeatureColumn {
    FeatureColumn(
      key: "\(family)_\(name)", name: name, code: nil, family: family, unit: unit, definition: formula)
  }

  /// Values of the class `shape` in the order of ``names``.
  static func values(_ mask: Volume<UInt8>) -> [Double] {
    PyRadiomicsShape(mask: mask)?.values ?? names.map { _ in .nan }
  }

  /// Values of the class `shape2D` of the only plane across an axis, in the order of ``names2D``.
  ///
  /// - Throws: `invalidParameter` for a region of more than one plane.
  static func values2D(_ mask: Volume<UInt8>, across axis: Int) throws(ImageError) -> [Double] {
    guard let shape = PyRadiomicsShape2D(mask: mask, across: axis) else {
      throw ImageError(
        .invalidParameter, "the region spans \(mask.size[axis]) planes, shape2D needs one",
        hint: "set force2Ddimension to the axis across the plane, or leave shape2D out")
    }
    return shape.values
  }
}
