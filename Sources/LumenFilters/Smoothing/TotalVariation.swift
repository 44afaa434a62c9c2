// SPDX-License-Identifier: Apache-2.0
import CSIMD
public import LumenCore

/// Total variation smoothing of Rudin, Osher and Fatemi: flat regions with sharp borders.
///
///     out = argmin_u  ½ Σ (u − I)² + weight · Σ |∇u|
///     u = I − div p,  p ← (p − τ∇u) / (1 + τ|∇u| / weight),  τ = 1 / 2n in n dimensions
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float. One slice is filtered as a 2-D image.
/// - Units: ∇u is the difference to the next voxel of each axis, whatever their spacing; weight in intensities.
/// - Range: NaN and infinity would reach every voxel, so they are refused.
/// - Accuracy: within 1e-5 of the intensity range of the double-precision iteration; the same bits for any number of
///   threads.
/// - Cost: per iteration two passes over five volumes; four volumes of scratch.
/// - Throws: `invalidParameter` for a weight or tolerance that is not positive and finite, iterations outside 1 …
///   10000, or voxels that are not finite.
/// - Source: Rudin, Osher & Fatemi 1992; Chambolle 2004; oracle scikit-image `denoise_tv_chambolle`.
public struct TotalVariation: Filter {
  /// How much variation costs: larger is smoother.
  public var weight = 20.0
  /// Ends when the energy changes by less than this fraction of its first value.
  public var tolerance = 2e-4
  /// Most iterations.
  public var iterations = 200
  /// Filter each slice for itself.
  public var planar = false

  /// Weight 20.
  public init() {}
  /// A smoothing of this weight.
  public init(weight: Double, tolerance: Double = 2e-4, iterations: Int = 200, planar: Bool = false) {
    self.weight = weight
    self.tolerance = tolerance
    self.iterations = iterations
    self.planar = planar
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "total-variation", summary: "flat regions with sharp borders", source: "Rudin, Osher & Fatemi 1992; Chambolle 2004",
    parameters: [
      Parameter(\.weight, "weight", 1e-6...1e9, "how much variation costs"),
      Parameter(\.tolerance, "tolerance", 1e-9...1, "change of the energy at which it ends"),
      Parameter(\.iterations, "iterations", 1...10_000, "most iterations"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
    ])

  /// The smoothed image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The smoothed image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try requirePositive(weight, "weight")
    try requirePositive(tolerance, "tolerance")
    try require(iterations, in: 1...10_000, "iterations")
    try requireFinite(volume, Self.catalogue.name)
    if planar && volume.size.slices > 1 { return try volume.mapSlices { v throws(ImageError) in try self(v) } }
    return run(volume)
  }

  /// The dual field and the divergence.
  public func scratch(_ geometry: Geometry) -> Int { geometry.bytes(ofFloats: 4) }

  /// Every voxel depends on every other.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { planar || geometry.size.slices == 1 ? 0 : nil }

  private func run(_ volume: Volume<Float>) -> Volume<Float> {
    let size = volume.size, dimensions = (0..<3).filter { size[$0] > 1 }.count
    if dimensions == 0 { return volume }
    let flow = DualFlow(size: size, weight: Float(weight), τ: 1 / Float(2 * dimensions))
    var out = Volume<Float>(volume.geometry, repeating: 0)
    // Rows have a zero before and after: what flows over the border.
    let padded = Geometry(
      size: Size(columns: flow.stride, rows: size.rows, slices: size.slices))
    var (px, py, pz) = (
      Volume<Float>(padded, repeating: 0), Volume<Float>(padded, repeating: 0), Volume<Float>(padded, repeating: 0)
    )
    var first = 0.0, before = 0.0
    volume.withVoxels { image in
      out.withMutableVoxels { u in
        px.withMutableVoxels { px in
          py.withMutableVoxels { py in
            pz.withMutableVoxels { pz in
              let p = (
                x: px.baseAddress! + DualFlow.margin, y: py.baseAddress! + DualFlow.margin,
                z: pz.baseAddress! + DualFlow.margin
              )
              for i in 0..<iterations {
                // The image that the last iteration leaves is the result, whether or not the flow goes on.
                let fidelity = flow.divergence(image.baseAddress!, p, u.baseAddress!)
                let variation = flow.follow(u.baseAddress!, p)
                let energy = (fidelity + weight * variation) / Double(size.count)
                if i == 0 {
                  first = energy
                } else if !(abs(before - energy) >= tolerance * first) {
                  break
                }
                before = energy
              }
            }
          }
        }
      }
    }
    return out
  }
}

