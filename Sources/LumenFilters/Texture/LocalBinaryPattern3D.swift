// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Rotation-invariant local binary pattern in 3-D: which points of a sphere are at least as bright as its centre, seen
/// through spherical harmonics.
///
///     b(s) = [ v(p + R·s) ≥ v(p) ],  c(m) = Σₛ b(s)·Y(n, m; s),  out = ‖ Σₘ c(m)·Y(n, m) ‖,  n = level − 1
///
/// s: vertices of a subdivided icosahedron; v between voxels by cubic B-spline. Level 0 gives the kurtosis of v on the
/// sphere instead.
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float.
/// - Units: the radius in voxels, whatever their spacing.
/// - Range: zero outside the image. Samples within 1e-9 of the image's range, or 1e-12 of its largest magnitude, count as
///   equal to the centre, so that flat regions do not depend on rounding. A sphere of equal values has the kurtosis −3.
///   NaN and infinity would reach whole lines, so they are refused.
/// - Accuracy: double precision; PyRadiomics rounds samples of an integer image to integers, this does not.
/// - Cost: 20 multiplications a sample and voxel (42 samples at subdivision 1); a volume in double precision.
/// - Throws: `invalidParameter` for a level outside 0 … 10, subdivision outside 0 … 3, radius outside 0.1 … 50,
///   or voxels that are not finite.
/// - Source: Banerjee et al. 2013, in the definition of PyRadiomics 3.1 `getLBP3DImage`.
public struct LocalBinaryPattern3D: Filter {
  /// Which map: degree of the harmonics plus one (PyRadiomics m1, m2 …), or 0 for the kurtosis.
  public var level = 1
  /// Radius of the sphere in voxels.
  public var radius = 1.0
  /// How often the icosahedron is subdivided.
  public var subdivision = 1

  /// Level 1, 42 samples at radius 1.
  public init() {}
  /// A level on a sphere.
  public init(level: Int, radius: Double = 1, subdivision: Int = 1) {
    self.level = level
    self.radius = radius
    self.subdivision = subdivision
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "local-binary-pattern-3d", summary: "rotation-invariant local binary pattern on a sphere",
    source: "Banerjee et al. 2013, as PyRadiomics 3.1 getLBP3DImage",
    parameters: [
      Parameter(\.level, "level", 0...10, "degree of the harmonics plus one; 0: kurtosis on the sphere"),
      Parameter(\.radius, "radius", 0.1...50, "radius of the sphere in voxels"),
      Parameter(\.subdivision, "subdivision", 0...3, "how often the icosahedron is subdivided"),
    ])

  /// The image of patterns, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    .f32(try measured(image, roundsSamples: false).map { Float($0) })
  }

  /// The image of patterns in double precision, with samples rounded to the image's own type as in PyRadiomics.
  public func precise(_ image: AnyVolume) throws(ImageError) -> Volume<Double> {
    try measured(image, roundsSamples: true)
  }

  private func measured(_ image: AnyVolume, roundsSamples: Bool) throws(ImageError) -> Volume<Double> {
    guard 0...10 ~= level else { throw ImageError(.invalidParameter, "level is \(level), expected 0 … 10") }
    guard 0...3 ~= subdivision else {
      throw ImageError(.invalidParameter, "subdivision is \(subdivision), expected 0 … 3")
    }
    guard 0.1...50 ~= radius else {
      throw ImageError(.invalidParameter, "radius is \(shortest(radius)), expected 0.1 … 50 voxels")
    }
    try requireFinite(image, Self.catalogue.name)
    let range = image.valueRange
    let rounding: SampleRounding =
      switch image.kind {
      case .float64: .none
      case _ where !roundsSamples: .none
      case .float32: .single
      case .uint8: .whole(0...255)
      case .int8: .whole(-128...127)
      case .uint16: .whole(0...65_535)
      case .int16: .whole(-32_768...32_767)
      case .uint32: .whole(0...4_294_967_295)
      case .int32: .whole(-2_147_483_648...2_147_483_647)
      }
    return switch image {
    case .f64(let v): patterns(v, range, rounding)
    default: patterns(image.float, range, rounding)
    }
  }

  /// What becomes of a sample between voxels.
  private enum SampleRounding: Sendable { case none, single, whole(ClosedRange<Double>) }

  private func patterns<T: Voxel>(
    _ volume: Volume<T>, _ range: ValueRange, _ rounding: SampleRounding
  ) -> Volume<Double> {
    let samples = SphericalSamples(radius: radius, subdivision: subdivision, degree: max(level - 1, 0))
    let largest = range.count == 0 ? 0 : max(range.maximum.magnitude, range.minimum.magnitude)
    let near = range.count == 0 ? 0 : max(1e-9 * (range.maximum - range.minimum), 1e-12 * largest)
    let coefficients = cubicCoefficients(volume), size = volume.size, nx = size.columns
    let count = samples.offsets.count, kurtosis = level == 0
    return Volume<Double>(volume.geometry) { out in
      volume.withVoxels { voxels in
        coefficients.withVoxels { c in
          nonisolated(unsafe) let (source, target) = (voxels.baseAddress!, out.baseAddress!)
          nonisolated(unsafe) let c = c.baseAddress!
          parallelFor(size.rows * size.slices, grain: max(1, 256 / nx)) { range in
            let sampling = SplineRow(size: size, radius: radius, c: c)
            withScratch(of: Double.self, count * nx + sampling.width) { scratch in
              let sums = UnsafeMutablePointer<SIMD2<Double>>.allocate(capacity: samples.orders)
              defer { sums.deallocate() }
              for line in range {
                let y = line % size.rows, z = line / size.rows, row = source + line &* nx, to = target + line &* nx
                for (s, offset) in samples.offsets.enumerated() {
                  let values = scratch + s &* nx
                  sampling.sample(y, z, offset, values, scratch + count &* nx)
                  switch rounding {
                  case .none: break
                  case .single: for x in 0..<nx { values[x] = Double(Float(values[x])) }
                  case .whole(let range):
                    for x in 0..<nx {
                      let v = values[x].rounded(.toNearestOrAwayFromZero)
                      values[x] = min(max(v, range.lowerBound), range.upperBound)
                    }
                  }
                  if kurtosis { continue }
                  for x in 0..<nx { values[x] = values[x] - row[x].doubleValue >= -near ? 1 : 0 }
                }
                for x in 0..<nx {
                  to[x] =
                    kurtosis ? Self.kurtosis(scratch + x, count, nx, near) : samples.norm(scratch + x, nx, sums)
                }
              }
            }
          }
        }
      }
    }
  }

  /// m₄ / m₂² − 3 of central moments.
  private static func kurtosis(_ v: UnsafePointer<Double>, _ n: Int, _ stride: Int, _ near: Double) -> Double {
    var mean = 0.0, m2 = 0.0, m4 = 0.0
    for s in 0..<n { mean += v[s &* stride] }
    mean /= Double(n)
    for s in 0..<n {
      let d = (v[s &* stride] - mean) * (v[s &* stride] - mean)
      m2 += d
      m4 += d * d
    }
    m2 /= Double(n)
    m4 /= Double(n)
    return m2 > near * near ? m4 / (m2 * m2) - 3 : m2.isNaN ? .nan : -3
  }
}

