// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Eight directions at a time.
typealias Lanes = SIMD8<Double>
typealias Counts = SIMD8<Int32>

/// Grey level co-occurrence features of neighbourhoods, by the definitions of PyRadiomics: a symmetric matrix each
/// direction, features averaged over the directions that have pairs.
///
/// Pairs are counted as integers when a plane enters or leaves, so a matrix does not depend on the way it came. Every
/// feature but the joint ones follows from the histograms of i + j and |i − j| and the marginal of each direction:
///
///     s = i + j, d = |i − j|:  Σ i·j·p = (E s² − E d²) / 4,  σ² = (Var s + E d²) / 4,  correlation = (Var s − E d²) / 4σ²
struct CooccurrenceMap: MapWindow {
  static let names = [
    "Autocorrelation", "ClusterProminence", "ClusterShade", "ClusterTendency", "Contrast", "Correlation",
    "DifferenceAverage", "DifferenceEntropy", "DifferenceVariance", "Id", "Idm", "Idmn", "Idn", "Imc1", "Imc2",
    "InverseVariance", "JointAverage", "JointEnergy", "JointEntropy", "MCC", "MaximumProbability", "SumAverage",
    "SumEntropy", "SumSquares",
  ]
  static let mcc = 19

  /// What all rows share.
  final class Tables: Sendable {
    let grid: MapGrid
    /// Directions, and the same rounded up to whole lanes.
    let steps: Int, lanes: Int
    let side: Int
    /// Offset of a voxel's row of the matrices, and of its column; the cell is their sum plus the direction.
    let rowOffsets: [UInt32], columnOffsets: [UInt32]
    /// Pairs by how many planes apart they are: offsets of both ends from the plane of the first, and the direction.
    let pairs: [[(a: Int32, b: Int32, step: Int32)]]
    let plane: [Int]
    /// n·log₂ n, log₂ n and 1 / √n.
    let entropy: [Double], logarithm: [Double], inverseRoot: [Double]
    /// 1 / (1 + d), 1 / (1 + d²), 1 / (1 + d² / Ng²), 1 / (1 + d / Ng), 1 / d² (0 for d = 0) by d.
    let weights: [(id: Double, idm: Double, idmn: Double, idn: Double, inverse: Double)]
    let wantsMCC: Bool

    init(_ grid: MapGrid, wantsMCC: Bool) {
      self.grid = grid
      self.wantsMCC = wantsMCC
      steps = grid.steps.count
      lanes = max(1, (grid.steps.count + 7) / 8) * 8
      side = grid.used.count + 1
      let (side, lanes) = (side, lanes)
      (rowOffsets, columnOffsets) = grid.levels.withVoxels { levels in
        (levels.map { UInt32(Int($0) * side * lanes) }, levels.map { UInt32(Int($0) * lanes) })
      }
      let (ry, rz) = (grid.reach.y, grid.reach.z)
      var pairs = [[(a: Int32, b: Int32, step: Int32)]](
        repeating: [], count: (grid.steps.map(\.x).max() ?? 0) + 1)
      // Directions change fastest: two counts in a row seldom meet in one cell.
      for z in -rz...rz {
        for y in -ry...ry {
          for (k, s) in grid.steps.enumerated() where abs(y + s.y) <= ry && abs(z + s.z) <= rz {
            let a = grid.stride(0, y, z)
            pairs[s.x].append((Int32(a), Int32(a + grid.stride(s.x, s.y, s.z)), Int32(k)))
          }
        }
      }
      self.pairs = pairs
      plane = grid.plane
      let most = (2 * grid.reach.x + 1) * (2 * ry + 1) * (2 * rz + 1)
      let n = min(most, grid.size.count)
      entropy = entropyTerms(upTo: 2 * n)
      logarithm = (0...2 * n).map { $0 == 0 ? 0 : log2(Double($0)) }
      inverseRoot = (0...2 * n).map { $0 == 0 ? 0 : 1 / Double($0).squareRoot() }
      let ng = Double(grid.levelCount)
      weights = (0..<max(1, grid.levelCount)).map { d in
        let d = Double(d)
        return (
          1 / (1 + d), 1 / (1 + d * d), 1 / (1 + d * d / (ng * ng)), 1 / (1 + d / ng), d == 0 ? 0 : 1 / (d * d)
        )
      }
    }
  }

