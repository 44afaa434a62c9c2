// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

private let cube = Geometry(size: Size(columns: 12, rows: 12, slices: 12))

/// The image turned by 90° about z: (x, y) → (−y, x).
private func turned(_ v: Volume<Float>) -> Volume<Float> {
  var out = v
  let n = v.size.columns
  for z in 0..<v.size.slices { for y in 0..<n { for x in 0..<n { out[n - 1 - y, x, z] = v[x, y, z] } } }
  return out
}

/// The image moved by (2, 5, 3) with its ends joined.
private func moved(_ v: Volume<Float>) -> Volume<Float> {
  var out = v
  let s = v.size
  for z in 0..<s.slices {
    for y in 0..<s.rows {
      for x in 0..<s.columns { out[(x + 2) % s.columns, (y + 5) % s.rows, (z + 3) % s.slices] = v[x, y, z] }
    }
  }
  return out
}

private func distance(_ a: Volume<Float>, _ b: Volume<Float>) -> Float {
  zip(a.array, b.array).map { abs($0 - $1) }.max() ?? .nan
}

private let image = noise(cube, seed: 5).map { Float($0) }
/// Of odd lengths, for which the frequencies of IBSI 2 have 0 among them and are symmetric.
private let odd = Geometry(size: Size(columns: 13, rows: 13, slices: 13))

@Suite("Wavelet families · definition")
struct WaveletFamilies {
  @Test("orthonormal, with the vanishing moments that make them what they are", arguments: WaveletFamily.allCases)
  func filters(_ family: WaveletFamily) {
    let (h, g) = (family.lowPass, family.highPass), n = h.count
    let tolerance = family.rawValue.hasPrefix("sym") ? 1e-11 : 1e-12
    #expect(abs(h.reduce(0, +) - 2.0.squareRoot()) < tolerance)
    for shift in stride(from: 0, to: n, by: 2) {
      for (a, b, expected) in [(h, h, shift == 0 ? 1.0 : 0), (g, g, shift == 0 ? 1 : 0), (h, g, 0)] {
        #expect(abs((shift..<n).reduce(0) { $0 + a[$1] * b[$1 - shift] } - expected) < tolerance)
      }
    }
    let name = family.rawValue
    let moments = name == "haar" ? 1 : name.hasPrefix("coif") ? n / 3 : n / 2
    #expect(name == "haar" || name.drop { $0.isLetter } == String(name.hasPrefix("coif") ? n / 6 : n / 2))
    for m in 0..<moments {
      // Σ g(k) kᵐ, scaled so that rounding of the values weighs the same for each m.
      let sum = g.indices.reduce(0.0) { total, k in
        total + g[k] * (0..<m).reduce(1) { p, _ in p * (2 * Double(k) / Double(n) - 1) }
      }
      #expect(abs(sum) < tolerance, "moment \(m)")
    }
  }
}

@Suite("Texture · property")
struct TextureProperties {
  static let filters: [any Filter] = [
    Gabor(sigma: .mm(1), wavelength: .mm(3), gamma: 0.7, step: 45, planes: .orthogonal, boundary: .periodic),
    Wavelet(.db3, subband: .llh, level: 2, pooling: .mean, boundary: .periodic),
    Wavelet(.coif1, subband: .lhh, pooling: .max, boundary: .periodic),
    Simoncelli(level: 2), Riesz(x: 1, y: 2, z: 0, level: 1, boundary: .periodic),
  ]

  private func run(_ f: any Filter, _ v: Volume<Float>) throws -> Volume<Float> { try f(.f32(v)).float }

  @Test("moves with the image", arguments: filters.indices)
  func shift(_ i: Int) throws {
    let f = Self.filters[i]
    #expect(distance(try run(f, moved(image)), moved(try run(f, image))) < 5e-3)
  }

  @Test("turns with the image where all directions are pooled", arguments: 0..<4)
  func turn(_ i: Int) throws {
    let f = Self.filters[i]
    let image = noise(odd, seed: 5).map { Float($0) }
    #expect(distance(try run(f, turned(image)), turned(try run(f, image))) < 5e-3)
  }

  @Test("of a constant", arguments: filters.indices)
  func constant(_ i: Int) throws {
    let result = try run(Self.filters[i], Volume(odd, repeating: 1000))
    let spread = (result.array.max() ?? 0) - (result.array.min() ?? 0)
    #expect(spread < 5e-3 && (i == 0 || abs(result[0, 0, 0]) < 5e-3))
  }

  @Test("an impulse becomes the flipped-free kernel: convolution, not correlation")
  func impulse() throws {
    var v = Volume<Float>(Geometry(size: Size(columns: 15, rows: 1)), repeating: 0)
    v[7, 0] = 1
    let result = try Wavelet(.db2, subband: .hl, boundary: .zero)(v).array
    // Four values and the zero at the end, centred on the impulse.
    #expect(zip(result[5...9], WaveletFamily.db2.highPass + [0]).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    let gabor = try Gabor(sigma: .mm(1), wavelength: .mm(4), response: .imaginary, boundary: .zero)(v)
    #expect(gabor[8, 0] > 0.5 && abs(gabor[8, 0] + gabor[6, 0]) < 1e-5)
  }

  @Test("squares of the Riesz transforms of one order add up to the band's energy")
  func rieszEnergy() throws {
    let odd = Geometry(size: Size(columns: 15, rows: 13, slices: 11))
    let v = noise(odd, seed: 3).map { Float($0) }
    func energy(_ w: Volume<Float>) -> Double { w.array.reduce(0) { $0 + Double($1) * Double($1) } }
    let band = energy(try Simoncelli(level: 1)(v))
    for order in 1...3 {
      var sum = 0.0
      for x in 0...order {
        for y in 0...order - x {
          sum += energy(try Riesz(x: x, y: y, z: order - x - y, level: 1, boundary: .periodic)(v))
        }
      }
      #expect(abs(sum / band - 1) < 1e-4)
    }
  }

