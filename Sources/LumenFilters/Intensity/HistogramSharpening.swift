// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// The map E(u) of N4: what an intensity most likely was before its histogram was blurred by a Gaussian.
///
/// The histogram (triangular Parzen windows) is deconvolved, Û = V̂·Re(F̂* / (F̂*·F̂ + noise)), cut at zero, and
/// E = (F ∗ (u·U)) / (F ∗ U).
/// Source: Sled, Zijdenbos & Evans 1998; Tustison et al. 2010.
struct HistogramSharpening: Sendable {
  private let lowest: Double, slope: Double
  private let map: [Double]

  /// The map for log v − B; nil when all of it is equal.
  init?(_ log: Volume<Float>, _ field: Volume<Float>, bins: Int, width: Double, noise: Double) {
    let range = log.withVoxels { v in
      field.withVoxels { b in
        nonisolated(unsafe) let (v, b) = (v.baseAddress!, b.baseAddress!)
        return parallelReduce(log.count, block: 1 << 14, SIMD2(Float.infinity, -.infinity)) { range in
          var low = Float.infinity, high = -Float.infinity
          for i in range {
            let u = v[i] - b[i]
            low = u < low ? u : low
            high = u > high ? u : high
          }
          return SIMD2(low, high)
        } combine: {
          $0 = SIMD2(min($0.x, $1.x), max($0.y, $1.y))
        }
      }
    }
    let lowest = Double(range.x), slope = (Double(range.y) - Double(range.x)) / Double(bins - 1)
    guard slope > 0, slope.isFinite else { return nil }
    (self.lowest, self.slope) = (lowest, slope)
    let histogram = log.withVoxels { v in
      field.withVoxels { b in
        nonisolated(unsafe) let (v, b) = (v.baseAddress!, b.baseAddress!)
        let block = max(1 << 14, log.count / 64 + 1)
        return parallelReduce(log.count, block: block, [Double](repeating: 0, count: bins)) { range in
          var counts = [Double](repeating: 0, count: bins + 1)
          for i in range where v[i] == v[i] {
            let c = (Double(v[i] - b[i]) - lowest) / slope, k = min(max(Int(c), 0), bins - 1)
            counts[k] += 1 - (c - Double(k))
            counts[k + 1] += c - Double(k)
          }
          return counts
        } combine: { a, b in
          for k in a.indices { a[k] += b[k] }
        }
      }
    }

    // Twice the next power of two, so that the ends do not meet.
    var size = 2
    while size < 2 * bins { size *= 2 }
    let offset = (size - bins) / 2
    var v = [SIMD2<Double>](repeating: .zero, count: size), gaussian = v
    for k in 0..<bins { v[k + offset].x = histogram[k] }
    let scaled = width / slope, factor = 4 * Glibc.log(2) / (scaled * scaled)
    for k in 0..<size {
      let d = Double(min(k, size - k))
      gaussian[k].x = 2 * (Glibc.log(2) / .pi).squareRoot() / scaled * exp(-d * d * factor)
    }
    fourier(&v)
    fourier(&gaussian)
    for k in 0..<size {
      // The Gaussian is even: its transform is real.
      let f = gaussian[k].x
      v[k] *= f / (f * f + noise)
    }
    inverseFourier(&v)
    var numerator = v, denominator = v
    for k in 0..<size {
      let u = max(v[k].x, 0)
      numerator[k] = SIMD2((lowest + Double(k - offset) * slope) * u, 0)
      denominator[k] = SIMD2(u, 0)
    }
    for k in [0, 1] {
      func blur(_ a: inout [SIMD2<Double>]) {
        fourier(&a)
        for i in 0..<size { a[i] *= gaussian[i].x }
        inverseFourier(&a)
      }
      if k == 0 { blur(&numerator) } else { blur(&denominator) }
    }
    map = (offset..<offset + bins).map { denominator[$0].x != 0 ? numerator[$0].x / denominator[$0].x : 0 }
  }

  /// E(u), linear between bins.
  @inline(__always)
  func callAsFunction(_ u: Double, _ map: UnsafePointer<Double>) -> Double {
    let c = (u - lowest) / slope, k = min(max(Int(c), 0), self.map.count - 2)
    return map[k] + (map[k + 1] - map[k]) * min(max(c - Double(k), 0), 1)
  }

  /// Gives the table that the call needs.
  func withMap<R>(_ body: (UnsafePointer<Double>) -> R) -> R { map.withUnsafeBufferPointer { body($0.baseAddress!) } }
}

/// Discrete Fourier transform of a power of two of complex numbers, radix 2 in place.
private func fourier(_ a: inout [SIMD2<Double>]) {
  let n = a.count
  var j = 0
  for i in 1..<n {
    var bit = n >> 1
    while j & bit != 0 {
      j ^= bit
      bit >>= 1
    }
    j |= bit
    if i < j { a.swapAt(i, j) }
  }
  var half = 1
  while half < n {
    for k in 0..<half {
      let angle = -Double.pi * Double(k) / Double(half), (c, s) = (cos(angle), sin(angle))
      for i in stride(from: k, to: n, by: 2 * half) {
        let b = a[i + half], turned = SIMD2(b.x * c - b.y * s, b.x * s + b.y * c)
        a[i + half] = a[i] - turned
        a[i] += turned
      }
    }
    half *= 2
  }
}

private func inverseFourier(_ a: inout [SIMD2<Double>]) {
  for i in a.indices { a[i].y = -a[i].y }
  fourier(&a)
  for i in a.indices { a[i] = SIMD2(a[i].x, -a[i].y) / Double(a.count) }
}
