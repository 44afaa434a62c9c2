// SPDX-License-Identifier: Apache-2.0
import Lumen

/// PyRadiomics' classes by its definitions: all at once from the whole volume, and one by one on the image cropped to the
/// region, binning included.
var classItems: [Item] {
  ["1e4", "1e5", "1e6"].flatMap { roi in
    [classItem("r.all.\(roi)", roi, classes.map(\.name), cropped: false)]
      + classes.map { classItem("r.\($0.short).\(roi)", roi, [$0.name], cropped: true) }
  }
}

private let classes: [(short: String, name: String)] = [
  ("fo", "firstorder"), ("shape", "shape"), ("glcm", "glcm"), ("glrlm", "glrlm"), ("glszm", "glszm"), ("gldm", "gldm"),
  ("ngtdm", "ngtdm"),
]

private func classItem(_ name: String, _ roi: String, _ wanted: [String], cropped: Bool) -> Item {
  Item(values: name) { inputs in
    let region = inputs.spacedRegion(roi), box = region.boundingBox
    var image = inputs.ctSpaced, labels = region.voxels.map { UInt32($0) }
    if cropped, let box {
      image = try Crop(
        first: [box.columns.lowerBound, box.rows.lowerBound, box.slices.lowerBound],
        count: [box.columns.count, box.rows.count, box.slices.count])(image)
      labels = labels.cropped(columns: box.columns, rows: box.rows, slices: box.slices)
    }
    let extraction = try PyRadiomics(
      featureClasses: wanted.map { .init($0, .none) },
      settings: [.init("binWidth", .integer(25)), .init("additionalInfo", .bool(false))])
    let (whole, mask) = (image, labels)
    return Item.Work {
      let result = try extraction(whole, mask: mask)
      return .values {
        var values: [(name: String, value: Double)] = []
        for entry in result.entries {
          let words = entry.key.split(separator: "_").dropFirst(cropped ? 2 : 1)
          if let value = result[entry.key] { values.append((words.joined(separator: "_"), value)) }
        }
        return values
      }
    }
  }
}
