// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What features need of a matrix of how often grey level i occurs with a length, size or dependence j: what run length,
/// size zone and dependence matrices of PyRadiomics have in common. All means are over N = Σ nᵢⱼ.
struct PyRadiomicsCountMatrix: Sendable {
  /// A cell that is not 0.
  struct Cell: Sendable {
    let i: Double, j: Double, count: Double
  }
  /// nⱼ of a column.
  typealias Column = (j: Double, count: Double)

  /// N.
  private(set) var total = 0.0
  /// Σ j·nⱼ: the voxels that a matrix of runs or zones covers.
  private(set) var voxels = 0.0
  /// Σ nᵢ² and Σ nⱼ².
  private(set) var levelSquares = 0.0, columnSquares = 0.0
  /// Means of i² and 1/i², of j² and 1/j².
  private(set) var i2 = 0.0, perI2 = 0.0, j2 = 0.0, perJ2 = 0.0
  /// Means of i²·j², j²/i², i²/j² and 1/(i²·j²).
  private(set) var i2j2 = 0.0, j2PerI2 = 0.0, i2PerJ2 = 0.0, perI2J2 = 0.0
  private(set) var levelVariance = 0.0, columnVariance = 0.0
  /// −Σ p·log₂(p + ε), p = nᵢⱼ / N.
  private(set) var entropy = 0.0

  /// Cells in any order; those of the same i and j are added.
  init(_ given: [Cell]) {
    let sorted = given.sorted { $0.i != $1.i ? $0.i < $1.i : $0.j < $1.j }
    var cells: [Cell] = []
    for c in sorted where c.count != 0 {
      if let last = cells.last, last.i == c.i && last.j == c.j {
        cells[cells.count - 1] = Cell(i: c.i, j: c.j, count: last.count + c.count)
      } else {
        cells.append(c)
      }
    }
    var columns: [Column] = []
    for c in cells.sorted(by: { $0.j < $1.j }) {
      if columns.last?.j == c.j { columns[columns.count - 1].count += c.count } else { columns.append((c.j, c.count)) }
    }
    let total = cells.reduce(0) { $0 + $1.count }
    self = cells.withUnsafeBufferPointer { cells in
      columns.withUnsafeBufferPointer { columns in
        PyRadiomicsCountMatrix(sorted: cells, columns) { entropyTerm($0 / total) }
      }
    }
  }

  /// Cells by i and then j, each once, and the columns, ascending; `term(n)` is p·log₂(p + ε) of a cell.
  @inline(__always)
  init(
    sorted cells: UnsafeBufferPointer<Cell>, _ columns: UnsafeBufferPointer<Column>, term: (Double) -> Double
  ) {
    var first = 0.0, at = 0
    while at < cells.count {
      let i = cells[at].i
      var (n, squares, reciprocals) = (0.0, 0.0, 0.0)
      while at < cells.count && cells[at].i == i {
        let c = cells[at], j2 = c.j * c.j
        n += c.count
        squares += c.count * j2
        reciprocals += c.count / j2
        entropy -= term(c.count)
        at &+= 1
      }
      let square = i * i
      total += n
      first += i * n
      levelSquares += n * n
      i2 += square * n
      perI2 += n / square
      j2 += squares
      perJ2 += reciprocals
      i2j2 += square * squares
      j2PerI2 += squares / square
      i2PerJ2 += square * reciprocals
      perI2J2 += reciprocals / square
    }
    for c in columns {
      voxels += c.j * c.count
      columnSquares += c.count * c.count
    }
    let meanLevel = first / total, meanColumn = voxels / total
    for c in cells { levelVariance += c.count * (c.i - meanLevel) * (c.i - meanLevel) }
    for c in columns { columnVariance += c.count * (c.j - meanColumn) * (c.j - meanColumn) }
    i2 /= total
    perI2 /= total
    j2 /= total
    perJ2 /= total
    i2j2 /= total
    j2PerI2 /= total
    i2PerJ2 /= total
    perI2J2 /= total
    levelVariance /= total
    columnVariance /= total
  }

