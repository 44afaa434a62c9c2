// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenRadiomics

/// What scikit-image makes of a computed label map: a line of `fixtures/oracles/radiomics/objects.jsonl`.
struct ObjectRow: Decodable, Sendable, CustomTestStringConvertible {
  var name: String, oracle: String, size: [Int], spacing: [Double], labels: Data, image: Data, ids: [UInt32]
  var properties: [String: [Double?]]
  var testDescription: String { "\(name) · \(oracle)" }

  static let all: [ObjectRow] = oracleRows("objects")

  var grid: Geometry {
    Geometry(
      size: Size(columns: size[0], rows: size[1], slices: size[2]), spacing: [spacing[0], spacing[1], spacing[2]])
  }
  func map() throws -> LabelMap { LabelMap(try Volume(grid, voxels: labels.map { UInt32($0) })) }
  func intensities() throws -> AnyVolume {
    .i16(
      try Volume(
        grid,
        voxels: image.withUnsafeBytes { bytes in
          (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self) }
        }))
  }
}

@Suite("Region properties · scikit-image")
struct RegionPropertiesOracle {
  @Test(arguments: ObjectRow.all)
  func matches(_ row: ObjectRow) throws {
    let table = try RegionProperties()(try row.map(), image: try row.intensities())
    #expect(table.labels == row.ids)
    for (key, expected) in row.properties {
      let values = try #require(table.column(key), "there is no column \(key)")
      let scale = expected.reduce(0) { max($0, abs($1 ?? 0)) }
      for (n, (a, b)) in zip(values, expected).enumerated() {
        guard let b else { continue }
        // An angle of ±90° and invariants that vanish are rounding in scikit-image.
        let tolerance = 1e-9 * max(abs(b), key.hasPrefix("moments_hu") ? 1e-3 * scale : 1e-3 * scale + 1e-6)
        let isTurned = key == "orientation" && abs(abs(a - b) - .pi) < 1e-6
        #expect(abs(a - b) <= tolerance || isTurned, "\(key) of object \(row.ids[n]): \(a), expected \(b)")
      }
    }
  }

  @Test("every property has an oracle")
  func complete() {
    let compared = Set(ObjectRow.all.flatMap { $0.properties.keys })
    for property in ObjectProperty.allCases {
      #expect(property.suffixes(2).allSatisfy { compared.contains(property.rawValue + $0) }, "\(property.rawValue)")
    }
  }
}

@Suite("Region properties · properties")
struct RegionPropertiesProperties {
  @Test("the bits do not depend on the number of threads")
  func threads() throws {
    let size = Size(columns: 300, rows: 900)
    let map = LabelMap(
      try Volume(
        Geometry(size: size),
        voxels: (0..<size.count).map { i in
          let (x, y) = (i % 300, i / 300)
          return (x * 7 + y * 3) % 11 < 4 ? 0 : UInt32(1 + x / 17 + 20 * (y / 19))
        }))
    let image = AnyVolume.f32(map.voxels.map { Float($0 % 977) * 0.37 })
    let width = Parallel.width
    defer { Parallel.width = width }
    Parallel.width = 1
    let one = try RegionProperties()(map, image: image)
    Parallel.width = 3
    let three = try RegionProperties()(map, image: image)
    #expect(one.labels == three.labels && one.labels.count > 500)
    #expect(zip(one.values, three.values).allSatisfy { $0.bitPattern == $1.bitPattern })
  }

  @Test("labels may be any numbers; without objects there are no rows")
  func labels() throws {
    let grid = Geometry(size: Size(columns: 4, rows: 1))
    let table = try RegionProperties([.area])(LabelMap(try Volume(grid, voxels: [.max, 0, 3, .max])))
    #expect(table.labels == [3, .max] && table.values == [1, 2])
    #expect(try RegionProperties()(LabelMap(Volume(grid, repeating: 0))).labels.isEmpty)
  }

  @Test("a single voxel and a bar, for which scikit-image finds no hull, are their own")
  func flat() throws {
    let grid = Geometry(size: Size(columns: 9, rows: 3, slices: 4), spacing: [1, 2, 3])
    var voxels = Volume<UInt32>(grid, repeating: 0)
    voxels[8, 0, 0] = 1
    for x in 1..<7 { voxels[x, 2, 2] = 2 }
    let table = try RegionProperties([.areaConvex, .solidity, .feretDiameterMax])(LabelMap(voxels))
    #expect(table.values == [6, 36, 1, 1, 3, 6])
  }

  @Test("the features of each object are those of its own mask")
  func features() throws {
    let row = ObjectRow.all[2], map = try row.map(), image = try row.intensities()
    var extraction = FeatureExtraction()
    extraction.families = [.morphology, .local, .statistics, .glcm]
    extraction.discretisation = .fixedBinNumber(8)
    let objects = try extraction.objects(of: map, image)
    #expect(objects.map(\.label) == row.ids)
    for object in objects {
      let alone = try extraction(image, in: map.mask(object.label)), own = try object.result.get()
      for (a, b) in zip(alone, own) {
        #expect(a.column == b.column && (a.value.bitPattern == b.value.bitPattern || a.value.isNaN && b.value.isNaN))
      }
    }
  }
}
