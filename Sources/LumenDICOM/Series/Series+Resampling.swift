// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

extension Series {
  /// - Throws: `unsupported` for irregularities that interpolation between slices does not cure.
  func requireResampling(_ layout: SeriesLayout) throws(ImageError) {
    let cured: Set<GeometryFinding.Kind> = [
      .variableSpacing, .missingSlices, .gantryTilt, .shiftedSlices, .duplicatePositions, .identicalSlices,
    ]
    if let finding = layout.findings.first(where: { $0.isError && !cured.contains($0.kind) }) {
      throw ImageError(
        .unsupported, "\(finding): such slices are not resampled", place: "series of \(layout.slices.count) slices")
    }
  }

  /// An image on a regular, orthogonal grid.
  ///
  /// - Throws: `unsupported` for different slices at one position; `limitExceeded`.
  func resampled(
    _ image: SeriesImage, _ layout: SeriesLayout, _ maps: [ValueMap], _ limits: Limits
  ) throws(ImageError) -> SeriesImage {
    if let two = image.findings.first(where: { $0.kind == .duplicatePositions }) {
      throw ImageError(
        .unsupported, "\(two), with different pixels: which one is right is not known",
        place: "series of \(layout.slices.count) slices", hint: "geometry policy split reads each for itself")
    }
    guard case .grey(let volume) = image.pixels else { return image }
    let plan = try SliceResampling(layout.positions, layout.geometry, nominal: instances[0].nominalSpacing, limits)
    _ = try limits.checkedBytes(
      columns: plan.geometry.size.columns, rows: plan.geometry.size.rows, slices: plan.geometry.size.slices,
      bytesPerVoxel: volume.kind.bytes)
    let padding = instances[layout.slices[0].instance].pixelPaddingValue.map { maps[0].value(Double($0)) }
    var resampled = image
    let (voxels, value) = volume.accept(Resample(plan: plan, padding: padding))
    resampled.pixels = .grey(voxels)
    resampled.geometry = plan.geometry
    resampled.findings = image.findings + [GeometryFinding(.resampled, found: value)]
    return resampled
  }
}

/// Where the values of a regular grid come from.
struct SliceResampling {
  /// The grid.
  let geometry: Geometry
  /// Columns and rows of a slice as read.
  let source: Size
  /// Slices with a place of their own, in increasing order.
  let slices: [Int]
  /// Heights of these along the normal, from the first.
  let heights: [Double]
  /// Index of column 0, row 0 of these slices in the grid.
  let shifts: [SIMD2<Double>]

  /// - Throws: `limitExceeded` when the slices lie so far apart that the grid is larger than the limits allow.
  init(_ positions: [SIMD3<Double>], _ stack: Geometry, nominal: Double, _ limits: Limits) throws(ImageError) {
    let d = stack.direction, first = positions[0]
    let samePlace = SliceStack.samePlace(nominal: nominal)
    var slices: [Int] = [], heights: [Double] = [], offsets: [SIMD2<Double>] = []
    for (i, p) in positions.enumerated() {
      let step = p - first, height = dot(step, d.z)
      if let last = heights.last, height - last <= samePlace { continue }
      slices.append(i)
      heights.append(height)
      // Shifts below a thousandth of a pixel are rounding of the header's numbers.
      let shift = SIMD2(dot(step, d.x) / stack.spacing.x, dot(step, d.y) / stack.spacing.y)
      offsets.append(SIMD2(abs(shift.x) < 1e-3 ? 0 : shift.x, abs(shift.y) < 1e-3 ? 0 : shift.y))
    }
    let gaps = zip(heights.dropFirst(), heights).map { $0 - $1 }.sorted()
    let spacing = gaps.isEmpty ? stack.spacing.z : gaps[(gaps.count - 1) / 2]
    let low = SIMD2(offsets.map(\.x).min() ?? 0, offsets.map(\.y).min() ?? 0)
    let high = SIMD2(offsets.map(\.x).max() ?? 0, offsets.map(\.y).max() ?? 0)
    let columns = Double(stack.size.columns) + (high.x - low.x).rounded(.up)
    let rows = Double(stack.size.rows) + (high.y - low.y).rounded(.up)
    let depth = ((heights.last ?? 0) / spacing + 1e-6).rounded(.down) + 1
    // False for NaN too, before any of them becomes an Int.
    guard columns <= Double(limits.dimension), rows <= Double(limits.dimension), depth <= Double(limits.frames) else {
      throw ImageError(
        .limitExceeded,
        "resampled the slices need \(shortest(columns)) × \(shortest(rows)) × \(shortest(depth)) voxels, the limit "
          + "is \(limits.dimension) × \(limits.dimension) × \(limits.frames)",
        place: "series of \(positions.count) slices", hint: "one of the positions is probably wrong")
    }
    var grid = stack
    grid.size = Size(columns: Int(columns), rows: Int(rows), slices: Int(depth))
    grid.spacing.z = spacing
    grid.origin = first + d.x * (low.x * stack.spacing.x) + d.y * (low.y * stack.spacing.y)
    geometry = grid
    source = stack.size
    self.slices = slices
    self.heights = heights
    shifts = offsets.map { $0 - low }
  }

