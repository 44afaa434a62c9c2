// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenRadiomics

/// What each column means, and with which recipe it was made: `dictionary.json`.
public struct ColumnDictionary: Encodable {
  private struct Column: Encodable {
    let key, name, family, unit, definition, aggregation: String
    let ibsi: String?
  }
  private let lumen: String, recipeHash: String?, recipe: [String]?, columns: [Column], notice: String

  private init(_ columns: [FeatureColumn], hash: String?, recipe: [String]?) {
    lumen = Software.version
    (recipeHash, self.recipe) = (hash, recipe)
    notice = Software.disclaimer
    self.columns = columns.map {
      Column(
        key: $0.key, name: $0.name, family: $0.family, unit: $0.unit, definition: $0.definition,
        aggregation: $0.aggregation, ibsi: $0.code)
    }
  }

  /// Columns that a recipe made.
  public init(_ recipe: Recipe, _ columns: [FeatureColumn]) {
    self.init(columns, hash: recipe.hash, recipe: recipe.canonical.split(separator: "\n").map(String.init))
  }

  /// PyRadiomics' definitions, as `class_Name`: the ends of its column names. `ibsi` stands where IBSI's is the same.
  public static var pyRadiomics: ColumnDictionary {
    ColumnDictionary(PyRadiomics.definitions, hash: nil, recipe: nil)
  }

  /// - Throws: `io`.
  public func write(to path: String) throws(ImageError) { try Files.write(json(self), to: path) }
}
