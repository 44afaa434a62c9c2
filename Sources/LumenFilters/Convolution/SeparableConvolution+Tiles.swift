// SPDX-License-Identifier: Apache-2.0
import LumenCore

extension SeparableConvolution {
  /// Without passes along z every plane is a channel, ready as soon as its row is.
  private var isFlat: Bool {
    planes.count == channels.count
      && channels.enumerated().allSatisfy { i, c in c.count == 1 && c[0].input == i && c[0].kernel.isIdentity }
  }

  /// How the image is cut.
  private struct Tiling {
    var width: Int, height: Int, depth: Int
    var across: Int, down: Int, through: Int
    var count: Int { across * down * through }
  }

  private func tiling(_ size: Size, block: Int) -> Tiling {
    // The rows that one sum along y reads fit the first-level cache, the slices of one along z the second-level cache.
    let widest = max(128, (9 << 10) / ((2 * radius.y + 2) * alongX.count) / 64 * 64)
    let across = (size.columns + widest - 1) / widest
    let width = roundUp((size.columns + across - 1) / across)
    var height = max(128, 4 * radius.y)
    if !isFlat {
      let slices = min(2 * radius.z + block, size.slices)
      height = max(32, 4 * radius.y, (1 << 18) / (width * slices * planes.count))
    }
    height = min(height, size.rows)
    let down = (size.rows + height - 1) / height
    height = (size.rows + down - 1) / down
    var through = size.slices
    if !isFlat {
      // Slices beside a cut are filtered twice: only as many cuts as the threads need.
      let wanted = (2 * Parallel.width + across * down - 1) / (across * down)
      through = Parallel.width == 1 ? 1 : max(1, min(wanted, size.slices / max(16, 4 * radius.z)))
    }
    let depth = (size.slices + through - 1) / through
    return Tiling(
      width: width, height: height, depth: depth, across: (size.columns + width - 1) / width,
      down: (size.rows + height - 1) / height, through: (size.slices + depth - 1) / depth)
  }

  /// Makes the channels tile by tile and hands every finished stretch of a row on; `target` gets the first channel.
  func run(
    _ size: Size, _ voxels: UnsafeBufferPointer<Float>, to target: UnsafeMutablePointer<Float>?, _ finish: Finish?
  ) {
    guard let base = voxels.baseAddress else { return }
    // Output slices made at once: more of them read the stored slices less often.
    let block = radius.z == 0 ? 1 : min(8, 2 * radius.z + 2, size.slices)
    let tiles = tiling(size, block: block)
    nonisolated(unsafe) let (source, target) = (base, target)
    parallelFor(tiles.count, grain: max(1, (1 << 16) / (tiles.width * tiles.height * tiles.depth))) { items in
      for item in items {
        let column = item % tiles.across &* tiles.width
        let row = item / tiles.across % tiles.down &* tiles.height
        let slice = item / (tiles.across &* tiles.down) &* tiles.depth
        let work = TileWork(
          self, size, source, target, finish, block: block, isFlat: isFlat,
          columns: column..<min(size.columns, column &+ tiles.width), rows: row..<min(size.rows, row &+ tiles.height),
          slices: slice..<min(size.slices, slice &+ tiles.depth))
        work.run()
      }
    }
  }

  /// One tile through its slices.
  private struct TileWork {
    let plan: SeparableConvolution
    let size: Size
    let source: UnsafePointer<Float>
    let target: UnsafeMutablePointer<Float>?
    let finish: Finish?
    let block: Int, isFlat: Bool
    let columns: Range<Int>, rows: Range<Int>, slices: Range<Int>
    /// Rows and slices in store.
    let down: SampleWindow, through: SampleWindow
    let stride: Int, sliceStride: Int

    init(
      _ plan: SeparableConvolution, _ size: Size, _ source: UnsafePointer<Float>,
      _ target: UnsafeMutablePointer<Float>?, _ finish: Finish?, block: Int, isFlat: Bool, columns: Range<Int>,
      rows: Range<Int>, slices: Range<Int>
    ) {
      self.plan = plan
      self.size = size
      self.source = source
      self.target = target
      self.finish = finish
      self.block = block
      self.isFlat = isFlat
      self.columns = columns
      self.rows = rows
      self.slices = slices
      down = SampleWindow(
        first: rows.lowerBound, count: rows.count, radius: plan.radius.y, block: 2, of: size.rows, plan.boundary)
      through = SampleWindow(
        first: slices.lowerBound, count: slices.count, radius: plan.radius.z, block: block, of: size.slices,
        plan.boundary)
      stride = roundUp(columns.count) + 16
      // The same row of neighbouring slices lies side by side in the cache's sets, not on top of each other.
      let plane = stride * rows.count
      sliceStride = plane + ((stride - plane) % 1024 + 1024) % 1024
    }

