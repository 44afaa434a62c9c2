// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenFilters

/// What a linear filter keeps, besides sums and multiples.
struct LinearFilter: Sendable, CustomTestStringConvertible {
  var name: String, parameters: [(name: String, value: String)]
  /// For columns, rows and slices: e when the filter of the flipped image is the flipped result, o when it is its
  /// negative, - when neither.
  var flips: String
  /// Whether the filter of the image turned in the plane is the turned result.
  var turns = false
  /// What a constant image is multiplied by, which is the sum of the response to an impulse; nil when it depends on
  /// more.
  var gain: Double?
  /// Whether the filter of the shifted image is the shifted result.
  var shifts = true

  init(
    _ name: String, _ parameters: KeyValuePairs<String, String> = [:], flips: String = "---", turns: Bool = false,
    gain: Double? = nil, shifts: Bool = true
  ) {
    self.name = name
    self.parameters = parameters.map { (name: $0.key, value: $0.value) }
    (self.flips, self.turns, self.gain, self.shifts) = (flips, turns, gain, shifts)
  }

  var testDescription: String {
    "\(name)(\(parameters.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")))"
  }

  func callAsFunction(_ v: Volume<Float>) throws -> Volume<Float> {
    let entry = try #require(FilterCatalogue.all.first { $0.name == name })
    let filter = try #require(try entry.make(parameters) as? any Filter)
    return try filter(.f32(v)).float
  }

  static let all: [LinearFilter] = [
    .init("gaussian", ["sigma": "1.5mm"], flips: "eee", turns: true, gain: 1),
    .init("mean", ["size": "3"], flips: "eee", turns: true, gain: 1),
    .init("mean", ["size": "5", "boundary": "periodic"], flips: "eee", turns: true, gain: 1),
    .init(
      "laplacian-of-gaussian", ["sigma": "1.2mm", "cutoff": "8", "normalised": "true"], flips: "eee", turns: true,
      gain: 0),
    .init("difference-of-gaussians", ["narrow": "1mm", "wide": "2mm"], flips: "eee", turns: true, gain: 0),
    .init("laplacian", flips: "eee", turns: true, gain: 0),
    .init("unsharp-mask", ["sigma": "1.5mm", "amount": "2"], flips: "eee", turns: true, gain: 1),
    .init("laws", ["kernels": "L5E5S5"], flips: "eoe", gain: 0),
    .init("laws", ["kernels": "L5L5L5"], flips: "eee", turns: true, gain: pow(16 / 70.0.squareRoot(), 3)),
    .init("laws", ["kernels": "L5S5R5", "pooling": "mean"], flips: "eee", turns: true, gain: 0),
    .init("recursive-gaussian", ["sigma": "1.5mm"], flips: "eee", turns: true, gain: 1),
    .init("recursive-gaussian", ["sigma": "1.5mm", "x-order": "1"], flips: "oee", gain: 0),
    .init("recursive-gaussian", ["sigma": "1.5mm", "y-order": "1", "z-order": "2"], flips: "eoe", gain: 0),
    .init("recursive-laplacian", ["sigma": "1.5mm"], flips: "eee", turns: true, gain: 0),
    .init("convolve", ["kernel": "1 2 1; 2 4 2; 1 2 1"], flips: "eee", turns: true, gain: 16),
    .init("convolve", ["kernel": "0 3 -1 | 0 1 0 | 0 3 -1"], flips: "-ee", gain: 5),
    .init("convolve", ["kernel": "-1; 0; 1", "correlate": "true"], flips: "eoe", gain: 0),
    .init("wavelet", ["family": "coif1", "boundary": "periodic"], gain: pow(2, 1.5)),
    .init("wavelet", ["family": "haar", "subband": "LLH", "level": "2"], gain: 0),
    .init("wavelet", ["family": "db3", "subband": "LHL", "pooling": "mean"], turns: true, gain: 0),
    .init("simoncelli", ["level": "1"], flips: "eee", turns: true, gain: 0),
    .init("simoncelli", ["level": "2", "planar": "true"], flips: "eee", turns: true, gain: 0),
    .init("riesz", ["x": "1", "boundary": "periodic"], flips: "oee", gain: 0),
    .init("riesz", ["x": "1", "y": "0", "z": "2", "level": "1", "boundary": "periodic"], flips: "oee", gain: 0),
    .init("gabor", ["response": "real", "sigma": "1.2mm", "wavelength": "3mm"], flips: "eee"),
    .init("gabor", ["response": "imaginary", "sigma": "1.2mm", "wavelength": "3mm"], flips: "oee", gain: 0),
    .init(
      "gabor", ["response": "real", "sigma": "1.2mm", "wavelength": "3mm", "step": "90"], flips: "eee", turns: true),
    .init("replace-non-finite", flips: "eee", turns: true, gain: 1),
    .init("convert-type", ["type": "float32"], flips: "eee", turns: true, gain: 1),
    // Of the grid, which they change or sample elsewhere.
    .init("resample", ["spacing": "1mm"], flips: "eee", turns: true, gain: 1),
    .init("affine", gain: 1),
    .init("flip", shifts: false), .init("reorient", shifts: false), .init("crop", shifts: false),
    .init("pad", shifts: false),
  ]
}

