// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Draws the contours of one region on the grid of an image.
///
/// A voxel is inside when its centre is: on its row, an odd number of contour edges lies at or before it. Edges own their
/// upper end and what lies exactly on them, so neighbours that share an edge share no voxel; holes may be contours of
/// their own or joined to the outer contour by a channel, which cancels itself. Vertices are first rounded to 2⁻²⁸
/// voxel: one meant to lie on a voxel centre does, whatever the rounding of its way there.
///
/// - Source: even-odd rule (PS3.3 C.8.8.6.3: XOR of closed planar contours).
struct ContourRaster {
  /// A closed contour in index space: a range of `points`.
  private struct Polygon {
    var points: Range<Int>
    var contour: Int
    var low: SIMD2<Double>
    var high: SIMD2<Double>
  }

  private let image: Geometry
  private var points: [SIMD2<Double>] = []
  /// Polygons of each slice.
  private var slices: [Int: [Polygon]] = [:]
  /// Voxels to be set for points and open contours, where that is asked for.
  private var marks: [Int] = []
  private var collector: FindingCollector
  private var nearestMiss = Double.infinity

  /// Sorts the contours into slices.
  ///
  /// - Throws: `malformed` for contours that cross slices, `invalidParameter` when no contour lies in the image or none
  ///   has an area.
  init(_ roi: StructureSet.ROI, _ region: RegionInfo, on image: Geometry, marksPoints: Bool) throws(ImageError) {
    self.image = image
    collector = FindingCollector(region: region.number)
    guard !image.index(of: image.origin).x.isNaN else {
      throw ImageError(.invalidParameter, "the image's axes do not span space")
    }
    sort(roi, marksPoints)
    if let finding = collector.findings.first(where: \.isError) { throw finding.error }
    if slices.isEmpty && marks.isEmpty {
      guard roi.contours.contains(where: { $0.shape == .closed }) else {
        throw ImageError(
          .invalidParameter,
          "region \(region.number) has no closed contour, only \(roi.contours.count) points and lines",
          hint: "it marks a place, it has no area")
      }
      throw ImageError(
        .invalidParameter,
        "region \(region.number) lies outside the image: its nearest contour is \(shortest((nearestMiss * 1000).rounded() / 1000)) mm away",
        hint: "do the structure set and the image share a frame of reference?")
    }
    dropFartherPlanes()
    findGaps()
  }

  /// Rows of the matrix from positions to indices.
  private static func matrix(_ g: Geometry) -> (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) {
    let (x, y, z) = (g.direction.x, g.direction.y, g.direction.z)
    let det = dot(x, cross(y, z))
    return (
      cross(y, z) / (det * g.spacing.x), cross(z, x) / (det * g.spacing.y), cross(x, y) / (det * g.spacing.z)
    )
  }

  private mutating func sort(_ roi: StructureSet.ROI, _ marksPoints: Bool) {
    let (mx, my, mz) = Self.matrix(image), size = image.size
    let spacing = image.spacing
    points.reserveCapacity(roi.coordinates.count / 3)
    var planes: [Int: Double] = [:]
    for (c, contour) in roi.contours.enumerated() {
      let start = points.count
      var low = SIMD3(repeating: Double.infinity), high = -low, isInReach = true
      for p in contour.points {
        let at = SIMD3(roi.coordinates[3 * p], roi.coordinates[3 * p + 1], roi.coordinates[3 * p + 2]) - image.origin
        let index = SIMD3(dot(at, mx), dot(at, my), dot(at, mz))
        // Out of reach of any grid, or NaN where the sums overflow: such an index does not fit an integer.
        guard abs(index.x) < 1e9 && abs(index.y) < 1e9 && abs(index.z) < 1e9 else {
          isInReach = false
          continue
        }
        low = pointwiseMin(low, index)
        high = pointwiseMax(high, index)
        points.append(SIMD2(Self.snapped(index.x), Self.snapped(index.y)))
      }
      if contour.shape != .closed {
        collector.add(
          contour.shape == .points ? .points : .openContours, at: c,
          count: contour.shape == .points ? contour.points.count : 1)
        if marksPoints { mark(start..<points.count, low.z, isLine: contour.shape == .open) }
        points.removeSubrange(start...)
        continue
      }
      guard isInReach, start < points.count else {
        collector.add(.outsideImage, at: c, found: .infinity)
        points.removeSubrange(start...)
        continue
      }
      if high.z - low.z > 0.5 {
        collector.add(.crossingSlices, at: c, found: (high.z - low.z) * spacing.z, expected: spacing.z)
        points.removeSubrange(start...)
        continue
      }
      let z = (low.z + high.z) / 2, slice = Int((z + 0.5 + 1e-9).rounded(.down))
      let beyond = SIMD3(
        max(-0.5 - low.x, high.x - Double(size.columns) + 0.5, 0),
        max(-0.5 - low.y, high.y - Double(size.rows) + 0.5, 0),
        max(-0.5 - z, z - Double(size.slices) + 0.5, 0))
      let most = max(beyond.x * spacing.x, beyond.y * spacing.y, beyond.z * spacing.z)
      // A contour on the image's border may overshoot it by the rounding of its decimals.
      if most > 0.01 * min(spacing.x, spacing.y) { collector.add(.outsideImage, at: c, found: most) }
      let misses =
        high.x < -0.5 || high.y < -0.5 || low.x > Double(size.columns) - 0.5 || low.y > Double(size.rows) - 0.5
        || slice < 0 || slice >= size.slices
      if misses {
        nearestMiss = min(nearestMiss, most)
        points.removeSubrange(start...)
        continue
      }
      let off = abs(z - Double(slice))
      if off > 0.01 { collector.add(.betweenSlices, at: c, found: off * spacing.z) }
      slices[slice, default: []].append(
        Polygon(points: start..<points.count, contour: c, low: SIMD2(low.x, low.y), high: SIMD2(high.x, high.y)))
      planes[c] = z
    }
    heights = planes
  }

