// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenFilters

/// Sums over all pairs of voxels with weights that depend on their displacement, by the Fourier transform.
///
///     Σ w(i − j) f(i) g(j) = 1/n · Σₖ W(k) · Re(F(k) · G(k)*)
///
/// with the box padded to twice its size, so that no displacement wraps around. W is real and even: one octant of it is
/// transformed, sixteen lines at a time. f and g are padded line by line in each pass, never as a whole. The
/// frequencies are taken sixteen columns at a time, as many as a bounded memory holds together.
///
/// - Accuracy: 1e-13 of the largest term.
/// - Cost: O(n log n) for n padded voxels; at most 128 MiB, or what sixteen columns and one tile a thread need.
/// - Source: Wiener-Khinchin theorem.
struct PairSpectrum {
  /// Sizes along the three axes, padded.
  private let padded: Size, inner: Size
  private let x: FourierLines, y: FourierLines, z: FourierLines
  private let voxels: PairVoxels
  private let memory: Int
  /// Index of each row's first voxel, one more than rows.
  private let starts: [Int]
  /// Rows with voxels.
  private let filled: [Int]

  /// Intensity, 1, and intensity squared.
  private static let fields = 3

  static func paddedSize(_ size: Size) -> Size {
    func length(_ n: Int) -> Int { FourierLines.length(atLeast: 2 * n - 1) }
    return Size(columns: length(size.columns), rows: length(size.rows), slices: length(size.slices))
  }

  /// - Parameter memory: bytes for the frequencies that are held together.
  init(_ voxels: PairVoxels, memory: Int = 128 << 20) {
    self.voxels = voxels
    self.memory = memory
    inner = voxels.size
    padded = Self.paddedSize(inner)
    x = FourierLines(padded.columns)
    y = FourierLines(padded.rows)
    z = FourierLines(padded.slices)
    let starts = voxels.starts
    self.starts = starts
    filled = (0..<starts.count - 1).filter { starts[$0] < starts[$0 + 1] }
  }

  /// Octant of the weights: half the padded length along each axis, both ends included.
  private var octant: Size {
    Size(columns: padded.columns / 2 + 1, rows: padded.rows / 2 + 1, slices: padded.slices / 2 + 1)
  }

  /// Numbers that sixteen columns of the fields and of the weights take.
  private var fieldCount: Int { 32 * inner.rows * inner.slices }
  private var weightCount: Int { 16 * octant.rows * octant.slices }

  var sums: PairSums {
    let blocks = (octant.columns + 15) / 16
    let each = 8 * (Self.fields * fieldCount + weightCount)
    let together = min(blocks, max(1, memory / each))
    let columns = Buffer<Double>(each / 8 * together)
    defer { withExtendedLifetime(columns) {} }
    var total = PairSums()
    var first = 0
    while first < blocks {
      let group = first..<min(first + together, blocks)
      columns.base.update(repeating: 0, count: each / 8 * together)
      let fields = (0..<Self.fields).map { columns.base + $0 * fieldCount * together }
      let weights = columns.base + Self.fields * fieldCount * together
      fieldsAlongColumns(group, fields)
      weightsAlongColumns(group, weights)
      nonisolated(unsafe) let (f, w) = (fields, weights)
      let part = parallelReduce(group.count, block: 1, PairSums()) { range in
        var sums = PairSums()
        for b in range {
          let part = column(
            group.lowerBound + b, f.map { $0 + b * fieldCount }, w + b * weightCount)
          sums.weights += part.weights
          sums.products += part.products
          sums.squares += part.squares
        }
        return sums
      } combine: {
        $0.weights += $1.weights
        $0.products += $1.products
        $0.squares += $1.squares
      }
      total.weights += part.weights
      total.products += part.products
      total.squares += part.squares
      first = group.upperBound
    }
    let scale = 1 / Double(padded.count)
    return PairSums(
      weights: total.weights * scale, products: total.products * scale, squares: total.squares * scale)
  }

  // MARK: Along columns

