// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Control points of a cubic B-spline over an image, fitted to scattered voxels.
///
///     φ = Σ wᵢ²·(wᵢ·rᵢ / Σw²) / Σ wᵢ²,  summed over the voxels i in the support of a control point
///
/// The weights are products along the axes, and so are all sums: each row is gathered along x, then y, then z.
/// Source: Lee, Wolberg & Shin 1997, as ITK's `BSplineScatteredDataPointSetToImageFilter`.
struct BiasLattice: Sendable {
  /// Where the samples of an axis lie among its control points.
  private struct Axis: Sendable {
    /// First control point of each sample.
    var first: [Int32]
    /// Four weights of each sample; one axis of a single voxel has the weights 1, 0, 0, 0.
    var weights: [SIMD4<Double>]
    var points: Int

    init(samples n: Int, points: Int) {
      self.points = n == 1 ? 1 : points
      first = [Int32](repeating: 0, count: n)
      weights = [SIMD4<Double>](repeating: SIMD4(1, 0, 0, 0), count: n)
      if n == 1 { return }
      let spans = Double(points - 3), end = 1e-3 * spans / Double(n - 1)
      for i in 0..<n {
        // The last sample stays within the last span, as ITK places it.
        var p = spans * Double(i) / Double(n - 1)
        if abs(p - spans) <= end { p = spans - end }
        let k = min(p.rounded(.down), spans - 1), t = p - k, u = 1 - t
        first[i] = Int32(k)
        weights[i] =
          SIMD4(u * u * u, 4 - 3 * t * t * (2 - t), 4 - 3 * u * u * (2 - u), t * t * t) / 6
      }
    }
  }

  private var axes: [Axis]
  private var values: [Double]
  private var size: Size

  init(size: Size, controlPoints: Int) {
    self.size = size
    axes = (0..<3).map { Axis(samples: size[$0], points: controlPoints) }
    values = [Double](repeating: 0, count: axes.reduce(1) { $0 * $1.points })
  }

  /// The same field over a grid of other samples.
  mutating func resize(_ size: Size) {
    // An axis that was one sample thick stays constant along the new one.
    for k in 0..<3 where axes[k].points > 1 { axes[k] = Axis(samples: size[k], points: axes[k].points) }
    for k in 0..<3 where axes[k].points == 1 {
      axes[k].first = [Int32](repeating: 0, count: size[k])
      axes[k].weights = [SIMD4<Double>](repeating: SIMD4(1, 0, 0, 0), count: size[k])
    }
    self.size = size
  }

  /// Doubles the spans without changing the field.
  mutating func refine() {
    for k in 0..<3 where axes[k].points > 1 {
      let n = axes[k].points, inner = axes[..<k].reduce(1) { $0 * $1.points }
      let outer = values.count / (n * inner), fine = 2 * n - 3
      var refined = [Double](repeating: 0, count: outer * fine * inner)
      for o in 0..<outer {
        for j in 0..<fine {
          for i in 0..<inner {
            func c(_ m: Int) -> Double { values[(o * n + m) * inner + i] }
            let m = j / 2
            refined[(o * fine + j) * inner + i] =
              j % 2 == 0 ? 0.5 * (c(m) + c(m + 1)) : 0.125 * (c(m) + 6 * c(m + 1) + c(m + 2))
          }
        }
      }
      values = refined
      axes[k] = Axis(samples: size[k], points: fine)
    }
  }

