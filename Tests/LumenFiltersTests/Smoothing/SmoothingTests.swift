// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

@testable import LumenFilters

private let all: [any Filter] = [
  Bilateral(range: 300, sigma: .mm(1.5), radius: .mm(3)), AnisotropicDiffusion(.gradient),
  AnisotropicDiffusion(.curvature), NonLocalMeans(strength: 200, patch: 1, search: 2),
  TotalVariation(weight: 100, tolerance: 1e-4, iterations: 20),
]

private func largestDifference(_ a: AnyVolume, _ b: AnyVolume) -> Float {
  zip(a.float.array, b.float.array).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

@Suite("Smoothing · property", .serialized)
struct SmoothingProperties {
  @Test("a constant image stays as it is", arguments: 0..<5)
  func constant(_ i: Int) throws {
    for size in [Size(columns: 1, rows: 1), Size(columns: 7, rows: 1), Size(columns: 19, rows: 5, slices: 4)] {
      let image = AnyVolume.f32(Volume(Geometry(size: size), repeating: 1234.5))
      #expect(largestDifference(try all[i](image), image) < 1e-3)
    }
  }

  @Test("a turned image gives the turned result", arguments: 0..<5)
  func turned(_ i: Int) throws {
    let geometry = Geometry(size: Size(columns: 21, rows: 17, slices: 6), spacing: [1, 1, 1])
    let image = noise(geometry, seed: 4).map { Float($0) }
    // Rows and columns change places. Total variation has forward differences and no other symmetry; the others are
    // mirrored along both axes too.
    let other = Geometry(size: Size(columns: 17, rows: 21, slices: 6), spacing: [1, 1, 1]), mirrored = i != 4
    func turn(_ v: Volume<Float>) -> Volume<Float> {
      Volume(other) { out in
        for z in 0..<6 {
          for y in 0..<21 {
            for x in 0..<17 { out[(z * 21 + y) * 17 + x] = mirrored ? v[20 - y, 16 - x, z] : v[y, x, z] }
          }
        }
      }
    }
    #expect(largestDifference(.f32(turn(try all[i](.f32(image)).float)), try all[i](.f32(turn(image)))) < 0.02)
  }

  @Test("an added constant is added to the result", arguments: 0..<5)
  func shifted(_ i: Int) throws {
    let image = noise(Geometry(size: Size(columns: 23, rows: 9, slices: 3)), seed: 6).map { Float($0) }
    let result = try all[i](.f32(image)).float.map { $0 + 512 }
    #expect(largestDifference(try all[i](.f32(image.map { $0 + 512 })), .f32(result)) < 0.02)
  }

  @Test("each slice for itself equals slices filtered one by one")
  func planar() throws {
    let image = noise(Geometry(size: Size(columns: 20, rows: 11, slices: 3)), seed: 3)
    let filters: [any Filter] = [
      Bilateral(range: 300, planar: true), AnisotropicDiffusion(.curvature, planar: true),
      NonLocalMeans(strength: 200, patch: 1, search: 2, planar: true), TotalVariation(weight: 50, planar: true),
    ]
    for filter in filters {
      for kind in [VoxelKind.float32, .uint8] {
        let volume = AnyVolume.i16(image.map { Int16(abs(Int($0)) / 16) }).converted(to: kind)
        let whole = try filter(volume).float
        for z in 0..<3 {
          let slice = try filter(
            AnyVolume.f32(volume.float.cropped(columns: 0..<20, rows: 0..<11, slices: z..<z + 1)).converted(to: kind))
          #expect(slice.float.array == Array(whole.array[z * 220..<(z + 1) * 220]), "\(filter)")
        }
      }
    }
  }

  @Test("tiles and bands join without a seam, with any number of threads")
  func seams() throws {
    // The same picture repeated must give the same result in every copy, wherever tiles begin.
    let tile = noise(Geometry(size: Size(columns: 90, rows: 60)), seed: 9)
    let image = Volume<Float>(Geometry(size: Size(columns: 360, rows: 120))) { out in
      for y in 0..<120 { for x in 0..<360 { out[y * 360 + x] = Float(tile[x % 90, y % 60]) } }
    }
    let filters: [any Filter] = [
      Bilateral(range: 300, boundary: .periodic),
      NonLocalMeans(strength: 700, patch: 2, search: 3, boundary: .periodic),
    ]
    for filter in filters {
      for volume in [AnyVolume.f32(image), AnyVolume.f32(image.map { abs($0) / 8 }).converted(to: .uint8)] {
        let (one, two) = try withThreads { try filter(volume).float }
        #expect(one == two)
        // Patch sums of floats begin at another row in every copy.
        let tolerance: Float = filter is NonLocalMeans && volume.kind == .float32 ? 0.02 : 0
        for y in 0..<120 {
          for x in 0..<360 where !(abs(one[x, y] - one[x % 90, y % 60]) <= tolerance) {
            Issue.record("\(filter) at \(x), \(y): \(one[x, y]), first \(one[x % 90, y % 60])")
            return
          }
        }
      }
    }
    for scheme in AnisotropicDiffusion.Scheme.allCases {
      let (one, two) = try withThreads {
        try AnisotropicDiffusion(scheme, iterations: 2)(image).array.map(\.bitPattern)
      }
      #expect(one == two)
    }
    let (one, two) = try withThreads { try TotalVariation(weight: 80, iterations: 5)(image).array.map(\.bitPattern) }
    #expect(one == two)
  }

  @Test("noise goes, a high edge stays", arguments: 0..<5)
  func keepsEdges(_ i: Int) throws {
    let grain = noise(Geometry(size: Size(columns: 40, rows: 40)), seed: 2)
    let image = grain.map { Float($0) / 32 }
    let edge = Volume<Float>(image.geometry) { out in
      for y in 0..<40 { for x in 0..<40 { out[y * 40 + x] = image[x, y] + (x < 20 ? 0 : 5000) } }
    }
    let filters: [any Filter] = [
      Bilateral(range: 100, sigma: .mm(2), radius: .mm(4)), AnisotropicDiffusion(.gradient, conductance: 0.2),
      AnisotropicDiffusion(.curvature, conductance: 0.2), NonLocalMeans(strength: 40),
      TotalVariation(weight: 60),
    ]
    let result = try filters[i](.f32(edge)).float
    func roughness(_ v: Volume<Float>) -> Float {
      var sum: Float = 0
      for y in 5..<35 { for x in 5..<15 { sum += abs(v[x + 1, y] - v[x, y]) } }
      return sum
    }
    #expect(roughness(result) < 0.8 * roughness(edge))
    for y in 0..<40 { #expect(result[20, y] - result[19, y] > 4400) }
  }

  @Test("NaN, infinity and single voxels do not trap", arguments: 0..<5)
  func hostileVoxels(_ i: Int) throws {
    for value in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude] {
      var image = noise(Geometry(size: Size(columns: 18, rows: 6, slices: 3)), seed: 1).map { Float($0) }
      image[17, 5, 2] = value
      let result = try unlessNonFinite { try all[i](.f32(image)) }
      #expect(result.map { $0.size == image.size } ?? !value.isFinite)
      let single = Volume<Float>(Geometry(size: Size(columns: 1, rows: 1)), repeating: value)
      _ = try unlessNonFinite { try all[i](.f32(single)) }
    }
  }

  @Test("2ᵗ to two units in the last place")
  func exponential() {
    for i in stride(from: 0, to: 126_000, by: 7) {
      let t = -Float(i) / 1000
      let relative = Double(exp2Negative(SIMD16(repeating: t))[3]) / exp2(Double(t)) - 1
      #expect(abs(relative) < 2e-7)
    }
    #expect(exp2Negative(.zero)[0] == 1)
    for t in [-Float.infinity, .nan, -1e30] { #expect(exp2Negative(SIMD16(repeating: t))[0] == 0x1p-126) }
  }
}

@Suite("Smoothing · malformed")
struct SmoothingMalformed {
  @Test func refusesParameters() {
    let image = AnyVolume.f32(Volume(Geometry(size: Size(columns: 5, rows: 4, slices: 3)), repeating: 1))
    var cases: [(any Filter, String)] = [
      (NonLocalMeans(strength: 1, patch: 0), "patch"), (NonLocalMeans(strength: 1, patch: 8), "patch"),
      (NonLocalMeans(strength: 1, search: 0), "search"), (NonLocalMeans(strength: 1, search: .max), "search"),
      (AnisotropicDiffusion(.gradient, iterations: 0), "iterations"),
      (AnisotropicDiffusion(.gradient, iterations: .max), "iterations"),
      (TotalVariation(weight: 1, iterations: -1), "iterations"), (Bilateral(range: 1, radius: .mm(40)), "radius"),
    ]
    for bad in [0, -1, Double.nan, .infinity] {
      cases += [
        (Bilateral(range: bad), "range"), (Bilateral(range: 1, sigma: .mm(bad)), "sigma"),
        (Bilateral(range: 1, radius: .mm(bad)), "radius"), (NonLocalMeans(strength: bad), "strength"),
        (AnisotropicDiffusion(.curvature, timeStep: bad), "time-step"),
        (AnisotropicDiffusion(.curvature, conductance: bad), "conductance"), (TotalVariation(weight: bad), "weight"),
        (TotalVariation(weight: 1, tolerance: bad), "tolerance"),
      ]
    }
    for (filter, name) in cases {
      let error = #expect(throws: ImageError.self) { try filter(image) }
      #expect(error?.kind == .invalidParameter)
      #expect(error?.what.hasPrefix(name) == true, "\(error?.what ?? "")")
    }
  }

  @Test func refusesSpacingWithoutLength() {
    for spacing in [0, -1, Double.nan] {
      let odd = Geometry(size: Size(columns: 3, rows: 3, slices: 3), spacing: [1, spacing, 1])
      let image = AnyVolume.f32(Volume(odd, repeating: 1))
      #expect(throws: ImageError.self) { try Bilateral()(image) }
      #expect(throws: ImageError.self) { try AnisotropicDiffusion()(image) }
    }
  }
}
