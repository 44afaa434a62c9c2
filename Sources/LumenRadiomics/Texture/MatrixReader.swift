// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The matrices of one slice, of all slices stacked, or of the volume.
struct CountedMatrices {
  let counts: TextureCounts
  let plan: TexturePlan
  let voxels: Int
  var tone: [(level: Int, n: Int, s: Double)] = []
  /// Zones by level and size, and by level and distance to the border.
  var sizes: [(level: Int, column: Int, count: Int)] = []
  var distances: [(level: Int, column: Int, count: Int)] = []
}

extension CountedMatrices {
  init(_ counts: TextureCounts, _ plan: TexturePlan, voxels: Int) {
    (self.counts, self.plan, self.voxels) = (counts, plan, voxels)
  }
}

/// The features of single matrices, by family and ending of the column, to be averaged.
struct TextureSamples: Sendable {
  private struct Key: Hashable {
    let family: FamilyName, ending: String
  }
  private var samples: [Key: [[Double]]] = [:]

  mutating func append(_ family: FamilyName, _ ending: String, _ values: [[Double]]) {
    samples[Key(family: family, ending: ending), default: []] += values
  }

  mutating func append(_ other: TextureSamples) { samples.merge(other.samples) { $0 + $1 } }

  /// Of each feature the mean of the numbers that are defined; NaN where none is.
  var means: TextureValues {
    var found: TextureValues = [:]
    for (key, all) in samples {
      guard let n = all.first?.count else { continue }
      found[key.family, default: [:]][key.ending] = (0..<n).map { f in
        let defined = all.lazy.map { $0[f] }.filter { !$0.isNaN }
        let (sum, count) = defined.reduce(into: (0.0, 0)) { $0 = ($0.0 + $1, $0.1 + 1) }
        return count == 0 ? .nan : sum / Double(count)
      }
    }
    return found
  }
}

/// Turns counted matrices into features: chooses, merges and weights directions.
struct MatrixReader: Sendable {
  /// The grey level of each value on the grid, from 1.
  let levels: [Int]
  /// Ng.
  let levelCount: Int
  let spacing: SIMD3<Double>
  let settings: TextureSettings

  /// Features of every family for some ways of one dimension.
  func samples(_ m: CountedMatrices, _ directions: [Offset], _ ways: [Aggregation]) -> TextureSamples {
    var samples = TextureSamples()
    for family in settings.families {
      if family.hasDirections {
        for way in ways {
          let read = family == .glcm ? cooccurrence : runLengths
          let groups = way.mergesDirections ? [directions] : directions.map { [$0] }
          samples.append(family, way.rawValue, groups.compactMap { read(m, $0) })
        }
      } else if let ending = ways.first?.dimension.rawValue, let values = undirected(family, m) {
        samples.append(family, ending, [values])
      }
    }
    return samples
  }

  private func undirected(_ family: FamilyName, _ m: CountedMatrices) -> [Double]? {
    switch family {
    case .glszm: return matrix(m.sizes, m.voxels).map { GreyLevelSizeZone(matrix: $0).values }
    case .gldzm: return matrix(m.distances, m.voxels).map { GreyLevelDistanceZone(matrix: $0).values }
    case .ngldm:
      let cells = m.counts.dependence?.cells.map { (level: $0.level, column: $0.column + 1, count: $0.count) }
      return matrix(cells ?? [], m.voxels).map { GreyLevelDependence(matrix: $0).values }
    case .ngtdm:
      return GreyToneDifference(m.tone.map { (Double(levels[$0.level - 1]), Double($0.n), $0.s) })?.values
    default: return nil
    }
  }

  private func matrix(_ cells: [(level: Int, column: Int, count: Int)], _ voxels: Int) -> CountMatrix? {
    CountMatrix(
      cells.map { (Double(levels[$0.level - 1]), Double($0.column), Double($0.count)) }, voxels: Double(voxels))
  }

  /// Weight of a direction; where each is measured by itself a weight cancels, so there is none.
  private func weight(_ step: Offset, _ directions: [Offset]) -> Double {
    directions.count == 1 ? 1 : settings.weighting.weight(step, spacing)
  }

  private func cooccurrence(_ m: CountedMatrices, _ directions: [Offset]) -> [Double]? {
    let n = m.counts.side * m.counts.side
    var merged = [Double](repeating: 0, count: n)
    for d in directions {
      let step = settings.distance * d
      guard let k = m.plan.pairs.firstIndex(of: step) else { continue }
      let w = weight(step, directions)
      m.counts.forEachPairTable(k) { table in for i in 0..<n { merged[i] += w * Double(table[i]) } }
    }
    return GreyLevelCooccurrence(counts: merged, levels: levels, levelCount: levelCount)?.values
  }

  /// Runs along a direction that the region is too flat for are single voxels.
  private func runLengths(_ m: CountedMatrices, _ directions: [Offset]) -> [Double]? {
    let counts = m.counts, columns = counts.runs.first?.columns ?? 2
    var dense = [Double](repeating: 0, count: counts.side * columns), long: [UInt64: Double] = [:]
    var voxels = 0.0
    for d in directions {
      let w = weight(d, directions), table = m.plan.runs.firstIndex(of: d).map { counts.runs[$0] }
      voxels += w * Double(m.voxels)
      guard let table else {
        for level in 1..<counts.side { dense[level * columns + 1] += w * Double(counts.voxels[level]) }
        continue
      }
      for level in 1..<counts.side {
        table.forEachLength(level) { dense[level * columns + $0] += w * Double($1) }
      }
      for key in table.beyond { long[key, default: 0] += w }
    }
    let keys = long.keys.sorted()
    var cells: [(i: Double, j: Double, n: Double)] = [], next = 0
    for level in 1..<max(counts.side, 1) {
      let i = Double(levels[level - 1])
      for length in 1..<columns where dense[level * columns + length] > 0 {
        cells.append((i, Double(length), dense[level * columns + length]))
      }
      while next < keys.count && Int(keys[next] >> 40) == level {
        cells.append((i, Double(keys[next] & (1 << 40 - 1)), long[keys[next]] ?? 0))
        next += 1
      }
    }
    return CountMatrix(cells, voxels: voxels).map { GreyLevelRunLength(matrix: $0).values }
  }
}
