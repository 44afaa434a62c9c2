// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// One computed CT series: Hounsfield units, the true region, and what was measured in it.
struct Phantom {
  let image: Volume<Int16>
  let mask: Mask
  /// Mean and standard deviation, HU, of the voxels that are nodule throughout, noise included.
  let mean: Double, deviation: Double
  /// Diameter of the sphere with the region's volume, mm.
  let diameter: Double

  /// Pixels a side and slices of every series.
  static let side = 128, slices = 40, step = 2.5
  /// Samples of one voxel along z: the partial volume of thick slices.
  static let samples = 3

  init(_ spec: CaseSpec) {
    let s = spec.spacing, fov = s * Double(Self.side)
    let anatomy = Anatomy(patient: spec.patientSeed, fov: fov)
    let lesion = Lesion(
      patient: spec.patientSeed, centre: anatomy.lungCentre(spec.side) + spec.offset, diameter: spec.diameter,
      texture: spec.texture)
    let size = Size(columns: Self.side, rows: Self.side, slices: Self.slices)
    let half = Double(Self.side - 1) / 2, middle = Double(Self.slices - 1) / 2
    let geometry = Geometry(
      size: size, spacing: SIMD3(s, s, Self.step),
      origin: spec.direction.x * (-half * s) + spec.direction.y * (-half * s - 180)
        + SIMD3(0, 0, -240 - 10 * Double(spec.patient)), direction: spec.direction)
    @Sendable func place(_ x: Int, _ y: Int, _ z: Double) -> SIMD3<Double> {
      SIMD3((Double(x) - half) * s, (Double(y) - half) * s, (z - middle) * Self.step)
    }

    // Anatomy, fraction of body and fraction of lesion, each averaged over the thickness of the slice.
    let values = Volume<Double>(geometry, repeating: 0)
    var (hu, body, part, tissue) = (values, values, values, values)
    hu.withMutableVoxels { h in
      body.withMutableVoxels { b in
        part.withMutableVoxels { f in
          tissue.withMutableVoxels { t in
            nonisolated(unsafe) let (h, b, f, t) = (h.baseAddress!, b.baseAddress!, f.baseAddress!, t.baseAddress!)
            parallelFor(Self.slices) { range in
              for z in range {
                for sample in 0..<Self.samples {
                  let at = Double(z) + (Double(sample) + 0.5) / Double(Self.samples) - 0.5
                  let vessels = anatomy.vessels(near: (at - middle) * Self.step)
                  for y in 0..<Self.side {
                    for x in 0..<Self.side {
                      let p = place(x, y, at), i = size.offset(x, y, z)
                      let v = anatomy.value(p, vessels: vessels) { min(max((lesion.distance($0) - 5) / 4, 0), 1) }
                      h[i] += v.hu / Double(Self.samples)
                      b[i] += v.body / Double(Self.samples)
                      f[i] += Anatomy.coverage(lesion.distance(p)) / Double(Self.samples)
                    }
                  }
                }
                for y in 0..<Self.side {
                  for x in 0..<Self.side {
                    let i = size.offset(x, y, z)
                    if f[i] > 0 { t[i] = lesion.tissue(place(x, y, Double(z))) }
                  }
                }
              }
            }
          }
        }
      }
    }

    // Tissue to the wanted mean and deviation over the voxels that are nodule throughout.
    let inside = part.withVoxels { f in f.indices.filter { f[$0] > 0.999 } }
    func moments(_ v: (Int) -> Double) -> (mean: Double, deviation: Double) {
      var sum = 0.0, squares = 0.0
      for i in inside { sum += v(i) }
      let mean = sum / Double(inside.count)
      for i in inside { squares += (v(i) - mean) * (v(i) - mean) }
      return (mean, (squares / Double(inside.count)).squareRoot())
    }
    let raw = tissue.withVoxels { t in moments { t[$0] } }
    let noise = spec.noise / 0.2734375  // what the smoothing below leaves: 70 / 256
    image = Volume<Int16>(geometry) { out in
      for z in 0..<Self.slices {
        for y in 0..<Self.side {
          for x in 0..<Self.side {
            let i = size.offset(x, y, z)
            let (f, b) = (part.withVoxels { $0[i] }, body.withVoxels { $0[i] })
            var v = hu.withVoxels { $0[i] }
            if f > 0 {
              let t = (tissue.withVoxels { $0[i] } - raw.mean) / raw.deviation
              v += (spec.mean + lesion.deviation * min(max(t, -3), 3) - v) * f
            }
            if b > 0 { v += noise * b * smoothNoise(spec.seriesSeed, x, y, z) }
            out[i] = Int16.rounding(max(v, -1000))
          }
        }
      }
    }
    mask = Mask(part.map { $0 >= 0.5 ? 1 : 0 })
    let final = image.withVoxels { v in moments { Double(v[$0]) } }
    mean = final.mean
    deviation = final.deviation
    // The sphere of the same volume: d³ = 6 V / π by Newton's method, so that no library function is needed.
    let cube = 6 * mask.volume / Double.pi
    var d = spec.diameter
    for _ in 0..<40 { d -= (d * d * d - cube) / (3 * d * d) }
    diameter = d
  }
}

/// Noise of deviation 70 / 256, correlated over neighbours in the plane as reconstruction leaves it.
private func smoothNoise(_ seed: UInt64, _ x: Int, _ y: Int, _ z: Int) -> Double {
  let weights = SIMD8<Double>(1, 4, 6, 4, 1, 0, 0, 0) / 16
  var sum = 0.0
  for dy in 0..<5 {
    for dx in 0..<5 {
      sum += weights[dx] * weights[dy] * normal(seed, UInt64((z * 256 + y + dy) * 256 + x + dx))
    }
  }
  return sum
}
