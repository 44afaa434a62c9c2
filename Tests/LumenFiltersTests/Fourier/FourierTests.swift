// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

@testable import LumenFilters

/// The definition of the transform of a line, O(n²), in double precision.
private func plain(_ line: [(Double, Double)]) -> [(Double, Double)] {
  let n = line.count
  return (0..<n).map { k in
    var (re, im) = (0.0, 0.0)
    for (j, v) in line.enumerated() {
      let angle = -2 * Double.pi * Double(j * k % n) / Double(n), (c, s) = (cos(angle), sin(angle))
      re += v.0 * c - v.1 * s
      im += v.0 * s + v.1 * c
    }
    return (re, im)
  }
}

/// Largest error of the transforms of a batch against the definition, over the root mean square of the result.
private func error<R: FourierReal>(_ type: R.Type, _ n: Int, inverse: Bool) -> Double {
  let plan = FourierPlan<R>(n), lanes = R.lanes
  let values = noise(Geometry(size: Size(columns: 2 * lanes, rows: n)), seed: UInt32(n)).array.map { Double($0) }
  var a = [R](repeating: 0, count: plan.bufferCount), b = a
  for i in values.indices { a[i] = R(values[i]) }
  let result = a.withUnsafeMutableBufferPointer { a in
    b.withUnsafeMutableBufferPointer { b in
      let p = plan.transform(a.baseAddress!, b.baseAddress!, inverse: inverse)
      return (0..<2 * lanes * n).map { Double(p[$0]) }
    }
  }
  var worst = 0.0, square = 0.0
  for lane in [0, lanes / 2, lanes - 1] {
    let sign = inverse ? -1.0 : 1.0
    let expected = plain((0..<n).map { (values[2 * lanes * $0 + lane], sign * values[2 * lanes * $0 + lanes + lane]) })
    for (k, e) in expected.enumerated() {
      worst = max(
        worst, abs(result[2 * lanes * k + lane] - e.0), abs(result[2 * lanes * k + lanes + lane] - sign * e.1))
      square += (e.0 * e.0 + e.1 * e.1) / 6 / Double(n)
    }
  }
  return worst / square.squareRoot()
}

@Suite("Fourier · definition")
struct FourierDefinition {
  @Test(arguments: Array(1...36) + [49, 64, 97, 105, 121, 128, 210, 211, 256, 343])
  func lines(_ n: Int) {
    for inverse in [false, true] {
      #expect(error(Float.self, n, inverse: inverse) < 3e-6)
      #expect(error(Double.self, n, inverse: inverse) < 2e-14)
    }
  }

