// SPDX-License-Identifier: Apache-2.0
import Lumen

extension PeerInputs {
  /// The region on the grid of the CT.
  func spacedRegion(_ voxels: String) -> Mask { region(voxels).with(ctSpaced.geometry) }
}

private let sizes = ["1e4", "1e5", "1e6"]

var radiomicsItems: [Item] {
  sizes.map(textureItem) + sizes.map(resampledItem) + [
    morphologyItem("r.morph.27", leavingOut: ["morph_moran_i", "morph_geary_c"]), morphologyItem("r.morph.29"),
  ]
}

/// The IBSI texture families, 3-D merged, on given grey levels: 32 of fixed bin number between the extremes in the region.
private func textureItem(_ roi: String) -> Item {
  Item(values: "r.tex.\(roi)") { inputs in
    let region = inputs.region(roi), levels = greyLevels(inputs.ct, region)
    var extraction = FeatureExtraction()
    extraction.families = FamilyName.texture
    extraction.discretisation = .none
    extraction.aggregations = [.merged3D]
    let texture = extraction
    return Item.Work { named(try texture(levels, in: region)) }
  }
}

/// Image (linear) and region (nearest) to 0.5 mm, centred, then 32 bins and every family but local intensity,
/// Moran's I and Geary's C, which the peer's configuration does not have.
private func resampledItem(_ roi: String) -> Item {
  Item(values: "r.fbn32.\(roi)") { inputs in
    let image = inputs.ctSpaced, region = inputs.spacedRegion(roi)
    var extraction = FeatureExtraction()
    extraction.families = [.statistics, .morphology] + FamilyName.texture + [.histogram, .ivh]
    extraction.discretisation = .fixedBinNumber(32)
    extraction.ivhDiscretisation = .fixedBinNumber(32)
    extraction.aggregations = [.merged3D]
    extraction.leftOut = ["morph_moran_i", "morph_geary_c"]
    let all = extraction, grid = Resample(spacing: .mm(0.5), asFloat: true)
    return Item.Work {
      let fine = try grid(image, around: region, masks: .nearest)
      return named(try all(fine.image, in: fine.mask))
    }
  }
}

/// Morphology of the largest region on a grid of 0.7 mm: 2.3 million voxels.
private func morphologyItem(_ name: String, leavingOut: Set<String> = []) -> Item {
  Item(values: name) { inputs in
    let fine = try Resample(spacing: .mm(0.7), asFloat: true)(
      inputs.ctSpaced, around: inputs.spacedRegion("1e6"), margin: 8)
    var extraction = FeatureExtraction()
    extraction.families = [.morphology]
    extraction.leftOut = leavingOut
    let morphology = extraction
    return Item.Work { named(try morphology(fine.image, in: fine.mask)) }
  }
}

/// Values under their IBSI codes.
private func named(_ values: [FeatureValue]) -> Item.Output {
  .values { values.map { ($0.column.code ?? $0.column.key, $0.value) } }
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
