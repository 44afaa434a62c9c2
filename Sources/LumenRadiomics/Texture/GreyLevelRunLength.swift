// SPDX-License-Identifier: Apache-2.0

/// Grey level run length matrix. IBSI 1 reference manual, TP0I.
/// nᵢⱼ: runs of j voxels of grey level i along a direction; Nₛ: runs; Nᵥ: voxels, counted once for each direction that was
/// merged. Symbols as in ``CountMatrix``.
struct GreyLevelRunLength: FeatureFamily {
  static let family = FamilyName.glrlm

  let matrix: CountMatrix
}

extension GreyLevelRunLength {
  static let features: [Feature<Self>] = [
    .init("Short runs emphasis", "22OV", "rlm_sre", "Σⱼ nⱼ / j² / Nₛ") { m in m.matrix.columnMean { 1 / ($0 * $0) } },
    .init("Long runs emphasis", "W4KF", "rlm_lre", "Σⱼ j²·nⱼ / Nₛ") { m in m.matrix.columnMean { $0 * $0 } },
    .init("Low grey level run emphasis", "V3SW", "rlm_lgre", "Σᵢ nᵢ / i² / Nₛ") { m in
      m.matrix.levelMean { 1 / ($0 * $0) }
    },
    .init("High grey level run emphasis", "G3QZ", "rlm_hgre", "Σᵢ i²·nᵢ / Nₛ") { m in m.matrix.levelMean { $0 * $0 } },
    .init("Short run low grey level emphasis", "HTZT", "rlm_srlge", "Σᵢⱼ nᵢⱼ / (i²·j²) / Nₛ") { m in
      m.matrix.mean { i, j in 1 / (i * i * j * j) }
    },
    .init("Short run high grey level emphasis", "GD3A", "rlm_srhge", "Σᵢⱼ i²·nᵢⱼ / j² / Nₛ") { m in
      m.matrix.mean { i, j in i * i / (j * j) }
    },
    .init("Long run low grey level emphasis", "IVPO", "rlm_lrlge", "Σᵢⱼ j²·nᵢⱼ / i² / Nₛ") { m in
      m.matrix.mean { i, j in j * j / (i * i) }
    },
    .init("Long run high grey level emphasis", "3KUM", "rlm_lrhge", "Σᵢⱼ i²·j²·nᵢⱼ / Nₛ") { m in
      m.matrix.mean { i, j in i * i * j * j }
    },
    .init("Grey level non-uniformity", "R5YN", "rlm_glnu", "Σᵢ nᵢ² / Nₛ") { $0.matrix.levelSquares / $0.matrix.total },
    .init("Normalised grey level non-uniformity", "OVBL", "rlm_glnu_norm", "Σᵢ nᵢ² / Nₛ²") {
      $0.matrix.levelSquares / ($0.matrix.total * $0.matrix.total)
    },
    .init("Run length non-uniformity", "W92Y", "rlm_rlnu", "Σⱼ nⱼ² / Nₛ") { $0.matrix.columnSquares / $0.matrix.total },
    .init("Normalised run length non-uniformity", "IC23", "rlm_rlnu_norm", "Σⱼ nⱼ² / Nₛ²") {
      $0.matrix.columnSquares / ($0.matrix.total * $0.matrix.total)
    },
    .init("Run percentage", "9ZK5", "rlm_r_perc", "Nₛ / Nᵥ") { $0.matrix.total / $0.matrix.voxels },
    .init("Grey level variance", "8CE5", "rlm_gl_var", "Σᵢ (i − μ)²·pᵢ, μ = Σᵢ i·pᵢ") { $0.matrix.levelVariance },
    .init("Run length variance", "SXLW", "rlm_rl_var", "Σⱼ (j − μ)²·pⱼ, μ = Σⱼ j·pⱼ") { $0.matrix.columnVariance },
    .init("Run entropy", "HJ9O", "rlm_rl_entr", "−Σᵢⱼ pᵢⱼ·log₂ pᵢⱼ", unit: "bit") { $0.matrix.entropy },
  ]
}
