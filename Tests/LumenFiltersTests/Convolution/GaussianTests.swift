// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

@testable import LumenFilters

/// 17 × 13 × 9 voxels of 0.8 × 1 × 2.5 mm.
private let grid = Geometry(size: Size(columns: 17, rows: 13, slices: 9), spacing: [0.8, 1, 2.5])

@Suite("Gaussian · oracle SciPy 1.17.1 gaussian_filter, double precision")
struct GaussianOracle {
  /// gaussian_filter(v, [1.7/2.5, 1.7/1, 1.7/0.8], mode=…, truncate=4) at five voxels, and Σ|g|.
  @Test(arguments: [
    (BoundaryCondition.mirror, [758.1275, 1006.6271, 981.2134, 1231.8365, 1067.1251], 2_058_252.0),
    (.nearest, [558.2637, 1438.2249, 981.2134, 1264.85, 628.1477], 2_055_403.51),
    (.periodic, [1051.7254, 1017.2547, 981.2134, 1139.1402, 1053.8358], 2_058_252.0),
    (.zero, [232.9432, 273.8443, 981.0533, 929.0656, 404.2604], 1_592_160.98),
  ])
  func anisotropicVolume(_ boundary: BoundaryCondition, _ values: [Double], _ sum: Double) throws {
    let image = noise(grid, seed: 1).map { Float($0) }
    let result = try image.gaussian(sigma: .mm(1.7), boundary: boundary)
    for (at, value) in zip([(0, 0, 0), (16, 12, 8), (8, 6, 4), (3, 11, 1), (16, 0, 5)], values) {
      #expect(abs(Double(result[at.0, at.1, at.2]) - value) < 2e-3)  // Float32 against Float64 at values up to 3071
    }
    #expect(abs(result.array.reduce(0) { $0 + Double(abs($1)) } - sum) < 1)
  }

  @Test func sliceWithAnotherCutoff() throws {
    let plane = Geometry(size: Size(columns: 40, rows: 31))
    let image = noise(plane, seed: 7).map { Float($0) }
    let result = try Gaussian(sigma: .mm(2), cutoff: 3)(image)
    for (at, value) in zip([(0, 0), (39, 30), (20, 15), (1, 30)], [877.628, 1251.6754, 1079.6649, 1074.1503]) {
      #expect(abs(Double(result[at.0, at.1]) - value) < 2e-3)
    }
  }

  @Test func storedIntegersGiveFloat() throws {
    let image = noise(grid, seed: 1)
    let result = try AnyVolume.i16(image).gaussian(sigma: .mm(1.7))
    #expect(result == .f32(try image.map { Float($0) }.gaussian(sigma: .mm(1.7))))
  }
}

/// The definition, voxel by voxel in double precision.
private func plain(_ image: Volume<Float>, _ g: Gaussian) -> [Double] {
  let size = image.size
  var values = image.array.map { Double($0) }
  for axis in 0..<3 where size[axis] > 1 {
    let σ = g.sigma.millimetres / image.geometry.spacing[axis], radius = Int(g.cutoff * σ + 0.5)
    let weights = (-radius...radius).map { exp(-0.5 * Double($0 * $0) / (σ * σ)) }
    let total = weights.reduce(0, +)
    var next = values
    for z in 0..<size.slices {
      for y in 0..<size.rows {
        for x in 0..<size.columns {
          var sum = 0.0
          for (k, w) in zip(-radius...radius, weights) {
            var at = [x, y, z]
            guard let i = g.boundary.index(at[axis] + k, count: size[axis]) else { continue }
            at[axis] = i
            sum += w / total * values[size.offset(at[0], at[1], at[2])]
          }
          next[size.offset(x, y, z)] = sum
        }
      }
    }
    values = next
  }
  return values
}

@Suite("Gaussian · property", .serialized)
struct GaussianProperties {
  @Test(
    "equals the plain sum for every width, tail and kernel longer than the image",
    arguments: BoundaryCondition.allCases)
  func equalsPlain(_ boundary: BoundaryCondition) throws {
    for (columns, rows, slices, sigma) in [
      (1, 1, 1, 1.0), (5, 1, 1, 3), (1, 7, 3, 2), (16, 4, 2, 0.1), (31, 9, 6, 1.2), (33, 5, 5, 9), (48, 3, 11, 2.5),
      (100, 6, 4, 0.5), (7, 150, 2, 1),
    ] {
      let image = noise(
        Geometry(size: Size(columns: columns, rows: rows, slices: slices), spacing: [1, 0.7, 1.3]), seed: 5
      ).map { Float($0) }
      let filter = Gaussian(sigma: .mm(sigma), boundary: boundary)
      let worst = zip(try filter(image).array, plain(image, filter)).map { abs(Double($0) - $1) }.max() ?? 0
      #expect(worst < 3072 * 2e-6, "\(columns) × \(rows) × \(slices), sigma \(sigma)")
    }
  }

