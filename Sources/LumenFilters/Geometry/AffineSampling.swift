// SPDX-License-Identifier: Apache-2.0
import CSIMD
import LumenCore

/// Sampling an image along the rows of a grid that lies in it at any angle.
///
/// A voxel centre is inside the image up to half a voxel beyond the outermost centres, as in ITK; between these and there
/// it takes the value at the nearest edge.
struct AffineSampling<S: Voxel, W: Sample, T: Voxel> {
  let map: IndexMap, interpolation: Interpolation
  /// What lies outside; nil for the nearest edge.
  let outside: T?
  let rounded: Bool

  func run(_ source: UnsafePointer<S>, _ from: Size, _ target: UnsafeMutablePointer<T>, _ to: Size) {
    let n = SIMD3(Double(from.columns), Double(from.rows), Double(from.slices))
    // The last bit of a centre on the border of the image is not left to rounding.
    let edge = SIMD3(repeating: -0.5 - 1e-9), end = n - 0.5 - 1e-9
    nonisolated(unsafe) let sampler = PointSampler<S, W>(source, from, interpolation)
    nonisolated(unsafe) let target = target
    parallelFor(to.rows * to.slices, grain: max(1, 4096 / to.columns)) { items in
      withScratch(of: W.self, roundUp(to.columns) + 64) { row in
        for item in items {
          let start = map(SIMD3(0, Double(item % to.rows), Double(item / to.rows)))
          let inside = outside == nil ? 0..<to.columns : range(to.columns, start, map.x, edge, end)
          let interior = range(to.columns, start, map.x, sampler.low, sampler.high).clamped(to: inside)
          for i in inside.lowerBound..<interior.lowerBound { row[i] = sampler.nearEdge(start + map.x * Double(i)) }
          sampler.line(start, map.x, interior, row)
          for i in interior.upperBound..<inside.upperBound { row[i] = sampler.nearEdge(start + map.x * Double(i)) }
          let out = target + item &* to.columns
          storeRow(row + inside.lowerBound, out + inside.lowerBound, inside.count, rounded: rounded)
          if let outside {
            out.update(repeating: outside, count: inside.lowerBound)
            (out + inside.upperBound).update(repeating: outside, count: to.columns &- inside.upperBound)
          }
        }
      }
    }
  }
}

/// The value of an image at any index.
struct PointSampler<S: Voxel, W: Sample> {
  private let source: UnsafePointer<S>, size: Size, interpolation: Interpolation
  /// Distance in memory of neighbours along each axis; 0 along an axis of one voxel.
  private let strides: SIMD3<Int>
  /// Where every tap lies inside the image, with room for the rounding of single precision.
  let low: SIMD3<Double>, high: SIMD3<Double>

  init(_ source: UnsafePointer<S>, _ size: Size, _ interpolation: Interpolation) {
    self.source = source
    self.size = size
    self.interpolation = interpolation
    let half = interpolation.taps / 2
    var low = SIMD3<Double>(), high = SIMD3<Double>(), strides = SIMD3<Int>()
    for axis in 0..<3 {
      let single = size[axis] == 1
      strides[axis] = single ? 0 : axis == 0 ? 1 : axis == 1 ? size.columns : size.plane
      low[axis] = single ? -1e18 : Double(max(half - 1, 0)) + 1e-4
      high[axis] = single ? 1e18 : Double(size[axis] - half) - 1e-4
    }
    // A row of one column has no neighbour to read.
    if size.columns == 1 { high.x = -1e18 }
    self.low = low
    self.high = high
    self.strides = strides
  }