    func run() {
      let (plan, n) = (plan, columns.count), padding = plan.radius.x
      let lines = plan.alongX.count * stride * (down.places + 1)
      let store = isFlat ? 0 : plan.planes.count * sliceStride * (through.places + 1)
      let buffers = max(plan.channels.count, plan.planes.count) * 2 * stride
      withScratch(of: Float.self, lines + store + buffers + 2 * padding + stride + 16) { scratch in
        let store0 = scratch + lines, buffers0 = store0 + store, padded = buffers0 + buffers + padding
        // The last place of each store stays zero.
        let alongX = plan.alongX.indices.map { scratch + $0 * stride * (down.places + 1) }
        let rowPointers = alongX.map { base in
          down.place.map { UnsafePointer(base + ($0 ?? down.places) * stride) }
        }
        let planes = plan.planes.indices.map { store0 + $0 * sliceStride * (through.places + 1) }
        let slicePointers = planes.map { base in
          through.place.map { UnsafePointer(base + ($0 ?? through.places) * sliceStride) }
        }
        let first = (0..<max(plan.channels.count, plan.planes.count)).map { buffers0 + 2 * $0 * stride }
        let second = first.map { $0 + stride }
        var done = 0
        for v in 0..<slices.count &+ 2 &* plan.radius.z {
          if through.isNew[v] {
            let place = (through.place[v] ?? 0) &* sliceStride
            filterSlice(
              source + through.source[v] &* size.plane, slice: slices.lowerBound &+ v, padded: padded, lines: alongX,
              rowPointers, into: planes.map { $0 + place }, first, second)
          }
          let ready = v &+ 1 &- 2 &* plan.radius.z
          if !isFlat && (ready &- done == block || ready == slices.count) {
            for y in 0..<rows.count { sumSlices(done, ready &- done, row: y, n, slicePointers, first, second) }
            done = ready
          }
        }
      }
    }

    /// Along x and y: `planes` of one slice, or the results themselves when there is nothing along z.
    private func filterSlice(
      _ slice: UnsafePointer<Float>, slice z: Int, padded: UnsafeMutablePointer<Float>,
      lines: [UnsafeMutablePointer<Float>], _ rowPointers: [[UnsafePointer<Float>]],
      into planes: [UnsafeMutablePointer<Float>], _ first: [UnsafeMutablePointer<Float>],
      _ second: [UnsafeMutablePointer<Float>]
    ) {
      let n = columns.count, ry = plan.radius.y
      var done = 0
      for v in 0..<rows.count &+ 2 &* ry {
        if down.isNew[v] {
          let row = slice + down.source[v] &* size.columns
          prefetch(row + ((isFlat ? 2 &* size.columns : size.plane) &+ columns.lowerBound), bytes: 4 &* n)
          let samples = pad(row, padded)
          let place = (down.place[v] ?? 0) &* stride
          for (kernel, line) in zip(plan.alongX, lines) { sumAlong(samples, kernel, line + place, n) }
        }
        let ready = v &+ 1 &- 2 &* ry
        guard ready &- done == 2 || (ready == rows.count && ready > done) else { continue }
        let pair = ready &- done == 2
        if !isFlat {
          for (sums, plane) in zip(plan.planes, planes) {
            let out = plane + done &* stride
            sumRows(sums, rowPointers, done &+ ry, 0, out, pair ? out + stride : nil, n, hasRoom: true)
          }
        } else {
          let offset = size.offset(columns.lowerBound, rows.lowerBound &+ done, z)
          if finish == nil, let target, plan.planes[0].count == 1 {
            let out = target + offset
            sumRows(plan.planes[0], rowPointers, done &+ ry, 0, out, pair ? out + size.columns : nil, n, hasRoom: false)
          } else {
            for (i, sums) in plan.planes.enumerated() {
              sumRows(sums, rowPointers, done &+ ry, 0, first[i], pair ? second[i] : nil, n, hasRoom: true)
            }
            deliver(first, offset, n)
            if pair { deliver(second, offset &+ size.columns, n) }
          }
        }
        done = ready
      }
    }

