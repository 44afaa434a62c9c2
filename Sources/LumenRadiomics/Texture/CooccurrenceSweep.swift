// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The 13 directions of which each stands for itself and its opposite: first the four within a slice.
private let directions: [(x: Int, y: Int, z: Int)] = [
  (1, 0, 0), (0, 1, 0), (1, 1, 0), (-1, 1, 0),
  (0, 0, 1), (1, 0, 1), (-1, 0, 1), (0, 1, 1), (0, -1, 1), (1, 1, 1), (-1, 1, 1), (1, -1, 1), (-1, -1, 1),
]
private let inPlane = 4

/// The GLCM features for every aggregation, in the order asked for: matrices are built once for all of them.
///
/// One sweep over the region visits every voxel once and counts its neighbours in all directions; padding by δ voxels
/// of level 0 makes tests for the border unnecessary. Counts are integers, so results do not depend on threads.
/// In averages, matrices without pairs are left out, and so are those for which a feature is undefined.
///
/// - Throws: `limitExceeded` for more than 2048 grey levels in use or 330 million voxels.
func cooccurrenceFeatures(
  _ region: Region, _ levels: GreyLevels, distance δ: Int, aggregations: [Aggregation]
) throws(ImageError) -> [Double] {
  let used = levels.counts.indices.filter { levels.counts[$0] > 0 }.map { $0 + 1 }
  guard used.count <= 2048 else {
    throw ImageError(
      .limitExceeded, "\(used.count) grey levels are in use, the limit for a co-occurrence matrix is 2048",
      hint: "choose wider or fewer bins")
  }
  guard region.intensities.count <= 330_000_000 else {
    throw ImageError(
      .limitExceeded,
      "the region has \(region.intensities.count) voxels, the limit for a co-occurrence matrix is 330000000")
  }
  let features = GreyLevelCooccurrence.features.count
  if used.isEmpty { return [Double](repeating: .nan, count: aggregations.count * features) }

  let perSlice = Set(aggregations).intersection([.averaged2D, .merged2D])
  let is3D = !Set(aggregations).isDisjoint(with: [.averaged3D, .merged3D])
  let sweep = Sweep(region, levels, used: used, distance: δ, directions: is3D ? directions.count : inPlane)
  let (counts, slices) = sweep.run(perSlice)

  /// Features of the sum of the matrices of some directions.
  func values(_ directions: Range<Int>) -> [Double]? {
    var merged = [UInt32](repeating: 0, count: sweep.cells)
    for d in directions { for k in 0..<sweep.cells { merged[k] &+= counts[d * sweep.cells + k] } }
    return sweep.values(merged)
  }
  return aggregations.flatMap { aggregation -> [Double] in
    let all: [[Double]?] =
      switch aggregation {
      case .averaged2D: slices.flatMap(\.averaged)
      case .merged2D: slices.map(\.merged)
      case .averaged25D: (0..<inPlane).map { values($0..<$0 + 1) }
      case .merged25D: [values(0..<inPlane)]
      case .averaged3D: directions.indices.map { values($0..<$0 + 1) }
      case .merged3D: [values(0..<directions.count)]
      }
    return (0..<features).map { f in mean(all.compactMap { $0?[f] }) }
  }
}

/// Mean of the numbers that are defined; NaN where none is.
private func mean(_ values: [Double]) -> Double {
  let defined = values.filter { !$0.isNaN }
  return defined.isEmpty ? .nan : defined.reduce(0, +) / Double(defined.count)
}

/// Counting of ordered neighbour pairs.
private struct Sweep: Sendable {
  /// Features of one slice by direction and with the directions merged; nil without pairs.
  struct Slice: Sendable {
    var averaged: [[Double]?] = []
    var merged: [Double]?
  }

  let used: [Int]
  let levelCount: Int
  let size: Size
  /// Index of each voxel's grey level in `used`, from 1; 0 outside. Padded by δ after every row, slice and the volume.
  private let padded: Volume<UInt16>
  /// Distance in memory to the neighbour in each direction; all positive.
  private let offsets: [Int]
  /// Side of a matrix, with row and column 0 for outside.
  var side: Int { used.count + 1 }
  /// Cells of a matrix.
  var cells: Int { side * side }

