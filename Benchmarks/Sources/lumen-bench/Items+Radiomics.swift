// SPDX-License-Identifier: Apache-2.0
import Lumen

/// The IBSI texture families, 3-D merged, on given grey levels: 32 of fixed bin number between the extremes in the region.
/// The result is the column of values, in the order of the families.
var radiomicsItems: [Item] {
  ["1e4", "1e5", "1e6"].map { roi in
    Item("r.tex.\(roi)", bytes: { $0.ct.size.count }) { inputs in
      let mask = inputs.region(roi), levels = greyLevels(inputs.ct, mask)
      var extraction = FeatureExtraction()
      extraction.families = FamilyName.texture
      extraction.discretisation = .none
      extraction.aggregations = [.merged3D]
      let texture = extraction
      return {
        let values = try texture(levels, in: mask).map(\.value)
        return .f64(try Volume(Geometry(size: Size(columns: values.count, rows: 1)), voxels: values))
      }
    }
  }
}

/// 32 levels between the extremes inside the region, for the whole image, as the peers have them.
private func greyLevels(_ image: AnyVolume, _ mask: Mask) -> AnyVolume {
  guard case .i16(let voxels) = image else { fatalError("the CT is 16-bit") }
  var (low, high) = (Int16.max, Int16.min)
  voxels.withVoxels { v in
    mask.voxels.withVoxels { m in
      for i in 0..<v.count where m[i] != 0 { (low, high) = (min(low, v[i]), max(high, v[i])) }
    }
  }
  let (first, width) = (Double(low), Double(high) - Double(low))
  return .u8(voxels.map { UInt8(max(1, min(32, ((Double($0) - first) / width * 32).rounded(.down) + 1))) })
}
