// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

private func run(_ name: String, _ parameters: [String: String], _ image: AnyVolume) throws -> AnyVolume {
  let entry = try #require(FilterCatalogue.all.first { $0.name == name })
  let values = parameters.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  let filter = try #require(try entry.make(values) as? any Filter)
  return try filter(image)
}

@Suite("Filters · NaN and infinity")
struct NonFiniteImages {
  private static let size = Size(columns: 40, rows: 40, slices: 40)
  private static let clean = noise(Geometry(size: size), seed: 3).map { 1100 + Float($0) }
  /// Smaller work where the defaults take seconds.
  private static let light = [
    "non-local-means": ["patch": "1", "search": "2"], "bias-field": ["levels": "1", "iterations": "2"],
    "total-variation": ["iterations": "5"], "vesselness": ["scales": "1"],
  ]

  @Test("a local effect, or an error that says how many", arguments: FilterCatalogue.all.map(\.name))
  func local(_ name: String) throws {
    let parameters = Self.light[name] ?? [:], before = try run(name, parameters, .f32(Self.clean)).float
    for bad in [Float.nan, .infinity, -.infinity] {
      var image = Self.clean
      image[1, 2, 1] = bad
      let after: Volume<Float>
      do { after = try run(name, parameters, .f32(image)).float } catch let error as ImageError {
        #expect(error.kind == .invalidParameter)
        #expect(error.what.contains("1 of 64000 voxels"), "\(error)")
        continue
      }
      guard after.size == Self.size else { continue }
      let range = AnyVolume.f32(before).valueRange, allowed = Float(0.03 * (range.maximum - range.minimum))
      for p in 32..<40 {
        let (a, b) = (before[p, p, p], after[p, p, p])
        #expect(a == b || abs(a - b) <= allowed, "\(bad): \(b) instead of \(a) far away")
      }
    }
  }

  @Test(
    "the parameters that reach through the whole image",
    arguments: [
      ("resample", ["spacing": "0.7mm", "interpolation": "cubic-spline"]),
      ("affine", ["rotation-z": "10", "interpolation": "cubic-spline"]),
      ("total-variation", ["planar": "true"]), ("anisotropic-diffusion", ["planar": "true", "scheme": "curvature"]),
      ("riesz", ["planar": "true", "level": "2"]), ("gabor", ["planes": "orthogonal", "sigma": "1mm"]),
      ("recursive-gaussian", ["planar": "true"]), ("local-binary-pattern-3d", ["level": "0"]),
    ])
  func refused(_ name: String, _ parameters: [String: String]) throws {
    for kind in [VoxelKind.float32, .float64] {
      var image = Self.clean
      image[3, 4, 5] = .nan
      image[13, 4, 5] = -.infinity
      let error = #expect(throws: ImageError.self) {
        try run(name, parameters, AnyVolume.f32(image).converted(to: kind))
      }
      #expect(error?.what.contains("2 of 64000 voxels are NaN or infinite") == true, "\(error.debugDescription)")
      let mended = try run("replace-non-finite", ["value": "5"], AnyVolume.f32(image).converted(to: kind))
      #expect(mended.kind == kind && mended.float[13, 4, 5] == 5 && mended.float[12, 4, 5] == image[12, 4, 5])
      _ = try run(name, parameters, mended)
    }
  }

  @Test("the largest over rotations is not that of the finite ones")
  func pooledMaximum() throws {
    var image = Self.clean
    image[20, 20, 20] = .nan
    for (name, parameters) in [
      ("wavelet", ["pooling": "max", "subband": "LLH", "family": "db2"]),
      ("laws", ["pooling": "max", "kernels": "L5E5S5"]),
    ] {
      let result = try run(name, parameters, .f32(image)).float
      // Laws' edges have a weight of zero at their centre, which does not touch it.
      for x in [19, 21] { #expect(result[x, 20, 20].isNaN) }
      #expect(result[28, 20, 20].isFinite)
    }
  }
}

