// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// An image and a region at the edge of the definitions, and what has to come of them.
struct EdgeCase: Sendable, CustomStringConvertible {
  /// What the table of features has to say.
  enum Row: Sendable {
    /// Exactly these keys are NaN ("cm_*" all that begin so, "cm_*_2D" all that begin and end so), all others finite,
    /// and of those some are known: by hand, or from PyRadiomics where the definitions agree.
    case measured(nan: [String], [String: Double])
    /// A row with the status "failed" and an error that contains this.
    case failed(String)
  }

  /// What PyRadiomics 3.1.0 says (bin width 10): values, or the error by which Lumen refuses what it refuses.
  enum Peer: Sendable {
    case values([String: Double])
    case failed(String)
    /// Not compared: PyRadiomics runs out of memory, or its reader has no such image.
    case none
  }

  typealias Index = (x: Int, y: Int, z: Int)
  let description: String
  var size = Size(columns: 6, rows: 5, slices: 4)
  var spacing = SIMD3(1.0, 1, 2)
  var kind = VoxelKind.float32
  /// Intensities; i counts voxels.
  var voxel: @Sendable (Index, Int) -> Double = { _, i in Double(37 * i % 101 + 1) }
  var inside: @Sendable (Index) -> Bool = { _ in true }
  /// Keys of the recipe's features, beside families and aggregations.
  var settings = "discretisation: fixed-bin-number 4"
  /// Of the mask, mm along x.
  var maskOffset = 0.0
  var resample = false
  /// PyRadiomics' minimumROIDimensions.
  var dimensions = 2
  let row: Row
  let peer: Peer

  /// Where there are no intensities.
  static let noIntensities = [
    "loc_*", "stat_*", "ih_*", "ivh_*", "cm_*", "rlm_*", "szm_*", "dzm_*", "ngt_*", "ngl_*", "morph_com",
    "morph_integ_int", "morph_moran_i", "morph_geary_c",
  ]
  /// Where one grey level has no range: γ = 0 / 0.
  static let noCurve = ["ivh_v10", "ivh_v90", "ivh_i10", "ivh_i90", "ivh_diff_v10_v90", "ivh_diff_i10_i90"]
  /// Where more than a tenth of the voxels has the highest level, so that no level is in at most a tenth.
  static let noTenth = ["ivh_i10", "ivh_diff_i10_i90"]
  /// The ellipsoid of voxels on a line has neither volume nor area, in a plane no volume.
  static let lineAxes = ["morph_vol_dens_aee", "morph_area_dens_aee"], planeAxes = ["morph_vol_dens_aee"]
  /// Of the whole image, whatever the scale of its intensities: all pairs, NumPy 2.
  private static let correlation = ["morph_moran_i": -0.021662256350439755, "morph_geary_c": 1.010223782730498]
  private static let holes: [Int: Double] = [5: .nan, 50: .infinity, 80: -.infinity]
  static let robust = ["stat_rmad", "ih_rmad"]
}

extension EdgeCase {
  static let all = regions + intensities + settings + storedTypes

