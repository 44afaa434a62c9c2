// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Where the voxels of a grid lie among those of an image: index in the image = origin + x · column + y · row + z · slice.
struct IndexMap: Sendable {
  var origin: SIMD3<Double>
  /// Step in the image for one step along each axis of the grid.
  var x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>

  /// The map by way of positions in space; `transform` takes a position on the grid to one in the image.
  ///
  /// - Throws: `invalidParameter` when either grid is not one: a spacing that is not positive, axes in one plane.
  init(
    from target: Geometry, to source: Geometry, _ transform: (SIMD3<Double>) -> SIMD3<Double> = { $0 }
  ) throws(ImageError) {
    func index(_ i: SIMD3<Double>) -> SIMD3<Double> { source.index(of: transform(target.position(of: i))) }
    let first = index([0, 0, 0])
    origin = first
    x = index([1, 0, 0]) - first
    y = index([0, 1, 0]) - first
    z = index([0, 0, 1]) - first
    for grid in [target, source] where !(grid.spacing.min() > 0 && grid.spacing.max().isFinite) {
      throw ImageError(.invalidParameter, "a grid's spacing is \(grid.spacing), expected more than 0 mm")
    }
    // Indices so large that they have lost their fraction are no positions.
    let far = [origin, x, y, z].map { max(abs($0.x), abs($0.y), abs($0.z)) }
    guard far.allSatisfy({ $0 < 1e9 }),
      ![origin, x, y, z].contains(where: { ($0 .!= $0) != SIMDMask(repeating: false) })
    else { throw ImageError(.invalidParameter, "the grid lies nowhere near the image, or its axes span no space") }
  }

  func callAsFunction(_ i: SIMD3<Double>) -> SIMD3<Double> { origin + x * i.x + y * i.y + z * i.z }

  /// Whether every voxel of the grid is one of the image's, so that nothing is interpolated.
  var meetsVoxels: Bool {
    let off = [origin - origin.rounded(.toNearestOrEven), x - [1, 0, 0], y - [0, 1, 0], z - [0, 0, 1]]
    return off.allSatisfy { max(abs($0.x), abs($0.y), abs($0.z)) < 1e-12 }
  }

  /// Whether each axis of the grid runs along the same axis of the image, to a millionth of a voxel over its length.
  func isAxisAligned(_ size: Size) -> Bool {
    let (nx, ny, nz) = (Double(size.columns - 1), Double(size.rows - 1), Double(size.slices - 1))
    return max(abs(x.y), abs(x.z)) * nx < 1e-6 && max(abs(y.x), abs(y.z)) * ny < 1e-6
      && max(abs(z.x), abs(z.y)) * nz < 1e-6
  }
}

/// The i of 0 ..< n for which low ≤ p + step · i < high along every axis: one range, because a box is convex.
func range(
  _ n: Int, _ p: SIMD3<Double>, _ step: SIMD3<Double>, _ low: SIMD3<Double>, _ high: SIMD3<Double>
) -> Range<Int> {
  func isInside(_ i: Int) -> Bool {
    let q = p + step * Double(i)
    return all(q .>= low) && all(q .< high)
  }
  var first = 0.0, last = Double(n)
  for axis in 0..<3 where step[axis] != 0 {
    let a = (low[axis] - p[axis]) / step[axis], b = (high[axis] - p[axis]) / step[axis]
    first = max(first, min(a, b))
    last = min(last, max(a, b))
  }
  if !(first <= last) { return 0..<0 }
  // The quotients may be off by a rounding error: widen by one, then test.
  var from = max(0, min(n, Int(first) - 1)), to = max(from, min(n, Int(last) + 2))
  while from < to && !isInside(from) { from += 1 }
  while to > from && !isInside(to - 1) { to -= 1 }
  return from..<to
}