@Suite("Filters · parameters that do not fit the image or each other")
struct UnfitParameters {
  @Test(arguments: [
    ("pad", ["x-after": "1", "value": "-1"], VoxelKind.uint8, "value"),
    ("pad", ["x-after": "1", "value": "300"], .uint8, "value"), ("pad", ["value": "0.5"], .int16, "value"),
    ("affine", ["outside": "-1000"], .uint16, "outside"), ("affine", ["outside": "0.5"], .int32, "outside"),
    ("clip", ["lower": "300", "upper": "400"], .uint8, "lower"), ("clip", ["upper": "-1"], .uint16, "upper"),
    ("clip", ["lower": "0.5"], .int8, "lower"), ("reconstruction", ["h": "0.5"], .int16, "h"),
    ("reconstruction", ["h": "256"], .uint8, "h"),
    ("window", ["lower": "-100", "width": "50"], .int16, "lower"),
    ("window", ["centre": "50", "upper": "90"], .int16, "centre"),
    ("convolve", ["kernel": "1 | 1 | 1"], .uint8, "kernel"), ("convolve", ["kernel": "1 2"], .uint8, "kernel"),
    ("convolve", ["kernel": "1 2 1; 1 2"], .uint8, "kernel"), ("convolve", ["kernel": "nan"], .uint8, "kernel"),
    ("convolve", ["kernel": ""], .uint8, "kernel"), ("kuwahara", ["radius": "21"], .uint8, "radius"),
    ("recursive-gaussian", ["sigma": "0.05mm"], .uint8, "sigma"),
    ("recursive-laplacian", ["sigma": "1000mm"], .uint8, "sigma"),
    ("recursive-gaussian", ["x-order": "3"], .uint8, "x-order"),
    ("recursive-gaussian", ["z-order": "1", "planar": "true"], .uint8, "z-order"),
    ("replace-non-finite", ["value": "inf"], .float32, "value"),
  ])
  func refused(_ name: String, _ parameters: [String: String], _ kind: VoxelKind, _ what: String) throws {
    let plane = Geometry(size: Size(columns: 5, rows: 4, slices: 1), spacing: [1.5, 1.5, 1])
    let error = #expect(throws: ImageError.self) {
      try run(name, parameters, AnyVolume.u8(Volume(plane, repeating: 3)).converted(to: kind))
    }
    #expect(error?.kind == .invalidParameter)
    #expect(error?.what.hasPrefix(what) == true, "\(error.debugDescription)")
  }

  @Test func setThroughTheStruct() {
    let image = Volume<Float>(Geometry(size: Size(columns: 5, rows: 4, slices: 3)), repeating: 1)
    for σ in [0, -1, Double.nan, .infinity] {
      #expect(throws: ImageError.self) { try RecursiveGaussian(sigma: .mm(σ))(image) }
      #expect(throws: ImageError.self) { try RecursiveLaplacian(sigma: .mm(σ))(image) }
    }
    #expect(throws: ImageError.self) { try RecursiveGaussian(sigma: .mm(1), orders: [0, -1, 0])(image) }
    #expect(throws: ImageError.self) { try Kuwahara(radius: 0)(image) }
    #expect(throws: ImageError.self) { try DenseKernel([1, 2], columns: 3, rows: 1) }
  }

  @Test("agreeing parameters, and all that an operation has, are no contradiction")
  func agreement() throws {
    let window = try #require(FilterCatalogue.all.first { $0.name == "window" })
    for (lower, upper) in [(-160.0, 240.0), (0.1, 0.7), (0, 0.3), (-1e6, 3)] {
      let values = window.values(of: Window(lower: lower, upper: upper))
      let again = try #require(try window.make(values) as? Window)
      #expect(abs(again.lower - lower) + abs(again.upper - upper) <= 1e-9 * max(abs(lower), abs(upper)))
    }
    for entry in FilterCatalogue.all {
      let defaults = try entry.make([])
      _ = try entry.make(entry.values(of: defaults))
    }
    let twice = #expect(throws: ImageError.self) { try window.make([("lower", "1"), ("lower", "1")]) }
    #expect(twice?.what.hasPrefix("lower") == true)
  }
}

