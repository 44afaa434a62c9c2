// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

/// The definition, voxel by voxel in double precision.
private func plain(_ image: Volume<Float>, _ kernels: [Kernel], _ boundary: BoundaryCondition) -> [Double] {
  let size = image.size
  var values = image.array.map { Double($0) }
  for axis in 0..<3 {
    let w = kernels[axis].weights, r = kernels[axis].radius
    var next = values
    for z in 0..<size.slices {
      for y in 0..<size.rows {
        for x in 0..<size.columns {
          var sum = 0.0
          for k in -r...r {
            var at = [x, y, z]
            guard let i = boundary.index(at[axis] - k, count: size[axis]) else { continue }
            at[axis] = i
            sum += Double(w[k + r]) * values[size.offset(at[0], at[1], at[2])]
          }
          next[size.offset(x, y, z)] = sum
        }
      }
    }
    values = next
  }
  return values
}

@Suite("Separable convolution · property", .serialized)
struct SeparableConvolutionProperties {
  private let even = Kernel([0.25, 0.5, 0.25]), odd = Kernel([1.0, 2, 0, -2, -1])
  private let any = Kernel([0.5, -0.25, 1, 0.125, 0.75, 0.5, -1])

  @Test(
    "equals the plain sum for every parity, size and kernel longer than the image",
    arguments: BoundaryCondition.allCases)
  func equalsPlain(_ boundary: BoundaryCondition) {
    let long = Kernel((0..<41).map { Double($0 % 7) - 2.5 })
    for (columns, rows, slices) in [(1, 1, 1), (5, 1, 1), (1, 9, 3), (17, 4, 2), (33, 6, 31), (300, 5, 3), (6, 140, 2)]
    {
      let image = noise(Geometry(size: Size(columns: columns, rows: rows, slices: slices)), seed: 5).map { Float($0) }
      for kernels in [
        [even, odd, any], [any, any, even], [odd, .identity, odd], [long, even, long], [even, long, any],
      ] {
        let result = SeparableConvolution(kernels[0], kernels[1], kernels[2], boundary: boundary)(image)
        let expected = plain(image, kernels, boundary)
        let most = kernels.reduce(3072.0) { $0 * $1.weights.reduce(0) { $0 + Double(abs($1)) } }
        let worst = zip(result.array, expected).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(worst <= most * 1e-6, "\(columns) × \(rows) × \(slices)")
      }
    }
  }

  @Test func sumsAndSharedPassesEqualTheirParts() {
    let image = noise(Geometry(size: Size(columns: 70, rows: 40, slices: 25)), seed: 2).map { Float($0) }
    let terms: [SeparableConvolution.Term] = [
      .init(even, odd, any), .init(odd, even, any), .init(even, odd, even), .init(even, even),
    ]
    let sum = SeparableConvolution(channels: [terms], boundary: .mirror)(image).array
    let parts = terms.map { SeparableConvolution(channels: [[$0]], boundary: .mirror)(image).array }
    for i in sum.indices { #expect(abs(sum[i] - parts.reduce(0) { $0 + $1[i] }) < 0.1) }
    let (one, two) = withThreads {
      SeparableConvolution(channels: terms.map { [$0] }, boundary: .mirror)(image) { channels, _, count in
        for x in 0..<count { channels[0][x] = channels[3][x] - channels[1][x] }
      }.array
    }
    #expect(one == two)
    for i in one.indices { #expect(one[i] == parts[3][i] - parts[1][i]) }
  }

  @Test func kernelIsFlippedAndAnEvenOneHasACentre() {
    var image = Volume<Float>(Geometry(size: Size(columns: 7, rows: 1)), repeating: 0)
    image[3, 0] = 1
    #expect(
      SeparableConvolution(Kernel([1.0, 2, 3]), .identity, boundary: .zero)(image).array == [0, 0, 1, 2, 3, 0, 0])
    #expect(Kernel([1.0, 2]).weights == [1, 2, 0])
    #expect(Kernel([1.0, 2]).flipped.weights == [0, 2, 1])
  }
}

@Suite("Linear filters · property")
struct LinearFilterProperties {
  private let image = noise(Geometry(size: Size(columns: 18, rows: 14, slices: 12), spacing: [1, 1, 1]), seed: 4)
  private let filters: [any Filter] = [
    Mean(size: 3), LaplacianOfGaussian(sigma: .mm(1)), DifferenceOfGaussians(narrow: .mm(0.7), wide: .mm(1.1)),
    Laplacian(), UnsharpMask(sigma: .mm(1)), Laws(Laws.Kernels(.l5, .e5, .s5), pooling: .max),
    GradientMagnitude(sigma: .mm(1)), Sobel(), Sobel(.scharr), HessianEigenvalue(sigma: .mm(1)),
    Vesselness(.sato, smallest: .mm(1), largest: .mm(1), scales: 1),
    StructureTensor(.largest, sigma: .mm(1), integration: .mm(1)),
  ]

  /// Swaps x and y and reverses x: a rotation by 90°.
  private func turned(_ v: Volume<Float>) throws -> Volume<Float> {
    let s = v.size
    var voxels: [Float] = []
    for z in 0..<s.slices {
      for y in 0..<s.columns { for x in 0..<s.rows { voxels.append(v[y, s.rows - 1 - x, z]) } }
    }
    return try Volume(
      Geometry(size: Size(columns: s.rows, rows: s.columns, slices: s.slices)), voxels: voxels)
  }