  /// The value at an index that may lie near the border or beyond it.
  func nearEdge(_ p: SIMD3<Double>) -> W {
    var (base, fraction) = (SIMD3<Int>(), SIMD3<Double>())
    let taps = interpolation.taps
    for axis in 0..<3 {
      let last = Double(size[axis] - 1), q = p[axis] > 0 ? min(p[axis], last) : 0
      let whole = interpolation == .nearest ? min(last, (q + 0.5 + 1e-9).rounded(.down)) : q.rounded(.down)
      base[axis] = Int(whole) - max(taps / 2 - 1, 0)
      fraction[axis] = q - whole
    }
    if taps == 1 { return W.of(source[size.offset(base.x, base.y, base.z)]) }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * taps) { w in
      guard let w = w.baseAddress else { return 0 }
      for axis in 0..<3 { interpolation.weights(fraction[axis], w + axis * taps) }
      var sum = 0.0
      for k in 0..<taps {
        let z = interpolation.index(base.z + k, count: size.slices)
        for j in 0..<taps {
          let y = interpolation.index(base.y + j, count: size.rows), row = source + size.offset(0, y, z)
          var line = 0.0
          for i in 0..<taps {
            line += w[i] * row[interpolation.index(base.x + i, count: size.columns)].doubleValue
          }
          sum += line * w[taps + j] * w[2 * taps + k]
        }
      }
      return W(sum)
    }
  }

  /// The values at p + step · i for a range of i that keeps every tap inside.
  @inline(__always)
  func line(_ p: SIMD3<Double>, _ step: SIMD3<Double>, _ range: Range<Int>, _ row: UnsafeMutablePointer<W>) {
    switch interpolation {
    case .linear where W.self == Float.self && isNear(step):
      let whole = range.lowerBound &+ range.count & ~7
      let out = UnsafeMutableRawPointer(row).assumingMemoryBound(to: Float.self)
      var i = range.lowerBound
      while i < whole {
        let values = trilinear(p + step * Double(i), step)
        UnsafeMutableRawPointer(out + i).storeBytes(of: values, as: SIMD8<Float>.self)
        i &+= 8
      }
      for i in whole..<range.upperBound { row[i] = nearEdge(p + step * Double(i)) }
    case .cubicSpline:
      for i in range { row[i] = tricubic(p + step * Double(i)) }
    default:
      for i in range { row[i] = nearEdge(p + step * Double(i)) }
    }
  }

  /// Whether the voxels of eight steps lie within reach of 32-bit offsets, and so near that single precision keeps their
  /// places to a small part of the room left at the borders.
  private func isNear(_ step: SIMD3<Double>) -> Bool {
    var reach = 0.0
    for axis in 0..<3 {
      guard abs(step[axis]) <= 8 else { return false }
      reach += (abs(step[axis]) * 8 + 2) * Double(strides[axis])
    }
    return reach * Double(MemoryLayout<S>.stride) < 1e9
  }

  /// Eight neighbouring results. Indices run in single precision from the whole voxel before the first: to 1e-6 voxel.
  @inline(__always)
  private func trilinear(_ p: SIMD3<Double>, _ step: SIMD3<Double>) -> SIMD8<Float> {
    let lane = SIMD8<Float>(0, 1, 2, 3, 4, 5, 6, 7)
    let whole = p.rounded(.down), first = p - whole
    let base =
      (strides.x == 0 ? 0 : Int(whole.x)) &+ (strides.y == 0 ? 0 : Int(whole.y) &* strides.y)
      &+ (strides.z == 0 ? 0 : Int(whole.z) &* strides.z)
    let x = Float(first.x) + lane * Float(step.x), ix = x.rounded(.down), fx = x - ix
    let y = Float(first.y) + lane * Float(step.y), iy = y.rounded(.down), fy = y - iy
    let z = Float(first.z) + lane * Float(step.z), iz = z.rounded(.down), fz = z - iz
    let at =
      integers(ix) &+ integers(iy) &* Int32(truncatingIfNeeded: strides.y)
      &+ integers(iz) &* Int32(truncatingIfNeeded: strides.z)
    let corner = source + base
    let (a0, a1) = pairs(corner, at), (b0, b1) = pairs(corner + strides.y, at)
    let (c0, c1) = pairs(corner + strides.z, at), (d0, d1) = pairs(corner + (strides.y &+ strides.z), at)
    let a = a0 + (a1 - a0) * fx, b = b0 + (b1 - b0) * fx, c = c0 + (c1 - c0) * fx, d = d0 + (d1 - d0) * fx
    let low = a + (b - a) * fy, high = c + (d - c) * fy
    return low + (high - low) * fz
  }

  /// Small whole numbers as integers: 1.5 · 2²³ added leaves them in the low bits.
  @inline(__always)
  private func integers(_ v: SIMD8<Float>) -> SIMD8<Int32> {
    unsafeBitCast(v + 12_582_912, to: SIMD8<Int32>.self) &- 0x4B40_0000
  }

  /// Eight voxels and their neighbours in x.
  @inline(__always)
  private func pairs(_ p: UnsafePointer<S>, _ at: SIMD8<Int32>) -> (SIMD8<Float>, SIMD8<Float>) {
    if S.self == Int16.self {
      let both = v_gather_words(p, at &* 2)
      return (SIMD8<Float>((both &<< 16) &>> 16), SIMD8<Float>(both &>> 16))
    }
    if S.self == Float.self {
      let a = v_gather_words(p, at &* 4), b = v_gather_words(p + 1, at &* 4)
      return (unsafeBitCast(a, to: SIMD8<Float>.self), unsafeBitCast(b, to: SIMD8<Float>.self))
    }
    var a = SIMD8<Float>(), b = SIMD8<Float>()
    for i in 0..<8 {
      a[i] = p[Int(at[i])].floatValue
      b[i] = p[Int(at[i]) &+ 1].floatValue
    }
    return (a, b)
  }

  /// One value of the cubic spline.
  @inline(__always)
  private func tricubic(_ p: SIMD3<Double>) -> W {
    let whole = p.rounded(.down), f = p - whole
    let wx = cubic(f.x), wy = cubic(f.y), wz = cubic(f.z)
    let (bx, by, bz) = (Int(whole.x) &- 1, Int(whole.y) &- 1, Int(whole.z) &- 1)
    let corner = source + (bx &+ (strides.y == 0 ? 0 : by &* strides.y) &+ (strides.z == 0 ? 0 : bz &* strides.z))
    var sum = SIMD4<W>()
    for k in 0..<4 {
      var plane = SIMD4<W>()
      for j in 0..<4 {
        let q = corner + (k &* strides.z &+ j &* strides.y)
        plane += SIMD4(W.of(q[0]), W.of(q[1]), W.of(q[2]), W.of(q[3])) * wy[j]
      }
      sum += plane * wz[k]
    }
    sum *= wx
    return (sum.x + sum.z) + (sum.y + sum.w)
  }

  @inline(__always)
  private func cubic(_ f: Double) -> SIMD4<W> {
    let f = W(f), g = 1 - f, sixth = 1 / W(6), most = 2 / W(3)
    return SIMD4(
      g * g * g * sixth, most - f * f * (1 - f / 2), most - g * g * (1 - g / 2), f * f * f * sixth)
  }
}
