// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// A filter that is a product of frequencies: a radial band, and powers of the direction (Riesz transform).
///
///     H(w) = B(2ⁿ⁻¹|w|) · (−i)ᴸ · √(L! / lx! ly! lz!) · Πₐ (wₐ / |w|)^lₐ,   L = lx + ly + lz
///     B(r) = cos(π/2 · log₂ 2r),  ¼ < r ≤ 1, else 0
///
/// w runs from −1 to 1 inclusive along each axis (IBSI 2), so that for even lengths H(−w) belongs to no sample; the
/// real part of the result is taken, which is what (H(k) + H(−k)*) / 2 gives.
struct RadialWavelet: Sendable {
  /// n; 0 for no band.
  var level = 0
  /// lx, ly, lz.
  var order = [0, 0, 0]
  var planar = false
  var boundary = BoundaryCondition.periodic
  /// Voxels of boundary around the image.
  var margin = 0

  /// B as a function of r², linear between samples that are close enough for single precision.
  private static let intervals = 1 << 15
  private static let band: [Float] = (0...intervals).map { i in
    let square = 1.0 / 16 + 15.0 / 16 * Double(i) / Double(intervals)
    return Float(cos(.pi / 2 * log2(2 * square.squareRoot())))
  }

  func callAsFunction(_ volume: Volume<Float>) -> Volume<Float> {
    var filtered: Volume<Float>?
    forEachOrder([order], of: volume) { filtered = $0 }
    return filtered ?? volume
  }

  /// The responses of several orders, one after another, of one transform of the volume.
  func forEachOrder(_ orders: [[Int]], of volume: Volume<Float>, _ body: (Volume<Float>) -> Void) {
    let size = volume.size
    var padded = [size.columns, size.rows, size.slices], before = SIMD3<Int>(0, 0, 0)
    if boundary != .periodic {
      for axis in 0..<3 where size[axis] > 1 && !(planar && axis == 2) {
        let n = size[axis]
        padded[axis] = fourierLength(n + 2 * min(margin, (n + 1) / 2))
        before[axis] = (padded[axis] - n) / 2
      }
    }
    let transform = FourierTransform<Float>(
      Size(columns: padded[0], rows: padded[1], slices: padded[2]), planar: planar)
    var whole: Spectrum<Float>? = transform.forward(volume, margin: FourierMargin(before: before, boundary: boundary))
    for (k, order) in orders.enumerated() {
      guard var spectrum = whole else { break }
      // The last order needs no copy.
      if k == orders.count - 1 { whole = nil }
      var part = self
      part.order = order
      part.multiply(&spectrum)
      body(transform.inverse(spectrum, volume.geometry, before: before))
    }
  }

  /// w of each sample of an axis in the order of the transform; zero for an axis that is not transformed.
  private func frequencies(_ n: Int, used: Bool) -> [Float] {
    if n == 1 || !used { return Array(repeating: 0, count: n) }
    return (0..<n).map { Float(-1 + 2 * Double(($0 + n / 2) % n) / Double(n - 1)) }
  }

  private func multiply(_ spectrum: inout Spectrum<Float>) {
    let size = spectrum.size, stride = spectrum.stride, columns = spectrum.columns
    let (wx, wy) = (frequencies(size.columns, used: true), frequencies(size.rows, used: true))
    let wz = frequencies(size.slices, used: !planar)
    let total = order.reduce(0, +), phase = total % 4
    let scale = Float((factorial(total) / order.map(factorial).reduce(1, *)).squareRoot())
    let mirror: Float = total % 2 == 0 ? 0.5 : -0.5
    spectrum.re.withMutableVoxels { re in
      spectrum.im.withMutableVoxels { im in
        guard let re = re.baseAddress, let im = im.baseAddress else { return }
        nonisolated(unsafe) let (allRe, allIm) = (re, im)
        parallelFor(size.rows * size.slices, grain: max(1, (1 << 14) / columns)) { range in
          Self.band.withUnsafeBufferPointer { band in
            for item in range {
              let y = item % size.rows, z = item / size.rows
              let re = allRe + item &* stride, im = allIm + item &* stride
              let a = (wy[y], wz[z]), b = (wy[(size.rows &- y) % size.rows], wz[(size.slices &- z) % size.slices])
              for x in 0..<columns {
                let here = weight(wx[x], a.0, a.1, band)
                let there = weight(wx[x == 0 ? 0 : size.columns &- x], b.0, b.1, band)
                let w = scale * (0.5 * here + mirror * there)
                let (r, i) = (re[x] * w, im[x] * w)
                // (−i)ᴸ
                switch phase {
                case 0: (re[x], im[x]) = (r, i)
                case 1: (re[x], im[x]) = (i, -r)
                case 2: (re[x], im[x]) = (-r, -i)
                default: (re[x], im[x]) = (-i, r)
                }
              }
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private func weight(_ x: Float, _ y: Float, _ z: Float, _ band: UnsafeBufferPointer<Float>) -> Float {
    let square = x * x + y * y + z * z
    var w: Float = 1
    if level > 0 {
      let scaled = square * Float(1 << (2 * (level - 1)))
      if !(scaled > 0.0625 && scaled <= 1) { return 0 }
      let t = (scaled - 0.0625) * (Float(Self.intervals) * 16 / 15)
      let i = min(Int(t), Self.intervals - 1), f = t - Float(i)
      w = band[i] + f * (band[i + 1] - band[i])
    }
    if order != [0, 0, 0] {
      if square == 0 { return 0 }
      let length = square.squareRoot()
      w *= power(x / length, order[0]) * power(y / length, order[1]) * power(z / length, order[2])
    }
    return w
  }

  @inline(__always)
  private func power(_ v: Float, _ n: Int) -> Float {
    var p: Float = 1
    for _ in 0..<n { p *= v }
    return p
  }

  private func factorial(_ n: Int) -> Double { n < 2 ? 1 : Double(n) * factorial(n - 1) }
}
