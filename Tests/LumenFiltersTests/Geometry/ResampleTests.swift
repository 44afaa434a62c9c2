// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

@testable import LumenFilters

/// 17 × 13 × 9 voxels of 0.8 × 1 × 2.5 mm at an angle.
private let grid = Geometry(
  size: Size(columns: 17, rows: 13, slices: 9), spacing: [0.8, 1, 2.5], origin: [-10, 20, 7],
  direction: Direction(x: [0.6, 0.8, 0], y: [-0.8, 0.6, 0], z: [0, 0, 1]))

@Suite("Resample · property", .serialized)
struct ResampleProperties {
  @Test("positions of the new grid are those the alignment promises", arguments: GridAlignment.allCases)
  func gridStaysInSpace(_ alignment: GridAlignment) throws {
    let new = try Resample(spacing: [1.1, 0.3, 2], alignment: alignment).grid(for: grid)
    func near(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Bool { abs((a - b).max()) < 1e-9 && abs((a - b).min()) < 1e-9 }
    func last(_ g: Geometry) -> SIMD3<Double> {
      SIMD3(Double(g.size.columns - 1), Double(g.size.rows - 1), Double(g.size.slices - 1))
    }
    switch alignment {
    case .centre:
      #expect(new.size == Size(columns: 13, rows: 44, slices: 12))
      #expect(near(new.position(of: last(new) / 2), grid.position(of: last(grid) / 2)))
    case .firstVoxel:
      #expect(new.size == Size(columns: 12, rows: 41, slices: 11))
      #expect(new.origin == grid.origin)
    case .corner:
      #expect(new.size == Size(columns: 13, rows: 44, slices: 12))
      for (a, b) in [(SIMD3(repeating: -0.5), SIMD3(repeating: -0.5)), (last(new) + 0.5, last(grid) + 0.5)] {
        #expect(near(new.position(of: a), grid.position(of: b)))
      }
    }
    #expect(new.direction == grid.direction)
  }

  @Test(
    "a linear ramp stays the ramp at every position inside, at every angle of the result",
    arguments: [
      Interpolation.linear, .cubicSpline,
    ])
  func ramp(_ interpolation: Interpolation) throws {
    func value(_ p: SIMD3<Double>) -> Double { 3 * p.x - 2 * p.y + 0.5 * p.z + 100 }
    func image(_ g: Geometry) -> Volume<Float> {
      Volume(g) { out in
        for i in out.indices {
          let s = g.size
          out[i] = Float(
            value(g.position(of: [Double(i % s.columns), Double(i / s.columns % s.rows), Double(i / s.plane)])))
        }
      }
    }
    var turned = try Resample(spacing: .mm(1.3)).grid(for: grid)
    turned.size = Size(columns: 3, rows: 3, slices: 5)
    turned.origin = grid.position(of: [7, 5, 3])
    turned.direction = Direction(x: [0.48, 0.64, 0.6], y: [-0.8, 0.6, 0], z: [-0.36, -0.48, 0.8])
    let expected = image(turned), result = try image(grid).resampled(onto: turned, interpolation: interpolation)
    // The spline's mirrored edges bend the ramp there, and less than a thousandth six voxels away.
    let allowed: Float = interpolation == .linear ? 1e-4 : 0.2
    #expect(zip(result.array, expected.array).allSatisfy { abs($0 - $1) < allowed })
    let finer = try image(grid).resampled(to: .mm(0.7), interpolation: interpolation, alignment: .firstVoxel)
    let truth = image(finer.geometry)
    let x = finer.size.columns / 2, y = finer.size.rows / 2, z = finer.size.slices / 2
    #expect(abs(finer[x, y, z] - truth[x, y, z]) < allowed)
  }

  @Test("axis by axis and voxel by voxel give the same", arguments: Interpolation.allCases)
  func separableEqualsGeneral(_ interpolation: Interpolation) throws {
    for kind in [VoxelKind.int16, .float32, .uint8, .int32] {
      let image = AnyVolume.i16(noise(grid, seed: 3)).converted(to: kind)
      var onto = grid
      onto.spacing = [0.7, 1.1, 1.9]
      onto.origin = grid.position(of: [-1.2, 0.3, 1.4])
      onto.size = Size(columns: 23, rows: 15, slices: 10)
      // Turned by far less than matters, and more than counts as the same axes.
      var turned = onto
      turned.direction.x = [0.6, 0.8, 1e-6]
      for outside in [nil, kind == .uint8 ? 7 : -7.0] {
        let a = try image.resampled(onto: onto, interpolation: interpolation, outside: outside).float.array
        let b = try image.resampled(onto: turned, interpolation: interpolation, outside: outside).float.array
        let step: Float = kind == .float32 ? 0.1 : 1
        let off = zip(a, b).filter { abs($0 - $1) > step }.count
        #expect(off == 0, "\(kind), outside \(String(describing: outside)): \(off) voxels")
      }
    }
  }

  @Test("the grid as it is gives the image as it is, infinities included", arguments: Interpolation.allCases)
  func identity(_ interpolation: Interpolation) throws {
    var image = noise(grid, seed: 5).map { Float($0) }
    image[3, 4, 5] = .infinity
    #expect(try image.resampled(onto: grid, interpolation: interpolation) == image)
    #expect(try Resample(spacing: .mm(0), interpolation: interpolation)(image) == image)
    #expect(try Resample(spacing: grid.spacing, interpolation: interpolation)(image) == image)
  }

  @Test("a constant stays one, also beyond the edges", arguments: Interpolation.allCases)
  func constant(_ interpolation: Interpolation) throws {
    let image = Volume<Float>(grid, repeating: 1000)
    for spacing in [0.37, 1, 1.9, 30] {
      let result = try image.resampled(to: .mm(spacing), interpolation: interpolation)
      #expect(result.array.allSatisfy { abs($0 - 1000) < 2e-3 })
    }
  }

  @Test("flipping first and flipping last agree", arguments: Interpolation.allCases.dropFirst())
  func flip(_ interpolation: Interpolation) throws {
    let image = AnyVolume.f32(noise(grid, seed: 6).map { Float($0) })
    let filter = Resample(spacing: [1.1, 0.7, 1.7], interpolation: interpolation)
    for axis in GridAxis.allCases {
      let a = try Flip(axis)(filter(image)), b = try filter(Flip(axis)(image))
      #expect(a.geometry.difference(from: b.geometry, tolerance: 1e-9) == nil)
      #expect(zip(a.float.array, b.float.array).allSatisfy { abs($0 - $1) < 5e-3 })
    }
  }

  @Test("rows of every width, steps up and down, two threads")
  func widths() throws {
    for columns in [2, 7, 8, 9, 31, 64, 130] {
      let g = Geometry(size: Size(columns: columns, rows: 40, slices: 5))
      let image = noise(g, seed: 8), real = image.map { Double($0) }
      for x in [0.21, 0.9, 1.7, 2.5, 6] {
        for interpolation in [Interpolation.linear, .cubicSpline, .windowedSinc] {
          let filter = Resample(spacing: [x, 1.3, 0.8], interpolation: interpolation)
          let (one, two) = try withThreads { try filter(image) }
          #expect(one == two)
          // float64 takes the other path: in double precision, one value after the other.
          let slow = try filter(AnyVolume.f64(real)).float.array
          let off = zip(one.array, slow).map { abs(Float($0) - $1) }.max() ?? 0
          #expect(off <= 0.502, "\(columns) columns, step \(x), \(interpolation)")
        }
      }
    }
  }
}

@Suite("Resample around a region · oracle: the whole image, then cut")
struct ResampleAroundARegion {
  @Test("the same voxels as of the whole", arguments: Interpolation.allCases)
  func equalsTheWhole(_ interpolation: Interpolation) throws {
    for (box, margin) in [
      (first: SIMD3(5, 4, 2), margin: 0), (first: SIMD3(0, 9, 6), margin: 3), (first: SIMD3(0, 0, 0), margin: 1000),
    ] {
      let mask = Mask(grid) { out in
        out.update(repeating: 0)
        for z in 0..<3 {
          for y in 0..<4 { for x in 0..<(7 - y) { out[grid.size.offset(box.x + x, box.y + y, box.z + z)] = 1 } }
        }
      }
      for (spacing, kind) in [
        (SIMD3(0.5, 0.5, 0.5), VoxelKind.int16), ([1.1, 0.3, 2], .float64), ([4, 3, 2.5], .float32),
        ([0.8, 1, 1], .int32),
      ] {
        for asFloat in [false, true] {
          let filter = Resample(spacing: spacing, interpolation: interpolation, asFloat: asFloat)
          var forMask = filter
          if interpolation != .nearest { forMask.interpolation = .linear }
          let image = AnyVolume.i16(noise(grid, seed: 9)).converted(to: kind)
          let whole = try filter(image), wholeMask = try forMask(mask)
          let part = try filter(image, around: mask, margin: margin)
          #expect(part.mask.count == wholeMask.count && part.image.geometry == part.mask.geometry)
          let at = whole.geometry.index(of: part.image.geometry.origin), size = part.image.size
          let first = SIMD3(Int(at.x.rounded()), Int(at.y.rounded()), Int(at.z.rounded()))
          let cut = try Crop(first: first, count: [size.columns, size.rows, size.slices])(whole)
          #expect(cut.float.array == part.image.float.array && cut.kind == part.image.kind)
          if margin == 1000 { #expect(size == whole.size) }
          forMask.interpolation = .nearest
          #expect(try filter(image, around: mask, masks: .nearest).mask.count == forMask(mask).count)
        }
      }
    }
  }

  @Test func anEmptyRegionGivesOneVoxelOutside() throws {
    let part = try Resample(spacing: .mm(0.5))(
      .i16(noise(grid, seed: 1)), around: Mask(grid) { $0.update(repeating: 0) })
    #expect(part.mask.count == 0 && part.image.size == Size(columns: 1, rows: 1, slices: 1))
  }
}

@Suite("Resample of masks · IBSI 1")
struct MaskResampling {
  @Test func halfFilledVoxelsBelong() throws {
    // Voxels 1 and 2 of four, 1 mm; on 2 mm the centres lie on the borders between 0 | 1 and 2 | 3.
    let line = Geometry(size: Size(columns: 4, rows: 4))
    let mask = Mask(line) { out in for i in out.indices { out[i] = (1...2).contains(i % 4) ? 1 : 0 } }
    #expect(try Resample(spacing: [2, 0, 0]).coverage(of: mask).array == [Float](repeating: 0.5, count: 8))
    #expect(try Resample(spacing: [2, 0, 0])(mask).count == 8)
    #expect(try Resample(spacing: [2, 0, 0])(mask, threshold: 0.6).count == 0)
  }

