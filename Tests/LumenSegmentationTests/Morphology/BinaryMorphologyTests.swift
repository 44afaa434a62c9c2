// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenFilters
import LumenSegmentation
import Testing

/// Σ (i + 1)·m[i] over the voxels.
private func weightedSum(_ mask: Mask) -> Int {
  mask.voxels.withVoxels { v in v.indices.reduce(0) { $0 + ($1 + 1) * Int(v[$1]) } }
}

@Suite("Binary morphology · oracle SciPy 1.17.1")
struct BinaryMorphologyOracle {
  /// Weighted sums of binary_dilation of the noise below `level`, binary_erosion(border_value=1) of that below
  /// 1000 − level, and the dilation and erosion of those two; spacing (0.8, 1, 2) mm.
  @Test(
    arguments: [
      (.init(.ball, voxels: 1), false, 20, 4_113_942, 25_359_442, 28_841_121, 635_196),
      (.init(.ball, voxels: 3), false, 5, 13_706_128, 16_113_327, 29_145_481, 197_593),
      (.init(.ball, radius: .mm(2.5)), false, 20, 16_281_429, 13_116_374, 28_462_893, 1_074_169),
      (.init(.box, voxels: 1), false, 20, 12_427_402, 17_231_897, 28_334_243, 1_180_396),
      (.init(.box, voxels: 2), false, 5, 13_807_216, 16_090_648, 28_768_993, 698_094),
      (.init(.box, radius: .mm(3)), false, 5, 14_758_234, 14_852_249, 28_435_466, 669_359),
      (.init(.cross, voxels: 2), false, 20, 7_006_581, 22_478_775, 28_841_121, 635_196),
      (.init(.ball, voxels: 4), true, 20, 17_252_051, 11_583_968, 26_592_049, 3_331_604),
      (.init(.ball, radius: .mm(2.5)), true, 20, 10_934_384, 18_310_079, 28_218_517, 1_190_613),
    ] as [(StructuringElement, Bool, UInt32, Int, Int, Int, Int)])
  func sums(
    _ element: StructuringElement, _ planar: Bool, _ level: UInt32, _ dilated: Int, _ eroded: Int, _ opened: Int,
    _ closed: Int
  ) throws {
    let few = noisyMask(level), many = noisyMask(1000 - level)
    #expect(weightedSum(try Dilation(element, planar: planar)(few)) == dilated)
    #expect(weightedSum(try Erosion(element, planar: planar)(many)) == eroded)
    #expect(weightedSum(try Opening(element, planar: planar)(many)) == opened)
    #expect(weightedSum(try Closing(element, planar: planar)(few)) == closed)
  }
}

@Suite("Binary morphology · property", .serialized)
struct BinaryMorphologyProperties {
  @Test("equals the grey morphology for every width around a word", arguments: [1, 5, 63, 64, 65, 128, 200, 257, 300])
  func equalsGrey(_ columns: Int) throws {
    for (rows, slices) in [(1, 1), (9, 1), (6, 5)] {
      let geometry = Geometry(size: Size(columns: columns, rows: rows, slices: slices))
      let mask = Mask(geometry) { out in
        for i in out.indices { out[i] = noise[(i * 7) % noise.count] % 100 < 4 ? 1 : 0 }
      }
      for shape in StructuringElement.Shape.allCases {
        for voxels in [0, 1, 2, 5, 70] {
          let element = StructuringElement(shape, voxels: voxels)
          let dilated = try Dilation(element)(mask)
          #expect(AnyVolume.u8(dilated.voxels) == (try GreyDilation(element)(.u8(mask.voxels))), "\(shape) \(voxels)")
          let inverse = Mask(mask.voxels.map { 1 - $0 })
          #expect(try Erosion(element)(inverse).voxels == dilated.voxels.map { 1 - $0 }, "\(shape) \(voxels)")
          #expect(try Closing(element)(mask) == Erosion(element)(dilated))
        }
      }
    }
  }

  @Test func theWholeImageAndNothingStay() throws {
    let geometry = Geometry(size: Size(columns: 70, rows: 5, slices: 4))
    let all = Mask(Volume(geometry, repeating: 1)), none = Mask(Volume(geometry, repeating: 0))
    for operation in [Dilation(), Erosion(), Opening(), Closing()] as [any MaskOperation] {
      #expect(try operation(all) == all)
      #expect(try operation(none) == none)
    }
  }

  @Test func sameForAnyNumberOfThreads() throws {
    let geometry = Geometry(size: Size(columns: 200, rows: 190, slices: 40))
    let mask = Mask(geometry) { out in for i in out.indices { out[i] = noise[(i * 13) % noise.count] % 500 < 2 ? 1 : 0 }
    }
    let before = Parallel.width
    defer { Parallel.width = before }
    Parallel.width = 1
    let one = try Closing(.init(.ball, voxels: 3))(mask)
    Parallel.width = 2
    #expect(try Closing(.init(.ball, voxels: 3))(mask) == one)
  }
}

@Suite("Binary morphology · malformed")
struct BinaryMorphologyMalformed {
  @Test(arguments: [-1, 251, .max]) func refusesVoxels(_ voxels: Int) {
    for operation in [Dilation(.init(voxels: voxels)), Erosion(.init(voxels: voxels)), Closing(.init(voxels: voxels))]
      as [any MaskOperation]
    {
      let error = #expect(throws: ImageError.self) { try operation(noisyMask(500)) }
      #expect(error?.what == "voxels is \(voxels), expected 0 … 250")
    }
  }
}