/// A row of a cubic B-spline at a fixed offset.
private struct SplineRow: @unchecked Sendable {
  let size: Size, margin: Int, c: UnsafePointer<Double>
  /// Columns of the scratch line.
  var width: Int { size.columns + 2 * margin }

  init(size: Size, radius: Double, c: UnsafePointer<Double>) {
    (self.size, self.c) = (size, c)
    margin = Int(radius.rounded(.up)) + 3
  }

  /// Writes v(x + offset) of a row; zero where the position lies outside the image.
  func sample(
    _ y: Int, _ z: Int, _ offset: SIMD3<Double>, _ out: UnsafeMutablePointer<Double>,
    _ line: UnsafeMutablePointer<Double>
  ) {
    let nx = size.columns, pz = Double(z) + offset.x, py = Double(y) + offset.y
    let inside = 0...Double(size.slices - 1) ~= pz && 0...Double(size.rows - 1) ~= py
    out.update(repeating: 0, count: nx)
    guard inside else { return }
    let (wz, wy, wx) = (weights(pz), weights(py), weights(offset.z))
    let bz = Int(pz.rounded(.down)) - 1, by = Int(py.rounded(.down)) - 1, bx = Int(offset.z.rounded(.down)) - 1
    line.update(repeating: 0, count: width)
    for k in 0..<4 {
      let slice = mirrored(bz + k, size.slices) &* size.plane
      for j in 0..<4 {
        let w = wz[k] * wy[j], row = c + (slice &+ mirrored(by + j, size.rows) &* nx)
        for x in 0..<nx { line[margin &+ x] += w * row[x] }
      }
    }
    for k in 1...margin {
      line[margin - k] = line[margin + mirrored(-k, nx)]
      line[margin + nx - 1 + k] = line[margin + mirrored(nx - 1 + k, nx)]
    }
    let taps = line + (margin + bx)
    for x in 0..<nx {
      let px = Double(x) + offset.z
      let v = wx[0] * taps[x] + wx[1] * taps[x &+ 1] + wx[2] * taps[x &+ 2] + wx[3] * taps[x &+ 3]
      out[x] = px >= 0 && px <= Double(nx &- 1) ? v : 0
    }
  }

  /// Of the four coefficients around a position.
  private func weights(_ position: Double) -> SIMD4<Double> {
    let t = position - position.rounded(.down), u = 1 - t
    return SIMD4(u * u * u, 4 - 3 * t * t * (2 - t), 4 - 3 * u * u * (2 - u), t * t * t) / 6
  }

  private func mirrored(_ i: Int, _ n: Int) -> Int {
    if n == 1 { return 0 }
    let period = 2 * n - 2, m = ((i % period) + period) % period
    return m < n ? m : period - m
  }
}
