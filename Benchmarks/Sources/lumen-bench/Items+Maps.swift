// SPDX-License-Identifier: Apache-2.0
import Lumen

/// Every feature of a class in 5 × 5 × 5 neighbourhoods of a region of 10⁴ voxels; one map is compared.
var mapItems: [Item] {
  [
    mapItem("r.vox.fo", .firstorder, "firstorder_Entropy"),
    mapItem("r.vox.glcm", .glcm, "glcm_MCC"),
  ]
}

private func mapItem(_ name: String, _ family: FeatureMaps.Family, _ key: String) -> Item {
  Item(name) { inputs in
    let image = inputs.ctSpaced
    let roi = inputs.read("roi_1e4", UInt8.self, 512, 512, 200).with(image.geometry)
    guard case .u8(let voxels) = roi else { throw ImageError(.malformed, "the region is 8-bit") }
    let mask = Mask(voxels)
    var maps = FeatureMaps()
    maps.radius = 2
    maps.families = [family]
    maps.cropped = true
    let measure = maps
    return {
      var compared = Volume<Float>(Geometry(size: Size(columns: 1, rows: 1)), repeating: 0)
      try measure(image, in: mask) { column, map throws(ImageError) in
        if column.key == key { compared = map }
      }
      return .f32(compared)
    }
  }
}
