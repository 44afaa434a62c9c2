// SPDX-License-Identifier: Apache-2.0

/// Neighbouring grey level dependence matrix. IBSI 1 reference manual, REK0.
/// nᵢⱼ: voxels of grey level i with j − 1 neighbours within Chebyshev distance δ whose level differs by at most α; Nₛ:
/// voxels. Symbols as in ``CountMatrix``.
struct GreyLevelDependence: FeatureFamily {
  static let family = FamilyName.ngldm

  let matrix: CountMatrix
}

extension GreyLevelDependence {
  static let features: [Feature<Self>] = [
    .init("Low dependence emphasis", "SODN", "ngl_lde", "Σⱼ nⱼ / j² / Nₛ") { m in m.matrix.columnMean { 1 / ($0 * $0) }
    },
    .init("High dependence emphasis", "IMOQ", "ngl_hde", "Σⱼ j²·nⱼ / Nₛ") { m in m.matrix.columnMean { $0 * $0 } },
    .init("Low grey level count emphasis", "TL9H", "ngl_lgce", "Σᵢ nᵢ / i² / Nₛ") { m in
      m.matrix.levelMean { 1 / ($0 * $0) }
    },
    .init("High grey level count emphasis", "OAE7", "ngl_hgce", "Σᵢ i²·nᵢ / Nₛ") { m in m.matrix.levelMean { $0 * $0 }
    },
    .init("Low dependence low grey level emphasis", "EQ3F", "ngl_ldlge", "Σᵢⱼ nᵢⱼ / (i²·j²) / Nₛ") { m in
      m.matrix.mean { i, j in 1 / (i * i * j * j) }
    },
    .init("Low dependence high grey level emphasis", "JA6D", "ngl_ldhge", "Σᵢⱼ i²·nᵢⱼ / j² / Nₛ") { m in
      m.matrix.mean { i, j in i * i / (j * j) }
    },
    .init("High dependence low grey level emphasis", "NBZI", "ngl_hdlge", "Σᵢⱼ j²·nᵢⱼ / i² / Nₛ") { m in
      m.matrix.mean { i, j in j * j / (i * i) }
    },
    .init("High dependence high grey level emphasis", "9QMG", "ngl_hdhge", "Σᵢⱼ i²·j²·nᵢⱼ / Nₛ") { m in
      m.matrix.mean { i, j in i * i * j * j }
    },
    .init("Grey level non-uniformity", "FP8K", "ngl_glnu", "Σᵢ nᵢ² / Nₛ") { $0.matrix.levelSquares / $0.matrix.total },
    .init("Normalised grey level non-uniformity", "5SPA", "ngl_glnu_norm", "Σᵢ nᵢ² / Nₛ²") {
      $0.matrix.levelSquares / ($0.matrix.total * $0.matrix.total)
    },
    .init("Dependence count non-uniformity", "Z87G", "ngl_dcnu", "Σⱼ nⱼ² / Nₛ") {
      $0.matrix.columnSquares / $0.matrix.total
    },
    .init("Normalised dependence count non-uniformity", "OKJI", "ngl_dcnu_norm", "Σⱼ nⱼ² / Nₛ²") {
      $0.matrix.columnSquares / ($0.matrix.total * $0.matrix.total)
    },
    .init("Dependence count percentage", "6XV8", "ngl_dc_perc", "Nₛ / Nᵥ") { $0.matrix.total / $0.matrix.voxels },
    .init("Grey level variance", "1PFV", "ngl_gl_var", "Σᵢ (i − μ)²·pᵢ, μ = Σᵢ i·pᵢ") { $0.matrix.levelVariance },
    .init("Dependence count variance", "DNX2", "ngl_dc_var", "Σⱼ (j − μ)²·pⱼ, μ = Σⱼ j·pⱼ") {
      $0.matrix.columnVariance
    },
    .init("Dependence count entropy", "FCBV", "ngl_dc_entr", "−Σᵢⱼ pᵢⱼ·log₂ pᵢⱼ", unit: "bit") { $0.matrix.entropy },
    .init("Dependence count energy", "CAS9", "ngl_dc_energy", "Σᵢⱼ pᵢⱼ²") { $0.matrix.energy },
  ]
}