  /// Adds the fit of the residual u − E(u), u = log v − B, over the voxels that are numbers.
  mutating func add(fitOf log: Volume<Float>, _ field: Volume<Float>, _ sharpening: HistogramSharpening) {
    let (px, py, pz) = (axes[0].points, axes[1].points, axes[2].points), plane = px * py, size = size
    let axes = axes
    // Per slice a plane of numerators and one of denominators.
    var planes = [SIMD2<Double>](repeating: .zero, count: size.slices * plane)
    planes.withUnsafeMutableBufferPointer { planes in
      nonisolated(unsafe) let planes = planes.baseAddress!
      log.withVoxels { log in
        field.withVoxels { field in
          sharpening.withMap { map in
            nonisolated(unsafe) let (v, b, map) = (log.baseAddress!, field.baseAddress!, map)
            parallelFor(size.slices, grain: max(1, (1 << 14) / size.plane)) { slices in
              let row = UnsafeMutablePointer<SIMD2<Double>>.allocate(capacity: px + 3)
              defer { row.deallocate() }
              for z in slices {
                let sums = planes + z &* plane
                for y in 0..<size.rows {
                  let start = z &* size.plane &+ y &* size.columns
                  row.initialize(repeating: .zero, count: px + 3)
                  for x in 0..<size.columns where v[start &+ x] == v[start &+ x] {
                    let u = Double(v[start &+ x] - b[start &+ x]), w = axes[0].weights[x], w2 = w * w
                    let residual = (u - sharpening(u, map)) / w2.sum(), at = row + Int(axes[0].first[x])
                    for k in 0..<4 { at[k] += SIMD2(w2[k] * w[k] * residual, w2[k]) }
                  }
                  let w = axes[1].weights[y], w2 = w * w, share = 1 / w2.sum(), at = Int(axes[1].first[y])
                  for k in 0..<min(4, py) {
                    let to = sums + (at &+ k) &* px, factor = SIMD2(w2[k] * w[k] * share, w2[k])
                    for x in 0..<px { to[x] += row[x] * factor }
                  }
                }
              }
            }
          }
        }
      }
    }
    var sums = [SIMD2<Double>](repeating: .zero, count: plane * pz)
    for z in 0..<size.slices {
      let w = axes[2].weights[z], w2 = w * w, share = 1 / w2.sum(), at = Int(axes[2].first[z])
      for k in 0..<min(4, pz) {
        let factor = SIMD2(w2[k] * w[k] * share, w2[k])
        for i in 0..<plane { sums[(at + k) * plane + i] += planes[z * plane + i] * factor }
      }
    }
    for i in values.indices where sums[i].y > 1e-20 { values[i] += sums[i].x / sums[i].y }
  }

  /// Writes the field, and gives the coefficient of variation of exp(old − new) over the voxels that are numbers.
  func evaluate(into field: inout Volume<Float>, where log: Volume<Float>?) -> Double {
    let (px, py, pz) = (axes[0].points, axes[1].points, axes[2].points), size = size
    // Where nothing is measured, the field itself stands in for the input; its old values are not used.
    let measured = log != nil, input = log ?? field
    let total = field.withMutableVoxels { out in
      input.withVoxels { input in
        nonisolated(unsafe) let (out, input) = (out.baseAddress!, input.baseAddress!)
        // Sums about 1, which the field's change is near.
        return parallelReduce(size.slices, block: 1, SIMD3<Double>.zero) { slices in
          var change = SIMD3<Double>.zero
          withScratch(of: Double.self, px * py + px + 4) { scratch in
            let sheet = scratch, row = scratch + px * py
            for z in slices {
              for i in 0..<px * py {
                sheet[i] = 0
                for k in 0..<min(4, pz) {
                  sheet[i] += axes[2].weights[z][k] * values[(Int(axes[2].first[z]) + k) * px * py + i]
                }
              }
              for y in 0..<size.rows {
                for x in 0..<px {
                  row[x] = 0
                  for k in 0..<min(4, py) {
                    row[x] += axes[1].weights[y][k] * sheet[(Int(axes[1].first[y]) &+ k) &* px &+ x]
                  }
                }
                let start = z &* size.plane &+ y &* size.columns
                for x in 0..<size.columns {
                  let at = row + Int(axes[0].first[x]), w = axes[0].weights[x]
                  let new = Float(w[0] * at[0] + w[1] * at[1] + w[2] * at[2] + w[3] * at[3]), i = start &+ x
                  if measured && input[i] == input[i] {
                    let d = Double(expm1(out[i] - new))
                    change += SIMD3(1, d, d * d)
                  }
                  out[i] = new
                }
              }
            }
          }
          return change
        } combine: {
          $0 += $1
        }
      }
    }
    let n = total.x, mean = total.y / n
    return n > 1 ? (max(total.z - n * mean * mean, 0) / (n - 1)).squareRoot() / (1 + mean) : 0
  }
}