  static let regions: [EdgeCase] = [
    EdgeCase(
      description: "no voxel", inside: { _ in false }, row: .failed("the mask is empty"),
      peer: .failed("the label 1 is not in the mask")),
    // The mesh of a voxel is an octahedron: a sixth of its volume, its diameter the largest spacing.
    EdgeCase(
      description: "one voxel", inside: { $0 == (2, 3, 1) },
      row: .measured(
        nan: noCurve + ["cm_*", "ngt_*", "morph_pca_*", "morph_moran_i", "morph_geary_c"] + lineAxes,
        [
          "stat_mean": 33, "stat_var": 0, "stat_skew": 0, "stat_kurt": 0, "stat_rmad": 0, "stat_energy": 1089,
          "morph_volume": 2.0 / 6, "morph_vol_approx": 2, "morph_diam": 2, "morph_com": 0, "ivh_auc": 0,
          "ih_entropy": 0, "rlm_sre_3D:avg": 1, "szm_z_perc_2D": 1, "dzm_ldlge_3D": 1, "ngl_hde_2.5D": 1,
        ]), peer: .failed("single voxel")),
    // Levels 1 and 4 in both orders; w = 1: I = 2/2 · 2·(−σ²)/(2σ²) = −1, C = 1.
    EdgeCase(
      description: "two voxels", inside: { $0.y == 3 && $0.z == 1 && 2...3 ~= $0.x }, dimensions: 1,
      row: .measured(
        nan: lineAxes + robust + noTenth,
        [
          "morph_volume": 4.0 / 3, "morph_diam": 5.0.squareRoot(), "morph_pca_maj_axis": 8.0.squareRoot(),
          "morph_pca_min_axis": 0, "morph_moran_i": -1, "morph_geary_c": 1, "stat_mean": 51.5, "stat_kurt": -2,
          "cm_contrast_3D:mrg": 9, "cm_corr_2D:avg": -1, "cm_joint_max_2.5D:avg": 0.5, "ivh_auc": 18.75 / 37,
        ]),
      peer: .values([
        "firstorder_Kurtosis": 1, "glcm_Correlation": -1, "glcm_MCC": 1, "ngtdm_Coarseness": 0.25, "ngtdm_Strength": 4,
        "shape_Elongation": 0, "shape_MeshVolume": 4.0 / 3, "shape_Maximum3DDiameter": 5.0.squareRoot(),
      ])),
    EdgeCase(
      description: "two voxels at opposite corners", inside: { $0 == (0, 0, 0) || $0 == (5, 4, 3) },
      row: .measured(
        nan: lineAxes + robust + noTenth + ["cm_*", "ngt_*"],
        [
          "morph_volume": 2.0 / 3, "morph_diam": 105.0.squareRoot(), "morph_pca_min_axis": 0,
          "morph_pca_flatness": 0, "morph_moran_i": -1, "stat_mean": 31, "rlm_sre_3D:mrg": 1, "szm_sze_3D": 1,
        ]),
      peer: .values([
        "glcm_Correlation": .nan, "glcm_MCC": .nan, "glrlm_RunEntropy": .nan, "ngtdm_Coarseness": 1e6,
        "gldm_DependenceEntropy": 1, "shape_Elongation": 0, "shape_Maximum3DDiameter": 105.0.squareRoot(),
      ])),
    EdgeCase(
      description: "a row", inside: { $0.y == 2 && $0.z == 1 },
      row: .measured(
        nan: lineAxes + noTenth,
        [
          "morph_volume": 16.0 / 3, "morph_diam": 6, "morph_pca_flatness": 0, "morph_vol_dens_conv_hull": 1,
          "stat_mean": 145.0 / 3, "stat_kurt": -1.3991437293490243,
        ]), peer: .failed("the region has 1 dimensions")),
    // Along z there are no neighbours within slices.
    EdgeCase(
      description: "a column through the slices", inside: { $0.y == 2 && $0.x == 1 }, dimensions: 1,
      row: .measured(
        nan: lineAxes + noTenth + ["cm_*_2D:avg", "cm_*_2D:mrg", "cm_*_2.5D:avg", "cm_*_2.5D:mrg"]
          + ["ngt_*_2D", "ngt_*_2.5D"],
        ["morph_volume": 10.0 / 3, "morph_diam": 8, "stat_mean": 76.5, "cm_contrast_3D:avg": 1]),
      peer: .values([
        "glcm_Correlation": 1, "glszm_ZonePercentage": 0.25, "ngtdm_Coarseness": 1e6, "gldm_DependenceEntropy": 1,
        "shape_MeshVolume": 10.0 / 3, "shape_Flatness": 0,
      ])),
    EdgeCase(
      description: "a diagonal", inside: { $0.x == $0.y && $0.y == $0.z },
      row: .measured(
        nan: lineAxes + noTenth
          + ["cm_*_2D:avg", "cm_*_2D:mrg", "cm_*_2.5D:avg", "cm_*_2.5D:mrg", "ngt_*_2D", "ngt_*_2.5D"],
        ["morph_pca_min_axis": 0, "morph_pca_least_axis": 0, "morph_pca_maj_axis": 4 * 10.0.squareRoot()]), peer: .none
    ),
    EdgeCase(
      description: "one slice of several", inside: { $0.z == 1 },
      row: .measured(
        nan: planeAxes,
        [
          "morph_volume": 148.0 / 3, "morph_diam": 52.0.squareRoot(), "morph_pca_least_axis": 0,
          "morph_pca_elongation": 0.8280786712108251, "stat_mean": 51.7, "stat_kurt": 1.8006674559443283 - 3,
        ]),
      peer: .values([
        "firstorder_Kurtosis": 1.8006674559443283, "glcm_Correlation": -0.20979028350873402,
        "glcm_MCC": 0.8382793817944172, "ngtdm_Coarseness": 0.11517788584591758, "shape_Flatness": 0,
        "shape_Elongation": 0.8280786712108251,
      ])),
    EdgeCase(
      description: "an oblique plane", inside: { $0.x + $0.y + $0.z == 5 },
      row: .measured(nan: planeAxes, ["morph_pca_least_axis": 0, "morph_pca_flatness": 0, "morph_vol_approx": 34]),
      peer: .values([
        "glcm_Correlation": -0.13777678992115172, "glrlm_RunEntropy": 3.0574760762899285,
        "ngtdm_Coarseness": 0.1737649063032368, "shape_Elongation": 0.76532710880317, "shape_Flatness": 0,
      ])),
    EdgeCase(
      description: "an image of one slice", size: Size(columns: 6, rows: 5, slices: 1),
      row: .measured(
        nan: planeAxes, ["morph_volume": 148.0 / 3, "stat_kurt": 1.7928961843793558 - 3, "stat_mean": 148.0 / 3]),
      peer: .values([
        "glcm_Correlation": -0.16426875824187087, "glrlm_RunEntropy": 3.3219280948873595,
        "ngtdm_Strength": 3.7460978147762747, "shape_Maximum3DDiameter": 52.0.squareRoot(),
      ])),
    EdgeCase(
      description: "the whole image, every voxel of its border",
      row: .measured(
        nan: [],
        [
          "morph_volume": 679.0 / 3, "morph_vol_approx": 240, "morph_diam": 105.0.squareRoot(),
          "morph_pca_elongation": 0.763762615825973, "stat_mean": 6043.0 / 120,
          "stat_skew": 0.0033237705347475906,
        ].merging(correlation) { $1 }),
      peer: .values([
        "glcm_Correlation": -0.11882599996755841, "glcm_MCC": 0.834185121312898, "ngtdm_Busyness": 0.8169726456272137,
        "glrlm_RunEntropy": 3.4719846771928693, "shape_Sphericity": 0.8625702481688335,
      ])),
    EdgeCase(
      description: "voxels of 0.75 × 1.25 mm in slices of 5 mm", spacing: [0.75, 1.25, 5],
      row: .measured(
        nan: [],
        [
          "morph_volume": 530.46875, "morph_vol_approx": 562.5, "morph_diam": 20.953818267800262,
          "morph_pca_elongation": 0.31622776601683805, "morph_pca_flatness": 0.22912878474779202,
          "morph_sphericity": 0.7197486706022683,
        ]),
      peer: .values(["glcm_Correlation": -0.11882599996755841, "shape_Flatness": 0.22912878474779202])),
    EdgeCase(
      description: "a mask that is off by 0.1 mm", maskOffset: 0.1,
      row: .failed("lies on another grid than the image: origin is off by (0.1"),
      peer: .failed("image and mask lie on different grids: their origins are 0.1")),
    EdgeCase(
      description: "a mask that is off by 0.1 mm and may be resampled", inside: { $0.x < 5 }, maskOffset: 0.1,
      resample: true, row: .measured(nan: [], ["morph_vol_approx": 200, "morph_diam": 96.0.squareRoot()]), peer: .none),
    EdgeCase(
      description: "a mask that is off by less than a thousandth", maskOffset: 1e-4,
      row: .measured(nan: [], ["morph_vol_approx": 240]), peer: .values(["shape_VoxelVolume": 240])),
  ]

