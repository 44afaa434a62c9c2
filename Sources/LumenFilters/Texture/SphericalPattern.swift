// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The samples of a spherical local binary pattern and their spherical harmonics.
struct SphericalSamples: Sendable {
  /// Offsets along slices, rows and columns: PyRadiomics adds x, y, z of the sphere to indices z, y, x.
  let offsets: [SIMD3<Double>]
  /// Real and imaginary parts of Y(n, m) at every sample, sample by sample, for m = −n … n.
  let harmonics: [SIMD2<Double>]
  /// Σ over samples of Y(n, m)·Y(n, m′), without conjugation.
  let products: [SIMD2<Double>]
  /// 2n + 1.
  let orders: Int

  init(radius: Double, subdivision: Int, degree n: Int) {
    let sphere = icosphere(subdivision)
    offsets = sphere.map { $0 * radius }
    orders = 2 * n + 1
    var harmonics: [SIMD2<Double>] = []
    for p in sphere {
      // PyRadiomics hands the polar angle over where SciPy expects the azimuth, and the azimuth for the polar angle.
      let azimuth = acos(min(max(p.z, -1), 1)), x = cos(atan2(p.y, p.x))
      for m in -n...n {
        let y = sphericalHarmonic(n, abs(m), azimuth, x)
        harmonics.append(m < 0 ? SIMD2(y.x, -y.y) * (m % 2 == 0 ? 1 : -1) : y)
      }
    }
    var products = [SIMD2<Double>](repeating: .zero, count: orders * orders)
    for s in sphere.indices {
      for i in 0..<orders {
        for j in 0..<orders { products[i * orders + j] += times(harmonics[s * orders + i], harmonics[s * orders + j]) }
      }
    }
    (self.harmonics, self.products) = (harmonics, products)
  }

  /// Real part of the L2 norm, over the samples, of the pattern's part of this degree; `pattern` has a one for each
  /// sample that is set.
  func norm(_ pattern: UnsafePointer<Double>, _ stride: Int, _ sums: UnsafeMutablePointer<SIMD2<Double>>) -> Double {
    for i in 0..<orders { sums[i] = .zero }
    for s in 0..<offsets.count where pattern[s &* stride] > 0 {
      for i in 0..<orders { sums[i] += harmonics[s &* orders &+ i] }
    }
    var total = SIMD2<Double>.zero
    for i in 0..<orders {
      for j in 0..<orders { total += times(times(sums[i], sums[j]), products[i &* orders &+ j]) }
    }
    // Re √(a + bi) = √((|a + bi| + a) / 2).
    let size = (total.x * total.x + total.y * total.y).squareRoot()
    return max(0.5 * (size + total.x), 0).squareRoot()
  }
}

/// Product of two complex numbers.
@inline(__always)
private func times(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> SIMD2<Double> {
  SIMD2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
}

/// Y(n, m) = √((2n + 1)/4π · (n − m)!/(n + m)!) · P(n, m)(x) · exp(i·m·azimuth), m ≥ 0, with the Condon–Shortley phase.
private func sphericalHarmonic(_ n: Int, _ m: Int, _ azimuth: Double, _ x: Double) -> SIMD2<Double> {
  // P(m, m) = (−1)ᵐ (2m − 1)!! (1 − x²)^(m/2), then upwards in n.
  let root = max(1 - x * x, 0).squareRoot()
  var p = 1.0
  for k in 0..<m { p *= -Double(2 * k + 1) * root }
  var below = 0.0
  for k in m..<n {
    let next = (Double(2 * k + 1) * x * p - Double(k + m) * below) / Double(k + 1 - m)
    (below, p) = (p, next)
  }
  var ratio = 1.0
  for k in n - m + 1..<n + m + 1 { ratio /= Double(k) }
  let y = (Double(2 * n + 1) / (4 * .pi) * ratio).squareRoot() * p
  return SIMD2(y * cos(Double(m) * azimuth), y * sin(Double(m) * azimuth))
}

/// Vertices of a subdivided icosahedron on the unit sphere: 12, 42, 162, 642 …
private func icosphere(_ subdivisions: Int) -> [SIMD3<Double>] {
  let t = 0.5 * (1 + 5.0.squareRoot()), scale = 1 / (2 + t).squareRoot()
  var vertices: [SIMD3<Double>] = []
  for (a, b) in [(-1, 1), (1, 1), (-1, -1), (1, -1)] as [(Double, Double)] {
    vertices.append(SIMD3(a, b * t, 0) * scale)
    vertices.append(SIMD3(0, a, b * t) * scale)
    vertices.append(SIMD3(b * t, 0, a) * scale)
  }
  func near(_ a: Int, _ b: Int) -> Bool { distance(vertices[a], vertices[b]) < 2.1 * scale }
  var faces: [(Int, Int, Int)] = []
  for a in 0..<12 {
    for b in a + 1..<12 where near(a, b) {
      for c in b + 1..<12 where near(a, c) && near(b, c) { faces.append((a, b, c)) }
    }
  }
  for _ in 0..<subdivisions {
    var middles: [[Int]: Int] = [:]
    func middle(_ a: Int, _ b: Int) -> Int {
      let edge = [min(a, b), max(a, b)]
      if let known = middles[edge] { return known }
      let m = 0.5 * (vertices[a] + vertices[b])
      vertices.append(m / distance(m, .zero))
      middles[edge] = vertices.count - 1
      return vertices.count - 1
    }
    faces = faces.flatMap { a, b, c in
      let (ab, bc, ca) = (middle(a, b), middle(b, c), middle(c, a))
      return [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    }
  }
  return vertices
}

private func distance(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
  let d = a - b
  return (d * d).sum().squareRoot()
}