/// Odd lengths, for which the frequencies of IBSI 2 are symmetric.
private let grid = Geometry(size: Size(columns: 33, rows: 33, slices: 33))
private let one = noise(grid, seed: 5).map { Float($0) }, two = noise(grid, seed: 21).map { Float($0) }

private func combined(_ a: Volume<Float>, _ p: Float, _ b: Volume<Float>, _ q: Float) throws -> Volume<Float> {
  try Volume(a.geometry, voxels: zip(a.array, b.array).map { p * $0 + q * $1 })
}

private func largest(_ v: Volume<Float>) -> Float { v.array.reduce(0) { max($0, $1.magnitude) } }

private func distance(_ a: Volume<Float>, _ b: Volume<Float>) -> Float {
  zip(a.array, b.array).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
}

/// The image with every voxel taken from another place; 0 from outside.
private func moved(_ v: Volume<Float>, _ from: (SIMD3<Int>) -> SIMD3<Int>) -> Volume<Float> {
  let s = v.size, voxels = v.array
  return Volume(v.geometry) { out in
    for z in 0..<s.slices {
      for y in 0..<s.rows {
        for x in 0..<s.columns {
          let p = from([x, y, z])
          let isInside = 0..<s.columns ~= p.x && 0..<s.rows ~= p.y && 0..<s.slices ~= p.z
          out[s.offset(x, y, z)] = isInside ? voxels[s.offset(p.x, p.y, p.z)] : 0
        }
      }
    }
  }
}

@Suite("Linear filters · table of properties")
struct LinearFilterTable {
  @Test("sums and multiples", arguments: LinearFilter.all)
  func linear(_ f: LinearFilter) throws {
    let apart = try combined(f(one), 2, f(two), -3), together = try f(combined(one, 2, two, -3))
    #expect(distance(apart, together) <= 1e-5 * largest(together))
  }

  @Test("shift", arguments: LinearFilter.all.filter(\.shifts))
  func shift(_ f: LinearFilter) throws {
    // Zero around: what the boundary conditions add is zero.
    let block = moved(one) { p in all(p .>= 13) && all(p .< 20) ? p : [-1, -1, -1] }
    let by = SIMD3(1, 2, 1), inner = 4..<29
    let apart = moved(try f(block)) { $0 &- by }, together = try f(moved(block) { $0 &- by })
    func inside(_ v: Volume<Float>) -> Volume<Float> { v.cropped(columns: inner, rows: inner, slices: inner) }
    #expect(distance(inside(apart), inside(together)) <= 1e-5 * largest(together))
  }

  @Test("flip along each axis", arguments: LinearFilter.all)
  func flip(_ f: LinearFilter) throws {
    for (axis, kind) in f.flips.enumerated() where kind != "-" {
      func flipped(_ v: Volume<Float>) -> Volume<Float> {
        moved(v) { p in
          var q = p
          q[axis] = v.size[axis] - 1 - p[axis]
          return q
        }
      }
      let result = try f(one)
      let expected = try combined(flipped(result), kind == "e" ? 1 : -1, result, 0)
      #expect(distance(try f(flipped(one)), expected) <= 1e-5 * largest(result), "axis \(axis)")
    }
  }

  @Test("turn by 90° in the plane", arguments: LinearFilter.all.filter(\.turns))
  func turn(_ f: LinearFilter) throws {
    func turned(_ v: Volume<Float>) -> Volume<Float> { moved(v) { [$0.y, v.size.columns - 1 - $0.x, $0.z] } }
    let result = try f(one)
    #expect(distance(try f(turned(one)), turned(result)) <= 1e-5 * largest(result))
  }

  @Test("constant image and impulse", arguments: LinearFilter.all.filter { $0.gain != nil })
  func gain(_ f: LinearFilter) throws {
    let gain = try #require(f.gain)
    let constant = try f(Volume(grid, repeating: 50))
    #expect(constant.array.allSatisfy { abs(Double($0) - 50 * gain) <= 1e-4 * 50 * max(gain, 1) })
    let impulse = moved(Volume(grid, repeating: 1000)) { $0 == [16, 16, 16] ? $0 : [-1, -1, -1] }
    let sum = try f(impulse).array.reduce(0.0) { $0 + Double($1) }
    #expect(abs(sum - 1000 * gain) <= 1e-4 * 1000 * max(gain, 1), "\(sum)")
  }

  @Test("a filter that is linear has a line in the table", arguments: FilterCatalogue.all.map(\.name))
  func complete(_ name: String) throws {
    // The fitting of a bias field takes seconds, the search of patches too; both weigh by intensity.
    if LinearFilter.all.contains(where: { $0.name == name }) || ["bias-field", "non-local-means"].contains(name) {
      return
    }
    let f = LinearFilter(name)
    guard let a = try? f(one), let b = try? f(two), let sum = try? f(combined(one, 2, two, -3)) else { return }
    guard a.size == b.size, a.size == sum.size else { return }
    let isLinear = distance(try combined(a, 2, b, -3), sum) <= 1e-4 * largest(sum)
    #expect(!isLinear, "\(name) is linear: which properties of LinearFilter.all does it have?")
  }
}

private func all(_ mask: SIMDMask<SIMD3<Int>.MaskStorage>) -> Bool { mask[0] && mask[1] && mask[2] }
