// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Collects the matrix of a neighbourhood of how often a grey level occurs with a length, size or dependence; kept from
/// one neighbourhood to the next so that nothing is allocated for each.
struct WindowMatrix {
  private var cells: [PyRadiomicsCountMatrix.Cell] = []
  private var columns: [PyRadiomicsCountMatrix.Column] = []
  /// nⱼ by j.
  private var sums: [Int32]
  private var total = 0
  /// n·log₂ n.
  private let entropy: [Double]

  /// For j up to `widest`; n·log₂ n up to the number of entries.
  init(widest: Int, _ entropy: [Double]) {
    sums = [Int32](repeating: 0, count: widest + 1)
    self.entropy = entropy
  }

  /// A cell that is not 0; by level, then j.
  @inline(__always)
  mutating func add(_ level: Double, _ j: Int, _ n: Int32) {
    cells.append(.init(i: level, j: Double(j), count: Double(n)))
    sums[j] &+= n
    total &+= Int(n)
  }

  /// The matrix of what was added, in which no j is above `widest`; empty again afterwards.
  mutating func matrix(widest: Int) -> PyRadiomicsCountMatrix {
    columns.removeAll(keepingCapacity: true)
    for j in 1..<widest + 1 where sums[j] != 0 {
      columns.append((Double(j), Double(sums[j])))
      sums[j] = 0
    }
    let n = Double(total), share = 1 / n, logarithm = entropy[total] * share
    let matrix = entropy.withUnsafeBufferPointer { entropy in
      cells.withUnsafeBufferPointer { cells in
        columns.withUnsafeBufferPointer { columns in
          // p·log₂ p = (n·log₂ n − n·log₂ N) / N
          PyRadiomicsCountMatrix(sorted: cells, columns) { (entropy[Int($0)] - $0 * logarithm) * share }
        }
      }
    }
    cells.removeAll(keepingCapacity: true)
    total = 0
    return matrix
  }
}

/// Grey levels of a neighbourhood as it slides: how many voxels it has of each.
struct WindowLevels {
  /// Voxels by index of the level; place 0 counts what is outside.
  private(set) var counts: [Int32]

  init(_ grid: MapGrid) { counts = [Int32](repeating: 0, count: grid.used.count + 1) }

  /// A plane enters or leaves.
  @inline(__always)
  mutating func tally(_ levels: UnsafePointer<UInt16>, _ plane: [Int], _ change: Int32) {
    for offset in plane { counts[Int(levels[offset])] &+= change }
  }

  /// Those in the neighbourhood, ascending.
  @inline(__always)
  func list(into present: inout [Int]) {
    present.removeAll(keepingCapacity: true)
    for level in 1..<counts.count where counts[level] > 0 { present.append(level) }
  }
}

extension MapGrid {
  /// Most voxels in a neighbourhood.
  var windowCount: Int { min((2 * reach.x + 1) * plane.count, size.count) }
  /// Grey levels by index, 0 for outside.
  var levelValues: [Double] { [0] + used.map(Double.init) }
}

extension Array {
  /// Writes the values of the features of a family.
  @inline(__always)
  func write<Family>(_ family: Family, into out: UnsafeMutablePointer<Double>)
  where Element == PyRadiomicsFeature<Family> {
    for f in indices { out[f] = self[f].value(family) }
  }
}