  /// Σ nᵢ² / N and Σ nⱼ² / N.
  var levelNonUniformity: Double { levelSquares / total }
  var columnNonUniformity: Double { columnSquares / total }
}

/// Grey level run length matrices by PyRadiomics' definitions: one for each direction in which two voxels of the region
/// lie on a line, features averaged over them; or with a weighting norm one weighted sum. j: length.
///
/// - Source: PyRadiomics 3.0.1, `glrlm.py`.
struct PyRadiomicsGLRLM: PyRadiomicsFamily {
  var directions: [PyRadiomicsCountMatrix]

  /// Over the directions that have runs.
  func mean(_ f: (PyRadiomicsCountMatrix) -> Double) -> Double {
    var sum = 0.0, n = 0.0
    for m in directions where m.total != 0 {
      sum += f(m)
      n += 1
    }
    return sum / n
  }

  static let features: [PyRadiomicsFeature<Self>] = [
    .init("GrayLevelNonUniformity", "R5YN", "Σᵢ nᵢ² / N") { m in m.mean { $0.levelNonUniformity } },
    .init("GrayLevelNonUniformityNormalized", "OVBL", "Σᵢ nᵢ² / N²") { m in
      m.mean { $0.levelNonUniformity / $0.total }
    },
    .init("GrayLevelVariance", "8CE5", "Σᵢ (i − μ)²·nᵢ / N") { m in m.mean { $0.levelVariance } },
    .init("HighGrayLevelRunEmphasis", "G3QZ", "Σᵢ i²·nᵢ / N") { m in m.mean { $0.i2 } },
    .init("LongRunEmphasis", "W4KF", "Σⱼ j²·nⱼ / N") { m in m.mean { $0.j2 } },
    .init("LongRunHighGrayLevelEmphasis", "3KUM", "Σᵢⱼ i²·j²·nᵢⱼ / N") { m in m.mean { $0.i2j2 } },
    .init("LongRunLowGrayLevelEmphasis", "IVPO", "Σᵢⱼ j²/i²·nᵢⱼ / N") { m in m.mean { $0.j2PerI2 } },
    .init("LowGrayLevelRunEmphasis", "V3SW", "Σᵢ nᵢ/i² / N") { m in m.mean { $0.perI2 } },
    .init("RunEntropy", "HJ9O", "−Σᵢⱼ p·log₂(p + ε), p = nᵢⱼ / N", unit: "bit") { m in m.mean { $0.entropy } },
    .init("RunLengthNonUniformity", "W92Y", "Σⱼ nⱼ² / N") { m in m.mean { $0.columnNonUniformity } },
    .init("RunLengthNonUniformityNormalized", "IC23", "Σⱼ nⱼ² / N²") { m in
      m.mean { $0.columnNonUniformity / $0.total }
    },
    .init("RunPercentage", "9ZK5", "N / Σⱼ j·nⱼ") { m in m.mean { $0.total / $0.voxels } },
    .init("RunVariance", "SXLW", "Σⱼ (j − μ)²·nⱼ / N") { m in m.mean { $0.columnVariance } },
    .init("ShortRunEmphasis", "22OV", "Σⱼ nⱼ/j² / N") { m in m.mean { $0.perJ2 } },
    .init("ShortRunHighGrayLevelEmphasis", "GD3A", "Σᵢⱼ i²/j²·nᵢⱼ / N") { m in m.mean { $0.i2PerJ2 } },
    .init("ShortRunLowGrayLevelEmphasis", "HTZT", "Σᵢⱼ nᵢⱼ/(i²·j²) / N") { m in m.mean { $0.perI2J2 } },
  ]
}

/// Grey level size zone matrix by PyRadiomics' definitions. j: size.
///
/// - Source: PyRadiomics 3.0.1, `glszm.py`.
struct PyRadiomicsGLSZM: PyRadiomicsFamily {
  var matrix: PyRadiomicsCountMatrix

