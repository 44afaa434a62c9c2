// SPDX-License-Identifier: Apache-2.0

/// Grey level distance zone matrix. IBSI 1 reference manual, VMDZ.
/// nᵢⱼ: zones of grey level i whose nearest voxel has distance j to the border of the region (1 at the border), counted in
/// steps between 6 (in slices: 4) neighbours of the morphological mask; Nₛ: zones. Symbols as in ``CountMatrix``.
struct GreyLevelDistanceZone: FeatureFamily {
  static let family = FamilyName.gldzm

  let matrix: CountMatrix
}

extension GreyLevelDistanceZone {
  static let features: [Feature<Self>] = [
    .init("Small distance emphasis", "0GBI", "dzm_sde", "Σⱼ nⱼ / j² / Nₛ") { m in m.matrix.columnMean { 1 / ($0 * $0) }
    },
    .init("Large distance emphasis", "MB4I", "dzm_lde", "Σⱼ j²·nⱼ / Nₛ") { m in m.matrix.columnMean { $0 * $0 } },
    .init("Low grey level emphasis", "S1RA", "dzm_lgze", "Σᵢ nᵢ / i² / Nₛ") { m in m.matrix.levelMean { 1 / ($0 * $0) }
    },
    .init("High grey level emphasis", "K26C", "dzm_hgze", "Σᵢ i²·nᵢ / Nₛ") { m in m.matrix.levelMean { $0 * $0 } },
    .init("Small distance low grey level emphasis", "RUVG", "dzm_sdlge", "Σᵢⱼ nᵢⱼ / (i²·j²) / Nₛ") { m in
      m.matrix.mean { i, j in 1 / (i * i * j * j) }
    },
    .init("Small distance high grey level emphasis", "DKNJ", "dzm_sdhge", "Σᵢⱼ i²·nᵢⱼ / j² / Nₛ") { m in
      m.matrix.mean { i, j in i * i / (j * j) }
    },
    .init("Large distance low grey level emphasis", "A7WM", "dzm_ldlge", "Σᵢⱼ j²·nᵢⱼ / i² / Nₛ") { m in
      m.matrix.mean { i, j in j * j / (i * i) }
    },
    .init("Large distance high grey level emphasis", "KLTH", "dzm_ldhge", "Σᵢⱼ i²·j²·nᵢⱼ / Nₛ") { m in
      m.matrix.mean { i, j in i * i * j * j }
    },
    .init("Grey level non-uniformity", "VFT7", "dzm_glnu", "Σᵢ nᵢ² / Nₛ") { $0.matrix.levelSquares / $0.matrix.total },
    .init("Normalised grey level non-uniformity", "7HP3", "dzm_glnu_norm", "Σᵢ nᵢ² / Nₛ²") {
      $0.matrix.levelSquares / ($0.matrix.total * $0.matrix.total)
    },
    .init("Zone distance non-uniformity", "V294", "dzm_zdnu", "Σⱼ nⱼ² / Nₛ") {
      $0.matrix.columnSquares / $0.matrix.total
    },
    .init("Normalised zone distance non-uniformity", "IATH", "dzm_zdnu_norm", "Σⱼ nⱼ² / Nₛ²") {
      $0.matrix.columnSquares / ($0.matrix.total * $0.matrix.total)
    },
    .init("Zone percentage", "VIWW", "dzm_z_perc", "Nₛ / Nᵥ") { $0.matrix.total / $0.matrix.voxels },
    .init("Grey level variance", "QK93", "dzm_gl_var", "Σᵢ (i − μ)²·pᵢ, μ = Σᵢ i·pᵢ") { $0.matrix.levelVariance },
    .init("Zone distance variance", "7WT1", "dzm_zd_var", "Σⱼ (j − μ)²·pⱼ, μ = Σⱼ j·pⱼ") { $0.matrix.columnVariance },
    .init("Zone distance entropy", "GBDU", "dzm_zd_entr", "−Σᵢⱼ pᵢⱼ·log₂ pᵢⱼ", unit: "bit") { $0.matrix.entropy },
  ]
}
