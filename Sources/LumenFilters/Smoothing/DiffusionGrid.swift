// SPDX-License-Identifier: Apache-2.0
import CSIMD
import LumenCore

/// An image with room on both sides of its rows, and one explicit step of diffusion on it.
///
/// What flows from a voxel to its neighbour is computed once and used for both: rows of fluxes between this row and the
/// next, and between this slice and the next, wait for their second use.
struct DiffusionGrid: Sendable {
  static let margin = 16
  let size: Size, stride: Int, scale: SIMD3<Float>
  typealias Lanes = SIMD16<Float>
  private typealias Row = UnsafePointer<Float>

  init(_ geometry: Geometry) {
    size = geometry.size
    stride = roundUp(size.columns) + 2 * Self.margin
    let s = size
    let inverse = SIMD3<Double>(repeating: 1) / geometry.spacing
    // An axis of one voxel has no differences, whatever its spacing.
    scale = SIMD3(
      s.columns > 1 ? Float(inverse.x) : 0, s.rows > 1 ? Float(inverse.y) : 0, s.slices > 1 ? Float(inverse.z) : 0)
  }

  func padded(_ volume: Volume<Float>) -> Volume<Float> {
    let grid = self
    return Volume(Geometry(size: Size(columns: stride, rows: size.rows, slices: size.slices))) { out in
      volume.withVoxels { voxels in
        nonisolated(unsafe) let (from, to) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(size.rows * size.slices, grain: 64) { rows in
          for row in rows {
            let line = to + (row &* grid.stride &+ Self.margin)
            (line - Self.margin).update(repeating: 0, count: grid.stride)
            line.update(from: from + row &* grid.size.columns, count: grid.size.columns)
            grid.close(line)
          }
        }
      }
    }
  }

  func cropped(_ volume: Volume<Float>, _ geometry: Geometry) -> Volume<Float> {
    let grid = self
    return Volume(geometry) { out in
      volume.withVoxels { voxels in
        nonisolated(unsafe) let (from, to) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(size.rows * size.slices, grain: 64) { rows in
          for row in rows {
            (to + row &* grid.size.columns).update(
              from: from + (row &* grid.stride &+ Self.margin), count: grid.size.columns)
          }
        }
      }
    }
  }

  /// The edge voxel on both sides of a row.
  @inline(__always)
  private func close(_ line: UnsafeMutablePointer<Float>) {
    line[-1] = line[0]
    line[size.columns] = line[size.columns &- 1]
  }

  @inline(__always)
  private func row(_ u: Row, _ y: Int, _ z: Int) -> Row {
    u + (min(max(z, 0), size.slices &- 1) &* size.rows &+ min(max(y, 0), size.rows &- 1)) &* stride
  }

  /// Mean over the voxels of the squared central differences.
  func meanSquaredGradient(_ u: UnsafePointer<Float>) -> Double {
    nonisolated(unsafe) let u = u
    let nx = size.columns, s = scale * 0.5
    let sum = parallelReduce(size.rows * size.slices, block: 32, 0.0) { rows in
      var total = 0.0
      for index in rows {
        let y = index % size.rows, z = index / size.rows
        let here = row(u, y, z), above = row(u, y &- 1, z), below = row(u, y &+ 1, z)
        let front = row(u, y, z &- 1), back = row(u, y, z &+ 1)
        var sum = Lanes.zero, x = 0
        while x < nx {
          let gx = (load16(here + (x &+ 1)) - load16(here + (x &- 1))) * s.x
          let gy = (load16(below + x) - load16(above + x)) * s.y
          let gz = (load16(back + x) - load16(front + x)) * s.z
          var g = multiplyAdd(gx, gx, multiplyAdd(gy, gy, gz * gz))
          if x &+ 16 > nx { for i in nx &- x..<16 { g[i] = 0 } }
          sum += g
          x &+= 16
        }
        for i in 0..<16 { total += Double(sum[i]) }
      }
      return total
    } combine: {
      $0 += $1
    }
    return sum / Double(size.count)
  }

