// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// How often grey level i occurs with a length, size or dependence j: what run length, size zone and dependence matrices
/// of PyRadiomics have in common.
struct PyRadiomicsCountMatrix: Sendable {
  /// A cell that is not 0.
  struct Cell: Sendable {
    let i: Double, j: Double, count: Double
  }

  let cells: [Cell]
  /// Sums over a level and over a column, both ascending.
  let levels: [(i: Double, count: Double)], columns: [(j: Double, count: Double)]
  let total: Double

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
    self.cells = cells
    var levels: [(i: Double, count: Double)] = []
    for c in cells {
      if levels.last?.i == c.i { levels[levels.count - 1].count += c.count } else { levels.append((c.i, c.count)) }
    }
    var columns: [(j: Double, count: Double)] = []
    for c in cells.sorted(by: { $0.j < $1.j }) {
      if columns.last?.j == c.j { columns[columns.count - 1].count += c.count } else { columns.append((c.j, c.count)) }
    }
    (self.levels, self.columns) = (levels, columns)
    total = levels.reduce(0) { $0 + $1.count }
  }

  /// Σ f(i, j)·n / N
  func mean(_ f: (Double, Double) -> Double) -> Double {
    cells.reduce(0) { $0 + $1.count * f($1.i, $1.j) } / total
  }
  /// Σ f(i)·nᵢ / N
  func levelMean(_ f: (Double) -> Double) -> Double { levels.reduce(0) { $0 + $1.count * f($1.i) } / total }
  /// Σ f(j)·nⱼ / N
  func columnMean(_ f: (Double) -> Double) -> Double { columns.reduce(0) { $0 + $1.count * f($1.j) } / total }
  var levelNonUniformity: Double { levels.reduce(0) { $0 + $1.count * $1.count } / total }
  var columnNonUniformity: Double { columns.reduce(0) { $0 + $1.count * $1.count } / total }
  var levelVariance: Double {
    let μ = levelMean { $0 }
    return levelMean { ($0 - μ) * ($0 - μ) }
  }
  var columnVariance: Double {
    let μ = columnMean { $0 }
    return columnMean { ($0 - μ) * ($0 - μ) }
  }
  var entropy: Double { -cells.reduce(0) { $0 + entropyTerm($1.count / total) } }
  /// Σ j·nⱼ: the voxels that a matrix of runs or zones covers.
  var voxels: Double { columns.reduce(0) { $0 + $1.count * $1.j } }
}

/// Grey level run length matrices by PyRadiomics' definitions: one for each direction in which two voxels of the region
/// lie on a line, features averaged over them; or with a weighting norm one weighted sum. j: length.
///
/// - Source: PyRadiomics 3.0.1, `glrlm.py`.
struct PyRadiomicsGLRLM: PyRadiomicsFamily {
  let directions: [PyRadiomicsCountMatrix]

  func mean(_ f: (PyRadiomicsCountMatrix) -> Double) -> Double {
    meanOfNumbers(directions.map { $0.total == 0 ? .nan : f($0) })
  }

