// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenSegmentation
import Testing

@Suite("Otsu · oracle scikit-image 0.26.0")
struct OtsuTests {
  static let image = Volume<Double>(grid) { out in
    for i in out.indices { out[i] = Double(noise[i] % 4096) * Double(noise[i] % 4096) / 4096 }
  }

  @Test(arguments: [(256, 1671.183693408966), (64, 1631.2032222747803)])
  func threshold(_ bins: Int, _ expected: Double) throws {
    #expect(abs(try Otsu(bins: bins).threshold(.f64(Self.image)) - expected) < 1e-9 * expected)
  }

  @Test func theSidesAreComplementary() throws {
    let above = try Otsu()(.f64(Self.image)), below = try Otsu(side: .below)(.f64(Self.image))
    #expect(above.count + below.count == grid.size.count)
  }

  @Test func voxelsThatAreNotFiniteAreOutside() throws {
    let g = Geometry(size: Size(columns: 6, rows: 1))
    let image = try Volume<Float>(g, voxels: [.nan, 0, 0.01, 9, 10, .infinity])
    let mask = try Otsu()(.f32(image))
    #expect(mask.voxels == (try Volume<UInt8>(g, voxels: [0, 0, 0, 1, 1, 0])))
  }

  @Test(arguments: [Float.nan, 3]) func aConstantImageIsAnError(_ value: Float) {
    let image = AnyVolume.f32(Volume(Geometry(size: Size(columns: 3, rows: 3)), repeating: value))
    #expect(throws: ImageError.self) { try Otsu()(image) }
  }
}

@Suite("Threshold · property")
struct ThresholdTests {
  @Test func bothBoundsAreIncludedForEveryType() throws {
    let g = Geometry(size: Size(columns: 5, rows: 1))
    let values = try Volume<Double>(g, voxels: [1, 2, 3, 4, 5])
    for kind in VoxelKind.allCases {
      let mask = try Threshold(lower: 2, upper: 4)(AnyVolume.f64(values).converted(to: kind))
      #expect(mask.voxels == (try Volume<UInt8>(g, voxels: [0, 1, 1, 1, 0])))
    }
  }

  @Test(arguments: [(1.0, 0.0), (.nan, 1), (0, .nan)]) func badBoundsAreErrors(_ lower: Double, _ upper: Double) {
    let image = AnyVolume.u8(Volume(grid, repeating: 1))
    let error = #expect(throws: ImageError.self) { try Threshold(lower: lower, upper: upper)(image) }
    #expect(error?.what.contains("lower") == true)
  }
}
