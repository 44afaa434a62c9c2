// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import LumenCore

private func fnv(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

private func noise(_ count: Int, _ value: (UInt32) -> UInt32) -> [UInt32] {
  var state: UInt32 = 12345
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return value(state >> 24)
  }
}

private let turned = Geometry(
  size: Size(columns: 17, rows: 13, slices: 9), spacing: [0.9, 1.1, 2.5], origin: [-5, 3, 10],
  direction: Direction(x: [cos(0.3), sin(0.3), 0], y: [-sin(0.3), cos(0.3), 0], z: [0, 0, 1]))
private let finer = Geometry(
  size: Size(columns: 30, rows: 28, slices: 20), spacing: [0.55, 0.6, 1.2], origin: [-8.2, 2.1, 8.3])
private let sagittal = Geometry(
  size: Size(columns: 14, rows: 19, slices: 16), spacing: [0.7, 1.3, 1.1], origin: [-3.1, 1.2, 31.7],
  direction: Direction(x: [0, 1, 0], y: [0, 0, -1], z: [1, 0, 0]))

private func mask(_ geometry: Geometry) throws -> Mask {
  Mask(try Volume(geometry, voxels: noise(geometry.size.count) { $0 % 3 == 0 ? 1 : 0 }.map { UInt8($0) }))
}

@Suite("Mask resampling · oracle: SimpleITK 2.5.7, nearest neighbour")
struct MaskResamplingOracle {
  @Test func masks() throws {
    let source = try mask(turned)
    let a = source.resampled(to: finer), b = source.resampled(to: sagittal)
    #expect(a.count == 3875 && b.count == 546)
    #expect(a.voxels.withVoxels { fnv(UnsafeRawBufferPointer($0)) } == 0xdaad_e306_c2f0_96d4)
    #expect(b.voxels.withVoxels { fnv(UnsafeRawBufferPointer($0)) } == 0x328e_1e69_0e6b_5f23)
    #expect(a.geometry == finer && b.geometry == sagittal)
  }

  @Test func labelMaps() throws {
    let source = LabelMap(try Volume(turned, voxels: noise(turned.size.count) { $0 % 5 }), names: [3: "liver"])
    let a = source.resampled(to: finer), b = source.resampled(to: sagittal)
    #expect(a.voxels.withVoxels { fnv(UnsafeRawBufferPointer($0)) } == 0x1eb1_e9a6_772c_e454)
    #expect(b.voxels.withVoxels { fnv(UnsafeRawBufferPointer($0)) } == 0xaaec_858e_0d09_23a6)
    #expect(a.names == [3: "liver"])
  }
}

@Suite("Mask placement · property: aligned grids keep every voxel")
struct MaskPlacement {
  @Test func cropsGoBackToTheirPlace() throws {
    let whole = try mask(turned)
    let crop = Mask(whole.voxels.cropped(columns: 3..<12, rows: 2..<11, slices: 1..<8))
    let back = try crop.placed(on: turned)
    #expect(back.count == crop.count && back.geometry == turned)
    #expect(back.voxels.cropped(columns: 3..<12, rows: 2..<11, slices: 1..<8) == crop.voxels)
    let labels = LabelMap(crop.voxels.map { UInt32($0) * 7 })
    #expect(try labels.placed(on: turned).mask(7) == back)
  }

  @Test func flippedAndExchangedAxesAreAligned() throws {
    let s = turned.size, whole = try mask(turned)
    var other = turned
    other.size = Size(columns: s.slices, rows: s.columns, slices: s.rows)
    other.spacing = [turned.spacing.z, turned.spacing.x, turned.spacing.y]
    other.direction = Direction(x: -1 * turned.direction.z, y: turned.direction.x, z: -1 * turned.direction.y)
    other.origin = turned.position(of: [0, Double(s.rows - 1), Double(s.slices - 1)])
    let moved = try whole.placed(on: other)
    #expect(moved.count == whole.count)
    for z in 0..<s.slices {
      for y in 0..<s.rows {
        for x in 0..<s.columns {
          #expect(whole.voxels[x, y, z] == moved.voxels[s.slices - 1 - z, x, s.rows - 1 - y])
        }
      }
    }
    #expect(try moved.placed(on: turned) == whole)
  }

  @Test func roundingOfDecimalsIsNoDifference() throws {
    let whole = try mask(turned)
    var other = turned
    other.origin += SIMD3(2e-4, -3e-4, 1e-4)
    #expect(try whole.with(other).placed(on: turned) == whole)
  }

  @Test func resultsDoNotDependOnThreads() throws {
    let source = try mask(turned), width = Parallel.width
    defer { Parallel.width = width }
    Parallel.width = 1
    let one = source.resampled(to: finer)
    Parallel.width = 3
    #expect(source.resampled(to: finer) == one)
  }
}

@Suite("Mask placement · malformed: other grids are refused with numbers")
struct MaskPlacementErrors {
  @Test func shiftedByPartOfAVoxel() throws {
    let whole = try mask(turned)
    var other = turned
    other.origin.z += 0.5
    #expect {
      try whole.with(other).placed(on: turned)
    } throws: { error in
      let e = error as? ImageError
      return e?.kind == .invalidParameter && e?.what.contains("0.5") == true
        && e?.hint?.contains("--resample-mask") == true
    }
    #expect(try whole.with(other).placed(on: turned, resample: true) == whole)
  }

  @Test func anotherSpacing() throws {
    let whole = try mask(turned)
    var other = turned
    other.spacing.x = 0.95
    #expect {
      try whole.with(other).placed(on: turned)
    } throws: { ($0 as? ImageError)?.what.contains("spacing along columns is 0.95 mm, expected 0.9 mm") == true }
  }

  @Test func voxelsOutsideTheImage() throws {
    let whole = try mask(turned)
    let small = whole.voxels.cropped(columns: 0..<17, rows: 0..<13, slices: 2..<9).geometry
    let lost = Mask(whole.voxels.cropped(columns: 0..<17, rows: 0..<13, slices: 0..<2)).count
    #expect {
      try whole.placed(on: small)
    } throws: { ($0 as? ImageError)?.what.hasPrefix("\(lost) of the mask's \(whole.count) voxels") == true }
    #expect(try whole.placed(on: small, resample: true).count == whole.count - lost)
  }

  @Test func axesThatSpanNoSpace() throws {
    let whole = try mask(turned)
    var flat = turned
    flat.direction.z = flat.direction.x
    #expect(throws: ImageError.self) { try whole.with(flat).placed(on: turned) }
    #expect(whole.with(flat).resampled(to: finer).count == 0)
  }
}