  @Test func constantStaysConstant() throws {
    for boundary in [BoundaryCondition.mirror, .nearest, .periodic] {
      let image = Volume<Float>(grid, repeating: 1000)
      #expect(try image.gaussian(sigma: .mm(2), boundary: boundary).array.allSatisfy { abs($0 - 1000) < 1e-3 })
    }
  }

  @Test func impulseGivesTheProductOfTheKernels() throws {
    var image = Volume<Float>(Geometry(size: Size(columns: 41, rows: 41, slices: 41)), repeating: 0)
    image[20, 20, 20] = 1
    let result = try image.gaussian(sigma: .mm(2))
    let kernel = Kernel(gaussian: 2, radius: 8).weights.suffix(9).map { $0 }
    for (x, y, z) in [(20, 20, 20), (23, 20, 20), (20, 12, 20), (22, 17, 25), (29, 20, 20)] {
      let w = [x, y, z].map { abs($0 - 20) <= 8 ? kernel[abs($0 - 20)] : 0 }
      #expect(abs(result[x, y, z] - w[0] * w[1] * w[2]) < 1e-8)
    }
    #expect(abs(result.array.reduce(0) { $0 + Double($1) } - 1) < 1e-6)
  }

  @Test func flippedImageGivesTheFlippedResult() throws {
    let image = noise(grid, seed: 2).map { Float($0) }
    let flipped = try Volume(grid, voxels: Array(image.array.reversed())).gaussian(sigma: .mm(1.5))
    for (a, b) in zip(try image.gaussian(sigma: .mm(1.5)).array, flipped.array.reversed()) {
      #expect(abs(a - b) < 1e-3)
    }
  }

  @Test func sameBitsForAnyNumberOfThreadsAndAnyOutput() throws {
    let image = noise(Geometry(size: Size(columns: 130, rows: 300, slices: 21)), seed: 9).map { Float($0) }
    let (one, two) = try withThreads { try image.gaussian(sigma: .mm(2)) }
    #expect(one.array.map(\.bitPattern) == two.array.map(\.bitPattern))
    var reused = Volume<Float>(image.geometry, repeating: .nan)
    let other = reused
    try Gaussian(sigma: .mm(2))(image, into: &reused)
    #expect(reused == one)
    #expect(other.array.allSatisfy { $0.isNaN }, "a shared output is not written to")
  }

  @Test func anErrorInTheImageStaysWithinTheKernel() throws {
    var image = Volume<Float>(Geometry(size: Size(columns: 40, rows: 40)), repeating: 1)
    image[20, 20] = .nan
    let result = try image.gaussian(sigma: .mm(1))
    for y in 0..<40 {
      for x in 0..<40 { #expect(result[x, y].isNaN == (abs(x - 20) <= 4 && abs(y - 20) <= 4)) }
    }
  }
}

@Suite("Gaussian · malformed")
struct GaussianMalformed {
  @Test(arguments: [0, -1, Double.nan, .infinity])
  func refusesSigma(_ sigma: Double) {
    let image = Volume<Float>(grid, repeating: 0)
    let error = #expect(throws: ImageError.self) { try image.gaussian(sigma: .mm(sigma)) }
    #expect(error?.kind == .invalidParameter)
    #expect(error?.what.contains("sigma") == true)
  }

  @Test func refusesKernelsWithoutEnd() {
    for spacing in [1e-9, 0, -1, Double.nan] {
      let odd = Geometry(size: grid.size, spacing: [spacing, 1, 1])
      #expect(throws: ImageError.self) { try Volume<Float>(odd, repeating: 0).gaussian(sigma: .mm(1)) }
    }
    #expect(throws: ImageError.self) { try Gaussian(sigma: .mm(1), cutoff: 0)(Volume<Float>(grid, repeating: 0)) }
    #expect(throws: ImageError.self) { try Gaussian(sigma: .mm(1), cutoff: .nan)(Volume<Float>(grid, repeating: 0)) }
  }

  @Test func refusesAnOutputOfAnotherSize() {
    var small = Volume<Float>(Geometry(size: Size(columns: 2, rows: 2)), repeating: 0)
    #expect(throws: ImageError.self) { try Gaussian()(Volume<Float>(grid, repeating: 0), into: &small) }
  }

  @Test func catalogueChecksTheRange() throws {
    let made = try Gaussian.catalogue.make([("sigma", "2.5mm"), ("boundary", "periodic")])
    #expect(made as? Gaussian == Gaussian(sigma: .mm(2.5), boundary: .periodic))
    for value in ["0mm", "-1", "nan", "1e9mm", ""] {
      #expect(throws: ImageError.self) { try Gaussian.catalogue.make([("sigma", value)]) }
    }
  }
}