/// The dual variable of total variation: what flows from each voxel to the next along each axis.
private struct DualFlow: Sendable {
  static let margin = 16
  typealias Field = (x: UnsafeMutablePointer<Float>, y: UnsafeMutablePointer<Float>, z: UnsafeMutablePointer<Float>)
  let size: Size, weight: Float, τ: Float, stride: Int

  init(size: Size, weight: Float, τ: Float) {
    self.size = size
    self.weight = weight
    self.τ = τ
    stride = roundUp(size.columns) + 2 * Self.margin
  }

  /// u = I − div p; the sum of (u − I)².
  func divergence(_ image: UnsafePointer<Float>, _ p: Field, _ u: UnsafeMutablePointer<Float>) -> Double {
    let nx = size.columns, plane = stride &* size.rows
    nonisolated(unsafe) let (image, p, u) = (image, p, u)
    return parallelReduce(size.rows * size.slices, block: 32, 0.0) { rows in
      var total = 0.0
      for row in rows {
        let at = row &* stride, y = row % size.rows, z = row / size.rows
        var sum = SIMD16<Float>.zero, x = 0
        while x < nx {
          let i = at &+ x
          var d = load16(p.x + (i &- 1)) - (load16(p.x + i) + load16(p.y + i) + load16(p.z + i))
          if y > 0 { d += load16(p.y + (i &- stride)) }
          if z > 0 { d += load16(p.z + (i &- plane)) }
          let n = nx &- x
          if n >= 16 {
            store16(load16(image + (row &* nx &+ x)) + d, u + (row &* nx &+ x))
          } else {
            for l in 0..<n { u[row &* nx &+ x &+ l] = image[row &* nx &+ x &+ l] + d[l] }
            for l in n..<16 { d[l] = 0 }
          }
          sum = multiplyAdd(d, d, sum)
          x &+= 16
        }
        for l in 0..<16 { total += Double(sum[l]) }
      }
      return total
    } combine: {
      $0 += $1
    }
  }

  /// p ← (p − τ∇u) / (1 + τ|∇u| / weight); the sum of |∇u|.
  func follow(_ u: UnsafePointer<Float>, _ p: Field) -> Double {
    let nx = size.columns, step = SIMD16<Float>(repeating: τ), damping = SIMD16<Float>(repeating: τ / weight)
    nonisolated(unsafe) let (u, p) = (u, p)
    return parallelReduce(size.rows * size.slices, block: 32, 0.0) { rows in
      var total = 0.0
      for row in rows {
        let y = row % size.rows, z = row / size.rows, here = u + row &* nx
        let below = y &+ 1 < size.rows ? here + nx : here, back = z &+ 1 < size.slices ? here + size.plane : here
        var sum = SIMD16<Float>.zero, x = 0
        while x < nx {
          var v = SIMD16<Float>.zero, right = v, down = v, behind = v
          let n = nx &- x
          if n > 16 {
            v = load16(here + x)
            right = load16(here + (x &+ 1))
            down = load16(below + x)
            behind = load16(back + x)
          } else {
            for l in 0..<n {
              v[l] = here[x &+ l]
              right[l] = here[min(x &+ l &+ 1, nx &- 1)]
              down[l] = below[x &+ l]
              behind[l] = back[x &+ l]
            }
          }
          let gx = right - v, gy = down - v, gz = behind - v
          let norm = v_sqrt(multiplyAdd(gx, gx, multiplyAdd(gy, gy, gz * gz)))
          sum += norm
          let scale = multiplyAdd(norm, damping, SIMD16(repeating: 1)), i = row &* stride &+ x
          store16((load16(p.x + i) - gx * step) / scale, p.x + i)
          store16((load16(p.y + i) - gy * step) / scale, p.y + i)
          store16((load16(p.z + i) - gz * step) / scale, p.z + i)
          x &+= 16
        }
        for l in 0..<16 { total += Double(sum[l]) }
      }
      return total
    } combine: {
      $0 += $1
    }
  }
}
