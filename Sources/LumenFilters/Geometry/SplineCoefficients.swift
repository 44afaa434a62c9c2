// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Coefficients of the cubic B-spline that goes through the voxels of an image, mirrored at its edge voxels.
///
///     c = h ∗ v along each axis,  h(k) = −6z / (1 − z²) · z^|k|,  z = √3 − 2
///
/// Along rows h is summed until z^k is below the last bit; across rows and slices it is run as the recursion
/// c⁺(k) = v(k) + z·c⁺(k−1), c(k) = z·(c(k+1) − c⁺(k)), c·6.
///
/// - Cost: one volume of W; per thread 32 columns or 128 KiB of lines, whichever is more. Source: Unser, Aldroubi, Eden
///   1993; Unser 1999, box 2.
struct SplineCoefficients<W: Sample> {
  /// Which axes are interpolated; on the others the voxels are their own coefficients.
  let axes: [Bool]
  private let pole = W(Double(3).squareRoot() - 2)

  init(axes: [Bool]) { self.axes = axes }

  func callAsFunction<S: Voxel>(_ volume: Volume<S>) -> Volume<W> {
    let size = volume.size, (nx, ny, nz) = (size.columns, size.rows, size.slices)
    return Volume<W>(volume.geometry) { out in
      volume.withVoxels { voxels in
        guard let source = voxels.baseAddress, let target = out.baseAddress else { return }
        nonisolated(unsafe) let (from, to) = (source, target)
        let strip = width(lines: ny, nx), strips = (nx + strip - 1) / strip
        if nz > 1 {
          parallelFor(nz, grain: max(1, (1 << 15) / (nx * ny))) { slices in
            for z in slices {
              alongRows(from, to, nx, z &* ny..<(z &+ 1) &* ny)
              if axes[1] && ny > 1 {
                across(to + z &* size.plane, lines: ny, stride: nx, columns: nx, strip, 0..<strips, rowStride: 0)
              }
            }
          }
        } else {
          parallelFor(ny, grain: max(1, (1 << 15) / nx)) { alongRows(from, to, nx, $0) }
          if axes[1] && ny > 1 {
            parallelFor(strips, grain: max(1, (1 << 15) / (strip * ny))) {
              across(to, lines: ny, stride: nx, columns: nx, strip, $0, rowStride: 0)
            }
          }
        }
        if axes[2] && nz > 1 {
          let strip = width(lines: nz, nx), strips = (nx + strip - 1) / strip
          parallelFor(ny * strips, grain: max(1, (1 << 15) / (strip * nz))) {
            across(to, lines: nz, stride: size.plane, columns: nx, strip, $0, rowStride: nx)
          }
        }
      }
    }
  }

  /// Columns worked on at a time: all lines of them fit the cache.
  private func width(lines: Int, _ columns: Int) -> Int {
    min((columns + 31) & ~31, max(32, (1 << 15) / lines & ~31))
  }

  private func alongRows<S: Voxel>(
    _ source: UnsafePointer<S>, _ target: UnsafeMutablePointer<W>, _ n: Int, _ rows: Range<Int>
  ) {
    guard axes[0] && n > 1 else {
      for i in rows.lowerBound &* n..<rows.upperBound &* n { target[i] = W.of(source[i]) }
      return
    }
    let r = W.splineRadius
    let gain = -6 * pole / (1 - pole * pole)
    var h = [gain]
    for _ in 0..<r { h.append(h[h.count - 1] * pole) }
    withScratch(of: W.self, 2 * r + 2 * roundUp(n)) { scratch in
      let row = scratch + r, sum = scratch + 2 * r + roundUp(n)
      h.withUnsafeBufferPointer { h in
        guard let h = h.baseAddress else { return }
        for y in rows {
          let from = source + y &* n, to = target + y &* n
          for i in 0..<n { row[i] = W.of(from[i]) }
          for k in 1...r {
            row[-k] = row[Interpolation.cubicSpline.index(-k, count: n)]
            row[n &- 1 &+ k] = row[Interpolation.cubicSpline.index(n &- 1 &+ k, count: n)]
          }
          var x = 0
          while x < n {
            var s = loadVector(row + x) * h[0]
            for k in 1...r { s += (loadVector(row + (x &- k)) + loadVector(row + (x &+ k))) * h[k] }
            storeVector(s, sum + x)
            x &+= 16
          }
          to.update(from: sum, count: n)
        }
      }
    }
  }

  /// In place across `lines` rows that lie `stride` apart, for strips of columns; strips beyond a row's are the next row's.
  private func across(
    _ voxels: UnsafeMutablePointer<W>, lines n: Int, stride: Int, columns: Int, _ strip: Int, _ items: Range<Int>,
    rowStride: Int
  ) {
    let strips = (columns + strip - 1) / strip
    withScratch(of: W.self, n * strip) { scratch in
      for item in items {
        let x = item % strips &* strip, width = min(strip, columns &- x)
        let column = voxels + (item / strips &* rowStride &+ x)
        for k in 0..<n { (scratch + k &* strip).update(from: column + k &* stride, count: width) }
        var i = 0
        while i < width {
          recursion(scratch + i, n, strip)
          recursion(scratch + (i &+ 16), n, strip)
          i &+= 32
        }
        for k in 0..<n { (column + k &* stride).update(from: scratch + k &* strip, count: width) }
      }
    }
  }

  /// Sixteen columns through all lines, at least two.
  @inline(__always)
  private func recursion(_ p: UnsafeMutablePointer<W>, _ n: Int, _ stride: Int) {
    // c⁺(0): the mirrored image summed backwards, a whole period of it when that is shorter than the radius.
    let period = 2 &* n &- 2, terms = min(period, 2 &* W.splineRadius)
    var a = loadVector(p), power = pole
    for k in 1..<max(terms, 2) where k < terms {
      a += loadVector(p + Interpolation.cubicSpline.index(k, count: n) &* stride) * power
      power *= pole
    }
    if terms == period { a /= SIMD16(repeating: 1 - power) }
    var before = a
    storeVector(a, p)
    for k in 1..<n {
      before = a
      a = loadVector(p + k &* stride) + a * pole
      storeVector(a, p + k &* stride)
    }
    a = (a + before * pole) * (pole / (pole * pole - 1))
    storeVector(a * 6, p + (n &- 1) &* stride)
    var k = n &- 2
    while k >= 0 {
      a = (a - loadVector(p + k &* stride)) * pole
      storeVector(a * 6, p + k &* stride)
      k &-= 1
    }
  }
}