  static let features: [PyRadiomicsFeature<Self>] = [
    .init("GrayLevelNonUniformity", "R5YN", "Σᵢ nᵢ² / N") { m in m.mean { $0.levelNonUniformity } },
    .init("GrayLevelNonUniformityNormalized", "OVBL", "Σᵢ nᵢ² / N²") { m in
      m.mean { $0.levelNonUniformity / $0.total }
    },
    .init("GrayLevelVariance", "8CE5", "Σᵢ (i − μ)²·nᵢ / N") { m in m.mean { $0.levelVariance } },
    .init("HighGrayLevelRunEmphasis", "G3QZ", "Σᵢ i²·nᵢ / N") { m in m.mean { $0.levelMean { $0 * $0 } } },
    .init("LongRunEmphasis", "W4KF", "Σⱼ j²·nⱼ / N") { m in m.mean { $0.columnMean { $0 * $0 } } },
    .init("LongRunHighGrayLevelEmphasis", "3KUM", "Σᵢⱼ i²·j²·nᵢⱼ / N") { m in
      m.mean { $0.mean { i, j in i * i * (j * j) } }
    },
    .init("LongRunLowGrayLevelEmphasis", "IVPO", "Σᵢⱼ j²/i²·nᵢⱼ / N") { m in
      m.mean { $0.mean { i, j in j * j / (i * i) } }
    },
    .init("LowGrayLevelRunEmphasis", "V3SW", "Σᵢ nᵢ/i² / N") { m in m.mean { $0.levelMean { 1 / ($0 * $0) } } },
    .init("RunEntropy", "HJ9O", "−Σᵢⱼ p·log₂(p + ε), p = nᵢⱼ / N") { m in m.mean { $0.entropy } },
    .init("RunLengthNonUniformity", "W92Y", "Σⱼ nⱼ² / N") { m in m.mean { $0.columnNonUniformity } },
    .init("RunLengthNonUniformityNormalized", "IC23", "Σⱼ nⱼ² / N²") { m in
      m.mean { $0.columnNonUniformity / $0.total }
    },
    .init("RunPercentage", "9ZK5", "N / Σⱼ j·nⱼ") { m in m.mean { $0.total / $0.voxels } },
    .init("RunVariance", "SXLW", "Σⱼ (j − μ)²·nⱼ / N") { m in m.mean { $0.columnVariance } },
    .init("ShortRunEmphasis", "22OV", "Σⱼ nⱼ/j² / N") { m in m.mean { $0.columnMean { 1 / ($0 * $0) } } },
    .init("ShortRunHighGrayLevelEmphasis", "GD3A", "Σᵢⱼ i²/j²·nᵢⱼ / N") { m in
      m.mean { $0.mean { i, j in i * i / (j * j) } }
    },
    .init("ShortRunLowGrayLevelEmphasis", "HTZT", "Σᵢⱼ nᵢⱼ/(i²·j²) / N") { m in
      m.mean { $0.mean { i, j in 1 / (i * i * (j * j)) } }
    },
  ]
}

/// Grey level size zone matrix by PyRadiomics' definitions. j: size.
///
/// - Source: PyRadiomics 3.0.1, `glszm.py`.
struct PyRadiomicsGLSZM: PyRadiomicsFamily {
  let matrix: PyRadiomicsCountMatrix

  static let features: [PyRadiomicsFeature<Self>] = [
    .init("GrayLevelNonUniformity", "JNSA", "Σᵢ nᵢ² / N") { $0.matrix.levelNonUniformity },
    .init("GrayLevelNonUniformityNormalized", "Y1RO", "Σᵢ nᵢ² / N²") {
      $0.matrix.levelNonUniformity / $0.matrix.total
    },
    .init("GrayLevelVariance", "BYLV", "Σᵢ (i − μ)²·nᵢ / N") { $0.matrix.levelVariance },
    .init("HighGrayLevelZoneEmphasis", "5GN9", "Σᵢ i²·nᵢ / N") { $0.matrix.levelMean { $0 * $0 } },
    .init("LargeAreaEmphasis", "48P8", "Σⱼ j²·nⱼ / N") { $0.matrix.columnMean { $0 * $0 } },
    .init("LargeAreaHighGrayLevelEmphasis", "J17V", "Σᵢⱼ i²·j²·nᵢⱼ / N") {
      $0.matrix.mean { i, j in i * i * (j * j) }
    },
    .init("LargeAreaLowGrayLevelEmphasis", "YH51", "Σᵢⱼ j²/i²·nᵢⱼ / N") { $0.matrix.mean { i, j in j * j / (i * i) } },
    .init("LowGrayLevelZoneEmphasis", "XMSY", "Σᵢ nᵢ/i² / N") { $0.matrix.levelMean { 1 / ($0 * $0) } },
    .init("SizeZoneNonUniformity", "4JP3", "Σⱼ nⱼ² / N") { $0.matrix.columnNonUniformity },
    .init("SizeZoneNonUniformityNormalized", "VB3A", "Σⱼ nⱼ² / N²") {
      $0.matrix.columnNonUniformity / $0.matrix.total
    },
    .init("SmallAreaEmphasis", "5QRC", "Σⱼ nⱼ/j² / N") { $0.matrix.columnMean { 1 / ($0 * $0) } },
    .init("SmallAreaHighGrayLevelEmphasis", "HW1V", "Σᵢⱼ i²/j²·nᵢⱼ / N") { $0.matrix.mean { i, j in i * i / (j * j) } },
    .init("SmallAreaLowGrayLevelEmphasis", "5RAI", "Σᵢⱼ nᵢⱼ/(i²·j²) / N") {
      $0.matrix.mean { i, j in 1 / (i * i * (j * j)) }
    },
    .init("ZoneEntropy", "GU8N", "−Σᵢⱼ p·log₂(p + ε), p = nᵢⱼ / N") { $0.matrix.entropy },
    .init("ZonePercentage", "P30P", "N / Σⱼ j·nⱼ") { $0.matrix.total / $0.matrix.voxels },
    .init("ZoneVariance", "3NSA", "Σⱼ (j − μ)²·nⱼ / N") { $0.matrix.columnVariance },
  ]
}