  @Test("tiles join without a seam, one or many, for every part and boundary", arguments: BoundaryCondition.allCases)
  func tiles(_ boundary: BoundaryCondition) throws {
    let v = noise(Geometry(size: Size(columns: 301, rows: 203, slices: 2)), seed: 8).map { Float($0) }
    for response in Gabor.Response.allCases {
      let filter = Gabor(
        sigma: .mm(1), wavelength: .mm(3), theta: 25, response: response, radius: 3, boundary: boundary)
      let whole = try filter(v)
      // The definition at some voxels around tiles' edges.
      for (x, y, z) in [(0, 0, 0), (300, 202, 1), (57, 58, 0), (58, 59, 1), (121, 200, 0), (250, 101, 1)] {
        let part = try filter(window(v, x, y, z, boundary))
        #expect(abs(whole[x, y, z] - part[3, 3]) < 2e-3, "\(response) at \(x), \(y), \(z)")
      }
    }
  }

  /// The 7 × 7 surroundings of a voxel.
  private func window(_ v: Volume<Float>, _ x: Int, _ y: Int, _ z: Int, _ boundary: BoundaryCondition) -> Volume<Float>
  {
    var out = Volume<Float>(Geometry(size: Size(columns: 7, rows: 7)), repeating: 0)
    for j in 0..<7 {
      for i in 0..<7 {
        if let a = boundary.index(x + i - 3, count: v.size.columns),
          let b = boundary.index(y + j - 3, count: v.size.rows)
        {
          out[i, j] = v[a, b, z]
        }
      }
    }
    return out
  }

  @Test func banksEqualSingleFilters() throws {
    let filter = Gabor(sigma: .mm(1), wavelength: .mm(3), gamma: 0.5, response: .real, radius: 4)
    for (angle, response) in zip([0.0, 45, 110], try filter.bank(image, angles: [0, 45, 110])) {
      var one = filter
      one.theta = angle
      #expect(try one(image) == response)
    }
    for band in try Wavelet(.coif2, subband: .lll, level: 2).subbands(image) {
      #expect(distance(try Wavelet(.coif2, subband: band.subband, level: 2)(image), band.volume) < 1e-3)
    }
  }

  @Test("degenerate images and NaN do not trap")
  func degenerate() throws {
    let more: [any Filter] = [Wavelet(.db10, subband: .hh, level: 8, planar: true), Gabor(), Riesz(x: 0, y: 0, z: 3)]
    for size in [Size(columns: 1, rows: 1), Size(columns: 5, rows: 1), Size(columns: 1, rows: 3, slices: 2)] {
      for f in Self.filters + more {
        for value in [Float.nan, .infinity, 0] {
          let result = try unlessNonFinite { try f(.f32(Volume(Geometry(size: size), repeating: value))) }
          #expect(result.map { $0.size == size } ?? !value.isFinite)
        }
      }
    }
  }
}

@Suite("Texture · malformed")
struct TextureMalformed {
  static let wrong: [(String, any Filter)] = [
    ("sigma", Gabor(sigma: .mm(0), wavelength: .mm(3))), ("sigma", Gabor(sigma: .mm(.nan), wavelength: .mm(3))),
    ("sigma", Gabor(sigma: .mm(1e9), wavelength: .mm(3))), ("wavelength", Gabor(sigma: .mm(1), wavelength: .mm(-1))),
    ("gamma", Gabor(sigma: .mm(1), wavelength: .mm(3), gamma: .infinity)),
    ("sigma 1mm with gamma", Gabor(sigma: .mm(1), wavelength: .mm(3), gamma: 1e-9)),
    ("theta", Gabor(sigma: .mm(1), wavelength: .mm(3), theta: .nan)),
    ("step", Gabor(sigma: .mm(1), wavelength: .mm(3), step: 1e-9)),
    ("step", Gabor(sigma: .mm(1), wavelength: .mm(3), step: .nan)),
    ("radius", Gabor(sigma: .mm(1), wavelength: .mm(3), radius: Int.max)),
    ("level", Wavelet(.haar, subband: .lll, level: 0)), ("level", Wavelet(.haar, subband: .lll, level: Int.max)),
    ("subband", Wavelet(.haar, subband: .ll)), ("subband", Wavelet(.haar, subband: .lll, planar: true)),
    ("level", Simoncelli(level: 0)), ("level", Simoncelli(level: Int.min)),
    ("level", Riesz(x: 1, y: 0, z: 0, level: 11)),
    ("x", Riesz(x: -1, y: 0, z: 2)), ("y", Riesz(x: 1, y: Int.max, z: 0)), ("x, y and z", Riesz(x: 0, y: 0, z: 0)),
    ("z", Riesz(x: 1, y: 0, z: 1, planar: true)),
  ]

  @Test(arguments: wrong.indices)
  func refuses(_ i: Int) {
    let error = #expect(throws: ImageError.self) { try Self.wrong[i].1(.f32(image)) }
    #expect(error?.kind == .invalidParameter)
    #expect(error?.what.hasPrefix(Self.wrong[i].0) == true, "\(error?.what ?? "")")
  }

  @Test func refusesKernelsBeyondMemory() {
    let error = #expect(throws: ImageError.self) {
      try Gabor(sigma: .mm(150), wavelength: .mm(3), step: 0.5)(Volume(cube, repeating: 0))
    }
    #expect(error?.kind == .limitExceeded)
    #expect(throws: ImageError.self) { try Gabor().bank(image, angles: []) }
  }
}