  let tables: Tables
  var planes = 0..<0
  private var base = 0
  /// Ordered pairs: cell (a, b) of direction k at (a · side + b) · lanes + k.
  private var counts: [Int32]
  /// Voxels of the neighbourhood by level.
  private var present: [Int32]
  private var levels: [Int] = []
  private var scratch = Scratch()

  /// Work space of one measurement, kept so that nothing is allocated for each voxel.
  struct Scratch {
    var marginal: [Counts] = [], difference: [Counts] = [], sum: [Counts] = []
    var matrix: [Lanes] = [], vectors: [Lanes] = []
    var results = [Lanes](repeating: Lanes(), count: CooccurrenceMap.names.count)
  }

  init(_ tables: Tables) {
    self.tables = tables
    counts = [Int32](repeating: 0, count: tables.side * tables.side * tables.lanes)
    present = [Int32](repeating: 0, count: tables.side)
  }

  mutating func begin(_ y: Int, _ z: Int) { base = tables.grid.offset(0, y, z) }

  mutating func enter(_ x: Int) {
    for (apart, pairs) in tables.pairs.enumerated() where x - apart >= planes.lowerBound {
      add(pairs, at: base + x - apart, 1)
    }
    tally(at: base + x, 1)
  }

  mutating func leave(_ x: Int) {
    for (apart, pairs) in tables.pairs.enumerated() where x + apart < planes.upperBound {
      add(pairs, at: base + x, -1)
    }
    tally(at: base + x, -1)
  }