  @Test func keepsTheVolumeOfABall() throws {
    let cube = Geometry(size: Size(columns: 31, rows: 31, slices: 31))
    let ball = Mask(cube) { out in
      for i in out.indices {
        let d = SIMD3(i % 31 - 15, i / 31 % 31 - 15, i / 961 - 15)
        out[i] = (d &* d).wrappedSum() <= 144 ? 1 : 0
      }
    }
    let finer = try Resample(spacing: .mm(0.6))(ball)
    #expect(abs(finer.volume / ball.volume - 1) < 0.01)
    let back = try finer.resampled(onto: cube, interpolation: .linear)
    #expect(abs(Double(back.count) / Double(ball.count) - 1) < 0.01)
  }
}

@Suite("Resample · malformed")
struct ResampleMalformed {
  @Test(arguments: [-1, Double.nan, .infinity, 1e-9])
  func refusesSpacing(_ spacing: Double) {
    let image = AnyVolume.f32(Volume(grid, repeating: 0))
    let error = #expect(throws: ImageError.self) { try Resample(spacing: .mm(spacing))(image) }
    #expect(error?.kind == .invalidParameter)
    #expect(error?.what.contains("spacing") == true)
    var filter = Resample()
    filter.sliceSpacing = .mm(spacing)
    #expect(throws: ImageError.self) { try filter(image) }
  }