  init(_ region: Region, _ levels: GreyLevels, used: [Int], distance δ: Int, directions n: Int) {
    self.used = used
    levelCount = levels.count
    size = region.size
    let size = region.size
    let stored = Size(columns: size.columns + δ, rows: size.rows + δ, slices: size.slices + δ)
    offsets = directions.prefix(n).map { δ * ((($0.z * stored.rows) + $0.y) * stored.columns + $0.x) }
    var index = [UInt16](repeating: 0, count: levels.count + 1)
    for (k, level) in used.enumerated() { index[level] = UInt16(k + 1) }
    let indexOf = index
    padded = Volume(Geometry(size: stored)) { out in
      out.update(repeating: 0)
      region.intensityMask.withVoxels { mask in
        levels.levels.withUnsafeBufferPointer { levels in
          nonisolated(unsafe) let (inside, to, level) = (mask.baseAddress!, out.baseAddress!, levels)
          parallelFor(size.slices) { slices in
            for z in slices {
              var next = region.sliceStarts[z]
              for y in 0..<size.rows {
                let (from, row) = (inside + size.offset(0, y, z), to + stored.offset(0, y, z))
                for x in 0..<size.columns where from[x] != 0 {
                  row[x] = indexOf[Int(level[next])]
                  next &+= 1
                }
              }
            }
          }
        }
      }
    }
  }

  func values(_ counts: [UInt32]) -> [Double]? {
    counts.withUnsafeBufferPointer { values($0.baseAddress!) }
  }

  func values(_ counts: UnsafePointer<UInt32>) -> [Double]? {
    GreyLevelCooccurrence(counts: counts, levels: used, levelCount: levelCount)?.values
  }

  /// The matrices of every direction over all slices, and the features of each slice where asked for.
  func run(_ perSlice: Set<Aggregation>) -> (counts: [UInt32], slices: [Slice]) {
    let matrices = offsets.count * cells
    // Each part counts into its own matrices, which together stay below 256 MiB.
    let parts = max(1, min(Parallel.width, size.slices, (64 << 20) / matrices))
    var counts = [UInt32](repeating: 0, count: parts * matrices)
    var slices = [Slice](repeating: Slice(), count: perSlice.isEmpty ? 0 : size.slices)
    padded.withVoxels { voxels in
      counts.withUnsafeMutableBufferPointer { counts in
        slices.withUnsafeMutableBufferPointer { slices in
          nonisolated(unsafe) let (p, all, bySlice) = (voxels.baseAddress!, counts.baseAddress!, slices)
          parallelFor(parts) { range in
            for part in range {
              let own = all + part * matrices
              for z in size.slices * part / parts..<size.slices * (part + 1) / parts {
                if perSlice.isEmpty {
                  count(p, z, (0..<offsets.count).map { own + $0 * cells })
                } else {
                  bySlice[z] = slice(p, z, own, perSlice)
                }
              }
            }
          }
        }
      }
    }
    for part in 1..<max(parts, 1) { for k in 0..<matrices { counts[k] &+= counts[part * matrices + k] } }
    counts.removeLast((parts - 1) * matrices)
    return (counts, slices)
  }

  /// Counts a slice by itself, measures it, and adds it to the matrices of all slices.
  private func slice(
    _ p: UnsafePointer<UInt16>, _ z: Int, _ all: UnsafeMutablePointer<UInt32>, _ wanted: Set<Aggregation>
  ) -> Slice {
    var result = Slice()
    var own = [UInt32](repeating: 0, count: inPlane * cells)
    own.withUnsafeMutableBufferPointer { buffer in
      let own = buffer.baseAddress!
      count(p, z, (0..<offsets.count).map { $0 < inPlane ? own + $0 * cells : all + $0 * cells })
      for k in 0..<inPlane * cells { all[k] &+= own[k] }
      if wanted.contains(.averaged2D) { result.averaged = (0..<inPlane).map { values(own + $0 * cells) } }
      if wanted.contains(.merged2D) {
        for d in 1..<inPlane { for k in 0..<cells { own[k] &+= own[d * cells + k] } }
        result.merged = values(own)
      }
    }
    return result
  }

  /// Adds the pairs that start in slice z to one matrix a direction.
  private func count(_ p: UnsafePointer<UInt16>, _ z: Int, _ matrices: [UnsafeMutablePointer<UInt32>]) {
    let stored = padded.size, side = side
    matrices.withUnsafeBufferPointer { matrices in
      offsets.withUnsafeBufferPointer { offsets in
        let n = offsets.count
        for y in 0..<size.rows {
          let row = p + stored.offset(0, y, z)
          for x in 0..<size.columns {
            let a = Int(row[x])
            if a == 0 { continue }
            let from = a &* side
            for d in 0..<n { matrices[d][from &+ Int(row[x &+ offsets[d]])] &+= 1 }
          }
        }
      }
    }
  }
}
