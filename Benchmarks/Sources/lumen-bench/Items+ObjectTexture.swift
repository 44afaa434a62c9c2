// SPDX-License-Identifier: Apache-2.0
import Lumen

/// GLCM, GLRLM, GLSZM, NGLDM and NGTDM of 5000 objects in an image of 4096 × 4096: within the slice, directions averaged,
/// 32 grey levels over each object's range. The table is compared, an object after the other.
var objectTextureItem: Item {
  Item("r.objects2d.texture") { inputs in
    let labels = try LabelMap(inputs.read("cells_lab", UInt32.self, 4096, 4096, 1))
    let image = inputs.read("cells_img", UInt16.self, 4096, 4096, 1)
    var extraction = FeatureExtraction()
    extraction.families = [.glcm, .glrlm, .glszm, .ngldm, .ngtdm]
    extraction.discretisation = .fixedBinNumber(32)
    extraction.aggregations = [.averaged2D]
    let measure = extraction
    return {
      var values: [Double] = []
      for object in try measure.objects(of: labels, image) { values += try object.result.get().map(\.value) }
      let width = measure.columns.count
      return .f64(try Volume(Geometry(size: Size(columns: width, rows: values.count / width)), voxels: values))
    }
  }
}
