// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What was measured: counts, boxes and extremes of the masks after resegmentation.
/// Names follow the diagnostic features of IBSI 1 (benchmark of the radiomics phantom), which have no codes.
struct Diagnostics: FeatureFamily {
  static let family = FamilyName.diagnostics
  static let countUnit = "voxels"

  let morphologicalCount: Double
  let intensities: [Double]
  let morphologicalBox: SIMD3<Double>
  let intensityBox: SIMD3<Double>

  init(_ region: Region) {
    morphologicalCount = moments(region.morphological).count
    intensities = region.intensities
    let size = region.size
    morphologicalBox = SIMD3(Double(size.columns), Double(size.rows), Double(size.slices))
    let mask = region.intensityMask
    let box = Mask(mask.geometry) { out in mask.withVoxels { _ = out.update(fromContentsOf: $0) } }.boundingBox
    intensityBox =
      box.map { SIMD3(Double($0.columns.count), Double($0.rows.count), Double($0.slices.count)) } ?? SIMD3()
  }
}

extension Diagnostics {
  static let features: [Feature<Self>] = [
    .init(
      "Morph. mask voxel count", nil, "morph_mask_vox_count_reseg_roi", "voxels of the mask as given", unit: countUnit
    ) { d in d.morphologicalCount },
    .init(
      "Int. mask voxel count", nil, "int_mask_vox_count_reseg_roi", "voxels whose intensities are measured",
      unit: countUnit
    ) { d in Double(d.intensities.count) },
    .init(
      "Morph. mask bounding box dimension x", nil, "morph_mask_bb_dim_x_reseg_roi", "columns of the mask's box",
      unit: countUnit
    ) { d in d.morphologicalBox.x },
    .init(
      "Morph. mask bounding box dimension y", nil, "morph_mask_bb_dim_y_reseg_roi", "rows of the mask's box",
      unit: countUnit
    ) { d in d.morphologicalBox.y },
    .init(
      "Morph. mask bounding box dimension z", nil, "morph_mask_bb_dim_z_reseg_roi", "slices of the mask's box",
      unit: countUnit
    ) { d in d.morphologicalBox.z },
    .init(
      "Int. mask bounding box dimension x", nil, "int_mask_bb_dim_x_reseg_roi", "columns of the intensity mask's box",
      unit: countUnit
    ) { d in d.intensityBox.x },
    .init(
      "Int. mask bounding box dimension y", nil, "int_mask_bb_dim_y_reseg_roi", "rows of the intensity mask's box",
      unit: countUnit
    ) { d in d.intensityBox.y },
    .init(
      "Int. mask bounding box dimension z", nil, "int_mask_bb_dim_z_reseg_roi", "slices of the intensity mask's box",
      unit: countUnit
    ) { d in d.intensityBox.z },
    .init(
      "Int. mask mean intensity", nil, "int_mask_mean_int_reseg_roi", "mean over the intensity mask", unit: "intensity"
    ) { d in blockSum(d.intensities) { $0 } / Double(d.intensities.count) },
    .init(
      "Int. mask minimum intensity", nil, "int_mask_min_int_reseg_roi", "minimum over the intensity mask",
      unit: "intensity"
    ) { d in d.intensities.min() ?? .nan },
    .init(
      "Int. mask maximum intensity", nil, "int_mask_max_int_reseg_roi", "maximum over the intensity mask",
      unit: "intensity"
    ) { d in d.intensities.max() ?? .nan },
  ]
}
