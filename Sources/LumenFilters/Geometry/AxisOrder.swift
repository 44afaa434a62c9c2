// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Voxels in another order along other axes: every voxel keeps its position in space.
struct AxisOrder: AnyVolume.Visitor {
  /// The image's axis that becomes each axis of the result.
  var axes = [0, 1, 2]
  /// Whether each axis of the result runs against it.
  var reversed = [false, false, false]

  func callAsFunction(_ image: AnyVolume) -> AnyVolume { image.accept(self) }

  func geometry(of g: Geometry) -> Geometry {
    func sign(_ axis: Int) -> Double { reversed[axis] ? -1 : 1 }
    var first = SIMD3<Double>(), result = g
    for axis in 0..<3 {
      if reversed[axis] { first[axes[axis]] = Double(g.size[axes[axis]] - 1) }
      result.spacing[axis] = g.spacing[axes[axis]]
    }
    result.size = Size(columns: g.size[axes[0]], rows: g.size[axes[1]], slices: g.size[axes[2]])
    result.direction = Direction(
      x: g.direction[axes[0]] * sign(0), y: g.direction[axes[1]] * sign(1), z: g.direction[axes[2]] * sign(2))
    result.origin = g.position(of: first)
    return result
  }

  func visit<T: Voxel>(_ volume: Volume<T>) -> AnyVolume { T.erase(run(volume)) }
  typealias Failure = Never

  func run<T: Voxel>(_ volume: Volume<T>) -> Volume<T> {
    let grid = geometry(of: volume.geometry), to = grid.size
    let memory = [1, volume.size.columns, volume.size.plane]
    let steps = (0..<3).map { reversed[$0] ? -memory[axes[$0]] : memory[axes[$0]] }
    let start = (0..<3).reduce(0) { $0 + (reversed[$1] ? -steps[$1] * (to[$1] - 1) : 0) }
    return Volume(grid) { out in
      volume.withVoxels { voxels in
        guard let first = voxels.baseAddress, let result = out.baseAddress else { return }
        nonisolated(unsafe) let (from, target) = (first + start, result)
        // Squares of rows by columns, so that a cache line of the image is used whole when it runs across them.
        parallelFor(to.slices * ((to.rows + 31) / 32), grain: max(1, (1 << 15) / (32 * to.columns))) { items in
          for item in items {
            let bands = (to.rows + 31) / 32
            let z = item / bands, rows = item % bands &* 32..<min(to.rows, item % bands &* 32 &+ 32)
            if steps[0] == 1 {
              for y in rows {
                (target + to.offset(0, y, z)).update(from: from + (z &* steps[2] &+ y &* steps[1]), count: to.columns)
              }
              continue
            }
            var x = 0
            while x < to.columns {
              let width = min(32, to.columns &- x)
              for y in rows {
                let p = from + (z &* steps[2] &+ y &* steps[1] &+ x &* steps[0]), line = target + to.offset(x, y, z)
                for i in 0..<width { line[i] = p[i &* steps[0]] }
              }
              x &+= 32
            }
          }
        }
      }
    }
  }
}