@Suite("Filters · differences of integers")
struct IntegerDifferences {
  @Test(
    "as of floating point, whatever the type", arguments: [VoxelKind.int8, .uint8, .int16, .uint16, .int32, .uint32])
  func exact(_ kind: VoxelKind) throws {
    let ends = kind.ends, span = ends.upperBound - ends.lowerBound
    let noise = noise(Geometry(size: Size(columns: 9, rows: 8, slices: 7)), seed: 2)
    let image = Volume<Double>(noise.geometry) { out in
      for (i, v) in noise.array.enumerated() {
        out[i] = (ends.lowerBound + (Double(v) + 1024) / 4095 * span).rounded()
      }
    }
    let cases: [(String, [String: String])] = [
      ("morphological-gradient", ["voxels": "1"]), ("top-hat", ["voxels": "1"]),
      ("top-hat", ["voxels": "1", "side": "black", "shape": "box"]),
      ("reconstruction", ["h": shortest((span / 3).rounded()), "dome": "true"]),
      ("reconstruction", ["h": shortest((span / 2).rounded()), "dome": "true", "by": "erosion"]),
    ]
    for (name, parameters) in cases {
      let integers = try run(name, parameters, AnyVolume.f64(image).converted(to: kind))
      #expect(integers.kind == kind.ofDifferences)
      #expect(integers.converted(to: .float64) == (try run(name, parameters, .f64(image))), "\(name)")
    }
    let levelled = try run(
      "reconstruction", ["h": shortest((span / 2).rounded())], AnyVolume.f64(image).converted(to: kind))
    let expected = try run("reconstruction", ["h": shortest((span / 2).rounded())], .f64(image))
    #expect(levelled == expected.converted(to: kind))
  }
}

@Suite("Filters · degenerate images")
struct DegenerateImages {
  @Test("nothing is found in a constant image", arguments: ["frangi", "sato"])
  func vesselness(_ measure: String) throws {
    for (value, size) in [
      (Float(1000), Size(columns: 20, rows: 19, slices: 18)), (-1000, Size(columns: 20, rows: 19, slices: 1)),
    ] {
      let image = Volume(Geometry(size: size), repeating: value)
      #expect(try run("vesselness", ["measure": measure], .f32(image)).float.array.allSatisfy { $0 == 0 })
    }
  }

  @Test(
    "one slice is filtered as a slice of a volume that is filtered slice by slice",
    arguments: BoundaryCondition.allCases)
  func oneSlice(_ boundary: BoundaryCondition) throws {
    let flat = Geometry(size: Size(columns: 23, rows: 21, slices: 1))
    let slice = noise(flat, seed: 8).map { 1100 + Float($0) }
    let stack = try Volume(
      Geometry(size: Size(columns: 23, rows: 21, slices: 3)), voxels: slice.array + slice.array + slice.array)
    let light = ["non-local-means": ["patch": "1", "search": "2"], "wavelet": ["subband": "LH"]]
    for entry in FilterCatalogue.all {
      let names = entry.parameterList.map(\.name)
      guard names.contains("planar") else { continue }
      var parameters = light[entry.name] ?? [:]
      if names.contains("boundary") { parameters["boundary"] = boundary.rawValue }
      let one = try run(entry.name, parameters, .f32(slice)).float.array
      parameters["planar"] = "true"
      let three = try run(entry.name, parameters, .f32(stack)).float.array
      guard three.count == 3 * one.count else { continue }
      let range = one.reduce(0) { max($0, $1.magnitude) }
      let apart = zip(one + one + one, three).reduce(Float(0)) { max($0, ($1.0 - $1.1).magnitude) }
      #expect(apart <= 1e-5 * range, "\(entry.name)")
    }
  }

  @Test("every filter takes one voxel, a row, a column and a line of slices")
  func oneVoxel() throws {
    for (x, y, z) in [(1, 1, 1), (7, 1, 1), (1, 7, 1), (1, 1, 7), (2, 3, 1)] {
      let geometry = Geometry(size: Size(columns: x, rows: y, slices: z))
      for entry in FilterCatalogue.all {
        for kind in [VoxelKind.uint8, .int16, .float32] {
          let image = AnyVolume.f32(noise(geometry, seed: 6).map { Float($0) + 1100 }).converted(to: kind)
          do { _ = try run(entry.name, [:], image) } catch let error as ImageError {
            #expect(error.kind == .invalidParameter || error.kind == .limitExceeded)
          }
        }
      }
    }
  }
}