  static let intensities: [EdgeCase] = [
    EdgeCase(
      description: "one grey level", voxel: { _, _ in 7 },
      row: .measured(
        nan: noCurve + ["morph_moran_i", "morph_geary_c", "cm_corr_*", "cm_info_corr1_*"],
        [
          "stat_mean": 7, "stat_var": 0, "stat_skew": 0, "stat_kurt": 0, "stat_cov": 0, "stat_qcod": 0, "ivh_auc": 0,
          "cm_energy_3D:mrg": 1, "cm_info_corr2_2D:avg": 0, "ngt_coarseness_3D": 1e6, "ngt_strength_2D": 0,
          "ngt_busyness_2.5D": 0, "szm_lze_3D": 14_400, "szm_z_perc_2D": 4.0 / 120,
        ]),
      peer: .values([
        "firstorder_Kurtosis": 0, "firstorder_Skewness": 0, "firstorder_Entropy": 0, "glcm_Correlation": 1,
        "glcm_MCC": 1, "glcm_Imc1": 0, "ngtdm_Coarseness": 1e6, "glrlm_RunEntropy": 1.536883736220202,
        "gldm_DependenceEntropy": 1.7687300505037857,
      ])),
    // Quotients by the sum of the intensities have no value either.
    EdgeCase(
      description: "nothing but zeros", voxel: { _, _ in 0 },
      row: .measured(
        nan: noCurve
          + ["morph_moran_i", "morph_geary_c", "cm_corr_*", "cm_info_corr1_*", "morph_com", "stat_cov", "stat_qcod"],
        ["stat_mean": 0, "stat_energy": 0, "morph_integ_int": 0, "loc_peak_glob": 0]),
      peer: .values(["firstorder_Mean": 0, "glcm_Correlation": 1, "ngtdm_Coarseness": 1e6])),
    EdgeCase(
      description: "NaN and infinite voxels",
      voxel: { _, i in holes[i] ?? Double(37 * i % 101 + 1) },
      row: .measured(
        nan: [],
        ["stat_mean": (6043.0 - 85 - 33 - 32) / 117, "stat_min": 1, "stat_max": 101, "morph_vol_approx": 240]),
      peer: .failed("intensities that are not finite")),
    EdgeCase(
      description: "nothing but NaN", voxel: { _, _ in .nan },
      row: .measured(nan: noIntensities, ["morph_vol_approx": 240, "morph_volume": 679.0 / 3]),
      peer: .failed("intensities that are not finite")),
    EdgeCase(
      description: "NaN beside the region", voxel: { at, i in at.z == 0 ? .nan : Double(37 * i % 101 + 1) },
      inside: { $0.z == 1 },
      row: .measured(nan: planeAxes, ["stat_mean": 51.7]),
      peer: .values(["firstorder_Mean": 51.7, "glcm_Correlation": -0.20979028350873402])),
    // Squares of the intensities are beyond the largest number.
    EdgeCase(
      description: "intensities around 1e302", kind: .float64, voxel: { _, i in Double(37 * i % 101 + 1) * 1e300 },
      row: .measured(
        nan: ["stat_var", "stat_skew", "stat_kurt", "stat_cov", "stat_energy", "stat_rms", "ivh_i90"] + noTenth,
        ["stat_mean": 6043e300 / 120, "stat_max": 101e300, "stat_range": 100e300].merging(correlation) { $1 }),
      peer: .none),
    EdgeCase(
      description: "intensities that span more than the largest number", kind: .float64,
      voxel: { _, i in [-1.5e308, 0, 1.5e308][i % 3] }, row: .failed("too much for 4 bins"), peer: .none),
    EdgeCase(
      description: "intensities whose squares are below the smallest number", kind: .float64,
      voxel: { _, i in Double(37 * i % 101 + 1) * 1e-200 },
      row: .measured(
        nan: ["stat_var", "stat_skew", "stat_kurt", "stat_cov", "stat_energy", "stat_rms"],
        ["stat_mean": 6043e-200 / 120, "stat_max": 101e-200].merging(correlation) { $1 }), peer: .none),
  ]

