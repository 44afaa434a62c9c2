// SPDX-License-Identifier: Apache-2.0

/// What the tissue of a lesion looks like: the property that separates the classes.
struct Texture: Sendable {
  /// Standard deviation of the tissue, HU, without scanner noise.
  var deviation: Double
  /// Size of a blob, mm.
  var grain: Double
  /// Depth of a necrotic core in units of the blobs' deviation; 0 without core.
  var core: Double
}

/// A solid nodule with a lobulated outline.
struct Lesion {
  let centre: SIMD3<Double>
  let radius: Double
  private let seed: UInt64
  private let texture: Texture

  init(patient: UInt64, centre: SIMD3<Double>, diameter: Double, texture: Texture) {
    self.centre = centre
    radius = diameter / 2
    seed = random(patient, 2)
    self.texture = texture
  }

  /// Signed distance to the outline, mm, to first order; star-shaped about the centre.
  func distance(_ p: SIMD3<Double>) -> Double {
    let d = (p - centre) * SIMD3(1.02, 1.06, 0.94)
    let r = (d * d).sum().squareRoot()
    if r > 1.4 * radius + 12 { return r - radius }
    if r < 0.3 * radius { return r - radius }
    let lobes = lattice(seed, d / r * 1.6 + SIMD3(8, 8, 8))
    return r - radius * (1 + 0.12 * min(max(lobes, -1.2), 1.2))
  }

  /// Tissue before it is scaled to mean and deviation: blobs of two sizes, less a core.
  func tissue(_ p: SIMD3<Double>) -> Double {
    let q = p - centre + SIMD3(100, 100, 100)
    let blobs = 0.8 * lattice(seed ^ 1, q / texture.grain) + 0.5 * lattice(seed ^ 2, q / (0.55 * texture.grain))
    let d = p - centre - SIMD3(0.12, -0.1, 0.08) * radius
    let core = Anatomy.coverage(((d * d).sum().squareRoot() - 0.5 * radius) / 2)
    return blobs - texture.core * core
  }

  var deviation: Double { texture.deviation }
}