  /// Slice index, not rounded, of each contour.
  private var heights: [Int: Double] = [:]

  private static func snapped(_ v: Double) -> Double { (v * 0x1p28).rounded() * 0x1p-28 }

  /// Where a slice has contours on several planes, those of the nearest plane count; of two as near, the lower.
  private mutating func dropFartherPlanes() {
    for (slice, polygons) in slices {
      func height(_ p: Polygon) -> Double { heights[p.contour] ?? Double(slice) }
      let middle = Double(slice)
      var best = height(polygons[0])
      for p in polygons.dropFirst() {
        let (a, b) = (abs(height(p) - middle), abs(best - middle))
        if a < b - 1e-6 || (a < b + 1e-6 && height(p) < best) { best = height(p) }
      }
      var kept: [Polygon] = []
      // Indices in `kept` by a hash of the points, so that many contours are not compared each with each.
      var known: [Int: [Int]] = [:]
      for p in polygons {
        if abs(height(p) - best) > 0.01 {
          collector.add(.severalPlanes, at: p.contour, found: abs(height(p) - middle) * image.spacing.z)
          continue
        }
        let hash = hash(p)
        if known[hash]?.contains(where: { isCopy(kept[$0], p) }) == true {
          collector.add(.duplicateContours, at: p.contour)
        } else {
          known[hash, default: []].append(kept.count)
          kept.append(p)
        }
      }
      slices[slice] = kept
    }
  }

  private func hash(_ p: Polygon) -> Int {
    var hasher = Hasher()
    for point in points[p.points] { hasher.combine(point) }
    return hasher.finalize()
  }

  private func isCopy(_ a: Polygon, _ b: Polygon) -> Bool {
    a.points.count == b.points.count && a.low == b.low && a.high == b.high
      && points[a.points].elementsEqual(points[b.points])
  }

  private mutating func findGaps() {
    let used = slices.keys.sorted()
    var empty = 0, first = 0, length = 0
    for (a, b) in zip(used, used.dropFirst()) where b - a > 1 {
      if empty == 0 { (first, length) = (a, b - a) }
      empty += b - a - 1
    }
    if empty > 0 {
      collector.add(.sliceGaps, at: first, found: Double(length) * image.spacing.z, count: empty)
    }
  }

  /// Voxels of points, or of a line at steps of half a voxel.
  private mutating func mark(_ range: Range<Int>, _ z: Double, isLine: Bool) {
    let size = image.size, slice = (z + 0.5).rounded(.down)
    guard slice >= 0, slice < Double(size.slices) else { return }
    func set(_ p: SIMD2<Double>) {
      let (i, j) = ((p.x + 0.5).rounded(.down), (p.y + 0.5).rounded(.down))
      guard i >= 0, j >= 0, i < Double(size.columns), j < Double(size.rows) else { return }
      marks.append(size.offset(Int(i), Int(j), Int(slice)))
    }
    for k in range {
      set(points[k])
      guard isLine, k + 1 < range.upperBound else { continue }
      let step = points[k + 1] - points[k], length = max(abs(step.x), abs(step.y))
      guard length < 1e6 else { continue }
      for t in stride(from: 0.5, to: length, by: 0.5) { set(points[k] + step * (t / length)) }
    }
  }

