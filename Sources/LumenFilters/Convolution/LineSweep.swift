// SPDX-License-Identifier: Apache-2.0
import CSIMD
import LumenCore

/// Filters all lines of voxels along one axis, blocks of neighbouring lines at a time, eight of them in a register.
///
/// A block is copied so that its lines lie side by side: squares of eight by eight are transposed for lines along rows.
/// Its results may be written over its sources.
struct LineSweep: Sendable {
  let size: Size, axis: Int

  init(_ size: Size, axis: Int) {
    self.size = size
    self.axis = axis
  }

  /// Calls `body` with eight lines after another; it filters and stores each target.
  func callAsFunction(
    _ sources: [UnsafePointer<Float>], _ targets: [UnsafeMutablePointer<Float>],
    _ body: @escaping @Sendable (borrowing LineGroup) -> Void
  ) {
    nonisolated(unsafe) let (sources, targets) = (sources, targets)
    let n = size[axis], across = axis == 0 ? size.rows : size.columns
    // Whole cache lines and more of them side by side; only eight lines where they are long.
    let width = n > 4096 ? 8 : min(64, (across + 7) & ~7), blocks = (across + width - 1) / width
    let outer = axis == 2 ? size.rows : size.slices, count = max(sources.count, targets.count)
    parallelFor(outer * blocks, grain: max(1, (1 << 14) / (n * width))) { items in
      // A few lines are filtered whose values are never used: zeroed, so that they cost no denormals or traps.
      withScratch(of: Float.self, n * width * count) { voxels in
        withScratch(of: Double.self, n * 8) { sums in
          for item in items {
            let first = item % blocks &* width, o = item / blocks, lines = min(width, across &- first)
            let start =
              axis == 0 ? size.offset(0, first, o) : axis == 1 ? size.offset(first, 0, o) : size.offset(first, o, 0)
            for (k, source) in sources.enumerated() {
              gather(source + start, lines, voxels + k &* n &* width, width)
            }
            var lane = 0
            while lane < lines {
              body(LineGroup(voxels: voxels + lane, sums: sums, count: n, width: width, part: n &* width))
              lane &+= 8
            }
            for (k, target) in targets.enumerated() {
              scatter(voxels + k &* n &* width, target + start, lines, width)
            }
          }
        }
      }
    }
  }

  /// From one voxel of a line to the next, and from line to line.
  private var steps: (along: Int, across: Int) {
    axis == 0 ? (1, size.columns) : (axis == 1 ? size.columns : size.plane, 1)
  }

  private func gather(_ from: UnsafePointer<Float>, _ lines: Int, _ to: UnsafeMutablePointer<Float>, _ width: Int) {
    let n = size[axis], (along, across) = steps
    if across == 1 {
      for i in 0..<n { (to + i &* width).update(from: from + i &* along, count: lines) }
      return
    }
    var line = 0
    while line < lines {
      var i = 0
      if line &+ 8 <= lines {
        while i &+ 8 <= n {
          v_transpose_f32x8(from + (line &* across &+ i), across, to + (i &* width &+ line), width)
          i &+= 8
        }
      }
      for i in i..<n {
        for l in line..<min(lines, line &+ 8) { to[i &* width &+ l] = from[l &* across &+ i] }
      }
      line &+= 8
    }
  }

  private func scatter(_ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ lines: Int, _ width: Int) {
    let n = size[axis], (along, across) = steps
    if across == 1 {
      for i in 0..<n { (to + i &* along).update(from: from + i &* width, count: lines) }
      return
    }
    var line = 0
    while line < lines {
      var i = 0
      if line &+ 8 <= lines {
        while i &+ 8 <= n {
          v_transpose_f32x8(from + (i &* width &+ line), width, to + (line &* across &+ i), across)
          i &+= 8
        }
      }
      for i in i..<n {
        for l in line..<min(lines, line &+ 8) { to[l &* across &+ i] = from[i &* width &+ l] }
      }
      line &+= 8
    }
  }
}

/// Eight neighbouring lines of every source, and the sum that a result is made of.
struct LineGroup {
  fileprivate let voxels: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Double>
  fileprivate let count: Int, width: Int, part: Int

  /// The sum becomes the recursion of the lines of a source, or has it added.
  func filter(_ recursion: Recursion, of source: Int, adds: Bool = false) {
    adds ? run(recursion, source, true) : run(recursion, source, false)
  }

  /// Puts the sum in place of a source's lines, as the lines of the target of the same number.
  func store(_ target: Int) {
    let to = voxels + target &* part
    for i in 0..<count {
      v_store_f32x8(v_narrow(UnsafeRawPointer(sums + 8 &* i).load(as: SIMD8<Double>.self)), to + i &* width)
    }
  }

  @inline(__always)
  private func run(_ r: Recursion, _ source: Int, _ adds: Bool) {
    typealias Lanes = SIMD8<Double>
    let from = voxels + source &* part, n = count, width = width
    let sums = UnsafeMutableRawPointer(sums).assumingMemoryBound(to: Lanes.self)
    let d = -r.feedback, f = r.forward, b = r.backward
    let edge = v_widen(v_load_f32x8(from)), end = v_widen(v_load_f32x8(from + (n &- 1) &* width))
    var (v1, v2, v3) = (edge, edge, edge)
    var y1 = edge * r.forwardGain
    var (y2, y3, y4) = (y1, y1, y1)
    for i in 0..<n {
      let v = v_widen(v_load_f32x8(from + i &* width))
      var y = fused(v3, f[3], fused(v2, f[2], fused(v1, f[1], v * f[0])))
      y = fused(y1, d[0], fused(y2, d[1], fused(y3, d[2], fused(y4, d[3], y))))
      sums[i] = adds ? sums[i] + y : y
      (v3, v2, v1) = (v2, v1, v)
      (y4, y3, y2, y1) = (y3, y2, y1, y)
    }
    (v1, v2, v3) = (end, end, end)
    var v4 = end
    y1 = end * r.backwardGain
    (y2, y3, y4) = (y1, y1, y1)
    var i = n &- 1
    while i >= 0 {
      var y = fused(v4, b[3], fused(v3, b[2], fused(v2, b[1], v1 * b[0])))
      y = fused(y1, d[0], fused(y2, d[1], fused(y3, d[2], fused(y4, d[3], y))))
      sums[i] += y
      (v4, v3, v2, v1) = (v3, v2, v1, v_widen(v_load_f32x8(from + i &* width)))
      (y4, y3, y2, y1) = (y3, y2, y1, y)
      i &-= 1
    }
  }
}

/// a · w + c, rounded once (in a build without FMA by the C library, far slower).
@inline(__always)
private func fused(_ a: SIMD8<Double>, _ w: Double, _ c: SIMD8<Double>) -> SIMD8<Double> {
  c.addingProduct(a, SIMD8(repeating: w))
}
