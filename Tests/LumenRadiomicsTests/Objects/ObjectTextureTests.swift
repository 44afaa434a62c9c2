// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenRadiomics

/// What Nyxus makes of the texture of a computed label map: `fixtures/oracles/radiomics/object_texture.jsonl`.
struct ObjectTextureRow: Decodable, Sendable, CustomTestStringConvertible {
  var oracle: String, size: [Int], image: Data, labels: Data, ids: [UInt32], values: [String: [Double]]
  var testDescription: String { oracle }

  static let all: [ObjectTextureRow] = oracleRows("object_texture")

  var grid: Geometry { Geometry(size: Size(columns: size[0], rows: size[1])) }
  func map() throws -> LabelMap { LabelMap(try Volume(grid, voxels: labels.map { UInt32($0) })) }
  func picture() throws -> AnyVolume { .u8(try Volume(grid, voxels: [UInt8](image))) }

  static let families: [FamilyName] = [.glcm, .glrlm, .glszm, .ngldm, .ngtdm]
}

@Suite("Texture of objects")
struct ObjectTexture {
  @Test("oracle: GLRLM, NGLDM and NGTDM within the slice", arguments: ObjectTextureRow.all)
  func matches(_ row: ObjectTextureRow) throws {
    var extraction = FeatureExtraction()
    extraction.families = ObjectTextureRow.families
    extraction.discretisation = .none
    extraction.aggregations = [.averaged2D]
    let objects = try extraction.objects(of: try row.map(), try row.picture())
    #expect(objects.map(\.label) == row.ids && row.values.count > 30)
    for (object, n) in zip(objects, 0...) {
      let own = Dictionary(uniqueKeysWithValues: try object.result.get().map { ($0.column.key, $0.value) })
      for (key, expected) in row.values {
        let value = try #require(own[key], "there is no column \(key)")
        #expect(
          abs(value - expected[n]) <= 1e-6 * max(1, abs(expected[n])),
          "\(key) of object \(object.label): \(value), expected \(expected[n])")
      }
    }
  }

  @Test("the bits do not depend on the number of threads, nor on the other objects")
  func threads() throws {
    let size = Size(columns: 260, rows: 240), grid = Geometry(size: size)
    let map = LabelMap(
      try Volume(
        grid,
        voxels: (0..<size.count).map { i in
          let (x, y) = (i % 260, i / 260)
          return (x * 7 + y * 3) % 13 < 2 ? 0 : UInt32(1 + x / 20 + 20 * (y / 18))
        }))
    let image = AnyVolume.f32(try Volume(grid, voxels: (0..<size.count).map { Float($0 * 7919 % 1009) * 0.37 }))
    var extraction = FeatureExtraction()
    extraction.families = ObjectTextureRow.families
    extraction.aggregations = [.averaged2D, .merged2D]
    let width = Parallel.width
    defer { Parallel.width = width }
    Parallel.width = 1
    let one = try extraction.objects(of: map, image)
    Parallel.width = 3
    let three = try extraction.objects(of: map, image)
    #expect(one.count > 150)
    var values = 0
    for (a, b) in zip(one, three) {
      for (x, y) in zip(try a.result.get(), try b.result.get()) {
        values += x.value.bitPattern == y.value.bitPattern ? 1 : 0
      }
    }
    #expect(values == one.count * extraction.columns.count)
    for k in [0, 57, one.count - 1] {
      let alone = try extraction(image, in: map.mask(one[k].label)).map(\.value.bitPattern)
      #expect(try one[k].result.get().map(\.value.bitPattern) == alone)
    }
  }
}