  @inline(__always)
  private mutating func add(_ pairs: [(a: Int32, b: Int32, step: Int32)], at base: Int, _ change: Int32) {
    counts.withUnsafeMutableBufferPointer { counts in
      tables.rowOffsets.withUnsafeBufferPointer { rows in
        tables.columnOffsets.withUnsafeBufferPointer { columns in
          pairs.withUnsafeBufferPointer { pairs in
            let (counts, rows, columns) = (counts.baseAddress!, rows.baseAddress! + base, columns.baseAddress! + base)
            for p in pairs {
              let cell = rows[Int(p.a)] &+ columns[Int(p.b)] &+ UInt32(truncatingIfNeeded: p.step)
              counts[Int(cell)] &+= change
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private mutating func tally(at base: Int, _ change: Int32) {
    tables.grid.levels.withVoxels { levels in
      let from = levels.baseAddress! + base
      for offset in tables.plane { present[Int(from[offset])] &+= change }
    }
  }

  mutating func measure(_ x: Int, into features: UnsafeMutablePointer<Double>) {
    levels.removeAll(keepingCapacity: true)
    for level in 1..<tables.side where present[level] > 0 { levels.append(level) }
    for f in 0..<Self.names.count { features[f] = 0 }
    var directions = 0.0
    for group in 0..<tables.lanes / 8 {
      let defined = measure(group: group)
      var lanes = 0
      for lane in 0..<8 where defined[lane] > 0 { lanes |= 1 << lane }
      directions += Double(lanes.nonzeroBitCount)
      for f in 0..<Self.names.count {
        let values = scratch.results[f]
        var sum = 0.0
        for lane in 0..<8 where lanes >> lane & 1 == 1 { sum += values[lane] }
        features[f] += sum
      }
    }
    for f in 0..<Self.names.count { features[f] = directions > 0 ? features[f] / directions : .nan }
  }

  /// The features of eight directions; gives the number of pairs of each.
  private mutating func measure(group: Int) -> Counts {
    let k = levels.count, first = tables.grid.used[levels[0] - 1], last = tables.grid.used[levels[k - 1] - 1]
    let range = last - first + 1
    grow(k, range)
    return levels.withUnsafeBufferPointer { levels in
      counts.withUnsafeBufferPointer { counts in
        scratch.marginal.withUnsafeMutableBufferPointer { marginal in
          scratch.difference.withUnsafeMutableBufferPointer { difference in
            scratch.sum.withUnsafeMutableBufferPointer { sum in
              scratch.results.withUnsafeMutableBufferPointer { results in
                scratch.matrix.withUnsafeMutableBufferPointer { matrix in
                  scratch.vectors.withUnsafeMutableBufferPointer { vectors in
                    Self.measure(
                      tables, levels, counts.baseAddress! + group &* 8, first, range, marginal.baseAddress!,
                      difference.baseAddress!, sum.baseAddress!, matrix.baseAddress!, vectors.baseAddress!,
                      results.baseAddress!)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  private mutating func grow(_ k: Int, _ range: Int) {
    func fit<T>(_ array: inout [T], _ n: Int, _ zero: T) {
      if array.count < n { array = [T](repeating: zero, count: n) }
    }
    fit(&scratch.marginal, k, Counts())
    fit(&scratch.difference, range, Counts())
    fit(&scratch.sum, 2 * range, Counts())
    fit(&scratch.matrix, tables.wantsMCC ? k * k : 1, Lanes())
    fit(&scratch.vectors, tables.wantsMCC ? 3 * k : 1, Lanes())
  }

  private static func measure(
    _ tables: Tables, _ levels: UnsafeBufferPointer<Int>, _ counts: UnsafePointer<Int32>, _ first: Int, _ range: Int,
    _ marginal: UnsafeMutablePointer<Counts>, _ difference: UnsafeMutablePointer<Counts>,
    _ sums: UnsafeMutablePointer<Counts>, _ matrix: UnsafeMutablePointer<Lanes>,
    _ vectors: UnsafeMutablePointer<Lanes>, _ out: UnsafeMutablePointer<Lanes>
  ) -> Counts {
    let k = levels.count, side = tables.side, stride = tables.lanes
    return tables.entropy.withUnsafeBufferPointer { entropy in
      tables.grid.used.withUnsafeBufferPointer { used in
        let entropy = entropy.baseAddress!
        for a in 0..<k { marginal[a] = Counts() }
        for d in 0..<range { difference[d] = Counts() }
        for s in 0..<2 &* range { sums[s] = Counts() }
        var pairs = Counts(), diagonal = Counts(), largest = Counts()
        var energy = Lanes(), joint = Lanes()
        for a in 0..<k {
          let i = used[levels[a] &- 1] &- first
          for b in a..<k {
            let j = used[levels[b] &- 1] &- first
            var n = load(counts + (levels[a] &* side &+ levels[b]) &* stride)
            if b != a { n = n &+ load(counts + (levels[b] &* side &+ levels[a]) &* stride) }
            if n == Counts() { continue }
            pairs = pairs &+ n
            marginal[a] = marginal[a] &+ n
            marginal[b] = marginal[b] &+ n
            difference[j &- i] = difference[j &- i] &+ n
            sums[i &+ j] = sums[i &+ j] &+ n
            // A cell of the symmetric matrix holds n off the diagonal, which is there twice, and 2n on it.
            let v = Lanes(n), squares = v * v
            if a == b {
              diagonal = diagonal &+ n
              energy += squares * 4
              largest = larger(largest, n &+ n)
            } else {
              energy += squares * 2
              largest = larger(largest, n)
            }
            joint += lookUp(entropy, n)
          }
        }
        let isEmpty = pairs .== Counts()
        let n = Lanes(pairs.replacing(with: 1, where: isEmpty)), share = 1 / n, half = share * 0.5
        // Entropies: log₂ n − Σ cₖ·log₂ cₖ / n for counts that sum up to n.
        let log = lookUp(tables.logarithm, pairs.replacing(with: 1, where: isEmpty)), logTwice = log + 1
        let jointEntropy = logTwice - (joint + Lanes(diagonal)) * share
        var marginalTerms = Lanes()
        for a in 0..<k { marginalTerms += lookUp(entropy, marginal[a]) }
        let marginalEntropy = logTwice - marginalTerms * half

        var (d1, d2, id, idm, idmn, idn) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
        var inverse = Lanes(), terms = Lanes()
        tables.weights.withUnsafeBufferPointer { weights in
          for d in 0..<range where difference[d] != Counts() {
            let c = Lanes(difference[d]), w = weights[d], x = Double(d)
            d1 += c * x
            d2 += c * (x * x)
            id += c * w.id
            idm += c * w.idm
            idmn += c * w.idmn
            idn += c * w.idn
            inverse += c * w.inverse
            terms += lookUp(entropy, difference[d])
          }
        }
        out[7] = log - terms * share
        let contrast = d2 * share
        // Sums about the middle of the levels: whole numbers, so exact.
        let middle = range &- 1
        var (m1, m2, m3, m4) = (Lanes(), Lanes(), Lanes(), Lanes())
        terms = Lanes()
        for s in 0..<2 &* range where sums[s] != Counts() {
          let c = Lanes(sums[s]), x = Double(s &- middle)
          m1 += c * x
          m2 += c * (x * x)
          m3 += c * (x * x * x)
          m4 += c * (x * x * x * x)
          terms += lookUp(entropy, sums[s])
        }
        out[22] = log - terms * share
        let e = m1 * share, squares = m2 * share, cubes = m3 * share
        let tendency = (n * m2 - m1 * m1) * share * share
        let centre = Double(2 &* first &+ middle), mean = e + centre
        out[0] = (squares + e * (2 * centre) + centre * centre - contrast) * 0.25
        out[1] = m4 * share - e * cubes * 4 + e * e * squares * 6 - e * e * e * e * 3
        out[2] = cubes - e * squares * 3 + e * e * e * 2
        out[3] = tendency
        out[4] = contrast
        let variance = (tendency + contrast) * 0.25
        let isFlat = variance .== Lanes()
        out[5] = ((tendency - contrast) * 0.25 / variance.replacing(with: 1, where: isFlat))
          .replacing(with: 1, where: isFlat)
        out[6] = d1 * share
        out[8] = (n * d2 - d1 * d1) * share * share
        out[9] = id * share
        out[10] = idm * share
        out[11] = idmn * share
        out[12] = idn * share
        // What is left of a mutual information of 0 after rounding is not information.
        let information = marginalEntropy * 2 - jointEntropy
        let mutual = information.replacing(with: Lanes(), where: information .< 1e-11)
        let isOneLevel = marginalEntropy .< 1e-11
        out[13] = (-mutual / marginalEntropy.replacing(with: 1, where: isOneLevel))
          .replacing(with: Lanes(), where: isOneLevel)
        for lane in 0..<8 { out[14][lane] = mutual[lane] == 0 ? 0 : (1 - exp(-2 * mutual[lane])).squareRoot() }
        out[15] = inverse * share
        out[16] = mean * 0.5
        out[17] = energy * half * half
        out[18] = jointEntropy
        out[20] = Lanes(largest) * half
        out[21] = mean
        out[23] = variance
        if tables.wantsMCC {
          out[mcc] = correlation(tables, levels, counts, marginal, half, matrix, vectors)
        }
        return pairs
      }
    }
  }

  /// Maximal correlation coefficient: the second largest eigenvalue in magnitude of S = D^−½·P·D^−½, D = diag(pᵢ). The
  /// largest is 1 with the eigenvector √pᵢ, which is taken off. 1 where the whole region has one grey level.
  private static func correlation(
    _ tables: Tables, _ levels: UnsafeBufferPointer<Int>, _ counts: UnsafePointer<Int32>,
    _ marginal: UnsafePointer<Counts>, _ scale: Lanes, _ matrix: UnsafeMutablePointer<Lanes>,
    _ vectors: UnsafeMutablePointer<Lanes>
  ) -> Lanes {
    let k = levels.count, side = tables.side, stride = tables.lanes
    if side == 2 { return Lanes(repeating: 1) }
    if k == 1 { return Lanes() }
    let inverse = vectors, root = vectors + k
    for a in 0..<k {
      inverse[a] = lookUp(tables.inverseRoot, marginal[a])
      root[a] = Lanes(marginal[a]) * inverse[a]
    }
    for a in 0..<k {
      for b in 0...a {
        let n =
          load(counts + (levels[a] &* side &+ levels[b]) &* stride)
          &+ load(counts + (levels[b] &* side &+ levels[a]) &* stride)
        matrix[a &* k &+ b] = Lanes(n) * inverse[a] * inverse[b] - root[a] * root[b] * scale
      }
    }
    return spectralRadius(matrix, k, vectors)
  }
}

@inline(__always) private func load(_ p: UnsafePointer<Int32>) -> Counts {
  UnsafeRawPointer(p).loadUnaligned(as: Counts.self)
}

@inline(__always) private func lookUp(_ table: UnsafePointer<Double>, _ at: Counts) -> Lanes {
  Lanes(
    table[Int(at[0])], table[Int(at[1])], table[Int(at[2])], table[Int(at[3])], table[Int(at[4])], table[Int(at[5])],
    table[Int(at[6])], table[Int(at[7])])
}

@inline(__always) private func lookUp(_ table: [Double], _ at: Counts) -> Lanes {
  table.withUnsafeBufferPointer { lookUp($0.baseAddress!, at) }
}
