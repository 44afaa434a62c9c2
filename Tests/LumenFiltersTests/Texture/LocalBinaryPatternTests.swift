// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

@Suite("Local binary pattern · property")
struct LocalBinaryPatternProperties {
  private let image = noise(Geometry(size: Size(columns: 14, rows: 12, slices: 9)), seed: 13)

  @Test("brighter images have the same patterns")
  func ignoresBrightness() throws {
    let brighter = image.map { 2 * Int32($0) + 5000 }
    // Away from the border, where the zero outside is darker or brighter.
    let (a, b) = (try LocalBinaryPattern()(.i16(image)).float, try LocalBinaryPattern()(.i32(brighter)).float)
    for z in 0..<9 { for y in 1..<11 { for x in 1..<13 { #expect(a[x, y, z] == b[x, y, z]) } } }
    let c = try LocalBinaryPattern3D(level: 2)(.i16(image)).float
    let d = try LocalBinaryPattern3D(level: 2)(.i32(brighter)).float
    for z in 1..<8 { for y in 1..<11 { for x in 1..<13 { #expect(c[x, y, z] == d[x, y, z]) } } }
  }

  @Test("a flat region sets every sample")
  func flat() throws {
    let flat = AnyVolume.f32(Volume(Geometry(size: Size(columns: 9, rows: 9, slices: 9)), repeating: 0.1))
    #expect(try LocalBinaryPattern()(flat).float[4, 4, 4] == 8)
    // Σ Y(0,0)² · 42 samples = 42 · √42 / 4π.
    let norm = try LocalBinaryPattern3D(level: 1)(flat).float[4, 4, 4]
    #expect(abs(Double(norm) - 42 * 42.0.squareRoot() / (4 * .pi)) < 1e-5)
    #expect(try LocalBinaryPattern3D(level: 0)(flat).float[4, 4, 4] == -3)
  }

  @Test("the variance ignores brightness and grows with the square of the contrast")
  func variance() throws {
    let filter = LocalBinaryPattern(samples: 10, radius: 1.7, method: .variance)
    let a = try filter(.i16(image)).float, b = try filter(.i32(image.map { 3 * Int32($0) + 7000 })).float
    for z in 0..<9 {
      for y in 2..<10 { for x in 2..<12 { #expect(abs(b[x, y, z] - 9 * a[x, y, z]) <= 1e-5 * b[x, y, z]) } }
    }
    let flat = Volume(Geometry(size: Size(columns: 9, rows: 9)), repeating: Float(0.1))
    #expect(try filter(.f32(flat)).float[4, 4] < 1e-15)
  }

  @Test("rotating an image by 90° keeps the rotated patterns")
  func rotates() throws {
    let plane = noise(Geometry(size: Size(columns: 11, rows: 11)), seed: 3)
    var turned = plane
    for y in 0..<11 { for x in 0..<11 { turned[10 - y, x] = plane[x, y] } }
    let filter = LocalBinaryPattern(method: .rotated)
    let (a, b) = (try filter(.i16(plane)).float, try filter(.i16(turned)).float)
    for y in 0..<11 { for x in 0..<11 { #expect(a[x, y] == b[10 - y, x]) } }
  }

  @Test("the B-spline's coefficients give the voxels back", arguments: [2, 3, 5, 31, 33, 70])
  func coefficients(_ n: Int) {
    let line = noise(Geometry(size: Size(columns: n, rows: 1, slices: n)), seed: 1), c = cubicCoefficients(line)
    func at(_ x: Int, _ z: Int) -> Double {
      func mirror(_ i: Int) -> Int { i < 0 ? -i : i >= n ? 2 * n - 2 - i : i }
      return c[mirror(x), 0, mirror(z)]
    }
    for z in 0..<n {
      for x in 0..<n {
        var sum = 0.0
        for (j, a) in [(-1, 1.0), (0, 4), (1, 1)] {
          for (i, b) in [(-1, 1.0), (0, 4), (1, 1)] { sum += a * b * at(x + i, z + j) }
        }
        #expect(abs(sum / 36 - Double(line[x, 0, z])) < 1e-7)
      }
    }
  }

  @Test("single voxels and NaN pass")
  func neverTraps() throws {
    for size in [Size(columns: 1, rows: 1), Size(columns: 1, rows: 7, slices: 2), Size(columns: 4, rows: 1, slices: 1)]
    {
      let odd = AnyVolume.f32(Volume(Geometry(size: size), repeating: .nan))
      for radius in [0.1, 1, 40] {
        _ = try LocalBinaryPattern(samples: 13, radius: radius)(odd)
        for level in [0, 3] {
          let filter = LocalBinaryPattern3D(level: level, radius: radius)
          #expect(try unlessNonFinite { try filter(odd) } == nil)
          _ = try filter(.f32(Volume(Geometry(size: size), repeating: -1)))
        }
      }
    }
  }
}
