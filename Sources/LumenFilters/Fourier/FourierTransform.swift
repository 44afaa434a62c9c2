// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Where a volume lies in a larger one that is transformed, and what is around it.
struct FourierMargin: Sendable {
  /// Voxels before the first along each axis.
  var before = SIMD3<Int>(0, 0, 0)
  var boundary = BoundaryCondition.zero
}

/// The three passes of a transform of one size, forwards and backwards, in one precision.
struct FourierTransform<R: FourierReal>: Sendable {
  let size: Size
  let planar: Bool
  private let x: FourierPlan<R>, y: FourierPlan<R>, z: FourierPlan<R>

  init(_ size: Size, planar: Bool = false) {
    self.size = size
    self.planar = planar
    x = FourierPlan(size.columns)
    y = size.rows == size.columns ? x : FourierPlan(size.rows)
    z = planar || size.slices == size.rows ? y : FourierPlan(size.slices)
  }

  /// Columns of the spectrum's volumes: whole batches, and no power of two, whose rows would share cache sets.
  private var stride: Int {
    let n = (size.columns / 2 + 16) / 16 * 16
    return n % 128 == 0 ? n + 16 : n
  }

  // MARK: Forwards

  /// The transform of a volume of this size, or of a smaller one surrounded by its boundary condition.
  func forward(_ volume: Volume<R>, margin: FourierMargin = FourierMargin()) -> Spectrum<R> {
    let grid = Geometry(size: Size(columns: stride, rows: size.rows, slices: size.slices))
    var im: Volume<R>?
    let re = Volume<R>(grid) { re in
      im = Volume<R>(grid) { im in
        volume.withVoxels { voxels in
          guard let from = voxels.baseAddress, let re = re.baseAddress, let im = im.baseAddress else { return }
          rowsForward(from, volume.size, margin, re, im)
          if size.rows > 1 { alongRows(re, im, inverse: false) }
          if size.slices > 1 && !planar { alongSlices(re, im, inverse: false) }
        }
      }
    }
    return Spectrum(size: size, planar: planar, re: re, im: im ?? re)
  }

  private func rowsForward(
    _ from: UnsafePointer<R>, _ inner: Size, _ margin: FourierMargin, _ re: UnsafeMutablePointer<R>,
    _ im: UnsafeMutablePointer<R>
  ) {
    let n = size.columns, length = roundUp(n), stride = stride, lanes = R.lanes, width = R.Vector.width
    let total = size.rows * size.slices, batches = (total + 2 * lanes - 1) / (2 * lanes)
    let before = margin.before, boundary = margin.boundary
    let half = R.Vector(repeating: 0.5)
    // Which column stands for each of the padded row, −1 for zero.
    let columns = (0..<n).map { boundary.index($0 - before.x, count: inner.columns) ?? -1 }
    nonisolated(unsafe) let (from, re, im) = (from, re, im)
    parallelFor(batches, grain: 4) { range in
      // The rows of a batch; later the four planes of their transforms, in whole tiles.
      let rowsCount = max(4 * lanes * (n / 2 + 1 + width), 2 * lanes * length)
      withScratch(of: R.self, rowsCount + 2 * x.bufferCount) { rows in
        let a = rows + rowsCount, b = a + x.bufferCount
        for batch in range {
          let first = batch &* 2 &* lanes, count = min(2 &* lanes, total &- first)
          for r in 0..<2 &* lanes {
            let row = rows + r &* length
            guard r < count,
              let z = boundary.index((first &+ r) / size.rows &- before.z, count: inner.slices),
              let y = boundary.index((first &+ r) % size.rows &- before.y, count: inner.rows)
            else {
              row.update(repeating: 0, count: n)
              continue
            }
            let source = from + inner.offset(0, y, z)
            if n == inner.columns {
              row.update(from: source, count: n)
            } else {
              for i in 0..<n { row[i] = columns[i] < 0 ? 0 : source[columns[i]] }
            }
          }
          // Even rows are real parts, odd rows imaginary parts.
          interleave(rows, length, n, a)
          let line = x.transform(a, b, inverse: false)
          // X = (Z(k) + Z(−k)*) / 2 and (Z(k) − Z(−k)*) / 2i, as four planes of lanes: k · 4 · lanes.
          let planes = rows
          var k = 0
          while k <= n / 2 {
            let p = line + 2 &* lanes &* k, q = line + 2 &* lanes &* (k == 0 ? 0 : n &- k)
            let out = planes + 4 &* lanes &* k
            var h = 0
            while h < lanes {
              let u = load(p + h, 0, lanes), v = load(q + h, 0, lanes)
              ((u.re + v.re) * half).store(out + h)
              ((u.im - v.im) * half).store(out + (lanes &+ h))
              ((u.im + v.im) * half).store(out + (2 &* lanes &+ h))
              ((v.re - u.re) * half).store(out + (3 &* lanes &+ h))
              h &+= width
            }
            k &+= 1
          }
          for part in 0..<4 {
            let to = part & 1 == 0 ? re : im
            let odd = part >> 1
            for lane in Swift.stride(from: 0, to: lanes, by: width) {
              var k = 0
              while k <= n / 2 {
                let tile = planes + (4 &* lanes &* k &+ part &* lanes &+ lane)
                let row = first &+ 2 &* lane &+ odd
                if row &+ 2 &* (width &- 1) < total {
                  R.transpose(tile, 4 &* lanes, to + (row &* stride &+ k), 2 &* stride)
                } else {
                  for i in 0..<width where row &+ 2 &* i < total {
                    for j in 0..<width {
                      to[(row &+ 2 &* i) &* stride &+ k &+ j] = tile[4 &* lanes &* j &+ i]
                    }
                  }
                }
                k &+= width
              }
            }
          }
        }
      }
    }
  }