  /// Transforms the rows of the fields; eight frequencies of a row are eight real and eight imaginary parts:
  /// `((block · 2 + half) · rows + row) · 16`.
  private func fieldsAlongColumns(_ group: Range<Int>, _ fields: [UnsafeMutablePointer<Double>]) {
    let n = padded.columns, rows = inner.rows * inner.slices
    let lines = Self.fields * filled.count, batches = (lines + 15) / 16
    let frequencies = group.lowerBound * 16..<min(group.upperBound * 16, n / 2 + 1)
    nonisolated(unsafe) let fields = fields
    parallelFor(batches, grain: 4) { range in
      let scratch = Buffer<Double>(2 * x.bufferCount), a = scratch.base, b = a + x.bufferCount
      defer { withExtendedLifetime(scratch) {} }
      for batch in range {
        a.update(repeating: 0, count: 16 * n)
        // Line 2l is the real part of lane l, line 2l + 1 its imaginary part.
        let count = min(16, lines &- 16 &* batch)
        for i in 0..<count {
          let (field, row) = target(16 &* batch &+ i)
          let offset = (i & 1) &* 8 &+ i / 2
          let lane = a + offset
          for v in starts[row]..<starts[row &+ 1] {
            let value = field == 1 ? 1 : voxels.values[v]
            lane[16 &* Int(voxels.columns[v])] = field == 2 ? value * value : value
          }
        }
        let spectrum = x.transform(a, b)
        for i in 0..<count {
          let (field, row) = target(16 &* batch &+ i)
          let lane = i / 2, isSecond = i & 1 == 1, out = fields[field] + row &* 16
          for k in frequencies {
            let p = spectrum + (16 &* k &+ lane), q = spectrum + (16 &* (k == 0 ? 0 : n &- k) &+ lane)
            let to = out + ((k &- frequencies.lowerBound) / 8 &* rows &* 16 &+ k % 8)
            // X = (Z(k) + Z(−k)*) / 2 and (Z(k) − Z(−k)*) / 2i.
            to[0] = isSecond ? (p[8] + q[8]) / 2 : (p[0] + q[0]) / 2
            to[8] = isSecond ? (q[0] - p[0]) / 2 : (p[8] - q[8]) / 2
          }
        }
      }
    }
  }

  /// The field and the row of a line. Lines of one row are neighbours.
  @inline(__always) private func target(_ line: Int) -> (field: Int, row: Int) {
    (line % Self.fields, filled[line / Self.fields])
  }

  /// Transforms the rows of the octant of weights; sixteen frequencies of a row lie together:
  /// `((block · slices + slice) · rows + row) · 16`.
  private func weightsAlongColumns(_ group: Range<Int>, _ weights: UnsafeMutablePointer<Double>) {
    let n = padded.columns, octant = octant, rows = octant.rows * octant.slices, s = voxels.spacing
    let frequencies = group.lowerBound * 16..<min(group.upperBound * 16, n / 2 + 1)
    nonisolated(unsafe) let weights = weights
    parallelFor((rows + 15) / 16, grain: 4) { range in
      let scratch = Buffer<Double>(2 * x.bufferCount), a = scratch.base, b = a + x.bufferCount
      defer { withExtendedLifetime(scratch) {} }
      for batch in range {
        let count = min(16, rows &- 16 &* batch)
        if count < 16 { a.update(repeating: 0, count: 16 * n) }
        for i in 0..<count {
          let row = 16 &* batch &+ i
          let dy = Double(row % octant.rows) * s.y, dz = Double(row / octant.rows) * s.z, across = dy * dy + dz * dz
          for k in 0..<octant.columns {
            let dx = Double(k) * s.x
            a[16 &* k &+ i] = k == 0 && row == 0 ? 0 : 1 / (dx * dx + across).squareRoot()
          }
        }
        // A real and even line has a real transform: two of them share a complex one.
        for k in octant.columns..<max(n, octant.columns) { (a + 16 &* k).update(from: a + 16 &* (n &- k), count: 16) }
        let spectrum = x.transform(a, b)
        for k in frequencies {
          let to = weights + ((k &- frequencies.lowerBound) / 16 &* rows &* 16 &+ k % 16)
          for i in 0..<count { to[(16 &* batch &+ i) &* 16] = spectrum[16 &* k &+ i] }
        }
      }
    }
  }

  // MARK: Along rows and slices

