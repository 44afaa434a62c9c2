// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Bilateral smoothing: a mean over a ball that counts near and similar voxels most, so that edges stay.
///
///     out(p) = Σ w(q)·I(q) / Σ w(q),  w(q) = exp(−|q − p|² / 2σₛ²) · exp(−(I(q) − I(p))² / 2σᵣ²),  |q − p| ≤ radius
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float. One slice is filtered as a 2-D image with a disc.
/// - Units: radius and σₛ in millimetres, the ball follows the spacing; σᵣ in the image's intensities.
/// - Range: NaN and infinity spread to every voxel whose ball holds them.
/// - Accuracy: weights within 4e-7 of the formula; the same bits for any number of threads.
/// - Cost: 17 instructions a register of voxels for each voxel of the ball; scratch of its rows.
/// - Throws: `invalidParameter` for radius or σ that are not positive and finite, or a ball beyond 32 voxels along an axis.
/// - Source: Tomasi & Manduchi 1998, "Bilateral filtering for gray and color images"; oracle OpenCV `bilateralFilter`.
public struct Bilateral: Filter {
  /// Standard deviation in intensity: smaller steps are smoothed, larger ones kept.
  public var range = 50.0
  /// Standard deviation in space.
  public var sigma = Length.mm(2)
  /// Radius of the ball.
  public var radius = Length.mm(4)
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// σᵣ = 50, σₛ = 2 mm, radius 4 mm.
  public init() {}
  /// A smoothing of steps up to about `range`.
  public init(
    range: Double, sigma: Length = .mm(2), radius: Length = .mm(4), planar: Bool = false,
    boundary: BoundaryCondition = .mirror
  ) {
    self.range = range
    self.sigma = sigma
    self.radius = radius
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "bilateral", summary: "smoothing of similar neighbours that keeps edges", source: "Tomasi & Manduchi 1998",
    parameters: [
      Parameter(\.range, "range", 1e-6...1e9, "standard deviation in intensity"),
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation in space"),
      Parameter(\.radius, "radius", .mm(0.05) ... .mm(200), "radius of the ball that is averaged"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The smoothed image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The smoothed image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let ball = try ball(volume.geometry)
    return Volume(volume.geometry) { out in
      volume.withVoxels { run(ball, volume.size, $0.baseAddress!, out.baseAddress!) }
    }
  }

  /// The smoothed image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    let ball = try ball(volume.geometry)
    try requireSize(of: result.geometry, volume.geometry)
    result = result.with(volume.geometry)
    result.withMutableVoxels { out in volume.withVoxels { run(ball, volume.size, $0.baseAddress!, out.baseAddress!) } }
  }

  /// The slices that the ball spans on each side.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    let reach = try ball(geometry).reach[2]
    return reach > 0 && boundary == .periodic ? nil : reach
  }

  /// The voxels of the ball: index offsets and the binary logarithm of their weight in space.
  private struct Ball: Sendable {
    var reach = [0, 0, 0]
    var offsets: [(x: Int, y: Int, z: Int, weight: Float)] = []
  }

  private func ball(_ geometry: Geometry) throws(ImageError) -> Ball {
    try requirePositive(range, "range")
    try requirePositive(sigma.millimetres, "sigma")
    try requirePositive(radius.millimetres, "radius")
    let s = geometry.spacing, r = radius.millimetres
    var ball = Ball()
    for (axis, name) in ["columns", "rows", "slices"].enumerated() {
      if geometry.size[axis] == 1 || (planar && axis == 2) { continue }
      let voxels = r / s[axis]
      guard s[axis] > 0, voxels < 33 else {
        throw ImageError(
          .invalidParameter, "radius \(radius) spans \(shortest(voxels)) voxels along \(name), at most 32",
          hint: "is the spacing of \(shortest(s[axis])) mm right?")
      }
      ball.reach[axis] = Int(voxels + 1e-9)
    }
    for z in -ball.reach[2]...ball.reach[2] {
      for y in -ball.reach[1]...ball.reach[1] {
        for x in -ball.reach[0]...ball.reach[0] {
          let v = SIMD3(Double(x), Double(y), Double(z)) * s, distance = (v * v).sum()
          if distance > r * r * (1 + 1e-9) { continue }
          let weight = -distance / (2 * sigma.millimetres * sigma.millimetres) / M_LN2
          ball.offsets.append((x, y, z, Float(max(weight, -1000))))
        }
      }
    }
    return ball
  }

  private func run(
    _ ball: Ball, _ size: Size, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
  ) {
    let (rx, ry, rz) = (ball.reach[0], ball.reach[1], ball.reach[2]), nx = size.columns
    let stride = roundUp(nx) + roundUp(2 * rx) + 16, lines = (2 * ry + 1) * (2 * rz + 1)
    let rows = PaddedRows(size: size, boundary: boundary)
    // Where a voxel of the ball lies in the scratch, seen from the first column.
    let offsets = ball.offsets.map { (($0.z + rz) * (2 * ry + 1) + $0.y + ry) * stride + $0.x + rx }
    let weights = ball.offsets.map(\.weight), centre = (rz * (2 * ry + 1) + ry) * stride + rx
    let steepness = SIMD16<Float>(repeating: Float(-1 / (2 * range * range * M_LN2)))
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(size.rows * size.slices, grain: max(1, (1 << 17) / (nx * offsets.count))) { range in
      withScratch(of: Float.self, lines * stride) { scratch in
        offsets.withUnsafeBufferPointer { offsets in
          weights.withUnsafeBufferPointer { weights in
            for row in range {
              let y = row % size.rows, z = row / size.rows
              for k in 0...2 &* rz {
                for j in 0...2 &* ry {
                  rows.read(
                    source, y &+ j &- ry, z &+ k &- rz, columns: -rx..<nx &+ rx,
                    into: scratch + (k &* (2 &* ry &+ 1) &+ j) &* stride)
                }
              }
              var x = 0
              while x < nx {
                let here = load16(scratch + (centre &+ x))
                var sum = SIMD16<Float>.zero, total = SIMD16<Float>.zero
                for i in 0..<offsets.count {
                  let v = load16(scratch + (offsets[i] &+ x)), d = v - here
                  let w = exp2Negative(multiplyAdd(d * d, steepness, SIMD16(repeating: weights[i])))
                  sum = multiplyAdd(w, v, sum)
                  total += w
                }
                storeLeading(sum / total, target + (row &* nx &+ x), nx &- x)
                x &+= 16
              }
            }
          }
        }
      }
    }
  }
}
