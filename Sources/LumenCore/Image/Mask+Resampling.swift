// SPDX-License-Identifier: Apache-2.0

/// How the indices of one grid run through another: index in the source = origin + x · column + y · row + z · slice.
struct GridMap {
  /// Source index of the target's first voxel.
  var origin: SIMD3<Double>
  /// Step in the source for one step along each axis of the target.
  var x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>

  /// NaN where the source's axes do not span space.
  init(from target: Geometry, to source: Geometry) {
    let first = source.index(of: target.origin)
    func step(_ axis: SIMD3<Double>) -> SIMD3<Double> { source.index(of: target.position(of: axis)) - first }
    origin = first
    x = step([1, 0, 0])
    y = step([0, 1, 0])
    z = step([0, 0, 1])
  }

  func callAsFunction(_ i: SIMD3<Double>) -> SIMD3<Double> { origin + x * i.x + y * i.y + z * i.z }

  /// The largest distance from whole numbers, in voxels, at the corners of a box; whole numbers there and steps of one
  /// along each axis mean whole numbers everywhere.
  func misalignment(_ size: Size) -> Double {
    var worst = 0.0
    for axis in [x, y, z] {
      // A signed permutation: one component ±1, the others 0.
      let a = SIMD3(abs(axis.x), abs(axis.y), abs(axis.z))
      let off = max(abs(a.max() - 1), a.sum() - a.max())
      if !(off < 0.5) { return .infinity }
    }
    for corner in 0..<8 {
      let i = SIMD3(
        Double(corner & 1 == 0 ? 0 : size.columns - 1), Double(corner & 2 == 0 ? 0 : size.rows - 1),
        Double(corner & 4 == 0 ? 0 : size.slices - 1))
      let found = self(i), expected = aligned(i)
      let d = found - expected
      let off = max(abs(d.x), abs(d.y), abs(d.z))
      if !(off <= worst) { worst = off }
    }
    return worst
  }

  /// Where the corner would be were the grids aligned exactly.
  private func aligned(_ i: SIMD3<Double>) -> SIMD3<Double> {
    origin.rounded(.toNearestOrEven) + x.rounded(.toNearestOrEven) * i.x + y.rounded(.toNearestOrEven) * i.y
      + z.rounded(.toNearestOrEven) * i.z
  }
}

extension Geometry {
  /// Whether every voxel centre of this grid is one of `other` (extended beyond its ends), axes flipped or exchanged
  /// included: a crop, for instance.
  ///
  /// - Parameter tolerance: largest distance from a centre, voxels.
  public func isAligned(with other: Geometry, tolerance: Double = 1e-3) -> Bool {
    GridMap(from: self, to: other).misalignment(size) <= tolerance
  }
}

extension Volume {
  /// Each voxel of `geometry` takes the value of the voxel whose cell its centre lies in; `outside` where there is none.
  func nearest(on geometry: Geometry, outside: Element) -> Volume {
    let map = GridMap(from: geometry, to: self.geometry), from = size, to = geometry.size
    // Cells are half-open, as in ITK; the last bit of a centre that lies between two cells is not left to rounding.
    let half = 0.5 + 1e-9
    let limit = SIMD3(Double(from.columns), Double(from.rows), Double(from.slices))
    return Volume(geometry) { out in
      withVoxels { voxels in
        nonisolated(unsafe) let (src, dst) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(to.rows * to.slices, grain: max(1, 16_384 / to.columns)) { range in
          for row in range {
            let start = map(SIMD3(0, Double(row % to.rows), Double(row / to.rows))) + half
            let line = dst + row * to.columns
            let inside = Self.inside(start, map.x, limit, to.columns)
            for i in 0..<inside.lowerBound { line[i] = outside }
            if map.x == [1, 0, 0], !inside.isEmpty {
              let p = start + map.x * Double(inside.lowerBound)
              let offset = from.offset(Int(p.x), Int(p.y), Int(p.z))
              (line + inside.lowerBound).update(from: src + offset, count: inside.count)
            } else {
              for i in inside {
                let p = start + map.x * Double(i)
                line[i] = src[from.offset(Int(p.x), Int(p.y), Int(p.z))]
              }
            }
            for i in inside.upperBound..<to.columns { line[i] = outside }
          }
        }
      }
    }
  }

