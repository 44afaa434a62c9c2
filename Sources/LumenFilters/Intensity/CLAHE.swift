// SPDX-License-Identifier: Apache-2.0
import CSIMD
public import LumenCore

/// Contrast-limited adaptive histogram equalisation of every slice.
///
/// Each of tiles × tiles regions of a slice has the table T(v) = C(v)·(bins − 1) / voxels of a tile, where C is its
/// cumulative histogram after counts above `clip-limit`·voxels / bins have been cut and spread over all bins. A voxel is
/// the bilinear mean of the tables of the four tiles whose centres surround it, rounded half to even.
///
/// - Shape: any columns × rows × slices → same geometry and the same stored type. A slice that tiles do not divide is
///   continued by mirroring without repeating the edge (of both axes, as OpenCV does).
/// - Range: 8-bit images have 256 bins, 16-bit images 65536; signed ones are shifted to unsigned. Others are equalised
///   over 65536 levels between minimum and maximum; NaN there counts as the minimum.
/// - Accuracy: exact in OpenCV's single-precision arithmetic.
/// - Cost: two passes over a slice and tiles² tables of as many entries as the range of the slice has; scratch of
///   2·tiles of them.
/// - Throws: `invalidParameter` for tiles outside 1 … 64 or a limit that is negative or not finite.
/// - Source: Zuiderveld 1994, in OpenCV's definition (`createCLAHE`).
public struct CLAHE: Filter {
  /// Tiles along columns and along rows.
  public var tiles = 8
  /// Largest count of a bin, as a multiple of the mean count; 0 does not limit.
  public var clipLimit = 2.0

  /// 8 × 8 tiles, limit 2.
  public init() {}
  /// A number of tiles along each axis and a limit.
  public init(tiles: Int = 8, clipLimit: Double = 2) {
    self.tiles = tiles
    self.clipLimit = clipLimit
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "clahe", summary: "contrast-limited adaptive histogram equalisation of every slice",
    source: "Zuiderveld 1994, as OpenCV's createCLAHE",
    parameters: [
      Parameter(\.tiles, "tiles", 1...64, "tiles along columns and along rows"),
      Parameter(\.clipLimit, "clip-limit", 0...1e6, "largest count of a bin in mean counts; 0: no limit"),
    ])

  /// No slice depends on another, unless 32-bit voxels are brought to their common range.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { nil }

  /// The equalised image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    guard 1...64 ~= tiles else { throw ImageError(.invalidParameter, "tiles is \(tiles), expected 1 … 64") }
    guard clipLimit >= 0, clipLimit <= 1e6 else {
      throw ImageError(.invalidParameter, "clip-limit is \(shortest(clipLimit)), expected 0 … 1000000")
    }
    switch image {
    case .u8(let v): return .u8(equalised(v))
    case .u16(let v): return .u16(equalised(v))
    case .i8(let v):
      return .i8(equalised(v.applying(Shifted<Int8, UInt8>())).applying(Shifted<UInt8, Int8>()))
    case .i16(let v):
      return .i16(equalised(v.applying(Shifted<Int16, UInt16>())).applying(Shifted<UInt16, Int16>()))
    case .u32, .i32, .f32, .f64:
      let range = image.valueRange, step = (range.maximum - range.minimum) / 65535
      guard range.count > 0, step > 0, step.isFinite else { return image }
      let levels = Window(lower: range.minimum, upper: range.maximum, type: .uint16)
      guard case .u16(let v) = try levels(image) else { return image }
      let back = AnyVolume.u16(equalised(v)).mapped(Level(lower: range.minimum, step: step))
      return try ConvertType(to: image.kind)(.f64(back))
    }
  }

  /// Between signed and unsigned of the same size, in order: the highest bit changes.
  private struct Shifted<Input: Voxel & FixedWidthInteger, Output: Voxel & FixedWidthInteger>: VoxelFunction {
    func callAsFunction(_ v: Input) -> Output {
      Output(truncatingIfNeeded: v) ^ (Output(truncatingIfNeeded: 1) &<< Output(truncatingIfNeeded: Input.bitWidth - 1))
    }
  }

  /// A level as an intensity.
  private struct Level: PointFunction {
    let lower: Double, step: Double
    func callAsFunction(_ v: Double) -> Double { lower + step * v }
  }

  private func equalised<T: Voxel & FixedWidthInteger & UnsignedInteger>(_ volume: Volume<T>) -> Volume<T> {
    Volume<T>(volume.geometry) { out in
      volume.withVoxels { voxels in
        let size = volume.size
        for z in 0..<size.slices {
          SliceEqualisation(
            source: voxels.baseAddress! + z * size.plane, columns: size.columns, rows: size.rows, tiles: tiles,
            clipLimit: clipLimit
          ).run(out.baseAddress! + z * size.plane)
        }
      }
    }
  }
}

