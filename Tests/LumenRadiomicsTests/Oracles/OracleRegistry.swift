// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore

@testable import LumenRadiomics

/// Who checked a value: a column that a command gives, in one configuration, and the other implementation that has it.
struct OracleEntry: Hashable, Sendable {
  let command: Command, column: String, oracle: String, configuration: String

  enum Command: String, CaseIterable {
    case features = "lumen features"
    case pyRadiomics = "lumen features -p"
    case voxels = "lumen features -p --mode voxel"
    case maps = "lumen maps"
    case objects = "lumen objects"
  }
}

/// A column under one kind of setting: what needs an oracle.
struct OracleNeed: Hashable, Sendable, Comparable, CustomStringConvertible {
  let command: OracleEntry.Command, column: String, kind: String
  var description: String { "\(command.rawValue): \(column), \(kind)" }
  static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}

/// Every value that the commands give against every value that the tests compare with one of somebody else.
///
/// Columns come from the catalogues, evidence from the files of numbers that the tests read: nothing is listed by hand. The
/// rows are kept as `fixtures/oracles/radiomics/registry.csv`, a summary as the page `Oracles.md`.
enum OracleRegistry {
  /// Every column with every kind of setting that changes it.
  static let needs: Set<OracleNeed> = featureNeeds.union(pyRadiomicsNeeds).union(mapNeeds).union(objectNeeds)
  /// Every comparison with a number (undefined values are none), and what it is evidence for.
  static let evidence: [(entry: OracleEntry, kinds: [String])] =
    ibsiEvidence + featureEvidence + pyRadiomicsEvidence + mapEvidence + objectEvidence

  static let met = Set(
    evidence.flatMap { line in
      line.kinds.map { OracleNeed(command: line.entry.command, column: line.entry.column, kind: $0) }
    })

  // MARK: lumen features

  /// The columns of a family with all aggregations.
  static func columns(_ family: FeatureCatalogue.Family) -> [String] {
    var columns = family.name.aggregations(Aggregation.allCases).flatMap { way in
      family.features.map { way == "-" ? $0.tag : "\($0.tag)_\(way)" }
    }
    guard family.name == .diagnostics else { return columns }
    let image = ImageDiagnostics(
      .u8(Volume(Geometry(size: Size(columns: 1, rows: 1, slices: 1)), repeating: 0)), rounded: false)
    for stage in [Diagnostics.Stage.initial, .interpolated] {
      columns += image.values(stage).map(\.tag) + Diagnostics.table(stage).map(\.tag)
    }
    return columns
  }

  private static func name(_ discretisation: Discretisation?) -> String {
    switch discretisation {
    case nil: "by the intensities"
    case .some(.none): "no discretisation"
    case .fixedBinNumber: "fixed bin number"
    case .fixedBinSize: "fixed bin size"
    }
  }

  private static func name(_ weighting: DistanceWeighting) -> String { "weights: \(weighting.rawValue)" }

  /// Kinds of settings that change a family.
  static func kinds(_ family: FamilyName) -> [String] {
    var kinds = [
      "rounded intensities", "resegmentation by range", "resegmentation by outliers", "response of a filter",
    ]
    let ways = [Discretisation.none, .fixedBinNumber(1), .fixedBinSize(1)]
    if family == .histogram || family.isAggregated { kinds += ways.map { name($0) } }
    if family == .ivh { kinds += (ways.map { name($0) } + [name(nil)]).map { "IVH: \($0)" } }
    if [.glcm, .ngtdm, .ngldm].contains(family) { kinds.append("distance above 1") }
    if family == .ngldm { kinds.append("coarseness above 0") }
    if [.glcm, .glrlm, .ngtdm].contains(family) {
      kinds += DistanceWeighting.allCases.filter { $0 != .none }.map { name($0) }
    }
    return kinds
  }

  private static func kinds(_ s: FeatureRow.Settings) -> [String] {
    var kinds: [String] = []
    if let bins = s.discretisation { kinds.append(name(bins.discretisation)) }
    kinds.append("IVH: \(name(s.ivh?.discretisation))")
    if s.round == true { kinds.append("rounded intensities") }
    if s.range != nil { kinds.append("resegmentation by range") }
    if s.sigma != nil { kinds.append("resegmentation by outliers") }
    if s.response != nil { kinds.append("response of a filter") }
    if s.distance ?? 1 > 1 { kinds.append("distance above 1") }
    if s.coarseness ?? 0 > 0 { kinds.append("coarseness above 0") }
    if let w = s.weighting { kinds.append(name(w)) }
    return kinds
  }

  private static var featureNeeds: Set<OracleNeed> {
    Set(
      FeatureCatalogue.families.flatMap { family in
        columns(family).flatMap { column in
          kinds(family.name).map { OracleNeed(command: .features, column: column, kind: $0) }
        }
      })
  }

  private static var featureEvidence: [(entry: OracleEntry, kinds: [String])] {
    FeatureRow.all.flatMap { row in
      let kinds = kinds(row.settings)
      return row.values.filter { $0.value != nil }.keys.sorted().map { column in
        (OracleEntry(command: .features, column: column, oracle: row.oracle, configuration: row.name), kinds)
      }
    }
  }

  /// The reference values of IBSI 1, of which the tests compare the digital phantom and `make conformance` all: evidence
  /// for no need, so that every column has an oracle in the tests besides.
  private static var ibsiEvidence: [(entry: OracleEntry, kinds: [String])] {
    oracleLines("ibsi1.csv").dropFirst().map { line in
      let fields = String(decoding: line, as: UTF8.self).split(separator: ",").map(String.init)
      return (OracleEntry(command: .features, column: fields[1], oracle: "IBSI 1", configuration: fields[0]), [])
    }
  }