  /// The slices below and above a slice of the grid, with the weight of the upper one.
  func neighbours(_ z: Int) -> (lower: Int, upper: Int, weight: Double) {
    let height = min(Double(z) * geometry.spacing.z, heights[heights.count - 1])
    var upper = heights.firstIndex { $0 >= height - 1e-6 } ?? heights.count - 1
    if upper == 0 { return (0, 0, 0) }
    let lower = upper - 1
    let weight = (height - heights[lower]) / (heights[upper] - heights[lower])
    if weight >= 1 - 1e-6 { return (upper, upper, 0) }
    if weight <= 1e-6 { upper = lower }
    return (lower, upper, upper == lower ? 0 : weight)
  }
}

private struct Resample: AnyVolume.Visitor {
  typealias Failure = Never
  let plan: SliceResampling
  let padding: Double?

  func visit<Element: Voxel>(_ volume: Volume<Element>) -> (AnyVolume, Double) {
    let outside = Element.rounding(padding ?? AnyVolume.valueRangeMinimum(volume)), size = plan.geometry.size
    let source = plan.source
    let out = Volume<Element>(plan.geometry) { out in
      volume.withVoxels { voxels in
        nonisolated(unsafe) let (from, to) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(size.slices) { range in
          var lower = [Double](repeating: .nan, count: size.plane), upper = lower
          for z in range {
            let (a, b, weight) = plan.neighbours(z)
            Self.plane(from + plan.slices[a] * source.plane, source, plan.shifts[a], size, &lower)
            if a != b { Self.plane(from + plan.slices[b] * source.plane, source, plan.shifts[b], size, &upper) }
            let target = to + z * size.plane
            for i in 0..<size.plane {
              let v = a == b ? lower[i] : (1 - weight) * lower[i] + weight * upper[i]
              target[i] = v.isNaN ? outside : .rounding(v)
            }
          }
        }
      }
    }
    return (Element.erase(out), outside.doubleValue)
  }

  /// A slice moved to its place in the grid, linearly interpolated; NaN outside.
  private static func plane<Element: Voxel>(
    _ slice: UnsafePointer<Element>, _ source: Size, _ shift: SIMD2<Double>, _ size: Size, _ out: inout [Double]
  ) {
    let whole = SIMD2(shift.x.rounded(.down), shift.y.rounded(.down))
    let (u, v) = (shift.x - whole.x, shift.y - whole.y), (dx, dy) = (Int(whole.x), Int(whole.y))
    for y in 0..<size.rows {
      for x in 0..<size.columns {
        // The grid point lies between columns c and c + 1, nearer to c + 1 the smaller u is.
        let c = x - dx - (u > 0 ? 1 : 0), r = y - dy - (v > 0 ? 1 : 0)
        let (c1, r1) = (u > 0 ? c + 1 : c, v > 0 ? r + 1 : r)
        guard c >= 0, r >= 0, c1 < source.columns, r1 < source.rows else {
          out[y * size.columns + x] = .nan
          continue
        }
        let (p, q) = (slice + r * source.columns, slice + r1 * source.columns)
        let (wx, wy) = (u > 0 ? 1 - u : 0, v > 0 ? 1 - v : 0)
        let top = p[c].doubleValue * (1 - wx) + p[c1].doubleValue * wx
        let bottom = q[c].doubleValue * (1 - wx) + q[c1].doubleValue * wx
        out[y * size.columns + x] = top * (1 - wy) + bottom * wy
      }
    }
  }
}

extension AnyVolume {
  fileprivate static func valueRangeMinimum<Element: Voxel>(_ volume: Volume<Element>) -> Double {
    let low = Element.erase(volume).valueRange.minimum
    return low.isNaN ? 0 : low
  }
}