/// Grey level dependence matrix by PyRadiomics' definitions. j: dependent neighbours and the voxel itself.
///
/// - Source: PyRadiomics 3.0.1, `gldm.py`; IBSI calls it NGLDM.
struct PyRadiomicsGLDM: PyRadiomicsFamily {
  let matrix: PyRadiomicsCountMatrix

  static let features: [PyRadiomicsFeature<Self>] = [
    .init("DependenceEntropy", "FCBV", "−Σᵢⱼ p·log₂(p + ε), p = nᵢⱼ / N") { $0.matrix.entropy },
    .init("DependenceNonUniformity", "Z87G", "Σⱼ nⱼ² / N") { $0.matrix.columnNonUniformity },
    .init("DependenceNonUniformityNormalized", "OKJI", "Σⱼ nⱼ² / N²") {
      $0.matrix.columnNonUniformity / $0.matrix.total
    },
    .init("DependenceVariance", "DNX2", "Σⱼ (j − μ)²·nⱼ / N") { $0.matrix.columnVariance },
    .init("GrayLevelNonUniformity", "FP8K", "Σᵢ nᵢ² / N") { $0.matrix.levelNonUniformity },
    .init("GrayLevelVariance", "1PFV", "Σᵢ (i − μ)²·nᵢ / N") { $0.matrix.levelVariance },
    .init("HighGrayLevelEmphasis", "OAE7", "Σᵢ i²·nᵢ / N") { $0.matrix.levelMean { $0 * $0 } },
    .init("LargeDependenceEmphasis", "IMOQ", "Σⱼ j²·nⱼ / N") { $0.matrix.columnMean { $0 * $0 } },
    .init("LargeDependenceHighGrayLevelEmphasis", "9QMG", "Σᵢⱼ i²·j²·nᵢⱼ / N") {
      $0.matrix.mean { i, j in i * i * (j * j) }
    },
    .init("LargeDependenceLowGrayLevelEmphasis", "NBZI", "Σᵢⱼ j²/i²·nᵢⱼ / N") {
      $0.matrix.mean { i, j in j * j / (i * i) }
    },
    .init("LowGrayLevelEmphasis", "TL9H", "Σᵢ nᵢ/i² / N") { $0.matrix.levelMean { 1 / ($0 * $0) } },
    .init("SmallDependenceEmphasis", "SODN", "Σⱼ nⱼ/j² / N") { $0.matrix.columnMean { 1 / ($0 * $0) } },
    .init("SmallDependenceHighGrayLevelEmphasis", "JA6D", "Σᵢⱼ i²/j²·nᵢⱼ / N") {
      $0.matrix.mean { i, j in i * i / (j * j) }
    },
    .init("SmallDependenceLowGrayLevelEmphasis", "EQ3F", "Σᵢⱼ nᵢⱼ/(i²·j²) / N") {
      $0.matrix.mean { i, j in 1 / (i * i * (j * j)) }
    },
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
