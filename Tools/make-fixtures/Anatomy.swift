// SPDX-License-Identifier: Apache-2.0

/// A child-sized chest in Hounsfield units: skin, fat, muscle, ribs, spine, lungs with vessels, heart, aorta, trachea,
/// liver and the table. Lengths in millimetres from the middle of the image; x to the left, y to the back, z to the head.
struct Anatomy {
  /// Field of view, mm: everything scales with it.
  let fov: Double
  let lung: Double, muscle: Double
  private let seed: UInt64
  /// Segments of vessels as capsules.
  private let vessels: [Capsule]

  struct Capsule {
    let from: SIMD3<Double>, to: SIMD3<Double>
    let radius: (from: Double, to: Double)

    func distance(_ p: SIMD3<Double>) -> Double {
      let axis = to - from, d = p - from
      let t = min(max((d * axis).sum() / (axis * axis).sum(), 0), 1)
      let r = d - axis * t
      return (r * r).sum().squareRoot() - (radius.from + (radius.to - radius.from) * t)
    }
  }

  init(patient: UInt64, fov: Double) {
    self.fov = fov
    seed = random(patient, 1)
    lung = -850 + 15 * signed(seed, 0)
    muscle = 42 + 6 * signed(seed, 1)
    var capsules: [Capsule] = []
    for side in [-1.0, 1.0] {
      let centre = SIMD3(side * 0.215, -0.03, 0) * fov, hilum = SIMD3(side * 0.05 * fov, -0.01 * fov, 4)
      for n in 0..<12 as Range<UInt64> {
        let at = 100 + n * 16 + (side > 0 ? 1000 : 0)
        let end =
          centre
          + SIMD3(
            0.13 * fov * signed(seed, at), 0.19 * fov * signed(seed, at + 1), 34 * signed(seed, at + 2))
        let bend = SIMD3(signed(seed, at + 3), signed(seed, at + 4), signed(seed, at + 5)) * 6
        let middle = (hilum + end) * 0.5 + bend
        let width = 1.6 + 0.6 * uniform(seed, at + 6)
        capsules.append(Capsule(from: hilum, to: middle, radius: (width, 0.7 * width)))
        capsules.append(Capsule(from: middle, to: end, radius: (0.7 * width, 0.6)))
      }
    }
    vessels = capsules
  }

  /// Centre of the right (−1) or left (1) lung.
  func lungCentre(_ side: Double) -> SIMD3<Double> { SIMD3(side * 0.215, -0.03, 0) * fov }

  /// The vessel segments that can reach a slice.
  func vessels(near z: Double) -> [Capsule] {
    vessels.filter { min($0.from.z, $0.to.z) - 4 <= z && z <= max($0.from.z, $0.to.z) + 4 }
  }

  /// How much of a point's surroundings lies inside a surface at this signed distance (negative inside).
  static func coverage(_ distance: Double) -> Double { min(max(0.5 - distance / 1.2, 0), 1) }

  /// Signed distance to an ellipse, exact to first order at the outline.
  private func ellipse(_ p: SIMD3<Double>, _ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
    let (u, v) = ((p.x - x * fov) / (a * fov), (p.y - y * fov) / (b * fov))
    let q = (u * u + v * v).squareRoot()
    if q < 0.01 { return -min(a, b) * fov }
    let (gx, gy) = (u / (a * fov) / q, v / (b * fov) / q)
    return (q - 1) / (gx * gx + gy * gy).squareRoot()
  }

  private func ellipsoid(_ p: SIMD3<Double>, _ centre: SIMD3<Double>, _ semi: SIMD3<Double>) -> Double {
    let u = (p - centre) / semi
    let q = (u * u).sum().squareRoot()
    if q < 0.01 { return -semi.min() }
    let g = u / semi / q
    return (q - 1) / (g * g).sum().squareRoot()
  }

  /// Signed distance to a lung: elliptical across, fuller along z.
  func lungDistance(_ p: SIMD3<Double>, _ side: Double) -> Double {
    let d = p - lungCentre(side), a = 0.165 * fov, b = 0.23 * fov, c = 45.0
    let w = d.z / c
    let q = (d.x / a) * (d.x / a) + (d.y / b) * (d.y / b) + w * w * w * w
    let g = SIMD3(2 * d.x / (a * a), 2 * d.y / (b * b), 4 * w * w * w / c)
    return (q - 1) / max((g * g).sum().squareRoot(), 0.02)
  }

  /// Hounsfield units at a point and the fraction of body there; `open` scales vessels (0 beside a lesion).
  func value(_ p: SIMD3<Double>, vessels: [Capsule], open: (SIMD3<Double>) -> Double) -> (hu: Double, body: Double) {
    var hu = -1000.0
    func paint(_ value: Double, _ fraction: Double) { hu += (value - hu) * fraction }
    func paint(_ value: Double, at distance: Double) { paint(value, Self.coverage(distance)) }

    let skin = ellipse(p, 0, -0.03, 0.43, 0.33)
    let table = max(abs(p.y - 0.3 * fov - 1.6) - 1.8, abs(p.x) - 0.42 * fov)
    paint(-150, at: table)
    let body = Self.coverage(skin)
    if body == 0 { return (hu, 0) }
    paint(-100, body)
    paint(muscle, at: skin + 3.5)

    // Ribs run down and forward in the chest wall.
    let rib = (p.z + 0.35 * p.y) / 15
    let along = abs(rib - rib.rounded(.down) - 0.5) * 15 - 3
    paint(450, at: max(abs(skin + 5.6) - 1.5, along))
    paint(60, at: ellipsoid(p, SIMD3(-0.1 * fov, 0, -60), SIMD3(0.28 * fov, 0.26 * fov, 24)))

    // Vertebra with cortex, disc, canal and arch.
    let vertebra = ellipse(p, 0, 0.17, 0.058, 0.05)
    let level = p.z / 21
    let isDisc = abs(level - level.rounded()) * 21 - 2.5
    let bone = max(vertebra, -isDisc)
    paint(70, at: vertebra)
    paint(640, at: bone)
    paint(330, at: bone + 1.8)
    let canal = ellipse(p, 0, 0.242, 0.028, 0.024)
    paint(520, at: canal - 2.6)
    paint(30, at: canal)

    for side in [-1.0, 1.0] where p.x * side > -0.02 * fov {
      let distance = lungDistance(p, side)
      let inside = Self.coverage(distance)
      if inside == 0 { continue }
      paint(lung + 0.35 * p.y, inside)
      if distance > 1 { continue }
      let gate = open(p)
      if gate == 0 { continue }
      for vessel in vessels {
        let c = Self.coverage(vessel.distance(p))
        if c > 0 { paint(45, c * gate) }
      }
    }
    paint(48, at: ellipsoid(p, SIMD3(0.03 * fov, -0.12 * fov, -14), SIMD3(0.075 * fov, 0.08 * fov, 26)))
    paint(55, at: ellipse(p, 0.03, 0.1, 0.028, 0.028))
    if p.z > 2 { paint(-990, at: ellipse(p, 0, 0.03, 0.026, 0.026)) }
    return (hu, body)
  }
}
