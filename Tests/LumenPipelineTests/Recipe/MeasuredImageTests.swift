// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenPipeline

@Suite("Measured image · oracle: the whole image interpolated")
struct MeasuredImageTests {
  @Test(
    "interpolated around a region or as a whole: the same values",
    arguments: ["{spacing: 0.7mm}", "{spacing: 2mm, rounded: true}", "{spacing: 1.3mm, interpolation: cubic-spline}"])
  func aroundARegion(_ grid: String) throws {
    let recipe = try Recipe(
      yaml: """
        interpolate: \(grid)
        features: {families: [morphology, local, statistics, histogram, glcm, gldzm, ngldm], discretisation: fixed-bin-number 16}
        """, needsRegions: false)
    let geometry = Geometry(
      size: Size(columns: 40, rows: 36, slices: 22), spacing: [0.9, 1.1, 2], origin: [-20, 5, 11],
      direction: Direction(x: [0.6, 0.8, 0], y: [-0.8, 0.6, 0], z: [0, 0, 1]))
    var state: UInt64 = 9
    let image = AnyVolume.i16(
      Volume<Int16>(geometry) { out in
        for i in out.indices {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          out[i] = Int16(state >> 56) + Int16(i % 40) * 3
        }
      })
    let around = try recipe.measuring(image), whole = try MeasuredImage(image, recipe)
    // In the middle, and at a corner of the image.
    for first in [SIMD3(17, 14, 9), SIMD3(0, 0, 17)] {
      let mask = Mask(geometry) { out in
        out.update(repeating: 0)
        for z in 0..<5 {
          for y in 0..<8 {
            for x in 0..<(9 - y) { out[geometry.size.offset(first.x + x, first.y + y, first.z + z)] = 1 }
          }
        }
      }
      let a = try around.features(in: mask), b = try whole.features(in: mask)
      #expect(a.map(\.column) == b.map(\.column) && a.count > 100)
      for (a, b) in zip(a, b) {
        let isSame = abs(a.value - b.value) <= 1e-9 * abs(b.value) + 1e-12 || a.value.isNaN && b.value.isNaN
        #expect(isSame, "\(a.column.key): \(a.value), of the whole image \(b.value)")
      }
    }
    let empty = try around.features(in: Mask(geometry) { $0.update(repeating: 0) })
    #expect(empty.allSatisfy { $0.value.isNaN })
  }
}