/// The work on one slice.
private struct SliceEqualisation<T: Voxel & FixedWidthInteger & UnsignedInteger>: @unchecked Sendable {
  let source: UnsafePointer<T>, columns: Int, rows: Int, tiles: Int, clipLimit: Double
  /// Voxels of a tile along each axis, those of the continued slice.
  let tileColumns: Int, tileRows: Int
  /// Tables hold the values that occur: lowest … lowest + levels − 1.
  let lowest: Int, levels: Int

  private var bins: Int { 1 << T.bitWidth }

  init(source: UnsafePointer<T>, columns: Int, rows: Int, tiles: Int, clipLimit: Double) {
    (self.source, self.columns, self.rows) = (source, columns, rows)
    (self.tiles, self.clipLimit) = (tiles, clipLimit)
    let whole = columns % tiles == 0 && rows % tiles == 0
    tileColumns = whole ? columns / tiles : columns / tiles + 1
    tileRows = whole ? rows / tiles : rows / tiles + 1
    var low = T.max, high = T.min
    for i in 0..<columns * rows {
      let v = source[i]
      low = v < low ? v : low
      high = v > high ? v : high
    }
    lowest = Int(low)
    levels = Int(high) - Int(low) + 1
  }

  func run(_ target: UnsafeMutablePointer<T>) {
    // Tables of two rows of tiles: those between whose centres a row of cells lies.
    nonisolated(unsafe) let tables = UnsafeMutablePointer<T>.allocate(capacity: 2 * tiles * levels)
    defer { tables.deallocate() }
    nonisolated(unsafe) let target = target
    let tileGrain = max(1, (1 << 16) / (tileColumns * tileRows + levels))
    // A cell lies between the centres of four tiles; the cells at the border reach out to it.
    let across = cells(columns, tileColumns)
    var made = 0
    for down in cells(rows, tileRows) {
      while made <= down.second {
        let row = made
        parallelFor(tiles, grain: tileGrain) { range in
          withScratch(of: Int32.self, levels) { counts in
            for tile in range {
              makeTable(row &* tiles &+ tile, counts, tables + (row % 2 &* tiles &+ tile) &* levels)
            }
          }
        }
        made += 1
      }
      parallelFor(across.count, grain: tileGrain) { range in
        let quads = UnsafeMutablePointer<UInt64>.allocate(capacity: levels)
        defer { quads.deallocate() }
        for cell in range { interpolate(across[cell], down, tables, quads, target) }
      }
    }
  }

  /// The clipped, cumulated histogram of a tile as a table of results.
  private func makeTable(_ tile: Int, _ counts: UnsafeMutablePointer<Int32>, _ table: UnsafeMutablePointer<T>) {
    counts.update(repeating: 0, count: levels)
    let x0 = tile % tiles &* tileColumns, y0 = tile / tiles &* tileRows
    let inside = max(0, min(tileColumns, columns &- x0))
    for y in y0..<y0 &+ tileRows {
      let row = source + mirrored(y, rows) &* columns
      for x in x0..<x0 &+ inside { counts[Int(row[x]) &- lowest] &+= 1 }
      for x in x0 &+ inside..<x0 &+ tileColumns { counts[Int(row[mirrored(x, columns)]) &- lowest] &+= 1 }
    }
    let area = tileColumns * tileRows
    var everywhere = 0, extra = 0, step = 1
    if clipLimit > 0 {
      let limit = Int32(clamping: max(Int(min(clipLimit * Double(area) / Double(bins), 0x1p31)), 1))
      var clipped = 0
      for k in 0..<levels {
        clipped &+= Int(max(counts[k] &- limit, 0))
        counts[k] = min(counts[k], limit)
      }
      // What was cut goes to all bins; the rest to every step-th one.
      everywhere = clipped / bins
      extra = clipped - everywhere * bins
      step = extra > 0 ? max(bins / extra, 1) : 1
    }
    let scale = Float(bins - 1) / Float(area)
    // Bins below the lowest value are empty but get their share.
    var sum = everywhere * lowest + min(extra, (lowest + step - 1) / step)
    var given = min(extra, (lowest + step - 1) / step)
    var next = given < extra ? given * step : Int.max
    let top = Float(T.max)
    for k in 0..<levels {
      sum &+= Int(counts[k]) &+ everywhere
      if k &+ lowest == next {
        sum &+= 1
        given &+= 1
        next = given < extra ? next &+ step : Int.max
      }
      counts[k] = Int32(truncatingIfNeeded: sum)
    }
    for k in 0..<levels {
      let v = (Float(counts[k]) * scale).rounded(.toNearestOrEven)
      table[k] = T(truncatingIfNeeded: v_i32(v < top ? v : top))
    }
  }

