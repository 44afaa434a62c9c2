// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

/// Numbers of SplitMix64 below `levels`, columns fastest, as the oracles make them.
private func hashed(_ geometry: Geometry, seed: UInt64, _ levels: UInt64) -> Volume<Float> {
  Volume(geometry) { out in
    var random = SplitMix64(seed: seed)
    for i in out.indices { out[i] = Float(random.next() % levels) }
  }
}

@Suite("Perturbation · grids")
struct GridPerturbationTests {
  let image = hashed(Geometry(size: Size(columns: 7, rows: 6, slices: 4), spacing: [1.5, 1, 2]), seed: 9, 100)

  /// MIRP 2.7 `GenericImage.interpolate`, linear: values at voxels of the turned and translated grid, and its origin.
  @Test func turnedAndMovedAsMIRPDoes() throws {
    let grid = try GridRotation(degrees: 25)(GridTranslation(fraction: [0.25, 0.75, 0.5])(image.geometry))
    let origin: SIMD3<Double> = [1.8531606126868236, -0.9175516454247723, 1]
    #expect(abs((grid.origin - origin)).max() < 1e-12)
    let result = try image.resampled(onto: grid)
    for (x, y, z, expected) in [
      (3, 3, 1, 64.06770412744808), (2, 4, 2, 57.93729330766176), (5, 1, 0, 52.156232893224725),
      (0, 0, 0, 15.532849598760233), (6, 5, 2, 44.91601079526135), (4, 2, 3, 51.61009314369173),
    ] { #expect(abs(Double(result[x, y, z]) - expected) < 2e-5 * 100) }
  }

  /// The same with interpolation to 1 mm: fractions are those of the new voxels.
  @Test func turnedAndMovedOnAnotherSpacing() throws {
    let fine = try Resample(spacing: .mm(1)).grid(for: image.geometry)
    let grid = try GridRotation(degrees: -40)(GridTranslation(fraction: [0.25, 0.25, 0.75])(fine))
    #expect(grid.size == Size(columns: 11, rows: 6, slices: 8))
    #expect(abs((grid.origin - [-0.6871912398112376, 4.0488269406352515, 0.25])).max() < 1e-12)
    let result = try image.resampled(onto: grid)
    for (x, y, z, expected) in [
      (5, 3, 3, 37.582078548056565), (2, 4, 2, 63.52226893377648), (7, 1, 0, 44.446039124202876),
      (0, 0, 0, 28.079343778532284), (10, 5, 7, 74.62301963461078), (4, 2, 3, 38.41437692607837),
    ] { #expect(abs(Double(result[x, y, z]) - expected) < 2e-5 * 100) }
  }

  @Test func aFullTurnAndNoMoveLeaveTheGrid() throws {
    let tilted = Geometry(
      size: Size(columns: 5, rows: 4, slices: 3), spacing: [1, 2, 3], origin: [-7, 5, 9],
      direction: Direction(x: [0, 0.6, 0.8], y: [1, 0, 0], z: [0, 0.8, -0.6]))
    #expect(try GridRotation(degrees: 0)(tilted) == tilted)
    #expect(try GridRotation(degrees: 360)(tilted).difference(from: tilted, tolerance: 1e-12) == nil)
    #expect(try GridTranslation(fraction: [0, 0, 0])(tilted) == tilted)
    // A quarter turn takes the column axis to the row axis, slices stay.
    let quarter = try GridRotation(degrees: 90)(tilted).direction
    #expect(abs(quarter.x - tilted.direction.y).max() < 1e-15 && abs(quarter.z - tilted.direction.z).max() < 1e-15)
    #expect(throws: ImageError.self) { try GridRotation(degrees: .nan)(tilted) }
    #expect(throws: ImageError.self) { try GridTranslation(fraction: [0, .infinity, 0])(tilted) }
  }
}

@Suite("Perturbation · noise")
struct NoisePerturbationTests {
  /// NumPy: median |coif1 ⊗ coif1| / 0.6745 of every slice, boundaries reflected.
  @Test func levelOfNumPy() {
    let image = hashed(Geometry(size: Size(columns: 24, rows: 20, slices: 3)), seed: 5, 1000)
    #expect(abs(NoiseLevel()(.f32(image)) / 276.7389911934212 - 1) < 1e-5)
  }

  @Test func levelOfKnownNoiseOnARamp() throws {
    let ramp = Volume<Float>(Geometry(size: Size(columns: 128, rows: 128, slices: 2))) { out in
      for i in out.indices { out[i] = Float(i % 128) }
    }
    let noisy = try NoiseAddition(level: 3, seed: 4)(.f32(ramp))
    #expect(abs(NoiseLevel()(noisy) - 3) < 0.1)
    #expect(NoiseLevel()(.f32(ramp)) < 1e-3)
  }

  @Test func levelOfImagesWithoutDetail() {
    for size in [Size(columns: 1, rows: 1), Size(columns: 1, rows: 9), Size(columns: 5, rows: 1, slices: 3)] {
      #expect(NoiseLevel()(.f32(Volume(Geometry(size: size), repeating: 7))) < 1e-6)
    }
    #expect(NoiseLevel()(.f32(Volume(Geometry(size: Size(columns: 4, rows: 4)), repeating: .nan))) == 0)
  }

  /// SciPy `norm.ppf` of the first numbers of the seed.
  @Test func valuesOfSciPy() throws {
    let zero = AnyVolume.f64(Volume(Geometry(size: Size(columns: 2, rows: 2)), repeating: 0))
    guard case .f64(let noise) = try NoiseAddition(level: 1, seed: 77)(zero) else { throw ImageError(.io, "") }
    let expected = [-0.29455368006724864, -0.01634633771165136, 0.12064782305781983, -0.8525455433623559]
    for (a, b) in zip(noise.array, expected) { #expect(abs(a - b) < 1e-15) }
  }

  @Test func aBoxHoldsTheNoiseOfTheWhole() throws {
    let image = AnyVolume.i16(noise(Geometry(size: Size(columns: 40, rows: 30, slices: 5)), seed: 1))
    let add = NoiseAddition(level: 20, seed: 99)
    let (one, two) = try withThreads { try add(image).float.array }
    #expect(one == two)
    let box = try add(image, within: (3..<17, 4..<30, 1..<4)), untouched = image.float
    for (n, value) in box.float.array.enumerated() {
      let (x, y, z) = (n % 40, n / 40 % 30, n / 1200)
      let isInside = 3..<17 ~= x && 4..<30 ~= y && 1..<4 ~= z
      #expect(value == (isInside ? one[n] : untouched[x, y, z]))
    }
    #expect(throws: ImageError.self) { try add(image, within: (0..<41, 0..<1, 0..<1)) }
    #expect(throws: ImageError.self) { try NoiseAddition(level: -1, seed: 1)(image) }
    #expect(try NoiseAddition(level: 0, seed: 1)(image) == .f32(image.float))
  }
}

private func abs(_ v: SIMD3<Double>) -> SIMD3<Double> { SIMD3(Swift.abs(v.x), Swift.abs(v.y), Swift.abs(v.z)) }
private func abs(_ v: Double) -> Double { Swift.abs(v) }