  /// Rows 2i and 2i + 1 → real and imaginary part of lane i.
  @inline(__always)
  private func interleave(
    _ rows: UnsafePointer<R>, _ length: Int, _ n: Int, _ batch: UnsafeMutablePointer<R>
  ) {
    let lanes = R.lanes, width = R.Vector.width
    for part in 0..<2 {
      for lane in Swift.stride(from: 0, to: lanes, by: width) {
        let source = rows + (2 &* lane &+ part) &* length
        var k = 0
        while k &+ width <= n {
          R.transpose(source + k, 2 &* length, batch + (2 &* lanes &* k &+ part &* lanes &+ lane), 2 &* lanes)
          k &+= width
        }
        while k < n {
          for i in 0..<width {
            batch[2 &* lanes &* k &+ part &* lanes &+ lane &+ i] = source[2 &* length &* i &+ k]
          }
          k &+= 1
        }
      }
    }
  }

  // MARK: Backwards

  /// The volume of this transform, or the part of it that a margin surrounds.
  func inverse(_ spectrum: Spectrum<R>, _ geometry: Geometry, before: SIMD3<Int> = .zero) -> Volume<R> {
    var spectrum = spectrum
    return spectrum.re.withMutableVoxels { re in
      spectrum.im.withMutableVoxels { im in
        Volume(geometry) { out in
          guard let out = out.baseAddress, let re = re.baseAddress, let im = im.baseAddress else { return }
          if size.slices > 1 && !planar { alongSlices(re, im, inverse: true) }
          if size.rows > 1 { alongRows(re, im, inverse: true) }
          rowsBackward(re, im, out, geometry.size, before)
        }
      }
    }
  }