  /// The index mirrored at the end of an axis, which is not repeated.
  @inline(__always)
  private func mirrored(_ i: Int, _ n: Int) -> Int {
    if i < n { return i }
    if n == 1 { return 0 }
    let m = i % (2 &* n &- 2)
    return m < n ? m : 2 &* n &- 2 &- m
  }

  /// A stretch of an axis between the centres of two tiles, and the share of the second at each index.
  private struct Cell: Sendable {
    var range: Range<Int>, first: Int, second: Int, share: [Float]
  }

  private func cells(_ n: Int, _ tile: Int) -> [Cell] {
    let inverse = 1 / Float(tile)
    var result: [Cell] = []
    for i in 0..<n {
      let position = Float(i) * inverse - 0.5, low = position.rounded(.down), k = Int(low)
      let (first, second) = (max(k, 0), min(k + 1, tiles - 1))
      if let last = result.last, last.first == first, last.second == second {
        result[result.count - 1].range = last.range.lowerBound..<i + 1
        result[result.count - 1].share.append(position - low)
      } else {
        result.append(Cell(range: i..<i + 1, first: first, second: second, share: [position - low]))
      }
    }
    return result
  }

  /// The four tables of a cell are interleaved, so that a voxel takes one load; sixteen voxels are blended at a time.
  private func interpolate(
    _ across: Cell, _ down: Cell, _ tables: UnsafePointer<T>, _ quads: UnsafeMutablePointer<UInt64>,
    _ target: UnsafeMutablePointer<T>
  ) {
    let above = tables + down.first % 2 &* tiles &* levels, below = tables + down.second % 2 &* tiles &* levels
    let a = above + across.first &* levels, b = above + across.second &* levels
    let c = below + across.first &* levels, d = below + across.second &* levels
    @inline(__always) func entry(_ k: Int) -> UInt64 {
      UInt64(truncatingIfNeeded: a[k]) | UInt64(truncatingIfNeeded: b[k]) &<< 16
        | UInt64(truncatingIfNeeded: c[k]) &<< 32 | UInt64(truncatingIfNeeded: d[k]) &<< 48
    }
    if across.range.count * down.range.count < levels {
      // Fewer voxels than levels: only the entries of theirs.
      for y in down.range {
        for x in across.range {
          let k = Int(source[y &* columns &+ x]) &- lowest
          quads[k] = entry(k)
        }
      }
    } else {
      for k in 0..<levels { quads[k] = entry(k) }
    }
    let n = across.range.count, quad = quads - lowest
    let top = SIMD16<Float>(repeating: Float(T.max)), one = SIMD16<Float>(repeating: 1)
    across.share.withUnsafeBufferPointer { shares in
      let shares = shares.baseAddress!
      for y in down.range {
        let second = down.share[y &- down.range.lowerBound], first = 1 - second
        let row = source + (y &* columns &+ across.range.lowerBound)
        let out = target + (y &* columns &+ across.range.lowerBound)
        @inline(__always) func blend(_ q: SIMD16<UInt64>, _ xs: SIMD16<Float>) -> SIMD16<Int32> {
          let low = v_low_i32(q), high = v_low_i32(q &>> 32), mask = SIMD16<Int32>(repeating: 0xffff), rest = one - xs
          let above = v_real_i32(low & mask) * rest + v_real_i32(low &>> 16 & mask) * xs
          let below = v_real_i32(high & mask) * rest + v_real_i32(high &>> 16 & mask) * xs
          let sum = (above * first + below * second).rounded(.toNearestOrEven)
          return v_to_i32(sum.replacing(with: top, where: sum .> top))
        }
        var x = 0
        while x &+ 16 <= n {
          var q = SIMD16<UInt64>()
          for k in 0..<16 { q[k] = quad[Int(row[x &+ k])] }
          let v = blend(q, load16(shares + x))
          for k in 0..<16 { out[x &+ k] = T(truncatingIfNeeded: v[k]) }
          x &+= 16
        }
        while x < n {
          let v = blend(SIMD16(repeating: quad[Int(row[x])]), SIMD16(repeating: shares[x]))
          out[x] = T(truncatingIfNeeded: v[0])
          x &+= 1
        }
      }
    }
  }
}