  // MARK: lumen features -p

  static let release = "PyRadiomics 3.0.1"

  /// Names by class; those that PyRadiomics took away, which only give a warning, are none.
  static let pyRadiomicsFeatures: [(family: String, names: [String])] = [
    ("shape", PyRadiomicsShapes.names), ("shape2D", PyRadiomicsShapes.names2D),
    ("firstorder", PyRadiomicsFirstOrder.features.map(\.name)), ("glcm", PyRadiomicsGLCM.features.map(\.name)),
    ("glrlm", PyRadiomicsGLRLM.features.map(\.name)), ("glszm", PyRadiomicsGLSZM.features.map(\.name)),
    ("gldm", PyRadiomicsGLDM.features.map(\.name)), ("ngtdm", PyRadiomicsNGTDM.features.map(\.name)),
  ]

  static let pyRadiomicsDiagnostics: [String] = {
    let grid = Geometry(size: Size(columns: 2, rows: 2, slices: 2))
    let image = AnyVolume.u8(Volume(grid, repeating: 1)), mask = Volume<UInt32>(grid, repeating: 1)
    var all = PyRadiomicsDiagnostics(software: "", .defaults, [])
    for stage in ["original", "interpolated"] { all.add(image, stage) }
    all.add(mask, 1, on: nil, "original")
    for stage in ["interpolated", "corrected", "resegmented"] { all.add(mask, 1, on: image, stage) }
    return PyRadiomicsDiagnostics.names(of: all.entries)
  }()

  private static var pyRadiomicsNeeds: Set<OracleNeed> {
    var needs = Set(
      pyRadiomicsDiagnostics.map { OracleNeed(command: .pyRadiomics, column: $0, kind: "diagnostics") })
    for (family, names) in pyRadiomicsFeatures {
      let isShape = family.hasPrefix("shape")
      for column in names.map({ "\(family)_\($0)" }) {
        for type in isShape ? [PyRadiomicsImageType.original] : PyRadiomicsImageType.allCases {
          needs.insert(OracleNeed(command: .pyRadiomics, column: column, kind: type.rawValue))
        }
        if !isShape { needs.insert(OracleNeed(command: .voxels, column: column, kind: "Original")) }
      }
    }
    return needs
  }

  /// The image type and the rest of a column's name.
  private static func parts(_ key: String) -> (type: String, column: String) {
    let prefix = key.prefix { $0 != "_" }
    var word = String(prefix.prefix { $0.isLetter })
    if word == "lbp" { word += prefix.dropFirst(4).prefix(2) }
    let type = PyRadiomicsImageType.allCases.first { $0.rawValue.lowercased() == word.lowercased() }
    return (type?.rawValue ?? String(prefix), String(key.dropFirst(prefix.count + 1)))
  }

  private static var pyRadiomicsEvidence: [(entry: OracleEntry, kinds: [String])] {
    PyRadiomicsOracle.cases.flatMap { row -> [(entry: OracleEntry, kinds: [String])] in
      func line(_ command: OracleEntry.Command, _ key: String) -> (entry: OracleEntry, kinds: [String]) {
        let (type, column) = parts(key)
        let entry = OracleEntry(
          command: command, column: column, oracle: release, configuration: "\(type) by \(row.parameters)")
        return (entry, [type])
      }
      var lines: [(entry: OracleEntry, kinds: [String])] = []
      for (group, values) in row.values ?? [:] {
        for (name, value) in values where value != nil { lines.append(line(.pyRadiomics, "\(group)_\(name)")) }
      }
      for key in (row.maps ?? [:]).keys { lines.append(line(.voxels, key)) }
      for key in (row.diagnostics ?? [:]).keys {
        let entry = OracleEntry(command: .pyRadiomics, column: key, oracle: release, configuration: row.parameters)
        lines.append((entry, ["diagnostics"]))
      }
      return lines
    }
  }

  // MARK: lumen maps, lumen objects

  private static var mapNeeds: Set<OracleNeed> {
    Set(
      FeatureMaps.Family.allCases.flatMap(\.columns).map { OracleNeed(command: .maps, column: $0.key, kind: "map") })
  }

  private static var mapEvidence: [(entry: OracleEntry, kinds: [String])] {
    MapRow.all.flatMap { row in
      row.compared.sorted().map {
        (OracleEntry(command: .maps, column: $0, oracle: row.oracle, configuration: row.name), ["map"])
      }
    }
  }

  private static var objectNeeds: Set<OracleNeed> {
    var needs: Set<OracleNeed> = []
    for property in ObjectProperty.allCases {
      for dimensions in property.isPlanar ? [2] : [2, 3] {
        for suffix in property.suffixes(dimensions) {
          needs.insert(OracleNeed(command: .objects, column: property.rawValue + suffix, kind: "\(dimensions)-D"))
        }
      }
    }
    return needs
  }

  private static var objectEvidence: [(entry: OracleEntry, kinds: [String])] {
    ObjectRow.all.flatMap { row in
      row.properties.filter { $0.value.contains { $0 != nil } }.keys.map {
        (
          OracleEntry(command: .objects, column: $0, oracle: row.oracle, configuration: row.name),
          [row.size[2] == 1 ? "2-D" : "3-D"]
        )
      }
    }
  }
}