  /// numpy.fft.fftn(a)[slice, row, column], NumPy 2.4.6, of the noise with seed 5.
  @Test func volumeLikeNumPy() throws {
    let image = noise(Geometry(size: Size(columns: 10, rows: 11, slices: 6)), seed: 5).map { Double($0) }
    let f = Fourier.transform(image), g = Fourier.transform(image.map { Float($0) })
    for (at, re, im) in numPy {
      let i = f.re.size.offset(at.0, at.1, at.2)
      f.re.withVoxels { #expect(abs($0[i] - re) < 1e-8) }
      f.im.withVoxels { #expect(abs($0[i] - im) < 1e-8) }
      g.re.withVoxels { #expect(abs(Double($0[i]) - re) < 0.1) }
      g.im.withVoxels { #expect(abs(Double($0[i]) - im) < 0.1) }
    }
  }
}

private let numPy: [((Int, Int, Int), Double, Double)] = [
  ((0, 0, 0), 656708.0000000000, 0.0000000000),
  ((1, 0, 0), 29809.9267991806, 10295.8404785169),
  ((5, 3, 2), 5198.1115782492, 1666.5196846404),
  ((2, 10, 5), -9699.4959133239, 3721.5970626077),
  ((4, 7, 3), -54942.8284031473, -11714.4658529291),
  ((5, 0, 3), -21786.0000000000, -0.0000000000),
]

@Suite("Fourier · property")
struct FourierProperties {
  static let sizes = [
    (1, 1, 1), (2, 1, 1), (16, 1, 1), (1, 9, 1), (1, 1, 7), (5, 3, 2), (16, 16, 4), (31, 18, 5), (48, 33, 3),
    (67, 40, 2),
  ]

  @Test(arguments: sizes)
  func inverseGivesTheVolumeBack(_ nx: Int, _ ny: Int, _ nz: Int) throws {
    let g = Geometry(size: Size(columns: nx, rows: ny, slices: nz))
    let image = noise(g, seed: 9).map { Double($0) }, single = image.map { Float($0) }
    for planar in [false, true] {
      let back = try Fourier.inverse(Fourier.transform(image, planar: planar), g)
      #expect(zip(back.array, image.array).allSatisfy { abs($0 - $1) < 1e-10 })
      let backSingle = try Fourier.inverse(Fourier.transform(single, planar: planar), g)
      #expect(zip(backSingle.array, single.array).allSatisfy { abs($0 - $1) < 1e-2 })
    }
  }

  @Test("Σ|f|² = Σ|F|² / N, and a shift turns the phase only")
  func parsevalAndShift() throws {
    let size = Size(columns: 30, rows: 14, slices: 9), g = Geometry(size: size)
    let image = noise(g, seed: 2).map { Double($0) }
    var moved = image
    for z in 0..<9 {
      for y in 0..<14 { for x in 0..<30 { moved[(x + 3) % 30, (y + 5) % 14, (z + 8) % 9] = image[x, y, z] } }
    }
    let f = Fourier.transform(image), h = Fourier.transform(moved)
    var sum = 0.0, worst = 0.0
    for z in 0..<9 {
      for y in 0..<14 {
        for x in 0..<f.columns {
          let (a, b) = (f.re[x, y, z], f.im[x, y, z])
          sum += (a * a + b * b) * (x == 0 || x == 15 ? 1 : 2)
          let angle = -2 * Double.pi * (3 * Double(x) / 30 + 5 * Double(y) / 14 + 8 * Double(z) / 9)
          worst = max(
            worst, abs(h.re[x, y, z] - a * cos(angle) + b * sin(angle)),
            abs(h.im[x, y, z] - a * sin(angle) - b * cos(angle)))
        }
      }
    }
    let energy = image.array.reduce(0) { $0 + $1 * $1 }
    #expect(abs(sum / Double(size.count) / energy - 1) < 1e-13)
    #expect(worst < 1e-8)
  }

  @Test("A margin is the same as a padded volume", arguments: BoundaryCondition.allCases)
  func margin(_ boundary: BoundaryCondition) {
    let inner = Size(columns: 7, rows: 5, slices: 3), outer = Size(columns: 20, rows: 18, slices: 9)
    let image = noise(Geometry(size: inner), seed: 4).map { Float($0) }
    let before = SIMD3(6, 5, 2)
    var padded = Volume<Float>(Geometry(size: outer), repeating: 0)
    for z in 0..<9 {
      for y in 0..<18 {
        for x in 0..<20 {
          guard let i = boundary.index(x - before.x, count: 7), let j = boundary.index(y - before.y, count: 5),
            let k = boundary.index(z - before.z, count: 3)
          else { continue }
          padded[x, y, z] = image[i, j, k]
        }
      }
    }
    let transform = FourierTransform<Float>(outer)
    let a = transform.forward(image, margin: FourierMargin(before: before, boundary: boundary))
    let b = transform.forward(padded)
    #expect(a.re.array.elementsEqual(b.re.array) && a.im.array.elementsEqual(b.im.array))
    let back = transform.inverse(a, image.geometry, before: before)
    #expect(zip(back.array, image.array).allSatisfy { abs($0 - $1) < 1e-2 })
  }

  @Test func sameBitsForAnyNumberOfThreads() {
    let image = noise(Geometry(size: Size(columns: 90, rows: 70, slices: 33)), seed: 9).map { Float($0) }
    let (one, two) = withThreads { Fourier.transform(image) }
    #expect(one.re == two.re && one.im == two.im)
  }

  @Test func refusesAnotherSize() {
    let f = Fourier.transform(Volume<Float>(Geometry(size: Size(columns: 4, rows: 4)), repeating: 0))
    #expect(throws: ImageError.self) { try Fourier.inverse(f, Geometry(size: Size(columns: 4, rows: 5))) }
  }
}
