// SPDX-License-Identifier: Apache-2.0
import Lumen

/// 5000 objects in an image of 4096 × 4096; the table is compared, a column after the other.
var objectItems: [Item] {
  [
    objectItem(
      "r.objects2d",
      [
        .area, .bbox, .centroid, .intensityMean, .intensityMax, .intensityMin, .intensityStd, .eccentricity,
        .axisMajorLength, .axisMinorLength, .orientation, .perimeter, .solidity, .momentsHu, .equivalentDiameterArea,
      ]),
    objectItem("r.objects2d.int", [.numPixels, .intensityMean, .intensityMax, .intensityMin, .intensityStd]),
    objectTextureItem,
  ]
}

private func objectItem(_ name: String, _ properties: [ObjectProperty]) -> Item {
  Item(name) { inputs in
    let labels = try LabelMap(inputs.read("cells_lab", UInt32.self, 4096, 4096, 1))
    let image = inputs.read("cells_img", UInt16.self, 4096, 4096, 1)
    let measure = RegionProperties(properties)
    return {
      let table = try measure(labels, image: image)
      let size = Size(columns: table.labels.count, rows: table.columns.count)
      return .f64(try Volume(Geometry(size: size), voxels: table.values))
    }
  }
}
