// SPDX-License-Identifier: Apache-2.0
import Lumen

/// 5000 objects in an image of 4096 × 4096; the means of the columns are compared.
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
  Item(values: name) { inputs in
    let labels = try LabelMap(inputs.read("cells_lab", UInt32.self, 4096, 4096, 1))
    let image = inputs.read("cells_img", UInt16.self, 4096, 4096, 1)
    let measure = RegionProperties(properties)
    return Item.Work {
      let table = try measure(labels, image: image)
      return .values {
        table.columns.map { column in
          let values = table.column(column.key) ?? []
          return (column.key, values.reduce(0, +) / Double(values.count))
        }
      }
    }
  }
}
