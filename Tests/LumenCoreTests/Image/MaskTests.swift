// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@Suite("Mask · property")
struct MaskProperties {
  @Test func everyNonZeroVoxelIsInside() {
    let mask = Mask(row([0, 1, 2, 255] as [UInt8]))
    #expect(mask.count == 3 && mask.voxels.withVoxels(Array.init) == [0, 1, 1, 1])
    #expect(Mask(row([-1, 0.5, .nan, 0.25] as [Float]), atLeast: 0.5).voxels.withVoxels(Array.init) == [0, 1, 0, 0])
  }

  @Test func countAndVolumeOnALargeGrid() {
    // More than one block of the reduction; every third voxel inside.
    let g = Geometry(size: Size(columns: 512, rows: 512, slices: 3), spacing: [0.5, 0.5, 2])
    let mask = Mask(g) { out in for i in 0..<out.count { out[i] = i % 3 == 0 ? 1 : 0 } }
    #expect(mask.count == 262_144)
    #expect(mask.volume == 131_072)
  }

  @Test func boundingBoxEqualsBruteForce() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<50 {
      var mask = Mask(oblique) { $0.update(repeating: 0) }
      #expect(mask.boundingBox == nil && mask.count == 0)
      var points: [(Int, Int, Int)] = []
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        points.append(
          (.random(in: 0..<7, using: &random), .random(in: 0..<5, using: &random), .random(in: 0..<3, using: &random)))
      }
      mask.withMutableVoxels { v in for (x, y, z) in points { v[oblique.size.offset(x, y, z)] = 1 } }
      let (xs, ys, zs) = (points.map(\.0), points.map(\.1), points.map(\.2))
      let box = mask.boundingBox
      #expect(box?.columns == xs.min()!..<xs.max()! + 1)
      #expect(box?.rows == ys.min()!..<ys.max()! + 1)
      #expect(box?.slices == zs.min()!..<zs.max()! + 1)
    }
  }

  @Test func aFullMaskIsItsOwnBox() {
    let box = Mask(oblique) { $0.update(repeating: 1) }.boundingBox
    #expect(box?.columns == 0..<7 && box?.rows == 0..<5 && box?.slices == 0..<3)
  }

  @Test func copiesAreIndependent() {
    let a = Mask(row([0, 0, 0] as [UInt8]))
    var b = a
    b.withMutableVoxels { $0[1] = 1 }
    #expect(a.boundingBox == nil && b.boundingBox?.columns == 1..<2)
    #expect(a.count == 0 && b.count == 1 && a != b)
    var c = b
    #expect(c.boundingBox?.columns == 1..<2)
    c.withMutableVoxels { $0[2] = 1 }
    #expect(c.boundingBox?.columns == 1..<3 && b.boundingBox?.columns == 1..<2)
    #expect(b == Mask(b.voxels))
  }
}

@Suite("Label map")
struct LabelMapTests {
  @Test func labelsAndTheirMasks() throws {
    let map = try LabelMap(.f32(row([0, 3, 3, 1, 0, 70_000])))
    #expect(map.labels == [1, 3, 70_000])
    #expect(map.mask(3).count == 2 && map.mask(1).count == 1 && map.mask(2).count == 0)
    #expect(map.mask(3).voxels.withVoxels(Array.init) == [0, 1, 1, 0, 0, 0])
    #expect(LabelMap(row([0, 0] as [UInt32])).labels == [])
  }

  @Test(arguments: [(-1.0, "-1.0"), (0.5, "0.5"), (.nan, "nan"), (.infinity, "inf"), (4_294_967_296, "4294967296.0")])
  func malformedImagesAreRefused(_ value: Double, _ text: String) {
    #expect(
      throws: ImageError(
        .invalidParameter, "the mask holds \(text), expected whole numbers from 0",
        hint: "is this an image instead of a mask?")
    ) { try LabelMap(.f64(row([0, 1, value]))) }
  }
}

@Suite("Stored labels · oracle: the label map")
struct StoredLabelsTests {
  @Test func theSameLabelsAndRegionsAsTheMap() throws {
    var state: UInt64 = 5
    // Long runs with single voxels between them.
    let values = (0..<10_000).map { i -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 56 < 3 ? Double(1 + state >> 40 & 200) : i < 6000 ? 7 : 0
    }
    let image = AnyVolume.f64(row(values))
    for kind in [VoxelKind.uint8, .int16, .uint16, .uint32, .int32, .float32, .float64] {
      let stored = try StoredLabels(image.converted(to: kind)), map = try LabelMap(image.converted(to: kind))
      #expect(stored.map == map && stored.labels == map.labels)
      #expect(stored.labels == Set(values.map { UInt32($0) }).subtracting([0]).sorted())
      for label in stored.labels + [99, 300, 70_000] {
        let mask = stored.mask(label)
        #expect(mask == map.mask(label) && mask.count == values.filter { $0 == Double(label) }.count)
        let first = values.firstIndex(of: Double(label)), last = values.lastIndex(of: Double(label))
        #expect(
          mask.boundingBox?.columns.lowerBound == first && mask.boundingBox.map { $0.columns.upperBound - 1 } == last)
      }
    }
    for bad in [AnyVolume.i8(row([0, -1])), .i16(row([3, -4])), .i32(row([-1])), .f32(row([0.5])), .f32(row([.nan]))] {
      #expect(throws: ImageError.self) { try StoredLabels(bad) }
    }
  }
}