  @Test func turnedImageGivesTheTurnedResult() throws {
    let v = image.map { Float($0) }
    for filter in filters {
      let a = try turned(try filter(.f32(v)).float).array, b = try filter(.f32(try turned(v))).float.array
      let most = a.map(abs).max() ?? 0
      for (p, q) in zip(a, b) { #expect(abs(p - q) <= most * 1e-5, "\(filter)") }
    }
  }

  @Test func constantGivesNothingOrStays() throws {
    let flat = AnyVolume.f32(Volume<Float>(image.geometry, repeating: 500))
    for filter in filters {
      let keeps = filter is Mean || filter is UnsharpMask
      // Second derivatives of a sampled Gaussian are not corrected to zero sum.
      let isSecond = filter is LaplacianOfGaussian || filter is HessianEigenvalue
      let expected: Float = keeps ? 500 : 0, allowed: Float = isSecond ? 0.5 : 1e-2
      #expect(try filter(flat).float.array.allSatisfy { abs($0 - expected) <= allowed }, "\(filter)")
    }
    #expect(try Canny()(flat).float.array.allSatisfy { $0 == 0 })
  }

  @Test func aSlabWithItsReachGivesTheSameSlices() throws {
    let v = image.map { Float($0) }
    for filter in filters + [Gaussian(sigma: .mm(0.6)), Median(), Canny(), Mean(size: 5, planar: true)] {
      guard let reach = try filter.reach(v.geometry) else { continue }
      let (from, to) = (max(0, 5 - reach), min(12, 7 + reach))
      let slab = v.cropped(columns: 0..<18, rows: 0..<14, slices: from..<to)
      let whole = try filter(.f32(v)).float, part = try filter(.f32(slab)).float
      for z in 5..<7 { #expect(part[9, 7, z - from] == whole[9, 7, z], "\(filter)") }
    }
  }

  @Test func oddImagesAreNoTrap() throws {
    for size in [Size(columns: 1, rows: 1), Size(columns: 1, rows: 5), Size(columns: 2, rows: 2, slices: 2)] {
      var odd = Volume<Float>(Geometry(size: size), repeating: .infinity)
      odd[0, 0] = .nan
      for filter in filters + [Canny(), Mean(size: 1001), Laws(Laws.Kernels(.r5, .w5, .e3), pooling: .mean, energy: 9)]
      {
        do {
          let result = try filter(.f32(odd))
          #expect(result.size == size)
        } catch {
          #expect(error.kind == .invalidParameter)
        }
      }
    }
  }
}

@Suite("Linear filters · malformed")
struct LinearFilterMalformed {
  @Test(
    arguments: [
      (Mean(size: 4), "size"), (Mean(size: -1), "size"), (Mean(size: .max), "size"),
      (LaplacianOfGaussian(sigma: .mm(0)), "sigma"), (LaplacianOfGaussian(sigma: .mm(.nan)), "sigma"),
      (LaplacianOfGaussian(sigma: .mm(1e300)), "sigma"),
      (LaplacianOfGaussian(sigma: .mm(1), cutoff: .infinity), "cutoff"),
      (DifferenceOfGaussians(narrow: .mm(2), wide: .mm(1)), "wide"),
      (DifferenceOfGaussians(narrow: .mm(-1), wide: .mm(1)), "narrow"),
      (UnsharpMask(sigma: .mm(1), amount: .nan), "amount"), (UnsharpMask(sigma: .mm(.infinity)), "sigma"),
      (Laws(Laws.Kernels(.l5, .e5), energy: -1), "energy"), (Laws(Laws.Kernels(.l5, .e5), energy: .max), "energy"),
      (GradientMagnitude(sigma: .mm(-2)), "sigma"), (HessianEigenvalue(sigma: .mm(1e-300)), "sigma"),
      (Vesselness(.sato, smallest: .mm(2), largest: .mm(1), scales: 2), "largest"),
      (Vesselness(.sato, smallest: .mm(1), largest: .mm(2), scales: 0), "scales"),
      (StructureTensor(.largest, sigma: .mm(1), integration: .mm(0)), "integration"),
      (Canny(sigma: .mm(1), low: 2, high: 1), "low"), (Canny(sigma: .mm(1), low: .nan, high: 1), "low"),
    ] as [(any Filter, String)])
  func refuses(_ filter: any Filter, _ parameter: String) {
    let image = AnyVolume.f32(Volume<Float>(Geometry(size: Size(columns: 6, rows: 5, slices: 4)), repeating: 0))
    let error = #expect(throws: ImageError.self) { try filter(image) }
    #expect(error?.kind == .invalidParameter)
    #expect(error?.what.contains(parameter) == true)
  }

  @Test func refusesUnknownKernels() {
    for text in ["", "L5", "L5E", "L5X5", "l5e5", "L5E5S5W5", "é5L5"] {
      #expect(throws: ImageError.self) { try Laws.catalogue.make([("kernels", text)]) }
    }
  }
}