    /// One row of `count` output slices from the stored ones.
    private func sumSlices(
      _ start: Int, _ count: Int, row: Int, _ n: Int, _ slicePointers: [[UnsafePointer<Float>]],
      _ first: [UnsafeMutablePointer<Float>], _ second: [UnsafeMutablePointer<Float>]
    ) {
      var z = start
      while z < start &+ count {
        let pair = z &+ 1 < start &+ count
        let offset = size.offset(columns.lowerBound, rows.lowerBound &+ row, slices.lowerBound &+ z)
        if finish == nil, let target, plan.channels[0].count == 1 {
          let out = target + offset
          sumRows(
            plan.channels[0], slicePointers, z &+ plan.radius.z, row &* stride, out, pair ? out + size.plane : nil, n,
            hasRoom: false)
        } else {
          for (i, sums) in plan.channels.enumerated() {
            sumRows(
              sums, slicePointers, z &+ plan.radius.z, row &* stride, first[i], pair ? second[i] : nil, n,
              hasRoom: true)
          }
          deliver(first, offset, n)
          if pair { deliver(second, offset &+ size.plane, n) }
        }
        z &+= 2
      }
    }

    /// Hands a finished stretch of a row on.
    @inline(__always)
    private func deliver(_ channels: [UnsafeMutablePointer<Float>], _ offset: Int, _ n: Int) {
      finish?(channels, offset, n)
      if let target { (target + offset).update(from: channels[0], count: n) }
    }

    /// The stretch of a row with its margins.
    @inline(__always)
    private func pad(_ row: UnsafePointer<Float>, _ padded: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
      let r = plan.radius.x, nx = size.columns, x = columns.lowerBound
      if x >= r && x &+ roundUp(columns.count) &+ r <= nx { return row + x }
      let inside = max(0, x &- r)..<min(nx, columns.upperBound &+ r)
      (padded + (inside.lowerBound &- x)).update(from: row + inside.lowerBound, count: inside.count)
      var k = x &- r
      while k < inside.lowerBound {
        padded[k &- x] = plan.boundary.index(k, count: nx).map { row[$0] } ?? 0
        k &+= 1
      }
      k = inside.upperBound
      while k < columns.upperBound &+ r {
        padded[k &- x] = plan.boundary.index(k, count: nx).map { row[$0] } ?? 0
        k &+= 1
      }
      return UnsafePointer(padded)
    }
  }
}

/// A pass along x.
private func sumAlong(
  _ row: UnsafePointer<Float>, _ kernel: Kernel, _ out: UnsafeMutablePointer<Float>, _ n: Int
) {
  let r = kernel.radius
  kernel.weights.withUnsafeBufferPointer { weights in
    guard let base = weights.baseAddress else { return }
    let w = base + r
    switch kernel.parity {
    case .even: sumAlongRow(EvenSum.self, row, w, r, out, n)
    case .odd: sumAlongRow(OddSum.self, row, w, r, out, n)
    case .neither: sumAlongRow(AnySum.self, row, w, r, out, n)
    }
  }
}

/// The sum of passes across stored rows for one output row or two neighbouring ones.
///
/// - Parameters:
///   - rows: for every pass's input the addresses of its rows; `centre` is the index of the first output's own row.
///   - hasRoom: whether the outputs have room for whole vectors.
private func sumRows(
  _ sums: [SeparableConvolution.Pass], _ rows: [[UnsafePointer<Float>]], _ centre: Int, _ offset: Int,
  _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>?, _ n: Int, hasRoom: Bool
) {
  let count = hasRoom ? roundUp(n) : n
  for (i, (input, kernel)) in sums.enumerated() {
    let r = kernel.radius
    rows[input].withUnsafeBufferPointer { pointers in
      kernel.weights.withUnsafeBufferPointer { weights in
        guard let p = pointers.baseAddress, let base = weights.baseAddress else { return }
        switch kernel.parity {
        case .even: across(EvenSum.self, p + centre, offset, base + r, r, i > 0, first, second, count)
        case .odd: across(OddSum.self, p + centre, offset, base + r, r, i > 0, first, second, count)
        case .neither: across(AnySum.self, p + centre, offset, base + r, r, i > 0, first, second, count)
        }
      }
    }
  }
}

@inline(__always)
private func across<Sum: PairSum>(
  _ kind: Sum.Type, _ rows: UnsafePointer<UnsafePointer<Float>>, _ offset: Int, _ w: UnsafePointer<Float>,
  _ radius: Int, _ adds: Bool, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>?, _ n: Int
) {
  if let second {
    if adds {
      sumAcrossRows(kind, rows, offset, w, radius, adds: true, first, second, n)
    } else {
      sumAcrossRows(kind, rows, offset, w, radius, adds: false, first, second, n)
    }
  } else if adds {
    sumAcrossRows(kind, rows, offset, w, radius, adds: true, first, n)
  } else {
    sumAcrossRows(kind, rows, offset, w, radius, adds: false, first, n)
  }
}
