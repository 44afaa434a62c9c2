// SPDX-License-Identifier: Apache-2.0

/// How often each pair of a grey level and a second number (length, size, distance, dependence) occurs: a dense table up
/// to some columns, a list beyond, so that a single zone of a million voxels costs eight bytes.
final class CountTable: @unchecked Sendable {
  /// Levels 0 … rows − 1 and columns 0 … columns − 1 of the dense part.
  let rows: Int, columns: Int
  let counts: UnsafeMutablePointer<UInt32>
  /// Level << 40 | column, in the order of discovery.
  private(set) var beyond: [UInt64] = []

  /// A table for columns up to `widest`, dense within `cells` cells.
  init(rows: Int, widest: Int, cells: Int = 1 << 20) {
    self.rows = rows
    columns = max(2, min(widest + 1, cells / max(rows, 1)))
    counts = .allocate(capacity: rows * columns)
    counts.initialize(repeating: 0, count: rows * columns)
  }

  deinit { counts.deallocate() }

  @inline(__always) func add(_ row: Int, _ column: Int) {
    if column < columns { counts[row &* columns &+ column] &+= 1 } else { addBeyond(row, column) }
  }

  @inline(never) private func addBeyond(_ row: Int, _ column: Int) {
    beyond.append(UInt64(truncatingIfNeeded: row) << 40 | UInt64(truncatingIfNeeded: column))
  }

  /// Adds another table of the same shape.
  func add(_ other: CountTable) {
    for k in 0..<rows * columns { counts[k] &+= other.counts[k] }
    beyond += other.beyond
  }

  func clear() {
    counts.update(repeating: 0, count: rows * columns)
    beyond.removeAll(keepingCapacity: true)
  }

  /// The pairs that occur, by level and then column.
  var cells: [(level: Int, column: Int, count: Int)] {
    var found: [(level: Int, column: Int, count: Int)] = []
    let sorted = beyond.sorted()
    var next = 0
    for row in 0..<rows {
      let line = counts + row &* columns
      for column in 0..<columns where line[column] != 0 { found.append((row, column, Int(line[column]))) }
      while next < sorted.count && Int(sorted[next] >> 40) == row {
        let key = sorted[next], start = next
        while next < sorted.count && sorted[next] == key { next += 1 }
        found.append((row, Int(key & (1 << 40 - 1)), next - start))
      }
    }
    return found
  }
}

/// Per grey level and number of neighbours: how many voxels, and Σ |i·k − Σ neighbours| over them. The sum of tone
/// differences is then Σₖ of that / k: whole numbers until the last step, so the same for any order of voxels.
final class ToneTable: @unchecked Sendable {
  let rows: Int, columns: Int
  let counts: UnsafeMutablePointer<UInt32>
  let differences: UnsafeMutablePointer<UInt64>

  /// For up to `neighbours` neighbours.
  init(rows: Int, neighbours: Int) {
    self.rows = rows
    columns = neighbours + 1
    counts = .allocate(capacity: rows * columns)
    counts.initialize(repeating: 0, count: rows * columns)
    differences = .allocate(capacity: rows * columns)
    differences.initialize(repeating: 0, count: rows * columns)
  }

  deinit {
    counts.deallocate()
    differences.deallocate()
  }

  func add(_ other: ToneTable) {
    for k in 0..<rows * columns {
      counts[k] &+= other.counts[k]
      differences[k] &+= other.differences[k]
    }
  }

  func clear() {
    counts.update(repeating: 0, count: rows * columns)
    differences.update(repeating: 0, count: rows * columns)
  }

  /// n: voxels of a level that have neighbours, s: Σ |level − mean of the neighbours| over them; for levels in use.
  var cells: [(level: Int, n: Int, s: Double)] {
    var found: [(level: Int, n: Int, s: Double)] = []
    for row in 0..<rows {
      var (n, s) = (0, 0.0)
      for k in 1..<max(columns, 1) where counts[row &* columns &+ k] != 0 {
        n += Int(counts[row &* columns &+ k])
        s += Double(differences[row &* columns &+ k]) / Double(k)
      }
      if n > 0 { found.append((row, n, s)) }
    }
    return found
  }
}
