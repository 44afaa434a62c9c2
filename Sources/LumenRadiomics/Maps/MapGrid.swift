// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// The voxels that neighbourhoods are made of, cut to their box and padded so that no neighbourhood leaves it.
struct MapGrid: Sendable {
  /// Voxels of the box without padding, and its first voxel in the image.
  let size: Size
  let start: (column: Int, row: Int, slice: Int)
  /// Half widths of the neighbourhood, cut to the box: what lies further out holds no voxel.
  let reach: (x: Int, y: Int, z: Int)
  let padded: Size
  /// Index of the grey level in `used`, from 1; 0 outside.
  let levels: Volume<UInt16>
  /// Intensities, NaN outside; empty unless asked for.
  let values: [Double]
  /// 1 for each voxel of the box that gets a value, not padded.
  let centres: Volume<UInt8>
  /// Number of centres before each row of the box.
  let rowStarts: [Int]
  /// Grey levels in use, ascending.
  let used: [Int]
  /// Ng: the highest grey level.
  let levelCount: Int
  /// Steps to the neighbours, one of each pair of opposite ones: the last non-zero component is positive, except along
  /// columns, where no step goes backwards.
  let steps: [(x: Int, y: Int, z: Int)]

  var centreCount: Int { rowStarts[rowStarts.count - 1] }

  /// Offset in padded memory of a box voxel.
  func offset(_ x: Int, _ y: Int, _ z: Int) -> Int { padded.offset(x + reach.x, y + reach.y, z + reach.z) }
  /// Distance in padded memory.
  func stride(_ x: Int, _ y: Int, _ z: Int) -> Int { (z * padded.rows + y) * padded.columns + x }

  /// Offsets of the neighbourhood's voxels in the plane of its centre across the rows.
  var plane: [Int] {
    (-reach.z...reach.z).flatMap { z in (-reach.y...reach.y).map { y in stride(0, y, z) } }
  }

  init(
    _ kernel: Region, _ levels: GreyLevels, centres: Volume<UInt8>, radius: Int, flat axis: Int?, distances: [Int],
    withValues: Bool
  ) {
    let size = kernel.size
    self.size = size
    start = kernel.start
    func reach(_ a: Int) -> Int { a == axis ? 0 : min(radius, size[a] - 1) }
    let (rx, ry, rz) = (reach(0), reach(1), reach(2))
    self.reach = (rx, ry, rz)
    let padded = Size(columns: size.columns + 2 * rx, rows: size.rows + 2 * ry, slices: size.slices + 2 * rz)
    self.padded = padded
    used = levels.counts.indices.filter { levels.counts[$0] > 0 }.map { $0 + 1 }
    levelCount = levels.count
    steps = Self.steps(distances, within: (2 * rx, 2 * ry, 2 * rz))
    self.centres = centres
    var starts = [0]
    centres.withVoxels { c in
      for row in 0..<size.rows * size.slices {
        var n = 0
        for x in 0..<size.columns { n += Int(c[row * size.columns + x]) }
        starts.append(starts[row] + n)
      }
    }
    rowStarts = starts
    var index = [UInt16](repeating: 0, count: levels.count + 1)
    for (k, level) in used.enumerated() { index[level] = UInt16(k + 1) }
    var values = [Double](repeating: .nan, count: withValues ? padded.count : 0)
    self.levels = Volume(Geometry(size: padded)) { out in
      out.update(repeating: 0)
      kernel.intensityMask.withVoxels { mask in
        var next = 0
        for z in 0..<size.slices {
          for y in 0..<size.rows {
            let (from, to) = (size.offset(0, y, z), padded.offset(rx, y + ry, z + rz))
            for x in 0..<size.columns where mask[from + x] != 0 {
              out[to + x] = index[Int(levels.levels[next])]
              if withValues { values[to + x] = kernel.intensities[next] }
              next += 1
            }
          }
        }
      }
    }
    self.values = values
  }

  /// One step of each opposite pair at the given Chebyshev distances; longer ones than the box allow no pair.
  private static func steps(
    _ distances: [Int], within limit: (x: Int, y: Int, z: Int)
  ) -> [(x: Int, y: Int, z: Int)] {
    distances.withoutRepeats.flatMap { d -> [(x: Int, y: Int, z: Int)] in
      let (lx, ly, lz) = (min(d, limit.x), min(d, limit.y), min(d, limit.z))
      return (0...lx).flatMap { x in
        (-ly...ly).flatMap { y in
          (-lz...lz).compactMap { z in
            guard max(x, abs(y), abs(z)) == d, x > 0 || y > 0 || (y == 0 && z > 0) else { return nil }
            return (x, y, z)
          }
        }
      }
    }
  }
}

/// n·log₂ n for n = 0 … count.
func entropyTerms(upTo count: Int) -> [Double] {
  (0...max(count, 0)).map { $0 == 0 ? 0 : Double($0) * log2(Double($0)) }
}
