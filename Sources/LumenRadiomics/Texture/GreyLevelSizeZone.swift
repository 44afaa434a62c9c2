// SPDX-License-Identifier: Apache-2.0

/// Grey level size zone matrix. IBSI 1 reference manual, 9SAK.
/// nᵢⱼ: zones of j linked voxels of grey level i; Nₛ: zones. Symbols as in ``CountMatrix``.
struct GreyLevelSizeZone: FeatureFamily {
  static let family = FamilyName.glszm

  let matrix: CountMatrix
}

extension GreyLevelSizeZone {
  static let features: [Feature<Self>] = [
    .init("Small zone emphasis", "5QRC", "szm_sze", "Σⱼ nⱼ / j² / Nₛ") { m in m.matrix.columnMean { 1 / ($0 * $0) } },
    .init("Large zone emphasis", "48P8", "szm_lze", "Σⱼ j²·nⱼ / Nₛ") { m in m.matrix.columnMean { $0 * $0 } },
    .init("Low grey level emphasis", "XMSY", "szm_lgze", "Σᵢ nᵢ / i² / Nₛ") { m in m.matrix.levelMean { 1 / ($0 * $0) }
    },
    .init("High grey level emphasis", "5GN9", "szm_hgze", "Σᵢ i²·nᵢ / Nₛ") { m in m.matrix.levelMean { $0 * $0 } },
    .init("Small zone low grey level emphasis", "5RAI", "szm_szlge", "Σᵢⱼ nᵢⱼ / (i²·j²) / Nₛ") { m in
      m.matrix.mean { i, j in 1 / (i * i * j * j) }
    },
    .init("Small zone high grey level emphasis", "HW1V", "szm_szhge", "Σᵢⱼ i²·nᵢⱼ / j² / Nₛ") { m in
      m.matrix.mean { i, j in i * i / (j * j) }
    },
    .init("Large zone low grey level emphasis", "YH51", "szm_lzlge", "Σᵢⱼ j²·nᵢⱼ / i² / Nₛ") { m in
      m.matrix.mean { i, j in j * j / (i * i) }
    },
    .init("Large zone high grey level emphasis", "J17V", "szm_lzhge", "Σᵢⱼ i²·j²·nᵢⱼ / Nₛ") { m in
      m.matrix.mean { i, j in i * i * j * j }
    },
    .init("Grey level non-uniformity", "JNSA", "szm_glnu", "Σᵢ nᵢ² / Nₛ") { $0.matrix.levelSquares / $0.matrix.total },
    .init("Normalised grey level non-uniformity", "Y1RO", "szm_glnu_norm", "Σᵢ nᵢ² / Nₛ²") {
      $0.matrix.levelSquares / ($0.matrix.total * $0.matrix.total)
    },
    .init("Zone size non-uniformity", "4JP3", "szm_zsnu", "Σⱼ nⱼ² / Nₛ") { $0.matrix.columnSquares / $0.matrix.total },
    .init("Normalised zone size non-uniformity", "VB3A", "szm_zsnu_norm", "Σⱼ nⱼ² / Nₛ²") {
      $0.matrix.columnSquares / ($0.matrix.total * $0.matrix.total)
    },
    .init("Zone percentage", "P30P", "szm_z_perc", "Nₛ / Nᵥ") { $0.matrix.total / $0.matrix.voxels },
    .init("Grey level variance", "BYLV", "szm_gl_var", "Σᵢ (i − μ)²·pᵢ, μ = Σᵢ i·pᵢ") { $0.matrix.levelVariance },
    .init("Zone size variance", "3NSA", "szm_zs_var", "Σⱼ (j − μ)²·pⱼ, μ = Σⱼ j·pⱼ") { $0.matrix.columnVariance },
    .init("Zone size entropy", "GU8N", "szm_zs_entr", "−Σᵢⱼ pᵢⱼ·log₂ pᵢⱼ", unit: "bit") { $0.matrix.entropy },
  ]
}