  static let features: [PyRadiomicsFeature<Self>] = [
    .init("GrayLevelNonUniformity", "JNSA", "Σᵢ nᵢ² / N") { $0.matrix.levelNonUniformity },
    .init("GrayLevelNonUniformityNormalized", "Y1RO", "Σᵢ nᵢ² / N²") {
      $0.matrix.levelNonUniformity / $0.matrix.total
    },
    .init("GrayLevelVariance", "BYLV", "Σᵢ (i − μ)²·nᵢ / N") { $0.matrix.levelVariance },
    .init("HighGrayLevelZoneEmphasis", "5GN9", "Σᵢ i²·nᵢ / N") { $0.matrix.i2 },
    .init("LargeAreaEmphasis", "48P8", "Σⱼ j²·nⱼ / N") { $0.matrix.j2 },
    .init("LargeAreaHighGrayLevelEmphasis", "J17V", "Σᵢⱼ i²·j²·nᵢⱼ / N") { $0.matrix.i2j2 },
    .init("LargeAreaLowGrayLevelEmphasis", "YH51", "Σᵢⱼ j²/i²·nᵢⱼ / N") { $0.matrix.j2PerI2 },
    .init("LowGrayLevelZoneEmphasis", "XMSY", "Σᵢ nᵢ/i² / N") { $0.matrix.perI2 },
    .init("SizeZoneNonUniformity", "4JP3", "Σⱼ nⱼ² / N") { $0.matrix.columnNonUniformity },
    .init("SizeZoneNonUniformityNormalized", "VB3A", "Σⱼ nⱼ² / N²") {
      $0.matrix.columnNonUniformity / $0.matrix.total
    },
    .init("SmallAreaEmphasis", "5QRC", "Σⱼ nⱼ/j² / N") { $0.matrix.perJ2 },
    .init("SmallAreaHighGrayLevelEmphasis", "HW1V", "Σᵢⱼ i²/j²·nᵢⱼ / N") { $0.matrix.i2PerJ2 },
    .init("SmallAreaLowGrayLevelEmphasis", "5RAI", "Σᵢⱼ nᵢⱼ/(i²·j²) / N") { $0.matrix.perI2J2 },
    .init("ZoneEntropy", "GU8N", "−Σᵢⱼ p·log₂(p + ε), p = nᵢⱼ / N", unit: "bit") { $0.matrix.entropy },
    .init("ZonePercentage", "P30P", "N / Σⱼ j·nⱼ") { $0.matrix.total / $0.matrix.voxels },
    .init("ZoneVariance", "3NSA", "Σⱼ (j − μ)²·nⱼ / N") { $0.matrix.columnVariance },
  ]
}

/// Grey level dependence matrix by PyRadiomics' definitions. j: dependent neighbours and the voxel itself.
///
/// - Source: PyRadiomics 3.0.1, `gldm.py`; IBSI calls it NGLDM.
struct PyRadiomicsGLDM: PyRadiomicsFamily {
  var matrix: PyRadiomicsCountMatrix

  static let features: [PyRadiomicsFeature<Self>] = [
    .init("DependenceEntropy", "FCBV", "−Σᵢⱼ p·log₂(p + ε), p = nᵢⱼ / N", unit: "bit") { $0.matrix.entropy },
    .init("DependenceNonUniformity", "Z87G", "Σⱼ nⱼ² / N") { $0.matrix.columnNonUniformity },
    .init("DependenceNonUniformityNormalized", "OKJI", "Σⱼ nⱼ² / N²") {
      $0.matrix.columnNonUniformity / $0.matrix.total
    },
    .init("DependenceVariance", "DNX2", "Σⱼ (j − μ)²·nⱼ / N") { $0.matrix.columnVariance },
    .init("GrayLevelNonUniformity", "FP8K", "Σᵢ nᵢ² / N") { $0.matrix.levelNonUniformity },
    .init("GrayLevelVariance", "1PFV", "Σᵢ (i − μ)²·nᵢ / N") { $0.matrix.levelVariance },
    .init("HighGrayLevelEmphasis", "OAE7", "Σᵢ i²·nᵢ / N") { $0.matrix.i2 },
    .init("LargeDependenceEmphasis", "IMOQ", "Σⱼ j²·nⱼ / N") { $0.matrix.j2 },
    .init("LargeDependenceHighGrayLevelEmphasis", "9QMG", "Σᵢⱼ i²·j²·nᵢⱼ / N") { $0.matrix.i2j2 },
    .init("LargeDependenceLowGrayLevelEmphasis", "NBZI", "Σᵢⱼ j²/i²·nᵢⱼ / N") { $0.matrix.j2PerI2 },
    .init("LowGrayLevelEmphasis", "TL9H", "Σᵢ nᵢ/i² / N") { $0.matrix.perI2 },
    .init("SmallDependenceEmphasis", "SODN", "Σⱼ nⱼ/j² / N") { $0.matrix.perJ2 },
    .init("SmallDependenceHighGrayLevelEmphasis", "JA6D", "Σᵢⱼ i²/j²·nᵢⱼ / N") { $0.matrix.i2PerJ2 },
    .init("SmallDependenceLowGrayLevelEmphasis", "EQ3F", "Σᵢⱼ nᵢⱼ/(i²·j²) / N") { $0.matrix.perI2J2 },
  ]
}