  @Test func refusesGridsThatAreNone() throws {
    let image = AnyVolume.f32(Volume(grid, repeating: 0))
    for spacing in [0, -1, Double.nan, .infinity] {
      var odd = grid
      odd.spacing.x = spacing
      #expect(throws: ImageError.self) { try image.resampled(onto: odd) }
      #expect(throws: ImageError.self) { try Resample(spacing: .mm(1))(image.with(odd)) }
    }
    var flat = grid
    flat.direction.y = flat.direction.x
    #expect(throws: ImageError.self) { try image.with(flat).resampled(onto: grid) }
    var far = grid
    far.origin.x = 1e12
    #expect(throws: ImageError.self) { try image.resampled(onto: far) }
    far.origin.x = .nan
    #expect(throws: ImageError.self) { try image.resampled(onto: far) }
  }

  @Test func refusesThresholdsAndHugeResults() {
    let mask = Mask(Volume<UInt8>(grid, repeating: 1))
    for threshold in [0, -1, 1.5, Double.nan] {
      #expect(throws: ImageError.self) { try Resample()(mask, threshold: threshold) }
    }
    let error = #expect(throws: ImageError.self) {
      try Resample(spacing: .mm(0.001))(AnyVolume.f32(Volume(grid, repeating: 0)))
    }
    #expect(error?.kind == .limitExceeded)
  }

  @Test("one voxel, one row and one slice, with numbers that are none", arguments: Interpolation.allCases)
  func smallest(_ interpolation: Interpolation) throws {
    for size in [Size(columns: 1, rows: 1), Size(columns: 1, rows: 5, slices: 2), Size(columns: 2, rows: 1, slices: 3)]
    {
      for value in [Float.nan, .infinity, -.infinity, 0] {
        let image = AnyVolume.f32(Volume(Geometry(size: size, spacing: [3, 3, 3]), repeating: value))
        for spacing in [0.5, 1, 100] {
          let result = try unlessNonFinite { try Resample(spacing: .mm(spacing), interpolation: interpolation)(image) }
          #expect(result != nil || !value.isFinite && interpolation == .cubicSpline)
          #expect(size.columns > 1 || result.map { $0.size.columns == 1 } ?? true)
        }
        _ = try unlessNonFinite { try AffineTransform(rotation: [10, 20, 30], interpolation: interpolation)(image) }
      }
    }
  }
}
