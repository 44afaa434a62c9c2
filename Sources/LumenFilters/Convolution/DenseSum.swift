// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Σₖ w(k)·image(p + k) over a box of weights, in registers: two rows of 32 voxels at a time, so that a row that is
/// loaded serves both.
///
/// Every voxel gets the same operations in the same order, slice by slice and row by row of the kernel.
struct DenseSum: Sendable {
  let size: Size, boundary: BoundaryCondition
  let columns: Int, rows: Int, slices: Int
  let weights: [Float]

  func run(_ image: UnsafePointer<Float>?, _ out: UnsafeMutablePointer<Float>?) {
    guard let image, let out else { return }
    let (rx, ry, rz) = (columns / 2, rows / 2, slices / 2)
    let width = min(size.columns, 256), height = min(size.rows, 16)
    let across = (size.columns + width - 1) / width, down = (size.rows + height - 1) / height
    let stride = roundUp(width) + roundUp(2 * rx) + 32, lines = height + 2 * ry + 1
    let padded = PaddedRows(size: size, boundary: boundary)
    nonisolated(unsafe) let (source, target) = (image, out)
    let work = width * height * weights.count
    parallelFor(across * down * size.slices, grain: max(1, (1 << 19) / work)) { items in
      // The tile with its surroundings, and two rows of results.
      withScratch(of: Float.self, slices * lines * stride + 2 * stride) { scratch in
        let results = scratch + slices * lines * stride
        weights.withUnsafeBufferPointer { w in
          guard let w = w.baseAddress else { return }
          for item in items {
            let x = item % across &* width, y = item / across % down &* height, z = item / (across &* down)
            let n = min(width, size.columns &- x), count = min(height, size.rows &- y)
            for k in 0..<slices {
              for j in 0..<count &+ 2 &* ry {
                padded.read(
                  source, y &+ j &- ry, z &+ k &- rz, columns: x &- rx..<x &+ n &+ rx,
                  into: scratch + (k &* lines &+ j) &* stride)
              }
            }
            var row = 0
            while row < count {
              // The second of the last row of an odd number is computed from what the scratch holds, and dropped.
              twoRows(scratch + row &* stride, stride, lines &* stride, w, results, results + stride, n)
              for second in 0..<min(2, count &- row) {
                (target + size.offset(x, y &+ row &+ second, z)).update(from: results + second &* stride, count: n)
              }
              row &+= 2
            }
          }
        }
      }
    }
  }

  private func twoRows(
    _ from: UnsafePointer<Float>, _ stride: Int, _ plane: Int, _ w: UnsafePointer<Float>,
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ n: Int
  ) {
    let columns = columns, rows = rows, slices = slices
    var x = 0
    while x < n {
      var a0 = SIMD16<Float>.zero, a1 = a0, b0 = a0, b1 = a0
      for k in 0..<slices {
        let p = from + (k &* plane &+ x), v = w + k &* rows &* columns
        for i in 0..<columns {
          let weight = SIMD16<Float>(repeating: v[i])
          a0 = multiplyAdd(load16(p + i), weight, a0)
          a1 = multiplyAdd(load16(p + (i &+ 16)), weight, a1)
        }
        var j = 1
        while j < rows {
          let line = p + j &* stride, above = v + (j &- 1) &* columns, here = v + j &* columns
          for i in 0..<columns {
            let low = load16(line + i), high = load16(line + (i &+ 16))
            let wa = SIMD16<Float>(repeating: here[i]), wb = SIMD16<Float>(repeating: above[i])
            a0 = multiplyAdd(low, wa, a0)
            a1 = multiplyAdd(high, wa, a1)
            b0 = multiplyAdd(low, wb, b0)
            b1 = multiplyAdd(high, wb, b1)
          }
          j &+= 1
        }
        let line = p + rows &* stride, last = v + (rows &- 1) &* columns
        for i in 0..<columns {
          let weight = SIMD16<Float>(repeating: last[i])
          b0 = multiplyAdd(load16(line + i), weight, b0)
          b1 = multiplyAdd(load16(line + (i &+ 16)), weight, b1)
        }
      }
      store16(a0, first + x)
      store16(a1, first + (x &+ 16))
      store16(b0, second + x)
      store16(b1, second + (x &+ 16))
      x &+= 32
    }
  }
}