  /// The sums over sixteen columns of frequencies.
  private func column(
    _ block: Int, _ fields: [UnsafeMutablePointer<Double>], _ weights: UnsafeMutablePointer<Double>
  ) -> PairSums {
    let octant = octant, length = max(y.bufferCount, z.bufferCount), tile = 16 * padded.rows * inner.slices
    let spectrumCount = weightCount
    let scratch = Buffer<Double>(2 * length + spectrumCount + 2 * tile)
    defer { withExtendedLifetime(scratch) {} }
    let a = scratch.base, b = a + length, w = b + length, first = w + spectrumCount, second = first + tile
    // Weights: lines along rows in place, then along slices into `w`.
    for slice in 0..<octant.slices {
      let line = weights + slice &* octant.rows &* 16
      line.update(from: even(y, line, 16, octant.rows, a, b), count: 16 &* octant.rows)
    }
    for row in 0..<octant.rows {
      let line = even(z, weights + row &* 16, 16 &* octant.rows, octant.slices, a, b)
      (w + row &* octant.slices &* 16).update(from: line, count: 16 &* octant.slices)
    }
    var sums = PairSums()
    for half in 0..<2 where 16 &* block &+ 8 &* half < octant.columns {
      let at = half &* 16 &* inner.rows &* inner.slices
      var multiplicity = SIMD8<Double>()
      for lane in 0..<8 {
        let k = 16 &* block &+ 8 &* half &+ lane
        multiplicity[lane] = k >= octant.columns ? 0 : k == 0 || 2 &* k == padded.columns ? 1 : 2
      }
      let own = Weighting(w: w + 8 &* half, half: octant)
      alongRows(fields[0] + at, first, a, b)
      let products = quadratic(first, first, a, b, own)
      alongRows(fields[1] + at, first, a, b)
      alongRows(fields[2] + at, second, a, b)
      let ones = quadratic(first, second, a, b, own)
      sums.products += (products.same * multiplicity).sum()
      sums.weights += (ones.same * multiplicity).sum()
      sums.squares += (ones.cross * multiplicity).sum()
    }
    return sums
  }

  private struct Weighting {
    let w: UnsafeMutablePointer<Double>
    let half: Size
  }

  /// Transforms sixteen real even lines of which the first `count` elements are given.
  private func even(
    _ plan: FourierLines, _ from: UnsafePointer<Double>, _ stride: Int, _ count: Int,
    _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>
  ) -> UnsafeMutablePointer<Double> {
    let n = plan.count
    for k in 0..<n { (a + 16 &* k).update(from: from + (k < count ? k : n &- k) &* stride, count: 16) }
    return plan.transform(a, b)
  }

  /// Transforms eight columns of a field along the rows: slice by slice, padded rows each.
  private func alongRows(
    _ field: UnsafePointer<Double>, _ tile: UnsafeMutablePointer<Double>, _ a: UnsafeMutablePointer<Double>,
    _ b: UnsafeMutablePointer<Double>
  ) {
    let n = padded.rows
    for slice in 0..<inner.slices {
      a.update(from: field + slice &* inner.rows &* 16, count: inner.rows &* 16)
      (a + inner.rows &* 16).update(repeating: 0, count: (n &- inner.rows) &* 16)
      (tile + slice &* n &* 16).update(from: y.transform(a, b), count: n &* 16)
    }
  }

  /// Σ W |F|² and Σ W Re(F G*) over the frequencies of eight columns, after the pass along the slices.
  private func quadratic(
    _ f: UnsafePointer<Double>, _ g: UnsafePointer<Double>, _ a: UnsafeMutablePointer<Double>,
    _ b: UnsafeMutablePointer<Double>, _ weighting: Weighting
  ) -> (same: SIMD8<Double>, cross: SIMD8<Double>) {
    let (rows, n) = (padded.rows, padded.slices), half = weighting.half
    let scratch = f == g ? nil : Buffer<Double>(2 * z.bufferCount)
    defer { withExtendedLifetime(scratch) {} }
    var same = SIMD8<Double>(), cross = same
    func load(_ tile: UnsafePointer<Double>, _ row: Int, _ to: UnsafeMutablePointer<Double>) {
      for slice in 0..<inner.slices {
        (to + slice &* 16).update(from: tile + (slice &* rows &+ row) &* 16, count: 16)
      }
      (to + inner.slices &* 16).update(repeating: 0, count: (n &- inner.slices) &* 16)
    }
    for row in 0..<rows {
      load(f, row, a)
      let u = z.transform(a, b)
      var v = u
      if let scratch {
        load(g, row, scratch.base)
        v = z.transform(scratch.base, scratch.base + z.bufferCount)
      }
      let w = weighting.w + (row < half.rows ? row : rows &- row) &* half.slices &* 16
      for k in 0..<n {
        let weight = read8(w + (k < half.slices ? k : n &- k) &* 16)
        let (re, im) = (read8(u + 16 &* k), read8(u + (16 &* k &+ 8)))
        same += weight * (re * re + im * im)
        if scratch != nil { cross += weight * (re * read8(v + 16 &* k) + im * read8(v + (16 &* k &+ 8))) }
      }
    }
    return (same, cross)
  }
}

@inline(__always) private func read8(_ p: UnsafePointer<Double>) -> SIMD8<Double> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Double>.self)
}