  /// One step of every voxel, in bands of rows followed through all slices.
  func advance<S: DiffusionScheme>(_ scheme: S, _ u: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>) {
    let height = min(size.rows, 16), bands = (size.rows + height - 1) / height
    let width = roundUp(size.columns), nx = size.columns
    nonisolated(unsafe) let (u, out) = (u, out)
    parallelFor(bands) { range in
      // Fluxes along x with one voxel before the row, along y before and after it, along z for every row of the band.
      withScratch(of: Float.self, (height + 3) * width + 16) { scratch in
        let along = scratch + 16, next = along + width, through = next + 2 &* width
        for band in range {
          let first = band &* height, end = min(first &+ height, size.rows)
          through.update(repeating: 0, count: height &* width)
          for z in 0..<size.slices {
            let entry = next + ((first &- 1) & 1) &* width
            if first > 0 {
              fluxDown(u, first &- 1, z, entry, scheme)
            } else {
              entry.update(repeating: 0, count: width)
            }
            for y in first..<end {
              let before = next + ((y &- 1) & 1) &* width, after = next + (y & 1) &* width
              let behind = through + (y &- first) &* width
              fluxAlong(u, y, z, along, scheme)
              if y &+ 1 < size.rows {
                fluxDown(u, y, z, after, scheme)
              } else {
                after.update(repeating: 0, count: width)
              }
              let here = row(u, y, z), above = row(u, y &- 1, z), below = row(u, y &+ 1, z)
              let front = row(u, y, z &- 1), back = row(u, y, z &+ 1)
              let line = out + (z &* size.rows &+ y) &* stride
              let isLast = z &+ 1 == size.slices
              var x = 0
              while x < nx {
                let ahead = isLast ? Lanes.zero : fluxThrough(u, y, z, x, scheme)
                let flow =
                  (load16(along + x) - load16(along + (x &- 1))) + (load16(after + x) - load16(before + x))
                  + (ahead - load16(behind + x))
                store16(ahead, behind + x)
                let v = load16(here + x)
                let change = scheme.change(
                  flow, v - load16(here + (x &- 1)), load16(here + (x &+ 1)) - v, v - load16(above + x),
                  load16(below + x) - v, v - load16(front + x), load16(back + x) - v)
                store16(v + change, line + x)
                x &+= 16
              }
              close(line)
            }
          }
        }
      }
    }
  }

  /// Squared mean of two central differences, each 2·difference.
  @inline(__always)
  private func squared(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes, _ scale: Float) -> Lanes {
    let g = ((a - b) + (c - d)) * (0.25 * scale)
    return g * g
  }

  /// Between the voxels of a row; `out[-1]` is 0.
  @inline(__always)
  private func fluxAlong(
    _ u: Row, _ y: Int, _ z: Int, _ out: UnsafeMutablePointer<Float>, _ scheme: some DiffusionScheme
  ) {
    let here = row(u, y, z), above = row(u, y &- 1, z), below = row(u, y &+ 1, z)
    let front = row(u, y, z &- 1), back = row(u, y, z &+ 1)
    var x = 0
    while x < size.columns {
      let d = (load16(here + (x &+ 1)) - load16(here + x)) * scale.x
      let gy = squared(
        load16(below + x), load16(above + x), load16(below + (x &+ 1)), load16(above + (x &+ 1)), scale.y)
      let gz = squared(load16(back + x), load16(front + x), load16(back + (x &+ 1)), load16(front + (x &+ 1)), scale.z)
      store16(scheme.flux(d, multiplyAdd(d, d, gy + gz)), out + x)
      x &+= 16
    }
    out[-1] = 0
  }

  /// Between row y and the next.
  @inline(__always)
  private func fluxDown(
    _ u: Row, _ y: Int, _ z: Int, _ out: UnsafeMutablePointer<Float>, _ scheme: some DiffusionScheme
  ) {
    let here = row(u, y, z), below = row(u, y &+ 1, z), front = row(u, y, z &- 1), back = row(u, y, z &+ 1)
    let belowFront = row(u, y &+ 1, z &- 1), belowBack = row(u, y &+ 1, z &+ 1)
    var x = 0
    while x < size.columns {
      let d = (load16(below + x) - load16(here + x)) * scale.y
      let gx = squared(
        load16(here + (x &+ 1)), load16(here + (x &- 1)), load16(below + (x &+ 1)), load16(below + (x &- 1)), scale.x)
      let gz = squared(load16(back + x), load16(front + x), load16(belowBack + x), load16(belowFront + x), scale.z)
      store16(scheme.flux(d, multiplyAdd(d, d, gx + gz)), out + x)
      x &+= 16
    }
  }