  /// The mask and what was irregular.
  func draw() -> (mask: Mask, findings: [RegionFinding]) {
    var collector = collector
    let size = image.size
    /// Contours without a voxel centre, by slice: contour and area.
    var small = [[(contour: Int, area: Double)]](repeating: [], count: size.slices)
    let mask = Mask(image) { out in
      nonisolated(unsafe) let voxels = out.baseAddress.unsafelyUnwrapped
      small.withUnsafeMutableBufferPointer { buffer in
        nonisolated(unsafe) let small = buffer
        parallelFor(size.slices) { range in
          for z in range {
            let plane = voxels + z * size.plane
            plane.update(repeating: 0, count: size.plane)
            if let polygons = slices[z] { small[z] = fill(plane, polygons) }
          }
        }
      }
      for m in marks { voxels[m] = 1 }
    }
    for (contour, area) in small.joined() { collector.add(.subVoxelContours, at: contour, found: area) }
    return (mask, collector.findings)
  }

  /// Fills the polygons of one slice; returns those without a voxel centre.
  private func fill(
    _ plane: UnsafeMutablePointer<UInt8>, _ polygons: [Polygon]
  ) -> [(contour: Int, area: Double)] {
    let columns = image.size.columns, rows = image.size.rows
    var small: [(contour: Int, area: Double)] = [], centroids: [Int] = []
    var flips: [Int] = []
    var top = rows, bottom = -1, left = columns
    points.withUnsafeBufferPointer { points in
      for polygon in polygons {
        flips.removeAll(keepingCapacity: true)
        // Bit 1 is this polygon's own parity: none left means that it holds no voxel centre.
        var odd = 0
        var previous = points[polygon.points.upperBound - 1]
        for k in polygon.points {
          let (a, b) = points[k].y < previous.y ? (points[k], previous) : (previous, points[k])
          previous = points[k]
          // Rows with a.y ≤ row < b.y.
          let first = max(0, Int(a.y.rounded(.up))), last = min(rows, Int(b.y.rounded(.up)))
          if first >= last { continue }
          top = min(top, first)
          bottom = max(bottom, last - 1)
          let slope = (b.x - a.x) / (b.y - a.y)
          for row in first..<last {
            let column = max(0, (a.x + (Double(row) - a.y) * slope).rounded(.up))
            if column >= Double(columns) { continue }
            let at = row &* columns &+ Int(column)
            plane[at] ^= 2
            odd &+= Int(plane[at] & 2) &- 1
            flips.append(at)
            left = min(left, Int(column))
          }
        }
        for at in flips where plane[at] & 2 != 0 { plane[at] ^= 3 }
        let isWithin =
          polygon.low.x >= -0.5 && polygon.low.y >= -0.5 && polygon.high.x <= Double(columns) - 0.5
          && polygon.high.y <= Double(rows) - 0.5
        if odd == 0 && isWithin {
          let (centre, area) = Self.centroid(points[polygon.points])
          small.append((polygon.contour, area * image.spacing.x * image.spacing.y))
          let i = min(max(0, Int((centre.x + 0.5).rounded(.down))), columns - 1)
          let j = min(max(0, Int((centre.y + 0.5).rounded(.down))), rows - 1)
          centroids.append(j * columns + i)
        }
      }
    }
    if top <= bottom && left < columns {
      for row in top...bottom { Self.spread(plane + row * columns, left, columns) }
    }
    for at in centroids { plane[at] = 1 }
    return small
  }

  /// Turns marks of change into their running parity: eight bytes at a time.
  private static func spread(_ row: UnsafeMutablePointer<UInt8>, _ from: Int, _ to: Int) {
    var i = from, carry: UInt64 = 0
    let raw = UnsafeMutableRawPointer(row)
    while i &+ 8 <= to {
      var v = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: i, as: UInt64.self))
      v ^= v << 8
      v ^= v << 16
      v ^= v << 32
      v ^= carry &* 0x0101_0101_0101_0101
      carry = v >> 56
      raw.storeBytes(of: v.littleEndian, toByteOffset: i, as: UInt64.self)
      i &+= 8
    }
    var last = UInt8(truncatingIfNeeded: carry)
    while i < to {
      last ^= row[i]
      row[i] = last
      i &+= 1
    }
  }

  /// Centroid of a polygon and its area in voxels; the mean of the vertices where it has none.
  private static func centroid(_ p: Slice<UnsafeBufferPointer<SIMD2<Double>>>) -> (SIMD2<Double>, area: Double) {
    guard let base = p.first, let end = p.last else { return (SIMD2(0, 0), 0) }
    var area = 0.0, sum = SIMD2(0.0, 0.0), mean = SIMD2(0.0, 0.0)
    var a = end - base
    for q in p {
      let b = q - base, c = a.x * b.y - b.x * a.y
      area += c
      sum += (a + b) * c
      mean += b
      a = b
    }
    if abs(area) < 1e-9 { return (base + mean / Double(p.count), abs(area) / 2) }
    return (base + sum / (3 * area), abs(area) / 2)
  }
}