  private func rowsBackward(
    _ re: UnsafePointer<R>, _ im: UnsafePointer<R>, _ out: UnsafeMutablePointer<R>, _ inner: Size, _ before: SIMD3<Int>
  ) {
    let n = size.columns, length = roundUp(n), stride = stride, lanes = R.lanes, width = R.Vector.width
    let total = inner.rows * inner.slices, batches = (total + 2 * lanes - 1) / (2 * lanes)
    let scale = R(1) / (R(n) * R(size.rows) * R(planar ? 1 : size.slices))
    nonisolated(unsafe) let (re, im, out) = (re, im, out)
    parallelFor(batches, grain: 4) { range in
      // Planes hold n/2 + 1 frequencies of four parts, in whole tiles; later the 2 · lanes rows of the result.
      let planesCount = max(4 * lanes * (n / 2 + 1 + width), 2 * lanes * length)
      withScratch(of: R.self, planesCount + 2 * x.bufferCount) { planes in
        let a = planes + planesCount, b = a + x.bufferCount
        for batch in range {
          let first = batch &* 2 &* lanes, count = min(2 &* lanes, total &- first)
          // Even rows are A, parts 0 and 1 of the planes, odd rows are B, parts 2 and 3.
          for odd in 0..<2 {
            for lane in Swift.stride(from: 0, to: lanes, by: width) {
              let index = first &+ 2 &* lane &+ odd, y = index % inner.rows
              let to = planes + (2 &* odd &* lanes &+ lane)
              if y &+ 2 &* (width &- 1) < inner.rows && index &+ 2 &* (width &- 1) < total {
                let row = ((index / inner.rows &+ before.z) &* size.rows &+ y &+ before.y) &* stride
                for k in Swift.stride(from: 0, through: n / 2, by: width) {
                  R.transpose(re + (row &+ k), 2 &* stride, to + 4 &* lanes &* k, 4 &* lanes)
                  R.transpose(im + (row &+ k), 2 &* stride, to + (4 &* lanes &* k &+ lanes), 4 &* lanes)
                }
                continue
              }
              for i in 0..<width {
                let index = min(index &+ 2 &* i, total &- 1)
                let y = index % inner.rows &+ before.y, z = index / inner.rows &+ before.z
                let row = (z &* size.rows &+ y) &* stride
                var k = 0
                while k <= n / 2 {
                  to[4 &* lanes &* k &+ i] = re[row &+ k]
                  to[4 &* lanes &* k &+ lanes &+ i] = im[row &+ k]
                  k &+= 1
                }
              }
            }
          }
          // Z(k) = A(k) + i B(k), Z(−k) = A(k)* + i B(k)*.
          var k = 0
          while k <= n / 2 {
            let p = planes + 4 &* lanes &* k
            let mirror = k == 0 ? 0 : n &- k
            var h = 0
            while h < lanes {
              let u = load(p + h, 0, lanes), v = load(p + (2 &* lanes &+ h), 0, lanes)
              if mirror != k && k > 0 {
                let w = ComplexLanes<R.Vector>(u.re + v.im, v.re - u.im)
                store(w, a + (2 &* lanes &* mirror &+ h), 0, lanes)
                store(ComplexLanes<R.Vector>(u.re - v.im, u.im + v.re), a + (2 &* lanes &* k &+ h), 0, lanes)
              } else {
                // Its own mirror: real for a real volume.
                store(ComplexLanes<R.Vector>(u.re, v.re), a + (2 &* lanes &* k &+ h), 0, lanes)
              }
              h &+= width
            }
            k &+= 1
          }
          let line = x.transform(a, b, inverse: true)
          for part in 0..<2 {
            for lane in Swift.stride(from: 0, to: lanes, by: width) {
              let row = planes + (2 &* lane &+ part) &* length
              var k = 0
              while k &+ width <= n {
                R.transpose(
                  line + (2 &* lanes &* k &+ part &* lanes &+ lane), 2 &* lanes, row + k, 2 &* length)
                k &+= width
              }
              while k < n {
                for i in 0..<width { row[2 &* length &* i &+ k] = line[2 &* lanes &* k &+ part &* lanes &+ lane &+ i] }
                k &+= 1
              }
            }
          }
          for r in 0..<count {
            let row = planes + (r &* length &+ before.x), to = out + (first &+ r) &* inner.columns
            var i = 0
            while i < inner.columns {
              to[i] = row[i] * scale
              i &+= 1
            }
          }
        }
      }
    }
  }

  // MARK: Along rows and slices

  private func alongRows(_ re: UnsafeMutablePointer<R>, _ im: UnsafeMutablePointer<R>, inverse: Bool) {
    columns(y, re, im, step: stride, lines: size.slices, apart: stride * size.rows, inverse: inverse)
  }

  private func alongSlices(_ re: UnsafeMutablePointer<R>, _ im: UnsafeMutablePointer<R>, inverse: Bool) {
    columns(z, re, im, step: stride * size.rows, lines: size.rows, apart: stride, inverse: inverse)
  }

  /// Transforms, for each of `lines` planes that lie `apart`, every column whose elements are `step` apart.
  private func columns(
    _ plan: FourierPlan<R>, _ re: UnsafeMutablePointer<R>, _ im: UnsafeMutablePointer<R>, step: Int, lines: Int,
    apart: Int, inverse: Bool
  ) {
    let lanes = R.lanes, n = plan.count, blocks = (size.columns / 2 + lanes) / lanes
    nonisolated(unsafe) let (re, im) = (re, im)
    parallelFor(lines * blocks, grain: max(1, (1 << 13) / n)) { range in
      withScratch(of: R.self, 2 * plan.bufferCount) { a in
        let b = a + plan.bufferCount
        for item in range {
          let at = item / blocks &* apart &+ item % blocks &* lanes
          for k in 0..<n {
            let to = a + 2 &* lanes &* k
            to.update(from: re + (at &+ k &* step), count: lanes)
            (to + lanes).update(from: im + (at &+ k &* step), count: lanes)
          }
          let result = plan.transform(a, b, inverse: inverse)
          for k in 0..<n {
            let from = result + 2 &* lanes &* k
            (re + (at &+ k &* step)).update(from: from, count: lanes)
            (im + (at &+ k &* step)).update(from: from + lanes, count: lanes)
          }
        }
      }
    }
  }
}
