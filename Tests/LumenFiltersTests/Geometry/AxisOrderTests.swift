// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

private let grid = Geometry(
  size: Size(columns: 37, rows: 40, slices: 9), spacing: [0.8, 1, 2.5], origin: [-10, 20, 7],
  direction: Direction(x: [0.6, 0.8, 0], y: [0, 0, -1], z: [-0.8, 0.6, 0]))

/// Whether every voxel of `result` is the image's voxel at the same place; `outside` says what may lie beyond.
private func samePlaces(_ image: AnyVolume, _ result: AnyVolume) throws -> Bool {
  try image.resampled(onto: result.geometry, interpolation: .nearest) == result
}

@Suite("Order and extent of voxels · property", .serialized)
struct AxisOrderProperties {
  @Test("every voxel keeps its place, in every type", arguments: VoxelKind.allCases)
  func places(_ kind: VoxelKind) throws {
    let image = AnyVolume.i16(noise(grid, seed: 2)).converted(to: kind)
    for axis in GridAxis.allCases { #expect(try samePlaces(image, Flip(axis)(image))) }
    for code in ["LPS", "RAS", "coronal", "sagittal", "IRA"] {
      let result = try Reorient(try #require(Orientation(rawValue: code)))(image)
      #expect(try samePlaces(image, result), "\(code)")
      #expect(result.kind == kind)
    }
    #expect(try samePlaces(image, Crop(first: [3, 0, 2], count: [9, 0, 4])(image)))
    #expect(try samePlaces(image, Pad(before: [3, 1, 0], after: [0, 2, 5], boundary: .nearest)(image)))
  }

  @Test("all 48 codes are reached, named and undone", arguments: Orientation.allCases)
  func codes(_ orientation: Orientation) throws {
    let image = AnyVolume.i16(noise(grid, seed: 4))
    let result = try Reorient(orientation)(image)
    #expect(Orientation(of: result.geometry).code == orientation.code)
    let back = try Reorient(Orientation(of: grid))(result)
    #expect(back.geometry.difference(from: grid, tolerance: 1e-9) == nil)
    #expect(back.float.array == image.float.array)
  }

  @Test func codesAreTheLetters() {
    #expect(Orientation.allCases.count == 51 && Set(Orientation.allCases.map(\.code)).count == 48)
    for bad in ["", "LPSA", "LLS", "LRS", "lps", "XYZ", "LP"] { #expect(Orientation(rawValue: bad) == nil) }
    #expect(Orientation(of: Geometry(size: grid.size)) == .lps)
    #expect(Orientation(of: grid).code == "PIR")
  }

  @Test func twiceIsNothing() throws {
    let image = AnyVolume.u8(noise(grid, seed: 9).map { UInt8(truncatingIfNeeded: $0) })
    for axis in GridAxis.allCases {
      let twice = try Flip(axis)(Flip(axis)(image))
      #expect(twice.float.array == image.float.array)
      #expect(twice.geometry.difference(from: grid, tolerance: 1e-9) == nil)
    }
    let padded = try Pad(before: [4, 5, 6], after: [1, 2, 3], boundary: .mirror)(image)
    let cropped = try Crop(first: [4, 5, 6], count: [37, 40, 9])(padded)
    #expect(cropped.float.array == image.float.array)
    #expect(cropped.geometry.difference(from: grid, tolerance: 1e-9) == nil)
  }

  @Test func paddingRefusesWhatTheTypeDoesNotHold() throws {
    let image = AnyVolume.u8(Volume(Geometry(size: Size(columns: 2, rows: 2)), repeating: 9))
    #expect(throws: ImageError.self) { try Pad(before: [1, 0, 0], after: [0, 0, 0], value: -1000)(image) }
    let result = try Pad(before: [1, 0, 0], after: [0, 0, 0], value: 255)(image)
    #expect(result.float.array == [255, 9, 9, 255, 9, 9])
  }
}

@Suite("Order and extent of voxels · malformed")
struct AxisOrderMalformed {
  @Test func refusesBoxes() {
    let image = AnyVolume.i16(noise(grid, seed: 1))
    for (first, count) in [
      (SIMD3(-1, 0, 0), SIMD3(0, 0, 0)), (SIMD3(37, 0, 0), SIMD3(0, 0, 0)), (SIMD3(0, 0, 5), SIMD3(0, 0, 5)),
      (SIMD3(0, Int.max, 0), SIMD3(0, 0, 0)), (SIMD3(1, 0, 0), SIMD3(Int.max, 0, 0)), (SIMD3(0, 0, 0), SIMD3(0, -1, 0)),
      (SIMD3(0, 0, 0), SIMD3(Int.min, 0, 0)),
    ] {
      let error = #expect(throws: ImageError.self) { try Crop(first: first, count: count)(image) }
      #expect(error?.kind == .invalidParameter)
    }
  }

  @Test func refusesFrames() {
    let image = AnyVolume.i16(noise(grid, seed: 1))
    for n in [-1, Int.max, Int.min, 65_536] {
      #expect(throws: ImageError.self) { try Pad(before: [n, 0, 0], after: [0, 0, 0])(image) }
      #expect(throws: ImageError.self) { try Pad(before: [0, 0, 0], after: [0, 0, n])(image) }
    }
    #expect(throws: ImageError.self) { try Pad(before: [65_535, 65_535, 65_000], after: [0, 0, 0])(image) }
    #expect(throws: ImageError.self) { try Pad(before: [0, 0, 0], after: [0, 0, 0], value: .nan)(image) }
  }

  @Test func refusesTransforms() {
    let image = AnyVolume.i16(noise(grid, seed: 1))
    for bad in [Double.nan, .infinity] {
      #expect(throws: ImageError.self) { try AffineTransform(rotation: [0, bad, 0])(image) }
      #expect(throws: ImageError.self) { try AffineTransform(translation: [0, bad, 0])(image) }
      #expect(throws: ImageError.self) { try AffineTransform(outside: bad)(image) }
    }
    for bad in [0, -1, Double.nan, .infinity, 1e30] {
      #expect(throws: ImageError.self) { try AffineTransform(scale: [bad, 1, 1])(image) }
    }
  }

  @Test func catalogueMakesThem() throws {
    let made = try Reorient.catalogue.make([("orientation", "RAS")])
    #expect(made as? Reorient == Reorient(.ras))
    #expect(throws: ImageError.self) { try Reorient.catalogue.make([("orientation", "LLS")]) }
    #expect(throws: ImageError.self) { try Resample.catalogue.make([("spacing", "-1mm")]) }
    #expect(throws: ImageError.self) { try AffineTransform.catalogue.make([("scale-x", "0")]) }
    let affine = try AffineTransform.catalogue.make([("rotation-z", "10"), ("translation-y", "-3mm")])
    #expect(affine as? AffineTransform == AffineTransform(rotation: [0, 0, 10], translation: [0, -3, 0]))
  }
}