  static let settings: [EdgeCase] = [
    EdgeCase(
      description: "resegmentation that leaves nothing",
      settings: "discretisation: fixed-bin-size 5\n  resegment: [1000, 2000]",
      row: .measured(nan: noIntensities, ["morph_vol_approx": 240]), peer: .none),
    EdgeCase(
      description: "resegmentation that leaves one voxel", inside: { $0.z == 0 },
      settings: "discretisation: none\n  resegment: [1, 1]",
      row: .measured(
        nan: noCurve + ["cm_*", "ngt_*", "morph_moran_i", "morph_geary_c"] + planeAxes
          + ["ih_max_grad", "ih_max_grad_g", "ih_min_grad", "ih_min_grad_g"],
        ["stat_mean": 1, "stat_var": 0, "morph_vol_approx": 60, "szm_sze_3D": 1]), peer: .none),
    EdgeCase(
      description: "fractions without discretisation", voxel: { _, i in Double(i) + 0.5 },
      settings: "discretisation: none",
      row: .failed("an intensity is 0.5, expected whole numbers from 1"), peer: .none),
    EdgeCase(
      description: "more bins than there are levels", settings: "discretisation: fixed-bin-size 0.001",
      row: .failed("the limit is 65535"), peer: .none),
    EdgeCase(
      description: "a distance that reaches beyond the image", settings: "discretisation: none\n  distance: 200",
      row: .measured(nan: ["cm_*"], ["stat_max": 101]), peer: .none),
  ]

  /// Smallest, largest and one voxel in between of each stored type.
  static let storedTypes: [EdgeCase] = {
    let types: [(VoxelKind, Double, Double)] = [
      (.uint8, 0, 255), (.int8, -128, 127), (.uint16, 0, 65_535), (.int16, -32_768, 32_767),
      (.uint32, 0, 4_294_967_295), (.int32, -2_147_483_648, 2_147_483_647),
    ]
    return types.map { kind, low, high in
      EdgeCase(
        description: "the extremes of \(kind)", kind: kind,
        voxel: { at, i in at == (1, 1, 1) ? (high / 2).rounded(.down) : i % 3 == 0 ? low : high },
        row: .measured(
          nan: noTenth,
          [
            "stat_min": low, "stat_max": high, "stat_range": high - low,
            "stat_mean": (40 * low + 79 * high + (high / 2).rounded(.down)) / 120,
          ]), peer: .none)
    }
  }()
}
