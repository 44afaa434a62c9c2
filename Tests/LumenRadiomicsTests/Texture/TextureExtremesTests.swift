// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenRadiomics

@Suite("Texture · malformed and extreme input")
struct TextureExtremes {
  /// A region and what the definitions give for it: NaN where they are undefined.
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let size: Size
    let voxel: @Sendable (Int) -> Float
    let isInside: @Sendable (Int) -> Bool
    let expected: [String: Double]
  }

  static let cases = [
    Case(
      description: "no voxel left in the intensity mask", size: Size(columns: 4, rows: 3, slices: 2),
      voxel: { _ in -1 },
      isInside: { _ in true },
      expected: [
        "cm_contrast_3D:mrg": .nan, "rlm_sre_2D:avg": .nan, "szm_sze_3D": .nan, "dzm_sde_2.5D": .nan,
        "ngt_strength_2D": .nan, "ngl_lde_3D": .nan,
      ]),
    Case(
      description: "one voxel", size: Size(columns: 4, rows: 3, slices: 2), voxel: { _ in 5 }, isInside: { $0 == 6 },
      expected: [
        "cm_contrast_3D:avg": .nan, "rlm_sre_3D:avg": 1, "rlm_hgre_2D:mrg": 25, "rlm_r_perc_3D:mrg": 1, "szm_lze_3D": 1,
        "szm_z_perc_2D": 1, "dzm_lde_3D": 1, "ngt_coarseness_3D": .nan, "ngl_hde_3D": 1, "ngl_dc_energy_2.5D": 1,
      ]),
    Case(
      description: "one grey level", size: Size(columns: 6, rows: 5, slices: 4), voxel: { _ in 3 },
      isInside: { _ in true },
      expected: [
        "cm_energy_3D:mrg": 1, "rlm_gl_var_3D:mrg": 0, "rlm_lgre_2.5D:avg": 1.0 / 9, "szm_lze_3D": 14_400,
        "szm_lze_2D": 900, "szm_zs_entr_2.5D": 0, "dzm_lde_3D": 1, "dzm_z_perc_2D": 1.0 / 30, "ngt_coarseness_3D": 1e6,
        "ngt_contrast_3D": 0, "ngt_busyness_2D": 0, "ngt_complexity_2.5D": 0, "ngt_strength_3D": 0,
        "ngl_glnu_norm_3D": 1,
      ]),
    Case(
      description: "one row of voxels: its runs are 2 and 3 long, single in all other directions",
      size: Size(columns: 5, rows: 1, slices: 1), voxel: { $0 < 2 ? 1 : 2 }, isInside: { _ in true },
      expected: [
        "rlm_lre_3D:avg": (6.5 + 12) / 13, "rlm_r_perc_3D:mrg": (2.0 + 60) / 65, "rlm_lre_2D:avg": (6.5 + 3) / 4,
        "cm_contrast_3D:avg": 0.25, "szm_lze_3D": 6.5, "dzm_lde_2D": 1, "ngl_hde_3D": 5,
      ]),
    Case(
      description: "voxels without neighbours", size: Size(columns: 5, rows: 5, slices: 1),
      voxel: { Float(1 + $0 % 2) }, isInside: { $0 % 5 % 2 == 0 && $0 / 5 % 2 == 0 },
      expected: [
        "cm_contrast_2D:mrg": .nan, "ngt_coarseness_2D": .nan, "ngl_lde_3D": 1, "szm_sze_3D": 1, "rlm_sre_2D:avg": 1,
      ]),
    Case(
      description: "voxels that are no numbers", size: Size(columns: 3, rows: 1, slices: 1),
      voxel: { [1, .nan, 1][$0] }, isInside: { _ in true },
      expected: [
        "szm_sze_3D": 1, "dzm_sde_3D": 1, "rlm_sre_3D:mrg": 1, "ngt_coarseness_3D": .nan, "cm_energy_3D:mrg": .nan,
      ]),
    Case(
      description: "65535 grey levels but for three", size: Size(columns: 4, rows: 1, slices: 1),
      voxel: { [1, 65_535, 65_535, 2][$0] }, isInside: { _ in true },
      expected: [
        "szm_hgze_3D": (1 + 65_535.0 * 65_535 + 4) / 3, "rlm_lre_2.5D:mrg": (2 + 4 + 12.0) / 15,
        "ngl_gl_var_3D": 1_073_659_905.6875, "cm_joint_max_3D:mrg": 1.0 / 3,
      ]),
  ]

  @Test(arguments: cases)
  func definedOrNotANumber(_ c: Case) throws {
    let g = Geometry(size: c.size)
    let image = AnyVolume.f32(try Volume(g, voxels: (0..<c.size.count).map(c.voxel)))
    let mask = Mask(try Volume<UInt8>(g, voxels: (0..<c.size.count).map { c.isInside($0) ? 1 : 0 }))
    var e = FeatureExtraction()
    e.families = FamilyName.texture
    e.aggregations = Aggregation.allCases
    e.discretisation = .none
    e.resegmentationRange = 0...1e6
    for δ in [1, 2, 200] {
      e.distance = δ
      let found = try e(image, in: mask).byKey
      #expect(found.values.allSatisfy { !$0.isInfinite })
      if δ > 1 { continue }
      for (key, value) in c.expected {
        let v = try #require(found[key], "\(key)")
        let isEqual = value.isNaN ? v.isNaN : abs(v - value) <= 1e-12 * max(1, abs(value))
        #expect(isEqual, "\(key): \(v), expected \(value)")
      }
    }
  }

  @Test func manyLevelsAndLongRunsAreCountedSparsely() throws {
    // A run of 3000 voxels of the highest level among 65535: lengths beyond the table are listed.
    let g = Geometry(size: Size(columns: 3000, rows: 25, slices: 1))
    let voxels = (0..<g.size.count).map { $0 < 3000 ? UInt16(65_535) : UInt16(1 + $0 % 65_534) }
    var e = FeatureExtraction()
    e.families = [.glrlm, .glszm, .gldzm, .ngldm]
    e.aggregations = [.averaged25D]
    e.discretisation = .none
    let found = try e(.u16(Volume(g, voxels: voxels)), in: Mask(Volume(g, repeating: 1))).byKey
    let emphasis = (3000.0 * 3000 + 72_000) / 72_001
    #expect(found["szm_lze_2.5D"] == emphasis)
    #expect(found["rlm_lre_2.5D:avg"] == (emphasis + 3) / 4)
    #expect(found["ngl_hdhge_2.5D"]?.isFinite == true && found["dzm_lde_2.5D"].map { $0 > 1 } == true)
    e.families = [.glcm]
    #expect(throws: ImageError.self) { try e(.u16(Volume(g, voxels: voxels)), in: Mask(Volume(g, repeating: 1))) }
  }

  @Test func aNeighbourhoodWithoutBoundsIsRefused() throws {
    let g = Geometry(size: Size(columns: 60, rows: 60, slices: 60))
    var e = FeatureExtraction()
    e.families = [.ngldm]
    e.distance = 40
    let error = #expect(throws: ImageError.self) {
      try e(.u8(Volume(g, repeating: 1)), in: Mask(Volume(g, repeating: 1)))
    }
    #expect(error?.kind == .limitExceeded)
  }
}
