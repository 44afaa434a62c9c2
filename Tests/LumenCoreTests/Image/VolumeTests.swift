// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

/// 0, 1, 2 … in memory order on the oblique grid.
func ramp() -> Volume<Int16> {
  Volume(oblique) { out in for i in 0..<out.count { out[i] = Int16(i) } }
}

@Suite("Volume · property")
struct VolumeProperties {
  @Test func copiesAreIndependent() {
    let a = ramp()
    var b = a
    b[3, 2, 1] = -7
    #expect(a[3, 2, 1] == Int16(a.size.offset(3, 2, 1)))
    #expect(b[3, 2, 1] == -7 && a != b)
    var c = b
    c.withMutableVoxels { $0.update(repeating: 5) }
    #expect(b[3, 2, 1] == -7 && c[0, 0, 0] == 5 && c[6, 4, 2] == 5)
  }

  @Test func aUniqueVolumeIsChangedInPlace() {
    var v = ramp()
    let before = v.withVoxels { UInt(bitPattern: $0.baseAddress) }
    v[0, 0] = 9
    v.withMutableVoxels { $0[1] = 8 }
    #expect(v.withVoxels { UInt(bitPattern: $0.baseAddress) } == before)
    let other = v
    v[0, 0] = 10
    #expect(v.withVoxels { UInt(bitPattern: $0.baseAddress) } != before)
    #expect(other[0, 0] == 9)
  }

  @Test(arguments: [1, 63, 64, 1 << 18, 1 << 20])
  func voxelsAreAligned(_ n: Int) {
    let v = Volume<Float>(Geometry(size: Size(columns: n, rows: 1)), repeating: 1)
    #expect(v.withVoxels { UInt(bitPattern: $0.baseAddress) } % 64 == 0)
    #expect(v.withVoxels { $0.allSatisfy { $0 == 1 } })
  }

  @Test func croppedKeepsValuesAtTheirPositions() {
    let v = ramp()
    let box = v.cropped(columns: 2..<6, rows: 1..<4, slices: 1..<3)
    #expect(box.size == Size(columns: 4, rows: 3, slices: 2))
    for z in 0..<2 {
      for y in 0..<3 {
        for x in 0..<4 { #expect(box[x, y, z] == v[x + 2, y + 1, z + 1]) }
      }
    }
    let moved = box.geometry.position(of: [0, 0, 0]) - v.geometry.position(of: [2, 1, 1])
    #expect(dot(moved, moved) < 1e-20)
    #expect(box.geometry.spacing == v.geometry.spacing && box.geometry.direction == v.geometry.direction)
    #expect(v.cropped(columns: 0..<7, rows: 0..<5, slices: 0..<3) == v)
  }

  @Test func mapEqualsALoopOnALargeVolume() {
    let g = Geometry(size: Size(columns: 300, rows: 301, slices: 3))
    let v = Volume<Int32>(g) { out in for i in 0..<out.count { out[i] = Int32(i) &* 2_654_435 } }
    let doubled = v.map { Float($0) * 0.5 }
    #expect(doubled.geometry == g)
    #expect(v.withVoxels { a in doubled.withVoxels { b in a.indices.allSatisfy { b[$0] == Float(a[$0]) * 0.5 } } })
  }

  @Test func equalityNeedsGeometryAndVoxels() throws {
    var g = oblique
    g.origin.x += 1
    #expect(ramp() == ramp() && ramp().with(g) != ramp())
    let nan = Volume<Float>(oblique, repeating: .nan)
    #expect(nan != nan)
  }
}

@Suite("Volume · malformed")
struct VolumeMalformed {
  @Test func wrongNumberOfVoxels() throws {
    let g = Geometry(size: Size(columns: 2, rows: 2))
    #expect(throws: ImageError(.invalidParameter, "3 voxels given for a size of 2 × 2 × 1")) {
      try Volume<UInt8>(g, voxels: [1, 2, 3])
    }
    #expect(try Volume<UInt8>(g, voxels: [1, 2, 3, 4])[1, 1] == 4)
  }

  @Test func initializerErrorsTravel() {
    #expect(throws: ImageError(.malformed, "cut")) {
      try Volume<UInt8>(oblique) { _ throws(ImageError) in throw ImageError(.malformed, "cut") }
    }
  }
}
