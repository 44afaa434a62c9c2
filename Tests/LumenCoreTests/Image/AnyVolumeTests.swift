// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

/// One row of voxels.
func row<T: Voxel>(_ values: [T]) -> Volume<T> {
  Volume(Geometry(size: Size(columns: values.count, rows: 1))) { out in
    for i in values.indices { out[i] = values[i] }
  }
}

/// The voxels of any volume as Double.
func values(_ volume: AnyVolume) -> [Double] {
  struct Doubles: AnyVolume.Visitor {
    typealias Failure = Never
    func visit<T: Voxel>(_ v: Volume<T>) -> [Double] { v.withVoxels { $0.map(\.doubleValue) } }
  }
  return volume.accept(Doubles())
}

@Suite("AnyVolume · conversions saturate and round to even")
struct AnyVolumeConversions {
  static let hostile: [Double] = [
    -.infinity, -1e300, -2.5, -1.5, -0.4, 0.5, 1.5, 2.5, 127.5, 254.5, 1e300, .infinity, .nan,
  ]

  @Test(
    arguments: [
      (VoxelKind.uint8, [0, 0, 0, 0, 0, 0, 2, 2, 128, 254, 255, 255, 0]),
      (.int8, [-128, -128, -2, -2, 0, 0, 2, 2, 127, 127, 127, 127, 0]),
      (.uint16, [0, 0, 0, 0, 0, 0, 2, 2, 128, 254, 65535, 65535, 0]),
      (.int16, [-32768, -32768, -2, -2, 0, 0, 2, 2, 128, 254, 32767, 32767, 0]),
      (.uint32, [0, 0, 0, 0, 0, 0, 2, 2, 128, 254, 4_294_967_295, 4_294_967_295, 0]),
      (.int32, [-2_147_483_648, -2_147_483_648, -2, -2, 0, 0, 2, 2, 128, 254, 2_147_483_647, 2_147_483_647, 0]),
    ] as [(VoxelKind, [Double])])
  func fromDouble(_ kind: VoxelKind, _ expected: [Double]) {
    let converted = AnyVolume.f64(row(Self.hostile)).converted(to: kind)
    #expect(converted.kind == kind)
    #expect(values(converted) == expected)
  }

  @Test func toFloatingPointKeepsNaNAndInfinity() {
    for kind in [VoxelKind.float32, .float64] {
      let back = values(AnyVolume.f64(row(Self.hostile)).converted(to: kind))
      #expect(back.last?.isNaN == true && back[0] == -.infinity && back[11] == .infinity && back[6] == 1.5)
    }
  }

  @Test(arguments: VoxelKind.allCases, VoxelKind.allCases)
  func smallWholeNumbersSurviveEveryPair(_ a: VoxelKind, _ b: VoxelKind) {
    let volume = AnyVolume.u8(row([0, 1, 2, 100, 127])).converted(to: a)
    #expect(volume.kind == a)
    let converted = volume.converted(to: b)
    #expect(converted.kind == b && values(converted) == [0, 1, 2, 100, 127])
    #expect(volume.float.withVoxels(Array.init) == [0, 1, 2, 100, 127])
    #expect(converted.size.columns == 5 && converted.geometry == volume.geometry)
  }

  @Test func theEndsOfEveryIntegerTypeAreExactInDouble() {
    #expect(values(.u32(row([.min, .max]))) == [0, 4_294_967_295])
    #expect(values(.i32(row([.min, .max]))) == [-2_147_483_648, 2_147_483_647])
    #expect(values(AnyVolume.u32(row([.max])).converted(to: .float64)) == [4_294_967_295])
    #expect(values(AnyVolume.u32(row([.max])).converted(to: .int32)) == [2_147_483_647])
    #expect(values(AnyVolume.i16(row([-5, 300])).converted(to: .uint8)) == [0, 255])
  }

  @Test func aNewGeometryKeepsVoxelsAndType() {
    let v = AnyVolume.i16(row([1, 2, 3]))
    var g = v.geometry
    g.spacing = [2, 2, 2]
    #expect(v.with(g).geometry == g && v.with(g).kind == .int16 && values(v.with(g)) == [1, 2, 3])
  }

  @Test func bytesOfEveryKind() {
    #expect(VoxelKind.allCases.map(\.bytes) == [1, 1, 2, 2, 4, 4, 4, 8])
    #expect(
      VoxelKind.allCases.map(\.rawValue) == [
        "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64",
      ])
  }
}
