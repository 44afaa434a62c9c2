// SPDX-License-Identifier: Apache-2.0
import CSIMD
import LumenCore

/// Resampling onto a grid whose axes run along those of the image: one axis after the other.
///
/// A band of rows of the result is made slice by slice. Source rows are blended across y, then along x, into a ring that
/// holds as many planes of the band as a result needs; these are blended across z.
struct SeparableResampling<S: Voxel, W: Sample, T: Voxel> {
  let x: AxisSampling, y: AxisSampling, z: AxisSampling
  /// Whether real numbers are rounded to whole ones.
  let rounded: Bool

  func run(_ source: UnsafePointer<S>, _ from: Size, _ target: UnsafeMutablePointer<T>) {
    let line = LineSampling<W>(x), stride = line.stride
    let (nx, ny, nz) = (x.count, y.count, z.count)
    let height = min(ny, max(4, (1 << 16) / (stride * z.taps)), 32), bands = (ny + height - 1) / height
    // Parts of the stack share the work where there are few bands; each makes a ring of its own.
    let parts = max(1, min(nz / (8 * z.taps), 64 / bands))
    let (wy, wz) = (y.weights.map { W($0) }, z.weights.map { W($0) })
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(bands * parts, grain: max(1, (1 << 15) * parts / (nx * height * nz))) { items in
      withScratch(of: W.self, z.taps * height * stride + line.room + stride) { scratch in
        let row = scratch + z.taps * height * stride, sum = row + line.room
        wy.withUnsafeBufferPointer { wy in
          wz.withUnsafeBufferPointer { wz in
            guard let wy = wy.baseAddress, let wz = wz.baseAddress else { return }
            withUnsafeTemporaryAllocation(of: Int.self, capacity: z.taps) { held in
              for item in items {
                let first = item % bands &* height, rows = min(height, ny &- first)
                held.initialize(repeating: -1)
                for k in item / bands &* nz / parts..<(item / bands &+ 1) &* nz / parts {
                  for t in 0..<z.taps {
                    let slice = z.index(z.base[k] &+ t), slot = slice % z.taps
                    if held[slot] == slice { continue }
                    held[slot] = slice
                    plane(
                      source + slice &* from.plane, from.columns, wy, first, rows, line, row,
                      scratch + slot &* height &* stride)
                  }
                  for v in 0..<rows {
                    let out = target + ((k &* ny &+ first &+ v) &* nx)
                    blend(z.taps, wz + k &* z.taps, sum, nx) { t in
                      UnsafePointer(
                        scratch + ((z.index(z.base[k] &+ t) % z.taps) &* height &+ v) &* stride)
                    }
                    storeRow(sum, out, nx, rounded: rounded)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// The band of one source slice: blended across y and along x.
  @inline(__always)
  private func plane(
    _ slice: UnsafePointer<S>, _ columns: Int, _ wy: UnsafePointer<W>, _ first: Int, _ rows: Int,
    _ line: LineSampling<W>, _ row: UnsafeMutablePointer<W>, _ out: UnsafeMutablePointer<W>
  ) {
    let middle = row + LineSampling<W>.margin
    for v in 0..<rows {
      let k = first &+ v
      blend(y.taps, wy + k &* y.taps, line.isIdentity ? out + v &* line.stride : middle, columns) { t in
        slice + y.index(y.base[k] &+ t) &* columns
      }
      if !line.isIdentity { line(middle, out + v &* line.stride) }
    }
  }
}

/// Interpolation along a row that lies in scratch memory between two margins.
struct LineSampling<W: Sample>: Sendable {
  /// Values beyond each end of a row that taps may reach, and whole vectors read.
  static var margin: Int { 32 }
  let isIdentity: Bool
  /// Values of scratch a source row needs with its margins, and an output row.
  let room: Int, stride: Int
  private let axis: AxisSampling
  /// `weights[t · stride + k]`: tap t of result k.
  private let weights: [W]
  /// The source index of the first tap of each result; of the first of every eight.
  private let base: [Int32], windows: [Int32]
  /// Where in the sixteen values from its window a result's first tap lies; empty when some lie further away.
  private let lanes: [Int32]

  init(_ axis: AxisSampling) {
    self.axis = axis
    isIdentity = axis.isIdentity
    room = roundUp(axis.length + 2 * Self.margin)
    stride = roundUp(axis.count)
    let padded = axis.base + [Int](repeating: axis.base.last ?? 0, count: stride - axis.count)
    var weights = [W](repeating: 0, count: stride * axis.taps)
    for k in 0..<axis.count {
      for t in 0..<axis.taps { weights[t * stride + k] = W(axis.weights[k * axis.taps + t]) }
    }
    self.weights = weights
    base = padded.map { Int32($0) }
    var windows: [Int32] = [], lanes: [Int32] = []
    for group in Swift.stride(from: 0, to: stride, by: 8) {
      let eight = base[group..<group + 8], low = eight.min() ?? 0
      windows.append(low)
      lanes += eight.map { $0 - low }
    }
    self.windows = windows
    self.lanes = W.self == Float.self && lanes.allSatisfy { $0 < 16 } ? lanes : []
  }

  /// `row` has margins, which are written; whole vectors of `out` are written.
  @inline(__always)
  func callAsFunction(_ row: UnsafeMutablePointer<W>, _ out: UnsafeMutablePointer<W>) {
    let n = axis.length, reach = axis.taps / 2
    for k in 0..<reach {
      row[-1 &- k] = row[axis.index(-1 &- k)]
      row[n &+ k] = row[axis.index(n &+ k)]
    }
    weights.withUnsafeBufferPointer { w in
      guard let w = w.baseAddress else { return }
      if lanes.isEmpty { return scattered(row, w, out) }
      let row = UnsafeRawPointer(row).assumingMemoryBound(to: Float.self)
      let taps = UnsafeRawPointer(w).assumingMemoryBound(to: Float.self)
      let out = UnsafeMutableRawPointer(out).assumingMemoryBound(to: Float.self)
      switch axis.taps {
      case 2: packed(2, row, taps, out)
      case 4: packed(4, row, taps, out)
      default: packed(axis.taps, row, taps, out)
      }
    }
  }

  /// Eight results at once, each tap picked out of sixteen neighbouring values.
  @inline(__always)
  private func packed(
    _ taps: Int, _ row: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>
  ) {
    @inline(__always) func load8(_ p: UnsafePointer<Float>) -> SIMD8<Float> {
      UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self)
    }
    windows.withUnsafeBufferPointer { windows in
      lanes.withUnsafeBufferPointer { lanes in
        guard let lanes = lanes.baseAddress else { return }
        for group in 0..<windows.count {
          let k = group &* 8, window = row + Int(windows[group])
          let lane = UnsafeRawPointer(lanes + k).loadUnaligned(as: SIMD8<Int32>.self)
          var sum = v_pick16(window, lane) * load8(w + k)
          var t = 1
          while t < taps {
            sum += v_pick16(window + t, lane) * load8(w + (t &* stride &+ k))
            t &+= 1
          }
          UnsafeMutableRawPointer(out + k).storeBytes(of: sum, as: SIMD8<Float>.self)
        }
      }
    }
  }

  @inline(__always)
  private func scattered(_ row: UnsafePointer<W>, _ w: UnsafePointer<W>, _ out: UnsafeMutablePointer<W>) {
    base.withUnsafeBufferPointer { base in
      for k in 0..<axis.count {
        let p = row + Int(base[k])
        var sum = p[0] * w[k]
        var t = 1
        while t < axis.taps {
          sum += p[t] * w[t &* stride &+ k]
          t &+= 1
        }
        out[k] = sum
      }
    }
  }
}