  /// Between slice z and the next.
  @inline(__always)
  private func fluxThrough(_ u: Row, _ y: Int, _ z: Int, _ x: Int, _ scheme: some DiffusionScheme) -> Lanes {
    let here = row(u, y, z) + x, back = row(u, y, z &+ 1) + x
    let d = (load16(back) - load16(here)) * scale.z
    let gx = squared(load16(here + 1), load16(here - 1), load16(back + 1), load16(back - 1), scale.x)
    let gy = squared(
      load16(row(u, y &+ 1, z) + x), load16(row(u, y &- 1, z) + x), load16(row(u, y &+ 1, z &+ 1) + x),
      load16(row(u, y &- 1, z &+ 1) + x), scale.y)
    return scheme.flux(d, multiplyAdd(d, d, gx + gy))
  }
}

/// What flows between two voxels, and what a voxel makes of it.
protocol DiffusionScheme: Sendable {
  /// What flows over a difference `d` where the squared gradient is `g`.
  func flux(_ d: SIMD16<Float>, _ g: SIMD16<Float>) -> SIMD16<Float>
  /// Change of a voxel by what flows in, given its unscaled differences backward and forward along x, y and z.
  func change(
    _ flow: SIMD16<Float>, _ left: SIMD16<Float>, _ right: SIMD16<Float>, _ above: SIMD16<Float>,
    _ below: SIMD16<Float>, _ front: SIMD16<Float>, _ back: SIMD16<Float>
  ) -> SIMD16<Float>
}

/// c(|∇I|)·∇I flows; its divergence changes the voxel. As in ITK the spacing scales differences, not the divergence.
struct GradientDiffusion: DiffusionScheme {
  let damping: SIMD16<Float>, step: SIMD16<Float>

  @inline(__always)
  func flux(_ d: SIMD16<Float>, _ g: SIMD16<Float>) -> SIMD16<Float> { d * exp2Negative(g * damping) }

  @inline(__always)
  func change(
    _ flow: SIMD16<Float>, _ left: SIMD16<Float>, _ right: SIMD16<Float>, _ above: SIMD16<Float>,
    _ below: SIMD16<Float>, _ front: SIMD16<Float>, _ back: SIMD16<Float>
  ) -> SIMD16<Float> { flow * step }
}

/// c(|∇I|)·∇I/|∇I| flows; its divergence is the speed of the level set, whose gradient is taken on the side it comes from.
struct CurvatureDiffusion: DiffusionScheme {
  let damping: SIMD16<Float>, step: SIMD16<Float>, scale: SIMD3<Float>

  @inline(__always)
  func flux(_ d: SIMD16<Float>, _ g: SIMD16<Float>) -> SIMD16<Float> {
    d / v_sqrt(g + SIMD16(repeating: 1e-10)) * exp2Negative(g * damping)
  }

  @inline(__always)
  func change(
    _ flow: SIMD16<Float>, _ left: SIMD16<Float>, _ right: SIMD16<Float>, _ above: SIMD16<Float>,
    _ below: SIMD16<Float>, _ front: SIMD16<Float>, _ back: SIMD16<Float>
  ) -> SIMD16<Float> {
    // Growing: the falling difference behind and the rising one ahead; shrinking: the other way round.
    let sign = SIMD16<Float>(repeating: -1).replacing(with: SIMD16(repeating: 1), where: flow .> .zero)
    @inline(__always)
    func squared(_ before: SIMD16<Float>, _ after: SIMD16<Float>, _ s: Float) -> SIMD16<Float> {
      // Concrete comparisons: the generic ones of another module work lane by lane.
      let zero = SIMD16<Float>.zero
      var b = before * (sign * s), a = after * (sign * s)
      b.replace(with: zero, where: b .> zero)
      a.replace(with: zero, where: a .< zero)
      return multiplyAdd(b, b, a * a)
    }
    let g = squared(left, right, scale.x) + squared(above, below, scale.y) + squared(front, back, scale.z)
    return v_sqrt(g) * flow * step
  }
}
