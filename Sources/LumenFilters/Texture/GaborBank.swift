// SPDX-License-Identifier: Apache-2.0
import CSIMD
import Glibc
import LumenCore

/// Convolution of every plane of a volume with complex kernels h(−x) = h(x)*, whose transforms are real, tile by tile.
///
/// The complex response needs one inverse transform of each tile and kernel. For the real or imaginary part alone two
/// tiles are worked on at once, as the real and imaginary part of one.
struct GaborBank: Sendable {
  enum Part: Sendable { case modulus, real, imaginary }
  /// What is made of the responses of a group of kernels.
  enum Pooling: Sendable { case mean, max }

  /// The plane's own axes and the one across: 0, 1, 2 for x, y, z.
  let axes: (x: Int, y: Int, across: Int)
  let size: Size
  let boundary: BoundaryCondition
  let part: Part, pooling: Pooling
  let radius: (x: Int, y: Int)
  private let tile: FourierTile<Float>
  /// Transforms of the kernels over the number of frequencies, in the tile's layout of frequencies.
  private let weights: [[Float]]

  /// - Parameters:
  ///   - kernels: h(x, y) in voxels, real and imaginary part.
  init(
    _ size: Size, axes: (x: Int, y: Int, across: Int), radius: (x: Int, y: Int), part: Part, pooling: Pooling,
    boundary: BoundaryCondition, kernels: [@Sendable (Int, Int) -> (Double, Double)]
  ) throws(ImageError) {
    self.size = size
    self.axes = axes
    self.radius = radius
    self.part = part
    self.pooling = pooling
    self.boundary = boundary
    let nx = tileLength(size[axes.x], radius: radius.x), ny = tileLength(size[axes.y], radius: radius.y)
    guard nx * ny <= 1 << 24, nx * ny * kernels.count <= 1 << 28 else {
      throw ImageError(
        .limitExceeded,
        "\(kernels.count) kernels of \(2 * radius.x + 1) × \(2 * radius.y + 1) voxels need more than 1 GiB",
        hint: "a smaller sigma or radius, or a larger step")
    }
    tile = FourierTile(columns: nx, rows: ny)
    let double = FourierTile<Double>(columns: nx, rows: ny)
    weights = kernels.map { h in
      [Float](unsafeUninitializedCapacity: nx * ny) { out, count in
        withScratch(of: Double.self, 2 * double.count + double.workCount) { space in
          let frequency = space + double.count, lanes = Double.lanes
          for j in -radius.y...radius.y {
            let y = j < 0 ? j + ny : j
            for i in -radius.x...radius.x {
              let x = i < 0 ? i + nx : i, v = h(i, j)
              let at = space + (x / lanes * ny + y) * 2 * lanes + x % lanes
              if part != .imaginary { at[0] += v.0 }
              if part != .real { at[lanes] += v.1 }
            }
          }
          double.forward(space, frequency, frequency + double.count)
          for y in 0..<ny {
            for x in 0..<nx {
              out[(y / Float.lanes * nx + x) * Float.lanes + y % Float.lanes] = Float(
                frequency[(y / lanes * nx + x) * 2 * lanes + y % lanes] / Double(nx * ny))
            }
          }
        }
        count = nx * ny
      }
    }
  }

  /// One tile's place.
  private struct Place {
    var across: Int, x: Int, y: Int
  }

  /// Filters the volume; `groups` of kernels are pooled, times `scale`, into one target each, over it or added to it.
  func run(
    _ source: UnsafePointer<Float>, groups: [Range<Int>], to targets: [UnsafeMutablePointer<Float>], scale: Float,
    adds: Bool
  ) {
    let (nx, ny) = (tile.columns, tile.rows), (ux, uy) = (nx - 2 * radius.x, ny - 2 * radius.y)
    let acrossX = (size[axes.x] + ux - 1) / ux, acrossY = (size[axes.y] + uy - 1) / uy
    let places = acrossX * acrossY * size[axes.across], step = part == .modulus ? 1 : 2
    nonisolated(unsafe) let source = source
    nonisolated(unsafe) let targets = targets
    @Sendable func place(_ i: Int) -> Place? {
      i >= places ? nil : Place(across: i / (acrossX * acrossY), x: i % acrossX * ux, y: i / acrossX % acrossY * uy)
    }
    parallelFor((places + step - 1) / step) { range in
      withScratch(of: Float.self, 2 * tile.count + 2 * nx * uy + tile.workCount) { space in
        let frequency = space + tile.count, pooled = frequency + tile.count, work = pooled + 2 * nx * uy
        for item in range {
          guard let first = place(item &* step) else { continue }
          let second = step == 2 ? place(item &* step &+ 1) : nil
          gather(source, first, space)
          if let second { gather(source, second, space + Float.lanes) } else { clear(space + Float.lanes) }
          tile.forward(space, frequency, work)
          for (group, target) in zip(groups, targets) {
            for k in group {
              weights[k].withUnsafeBufferPointer { w in
                guard let w = w.baseAddress else { return }
                tile.inverse(frequency, weights: w, space, work) { block, lines in
                  pool(
                    lines, pooled + block &* uy &* 16, pooled + (nx &* uy &+ block &* uy &* 16),
                    isFirst: k == group.lowerBound)
                }
              }
            }
            let factor = pooling == .mean ? scale / Float(group.count) : scale
            scatter(pooled, first, target, factor, adds)
            if let second { scatter(pooled + nx &* uy, second, target, factor, adds) }
          }
        }
      }
    }
  }

