// SPDX-License-Identifier: Apache-2.0
import Lumen

/// Every feature of a class in 5 × 5 × 5 neighbourhoods of a region of 10⁴ voxels, as maps of the region's box.
/// The mean of each map over voxels that are neither 0 nor undefined is compared.
var mapItems: [Item] {
  [mapItem("r.vox.fo", .firstorder), mapItem("r.vox.glcm", .glcm)]
}

private func mapItem(_ name: String, _ family: FeatureMaps.Family) -> Item {
  Item(values: name) { inputs in
    let image = inputs.ctSpaced, region = inputs.spacedRegion("1e4")
    var maps = FeatureMaps()
    maps.radius = 2
    maps.families = [family]
    maps.cropped = true
    let measure = maps
    return Item.Work {
      var found: [(name: String, map: Volume<Float>)] = []
      try measure(image, in: region) { column, map throws(ImageError) in found.append((column.key, map)) }
      let maps = found
      return .values { maps.map { ($0.name, meanOfUsed($0.map)) } }
    }
  }
}

private func meanOfUsed(_ map: Volume<Float>) -> Double {
  map.withVoxels { v in
    let used = v.lazy.filter { $0.isFinite && $0 != 0 }
    return used.isEmpty ? 0 : used.reduce(0.0) { $0 + Double($1) } / Double(used.count)
  }
}
