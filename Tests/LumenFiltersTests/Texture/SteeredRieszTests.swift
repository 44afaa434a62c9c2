// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenFilters

@Suite("Steered Riesz · property")
struct SteeredRieszProperties {
  // Odd lengths, for which the frequencies of IBSI 2 are symmetric.
  private let cube = noise(Geometry(size: Size(columns: 15, rows: 15, slices: 15)), seed: 17).map { Float($0) }

  private func distance(_ a: Volume<Float>, _ b: Volume<Float>) -> [Float] {
    zip(a.array, b.array).map { ($0 - $1).magnitude }.sorted()
  }

  @Test("turning and flipping the image turns and flips the result")
  func turns() throws {
    func moved(_ v: Volume<Float>, _ from: (Int, Int, Int) -> (Int, Int, Int)) -> Volume<Float> {
      var out = v
      for z in 0..<15 {
        for y in 0..<15 {
          for x in 0..<15 {
            let p = from(x, y, z)
            out[x, y, z] = v[p.0, p.1, p.2]
          }
        }
      }
      return out
    }
    for orders in [(0, 2, 0), (1, 0, 0), (1, 2, 1)] {
      let filter = SteeredRiesz(
        first: orders.0, second: orders.1, third: orders.2, sigma: .mm(1.5), boundary: .periodic)
      let result = try filter(cube), largest = result.array.map(\.magnitude).max() ?? 0
      for from: (Int, Int, Int) -> (Int, Int, Int) in [
        { (14 - $1, $0, $2) }, { ($2, $0, $1) }, { (14 - $0, $1, $2) }, { ($0, $2, 14 - $1) },
      ] {
        let apart = distance(try filter(moved(cube, from)), moved(result, from))
        // Equal eigenvalues leave the direction open: at few voxels.
        #expect(apart[apart.count - 10] <= 1e-3 * largest, "\(orders)")
      }
    }
  }

  @Test("a plane wave answers along its own direction only")
  func wave() throws {
    // Of one of the frequencies of IBSI 2; its phase keeps the first derivative off zero almost everywhere.
    let n = 33, w = 8 * Double.pi / Double(n)
    let image = Volume<Float>(Geometry(size: Size(columns: n, rows: n, slices: n))) { out in
      for i in out.indices { out[i] = Float(100 * cos(w * Double(i / n % n) + 0.3)) }
    }
    let along = try SteeredRiesz(first: 2, second: 0, third: 0, sigma: .mm(1), boundary: .periodic)(image)
    let across = try SteeredRiesz(first: 0, second: 2, third: 0, sigma: .mm(1), boundary: .periodic)(image)
    // (−i)² along the wave: its negative.
    for (a, v) in zip(along.array, image.array) { #expect(abs(a + v) < 0.01) }
    #expect(across.array.allSatisfy { abs($0) < 0.01 })
    let first = try SteeredRiesz(first: 1, second: 0, third: 0, sigma: .mm(1), boundary: .periodic)(image)
    #expect(first.array.allSatisfy { $0 >= -1e-3 && $0 < 100.01 })
  }

  @Test("eigenvectors are orthonormal and diagonalise the matrix")
  func eigenvectors() {
    var s: UInt32 = 3
    func next() -> Double {
      s = s &* 1_664_525 &+ 1_013_904_223
      return Double(s >> 8) / 0x1p23 - 1
    }
    for k in 0..<200 {
      var m = (0..<6).map { _ in next() * (k % 3 == 0 ? 1e-20 : 1e6) }
      if k % 5 == 0 { (m[3], m[4]) = (0, 0) }
      if k % 7 == 0 { m[5] = 0 }
      let u = symmetricEigenvectors(m[0], m[1], m[2], m[3], m[4], m[5])
      func times(_ v: SIMD3<Double>) -> SIMD3<Double> {
        [
          m[0] * v.x + m[3] * v.y + m[4] * v.z, m[3] * v.x + m[1] * v.y + m[5] * v.z,
          m[4] * v.x + m[5] * v.y + m[2] * v.z,
        ]
      }
      let scale = m.map(abs).max() ?? 1
      var last = Double.infinity
      for a in 0..<3 {
        let value = (u[a] * times(u[a])).sum()
        #expect(value <= last + 1e-13 * scale)
        last = value
        for b in 0..<3 {
          #expect(abs((u[a] * u[b]).sum() - (a == b ? 1 : 0)) < 1e-13)
          if a != b { #expect(abs((u[a] * times(u[b])).sum()) < 1e-13 * scale) }
        }
      }
    }
    #expect(symmetricEigenvectors(2, 2, 2, 0, 0, 0) == Frame.axes)
  }

  @Test("flat, small and infinite images")
  func neverTraps() throws {
    for size in [
      Size(columns: 1, rows: 1), Size(columns: 1, rows: 7, slices: 2), Size(columns: 4, rows: 1),
      Size(columns: 5, rows: 5, slices: 5),
    ] {
      let flat = Volume(Geometry(size: size), repeating: Float(3))
      #expect(try SteeredRiesz()(flat).array.allSatisfy(\.isFinite))
      #expect(throws: ImageError.self) { try SteeredRiesz()(flat.map { _ in .nan }) }
    }
  }

  @Test func refusesParameters() {
    let flat = Volume(Geometry(size: Size(columns: 4, rows: 4)), repeating: Float(0))
    for (filter, text) in [
      (SteeredRiesz(first: -1, second: 2, third: 0, sigma: .mm(1)), "first is -1, expected 0 … 6"),
      (SteeredRiesz(first: 0, second: 7, third: 0, sigma: .mm(1)), "second is 7, expected 0 … 6"),
      (SteeredRiesz(first: 1, second: 0, third: 1, sigma: .mm(1)), "third is 1, expected 0 because a slice has two"),
      (SteeredRiesz(first: 0, second: 0, third: 0, sigma: .mm(1)), "first, second and third are 0 together"),
      (SteeredRiesz(first: 4, second: 3, third: 0, sigma: .mm(1)), "first, second and third are 7 together"),
      (SteeredRiesz(first: 1, second: 0, third: 0, sigma: .mm(.nan)), "sigma is nanmm, expected more than 0mm"),
      (SteeredRiesz(first: 1, second: 0, third: 0, sigma: .mm(1), level: 11), "level is 11, expected 0 … 10"),
    ] {
      let error = #expect(throws: ImageError.self) { try filter(flat) }
      #expect(error?.kind == .invalidParameter)
      #expect(error?.what.hasPrefix(text) == true, "\(error?.what ?? "")")
    }
  }
}