  private func stride(_ axis: Int) -> Int { axis == 0 ? 1 : axis == 1 ? size.columns : size.plane }

  /// The tile with its surroundings, as real parts of the blocks of columns.
  private func gather(_ source: UnsafePointer<Float>, _ place: Place, _ space: UnsafeMutablePointer<Float>) {
    let (nx, ny) = (tile.columns, tile.rows), sx = stride(axes.x)
    let xs = (0..<nx).map { i in boundary.index(place.x - radius.x + i, count: size[axes.x]).map { $0 * sx } ?? -1 }
    let base = source + place.across * stride(axes.across)
    for y in 0..<ny {
      let row = boundary.index(place.y - radius.y + y, count: size[axes.y]).map { base + $0 * stride(axes.y) }
      var x = 0
      while x < nx {
        let to = space + (x / 16 &* ny &+ y) &* 32
        if let row {
          if sx == 1 && xs[x] >= 0 && xs[x &+ 15] == xs[x] &+ 15 && place.x &- radius.x &+ x >= 0
            && place.x &- radius.x &+ x &+ 15 < size[axes.x]
          {
            store16(load16(row + xs[x]), to)
          } else {
            for i in 0..<16 { to[i] = xs[x &+ i] < 0 ? 0 : row[xs[x &+ i]] }
          }
        } else {
          store16(.zero, to)
        }
        x &+= 16
      }
    }
  }

  private func clear(_ parts: UnsafeMutablePointer<Float>) {
    for i in 0..<tile.columns / 16 &* tile.rows { store16(.zero, parts + 32 &* i) }
  }

  /// Takes the responses of one block of 16 columns in.
  private func pool(
    _ lines: UnsafePointer<Float>, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, isFirst: Bool
  ) {
    let n = tile.rows &- 2 &* radius.y, from = lines + 32 &* radius.y
    for y in 0..<n {
      let re = load16(from + 32 &* y), im = load16(from + (32 &* y &+ 16))
      let (p, q) = (a + 16 &* y, b + 16 &* y)
      switch part {
      case .modulus: join(v_sqrt(multiplyAdd(re, re, im * im)), p, isFirst)
      case .real:
        join(re, p, isFirst)
        join(im, q, isFirst)
      case .imaginary:
        // (a + i b) ∗ i s = −b ∗ s + i (a ∗ s).
        join(im, p, isFirst)
        join(-re, q, isFirst)
      }
    }
  }

  @inline(__always)
  private func join(_ v: SIMD16<Float>, _ p: UnsafeMutablePointer<Float>, _ isFirst: Bool) {
    if isFirst { return store16(v, p) }
    store16(pooling == .mean ? load16(p) + v : larger(load16(p), v), p)
  }

  /// Writes the tile's own part of the result.
  private func scatter(
    _ pooled: UnsafePointer<Float>, _ place: Place, _ target: UnsafeMutablePointer<Float>, _ scale: Float, _ adds: Bool
  ) {
    let (nx, ny) = (tile.columns, tile.rows), uy = ny &- 2 &* radius.y, sx = stride(axes.x)
    let rows = min(uy, size[axes.y] &- place.y), columns = min(nx &- 2 &* radius.x, size[axes.x] &- place.x)
    let base = target + (place.across &* stride(axes.across) &+ place.x &* sx)
    withScratch(of: Float.self, nx) { line in
      for y in 0..<rows {
        for block in 0..<nx / 16 { store16(load16(pooled + (block &* uy &+ y) &* 16) * scale, line + 16 &* block) }
        let to = base + (place.y &+ y) &* stride(axes.y), from = line + radius.x
        var x = 0
        if adds {
          while x < columns {
            to[x &* sx] += from[x]
            x &+= 1
          }
        } else {
          while x < columns {
            to[x &* sx] = from[x]
            x &+= 1
          }
        }
      }
    }
  }
}
