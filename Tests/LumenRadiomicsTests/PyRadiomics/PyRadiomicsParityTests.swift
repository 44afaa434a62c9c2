// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenRadiomics

/// The lines of `fixtures/oracles/radiomics/pyradiomics.jsonl`: images with masks, and what PyRadiomics 3.0.1 makes of
/// them with the files of `recipes/pyradiomics`. Written by `scripts/pyradiomics_parity.py`. Those of
/// `pyradiomics-columns.jsonl` are the columns it leaves out, written by `scripts/oracles/pyradiomics_columns.py`.
struct PyRadiomicsOracle: Sendable {
  struct Picture: Decodable, Sendable {
    var image: String, size: [Int], spacing: [Double], origin: [Double], direction: [Double], kind: String
    var voxels: Data, mask: Data

    var geometry: Geometry {
      let d = direction
      return Geometry(
        size: Size(columns: size[0], rows: size[1], slices: size[2]), spacing: SIMD3(spacing), origin: SIMD3(origin),
        direction: Direction(x: [d[0], d[3], d[6]], y: [d[1], d[4], d[7]], z: [d[2], d[5], d[8]]))
    }

    private func volume<T: Voxel>(_ data: Data, as type: T.Type) throws -> Volume<T> {
      let stride = MemoryLayout<T>.stride
      return try Volume(
        geometry,
        voxels: data.withUnsafeBytes { bytes in
          (0..<bytes.count / stride).map { bytes.loadUnaligned(fromByteOffset: stride * $0, as: T.self) }
        })
    }

    func volumes() throws -> (image: AnyVolume, mask: Volume<UInt32>) {
      let image: AnyVolume =
        switch kind {
        case "16-bit signed integer": .i16(try volume(voxels, as: Int16.self))
        case "8-bit unsigned integer": .u8(try volume(voxels, as: UInt8.self))
        default: .f32(try volume(voxels, as: Float.self))
        }
      return (image, try volume(mask, as: UInt8.self).map { UInt32($0) })
    }
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var `case`: String, parameters: String, content: [String: JSONValue]
    /// By `image_class` and feature.
    var values: [String: [String: Double?]]?
    /// Of maps: median, 80th and 95th percentile, mean.
    var maps: [String: [Double?]]?
    /// All but the versions of software.
    var diagnostics: [String: JSONValue]?
    /// Instead of the image's own mask.
    var mask: OtherMask?
    var testDescription: String { "\(parameters) of \(`case`)" }
  }

  /// A mask of another grid without rotation.
  struct OtherMask: Decodable, Sendable {
    var size: [Int], spacing: [Double], origin: [Double], voxels: Data

    func volume() throws -> Volume<UInt32> {
      let geometry = Geometry(
        size: Size(columns: size[0], rows: size[1], slices: size[2]), spacing: SIMD3(spacing), origin: SIMD3(origin))
      return try Volume(geometry, voxels: voxels.map { UInt32($0) })
    }
  }

  private static let lines = oracleLines("pyradiomics.jsonl") + oracleLines("pyradiomics-columns.jsonl")
  static let pictures = lines.compactMap { try? JSONDecoder().decode(Picture.self, from: $0) }
  static let cases = lines.compactMap { try? JSONDecoder().decode(Case.self, from: $0) }

  static func extraction(_ row: Case) throws -> PyRadiomics {
    func section(_ name: String) -> [PythonValue.Entry] {
      if case .dictionary(let entries)? = row.content[name]?.value { entries } else { [] }
    }
    return try PyRadiomics(
      imageTypes: section("imageType"), featureClasses: section("featureClass"), settings: section("setting"),
      voxelSettings: section("voxelSetting"))
  }

  static func picture(_ name: String) throws -> (image: AnyVolume, mask: Volume<UInt32>) {
    try #require(pictures.first { $0.image == name }).volumes()
  }
}

/// A Python value out of JSON; keys in alphabetical order.
struct JSONValue: Decodable, Sendable {
  let value: PythonValue

  init(from decoder: any Decoder) throws {
    let one = try decoder.singleValueContainer()
    if one.decodeNil() {
      value = .none
    } else if let flag = try? one.decode(Bool.self) {
      value = .bool(flag)
    } else if let whole = try? one.decode(Int.self) {
      value = .integer(whole)
    } else if let real = try? one.decode(Double.self) {
      value = .real(real)
    } else if let text = try? one.decode(String.self) {
      value = .text(text)
    } else if let items = try? one.decode([JSONValue].self) {
      value = .list(items.map(\.value))
    } else {
      let pairs = try one.decode([String: JSONValue].self)
      value = .dictionary(pairs.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.value) })
    }
  }
}

@Suite("PyRadiomics · oracle PyRadiomics 3.0.1")
struct PyRadiomicsParityTests {
  /// Columns that SciPy computes in single precision or that depend on ties; the script says why.
  static let loose = ["lbp-3D-k_", "lbp-3D-m1_firstorder_Robust", "lbp-3D-m2_firstorder_Robust"]