/// Neighbouring grey tone difference matrix by PyRadiomics' definitions.
/// nᵢ: voxels of grey level i, with neighbours or not (IBSI: with neighbours); pᵢ = nᵢ / N; sᵢ: sum over them of
/// |i − mean of the neighbours|.
///
/// - Source: PyRadiomics 3.0.1, `ngtdm.py`.
struct PyRadiomicsNGTDM: PyRadiomicsFamily {
  /// Of levels in use.
  let i: [Double], p: [Double], s: [Double]
  let voxels: Double
  var ps: Double { zip(p, s).reduce(0) { $0 + $1.0 * $1.1 } }
  var sum: Double { s.reduce(0, +) }

  init(_ rows: [(level: Int, n: Int, s: Double)]) {
    let total = Double(rows.reduce(0) { $0 + $1.n })
    voxels = total
    i = rows.map { Double($0.level) }
    p = rows.map { Double($0.n) / total }
    s = rows.map(\.s)
  }

  /// Σᵢⱼ f over pairs of levels in use.
  func pairs(_ f: (Int, Int) -> Double) -> Double {
    var sum = 0.0
    for a in i.indices { for b in i.indices { sum += f(a, b) } }
    return sum
  }

  static let features: [PyRadiomicsFeature<Self>] = [
    .init("Busyness", "NQ30", "Σᵢ pᵢsᵢ / Σᵢⱼ |i·pᵢ − j·pⱼ|; 0 where the divisor is 0") { m in
      let d = m.pairs { a, b in abs(m.i[a] * m.p[a] - m.i[b] * m.p[b]) }
      return d == 0 ? 0 : m.ps / d
    },
    .init("Coarseness", "QCDE", "1 / Σᵢ pᵢsᵢ; 10⁶ where the divisor is 0") { m in m.ps == 0 ? 1e6 : 1 / m.ps },
    .init("Complexity", "HDEZ", "Σᵢⱼ |i − j|·(pᵢsᵢ + pⱼsⱼ)/(pᵢ + pⱼ) / N") { m in
      m.pairs { a, b in
        abs(m.i[a] - m.i[b]) * (m.p[a] * m.s[a] + m.p[b] * m.s[b]) / (m.p[a] + m.p[b])
      } / m.voxels
    },
    .init("Contrast", "65HE", "Σᵢⱼ pᵢpⱼ(i − j)² · Σᵢ sᵢ / N / (n(n − 1)), n levels in use; 0 for one level") { m in
      let n = Double(m.i.count)
      let c = m.pairs { a, b in m.p[a] * m.p[b] * (m.i[a] - m.i[b]) * (m.i[a] - m.i[b]) } * m.sum / m.voxels
      return n * (n - 1) == 0 ? 0 : c / (n * (n - 1))
    },
    .init("Strength", "1X9X", "Σᵢⱼ (pᵢ + pⱼ)(i − j)² / Σᵢ sᵢ; 0 where the divisor is 0") { m in
      m.sum == 0 ? 0 : m.pairs { a, b in (m.p[a] + m.p[b]) * (m.i[a] - m.i[b]) * (m.i[a] - m.i[b]) } / m.sum
    },
  ]
}
