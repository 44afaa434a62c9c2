// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

@Suite("Rank and morphology · regression: -0 and the smallest negative numbers stay what they are")
struct NegativeZeroRegression {
  private static let filters: [any Filter] = [
    Median(radius: 1), Median(radius: 2), Median(radius: 4), Median(radius: 2, planar: true),
    Percentile(10, radius: 1), Percentile(0, radius: 2), Percentile(100, radius: 1),
    GreyErosion(StructuringElement(.ball, voxels: 2)), GreyDilation(StructuringElement(.box, voxels: 1)),
    GreyClosing(StructuringElement(.cross, voxels: 1)),
  ]

  @Test(arguments: filters.indices, [-0.0, -1e-300 * 1e-10, -1e-40])
  func stays(_ i: Int, _ value: Double) throws {
    let geometry = Geometry(size: Size(columns: 23, rows: 7, slices: 6))
    for image in [
      AnyVolume.f32(Volume<Float>(geometry, repeating: Float(value))),
      AnyVolume.f64(Volume<Double>(geometry, repeating: value)),
    ] {
      let result = try Self.filters[i](image).float.array
      #expect(result.allSatisfy { $0 == 0 || $0 == Float(value) })
    }
  }
}