  @Test func theOracleHasEveryParameterFile() {
    let files = Set(PyRadiomicsOracle.cases.map(\.parameters))
    #expect(files.count >= 10)
    #expect(PyRadiomicsOracle.cases.reduce(0) { $0 + ($1.values?.values.reduce(0) { $0 + $1.count } ?? 0) } > 8_000)
  }

  @Test(arguments: PyRadiomicsOracle.cases.filter { $0.values != nil })
  func valuesAreThoseOfPyRadiomics(_ row: PyRadiomicsOracle.Case) throws {
    let (image, mask) = try PyRadiomicsOracle.picture(row.case)
    let result = try PyRadiomicsOracle.extraction(row)(image, mask: mask)
    let features = result.entries.filter { !$0.key.hasPrefix("diagnostics") }
    let expected = try #require(row.values)
    #expect(features.count == expected.values.reduce(0) { $0 + $1.count })
    var checked = 0
    for (group, lines) in expected {
      for (name, value) in lines {
        let key = "\(group)_\(name)", found = try #require(result[key], "\(key) is missing")
        let x = value ?? .nan
        let tolerance = Self.loose.contains { key.hasPrefix($0) } ? 2e-2 : 1e-6
        #expect(
          found == x || found.isNaN && x.isNaN || abs(found - x) <= tolerance * max(abs(found), abs(x)),
          "\(key) is \(found), PyRadiomics has \(x)")
        checked += 1
      }
    }
    #expect(checked == features.count)
  }

  @Test(arguments: PyRadiomicsOracle.cases.filter { $0.maps != nil })
  func mapsAreThoseOfPyRadiomics(_ row: PyRadiomicsOracle.Case) throws {
    let (image, mask) = try PyRadiomicsOracle.picture(row.case)
    let maps = try PyRadiomicsOracle.extraction(row).maps(image, mask: mask).maps
    let expected = try #require(row.maps)
    #expect(maps.count == expected.count)
    for map in maps {
      let line = try #require(expected[map.name], "PyRadiomics has no \(map.name)")
      let values = map.volume.withVoxels { $0.sorted() }
      func quantile(_ q: Double) -> Double {
        let p = q * Double(values.count - 1), i = Int(p)
        return i + 1 < values.count ? values[i] + (p - Double(i)) * (values[i + 1] - values[i]) : values[i]
      }
      let found = [quantile(0.5), quantile(0.8), quantile(0.95), values.reduce(0, +) / Double(values.count)]
      for (a, b) in zip(found, line) {
        let b = b ?? .nan
        #expect(abs(a - b) <= 1e-6 * max(abs(a), abs(b)), "\(map.name) has \(a), PyRadiomics \(b)")
      }
    }
  }

  @Test(arguments: PyRadiomicsOracle.cases.filter { $0.diagnostics != nil })
  func diagnosticsAreThoseOfPyRadiomics(_ row: PyRadiomicsOracle.Case) throws {
    let (image, own) = try PyRadiomicsOracle.picture(row.case), mask = try row.mask?.volume() ?? own
    let extraction = try PyRadiomicsOracle.extraction(row)
    let entries = try extraction.prepared(image, mask, extraction.settings(nil)).entries
    let expected = try #require(row.diagnostics)
    #expect(Set(PyRadiomicsDiagnostics.names(of: entries)) == Set(expected.keys))
    for entry in entries {
      guard let line = expected[entry.key] else { continue }
      // Settings come in the order of the file, which JSON does not keep.
      #expect(entry.value.agrees(with: line.value), "\(entry.key) is \(entry.value), PyRadiomics has \(line.value)")
    }
  }

  @Test func resultsDoNotDependOnThreads() throws {
    let (image, mask) = try PyRadiomicsOracle.picture("short")
    let row = try #require(PyRadiomicsOracle.cases.first { $0.parameters == "resampling.yaml" })
    let extraction = try PyRadiomicsOracle.extraction(row), before = Parallel.width
    defer { Parallel.width = before }
    Parallel.width = 1
    let one = try extraction(image, mask: mask)
    Parallel.width = 2
    let two = try extraction(image, mask: mask)
    #expect(one.entries.map(\.value.representation) == two.entries.map(\.value.representation))
  }
}

extension PyRadiomicsDiagnostics {
  /// The names of diagnostics but those that name the software that measured.
  static func names(of entries: [PythonValue.Entry]) -> [String] {
    entries.map(\.key).filter { $0.hasPrefix("diagnostics_") && !$0.hasPrefix("diagnostics_Versions_") }
  }
}

extension PythonValue {
  /// Equal but for rounding, the order of dictionaries, and lists for tuples.
  fileprivate func agrees(with other: PythonValue) -> Bool {
    if let a = number, let b = other.number { return abs(a - b) <= 1e-9 * max(abs(a), abs(b)) }
    switch (self, other) {
    case (.list(let a), .list(let b)), (.tuple(let a), .list(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { $0.agrees(with: $1) }
    case (.dictionary(let a), .dictionary(let b)):
      return a.count == b.count
        && a.allSatisfy { x in b.first { $0.key == x.key }.map { x.value.agrees(with: $0.value) } ?? false }
    default: return self == other
    }
  }
}
