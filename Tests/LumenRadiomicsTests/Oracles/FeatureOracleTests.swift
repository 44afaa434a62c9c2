// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenRadiomics

/// The columns of `lumen features` as NumPy makes them from the manual's formulas, or as MIRP makes them: a line of
/// `fixtures/oracles/radiomics/features.jsonl`, written by `scripts/oracles/features.py`.
struct FeatureRow: Decodable, Sendable, CustomTestStringConvertible {
  struct Settings: Decodable, Sendable {
    var discretisation: Bins?, ivh: Bins?, range: [Double]?, sigma: Double?, round: Bool?
    var distance: Int?, coarseness: Int?, weighting: DistanceWeighting?, response: String?
  }
  var name: String, image: String, families: [FamilyName], settings: Settings, oracle: String, tolerance: Double
  /// Tolerances of the columns that end so.
  var loose: [String: Double]
  var values: [String: Double?]
  var testDescription: String { "\(name) · \(oracle)" }

  /// `["none"]`, `["fbn", bins]` or `["fbs", width, lower bound or null]`.
  struct Bins: Decodable, Sendable {
    let discretisation: Discretisation

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      discretisation =
        switch try list.decode(String.self) {
        case "fbn": .fixedBinNumber(try list.decode(Int.self))
        case "fbs": .fixedBinSize(try list.decode(Double.self), lowerBound: try list.decodeIfPresent(Double.self))
        default: .none
        }
    }
  }

  /// The first line of the file: one region of several images.
  struct Pictures: Decodable, Sendable {
    struct Picture: Decodable, Sendable { var kind: String, voxels: Data }
    var size: [Int], spacing: [Double], mask: Data, pictures: [String: Picture]

    private var geometry: Geometry {
      Geometry(size: Size(columns: size[0], rows: size[1], slices: size[2]), spacing: SIMD3(spacing))
    }
    func region() throws -> Mask { Mask(try Volume(geometry, voxels: [UInt8](mask))) }
    func image(_ name: String) throws -> AnyVolume {
      let picture = try #require(pictures[name], "there is no image \(name)")
      return picture.kind == "int16"
        ? .i16(try Volume(geometry, voxels: picture.voxels.elements(Int16.self)))
        : .f32(try Volume(geometry, voxels: picture.voxels.elements(Float.self)))
    }
  }

  private static let lines = oracleLines("features.jsonl")
  static let all: [FeatureRow] = decoded(lines.dropFirst(), "features.jsonl")
  static let pictures: Pictures = decoded(lines.prefix(1), "features.jsonl")[0]

  var extraction: FeatureExtraction {
    var e = FeatureExtraction()
    e.families = families
    e.aggregations = Aggregation.allCases
    e.discretisation = settings.discretisation?.discretisation ?? e.discretisation
    e.ivhDiscretisation = settings.ivh?.discretisation
    e.resegmentationRange = settings.range.map { $0[0]...$0[1] }
    e.outlierSigma = settings.sigma
    e.roundIntensities = settings.round ?? false
    e.distance = settings.distance ?? 1
    e.coarseness = settings.coarseness ?? 0
    e.weighting = settings.weighting ?? .none
    return e
  }

  func measured() throws -> [FeatureValue] {
    let image = try Self.pictures.image(image), region = try Self.pictures.region(), extraction = self.extraction
    let response = try settings.response.map { try Self.pictures.image($0) }
    var found = try extraction(image, response: response, in: region)
    if families.contains(.diagnostics) {
      let whole = ImageDiagnostics(image, rounded: extraction.roundIntensities)
      for interpolated in [false, true] {
        found += try extraction.diagnostics(of: whole, in: region, interpolated: interpolated)
      }
    }
    return found
  }
}

extension FamilyName: Decodable {}
extension DistanceWeighting: Decodable {}

extension Data {
  func elements<T: Voxel>(_ type: T.Type) -> [T] {
    withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<T>.stride).map {
        bytes.loadUnaligned(fromByteOffset: MemoryLayout<T>.stride * $0, as: T.self)
      }
    }
  }
}

/// The project's folder.
let projectFolder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL

/// The lines of a file of `fixtures/oracles/radiomics`.
func oracleLines(_ file: String) -> [Data] {
  let file = projectFolder.appending(path: "fixtures/oracles/radiomics/\(file)")
  return ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").map { Data($0.utf8) }
}

func decoded<Row: Decodable>(_ lines: some Sequence<Data>, _ file: String) -> [Row] {
  lines.map {
    do { return try JSONDecoder().decode(Row.self, from: $0) } catch { fatalError("\(file): \(error)") }
  }
}

@Suite("Features · oracles NumPy, MIRP")
struct FeatureOracles {
  @Test(arguments: FeatureRow.all)
  func matches(_ row: FeatureRow) throws {
    let found = try row.measured().byKey
    for (key, value) in row.values {
      let a = try #require(found[key], "\(key) is not measured"), b = value ?? .nan
      let tolerance = row.loose.first { key.hasSuffix($0.key) }?.value ?? row.tolerance
      #expect(
        abs(a - b) <= tolerance * max(abs(b), 0.1) || a.isNaN && b.isNaN, "\(key) is \(a), \(row.oracle) has \(b)")
    }
    if row.oracle.hasPrefix("NumPy") { #expect(Set(found.keys) == Set(row.values.keys)) }
  }
}
