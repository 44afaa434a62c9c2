// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Coefficients of the cubic B-spline through the voxels, mirrored at the edge without repeating it.
///
///     v(k) = (c(k−1) + 4·c(k) + c(k+1)) / 6
///
/// Source: Unser, Aldroubi & Eden 1993: one causal and one anticausal recursion with the pole √3 − 2 along each axis.
func cubicCoefficients<T: Voxel>(_ volume: Volume<T>) -> Volume<Double> {
  let size = volume.size, strides = [1, size.columns, size.plane]
  return Volume<Double>(volume.geometry) { out in
    nonisolated(unsafe) let c = out.baseAddress!
    volume.withVoxels { voxels in
      nonisolated(unsafe) let v = voxels.baseAddress!
      parallelFor(voxels.count, grain: 1 << 16) { range in for i in range { c[i] = v[i].doubleValue } }
    }
    for axis in 0..<3 where size[axis] > 1 {
      // Lines that lie next to each other in memory are filtered together.
      let n = size[axis], step = strides[axis], inner = axis == 0 ? 1 : size.columns
      let outer = size.count / (n * inner)
      parallelFor(outer, grain: max(1, (1 << 14) / (n * inner))) { range in
        for k in range {
          let start = axis == 0 ? k &* n : axis == 1 ? k &* size.plane : k &* size.columns
          filterLines(c + start, n, step, inner)
        }
      }
    }
  }
}

private func filterLines(_ c: UnsafeMutablePointer<Double>, _ n: Int, _ step: Int, _ lines: Int) {
  let pole = 3.0.squareRoot() - 2
  withScratch(of: Double.self, lines) { sum in
    // The first causal value: the mirrored line summed as far as double precision sees it.
    let horizon = min(n, 32)
    if horizon < n {
      var power = 1.0
      for k in 0..<horizon {
        for x in 0..<lines { sum[x] += power * c[k &* step &+ x] }
        power *= pole
      }
    } else {
      var powers = [Double](repeating: 1, count: 2 * n - 2)
      for k in 1..<max(2 * n - 2, 1) { powers[k] = powers[k - 1] * pole }
      let whole = 1 / (1 - powers[2 * n - 3] * pole)
      for k in 0..<2 * n - 2 {
        let from = (k < n ? k : 2 * n - 2 - k) &* step
        for x in 0..<lines { sum[x] += powers[k] * whole * c[from &+ x] }
      }
    }
    for x in 0..<lines { c[x] = 6 * sum[x] }
    for k in 1..<n {
      let row = c + k &* step
      for x in 0..<lines { row[x] = 6 * row[x] + pole * row[x &- step] }
    }
    let last = c + (n - 1) &* step, ending = pole / (pole * pole - 1)
    for x in 0..<lines { last[x] = ending * (last[x] + pole * last[x &- step]) }
    for k in stride(from: n - 2, through: 0, by: -1) {
      let row = c + k &* step
      for x in 0..<lines { row[x] = pole * (row[x &+ step] - row[x]) }
    }
  }
}