  /// The columns whose source index p + step · i lies in [0, limit): one range, because the source is a box.
  private static func inside(
    _ p: SIMD3<Double>, _ step: SIMD3<Double>, _ limit: SIMD3<Double>, _ columns: Int
  ) -> Range<Int> {
    func isInside(_ i: Int) -> Bool {
      let q = p + step * Double(i)
      return q.x >= 0 && q.y >= 0 && q.z >= 0 && q.x < limit.x && q.y < limit.y && q.z < limit.z
    }
    var low = 0.0, high = Double(columns)
    for axis in 0..<3 {
      if step[axis] == 0 {
        if !(p[axis] >= 0 && p[axis] < limit[axis]) { return 0..<0 }
        continue
      }
      let (a, b) = (-p[axis] / step[axis], (limit[axis] - p[axis]) / step[axis])
      if a.isNaN || b.isNaN { return 0..<0 }
      low = max(low, min(a, b))
      high = min(high, max(a, b))
    }
    if !(low <= high) { return 0..<0 }
    // The quotients may be off by a rounding error: widen by one, then test.
    var first = max(0, Int(low) - 1), last = min(columns, Int(high) + 2)
    while first < last && !isInside(first) { first += 1 }
    while last > first && !isInside(last - 1) { last -= 1 }
    return first..<last
  }
}

extension Mask {
  /// The region on another grid: a voxel belongs to it when its centre lies in a voxel that does. Nothing is inside
  /// beyond the mask's own grid.
  ///
  /// - Shape: any direction and spacing; the result has `geometry`.
  /// - Cost: O(voxels of the result), parallel.
  /// - Source: nearest neighbour, oracle ITK `ResampleImageFilter`.
  public func resampled(to geometry: Geometry) -> Mask {
    let moved = voxels.nearest(on: geometry, outside: 0)
    return Mask(geometry) { out in _ = moved.withVoxels { out.update(fromContentsOf: $0) } }
  }

  /// The region on an image's grid: as it is where the grids are the same, moved by whole voxels where they are aligned
  /// (a mask of a crop), and resampled only when that is asked for.
  ///
  /// - Parameter resample: whether a mask on a grid that is not aligned may be resampled, and parts outside the image be
  ///   dropped.
  /// - Throws: `invalidParameter` that says which axis is off by how many mm, or how many voxels lie outside.
  public func placed(on image: Geometry, resample: Bool = false) throws(ImageError) -> Mask {
    guard let difference = geometry.difference(from: image) else { return with(image) }
    guard resample || geometry.isAligned(with: image) else {
      throw ImageError(
        .invalidParameter, "the mask lies on another grid than the image: \(difference)",
        hint: "--resample-mask moves it to the image by nearest neighbour")
    }
    let moved = resampled(to: image)
    if !resample {
      let lost = count - moved.count
      guard lost == 0 else {
        throw ImageError(
          .invalidParameter, "\(lost) of the mask's \(count) voxels lie outside the image",
          hint: "is it the mask of another image? --resample-mask drops them")
      }
    }
    return moved
  }
}

extension LabelMap {
  /// The labels on another grid: a voxel takes the label of the voxel that its centre lies in, background outside.
  ///
  /// - Source: nearest neighbour, oracle ITK `ResampleImageFilter`.
  public func resampled(to geometry: Geometry) -> LabelMap {
    LabelMap(voxels.nearest(on: geometry, outside: 0), names: names)
  }

  /// The labels on an image's grid, under the rules of ``Mask/placed(on:resample:)``.
  ///
  /// - Throws: `invalidParameter` that says which axis is off by how many mm, or how many voxels lie outside.
  public func placed(on image: Geometry, resample: Bool = false) throws(ImageError) -> LabelMap {
    guard let difference = geometry.difference(from: image) else {
      return LabelMap(voxels.with(image), names: names)
    }
    guard resample || geometry.isAligned(with: image) else {
      throw ImageError(
        .invalidParameter, "the mask lies on another grid than the image: \(difference)",
        hint: "--resample-mask moves it to the image by nearest neighbour")
    }
    let moved = resampled(to: image)
    if !resample {
      let lost = labelled - moved.labelled
      guard lost == 0 else {
        throw ImageError(
          .invalidParameter, "\(lost) of the mask's \(labelled) voxels lie outside the image",
          hint: "is it the mask of another image? --resample-mask drops them")
      }
    }
    return moved
  }

  private var geometry: Geometry { voxels.geometry }
  /// Voxels that are not background.
  private var labelled: Int { voxels.withVoxels { v in v.reduce(into: 0) { $0 += $1 == 0 ? 0 : 1 } } }
}
