// SPDX-License-Identifier: Apache-2.0
import Lumen

var intensityItems: [Item] {
  [
    Item("f.window", on: \.ct, resultBytes: 1) { try Window(lower: -160, upper: 240)($0) },
    Item("f.clahe2d", on: \.sq16, resultBytes: 2) { try CLAHE(tiles: 8, clipLimit: 2)($0) },
    // Numbers instead of an image: only the input is read.
    Item("f.hist", on: \.ct, resultBytes: 0) { image in
      let counts = try Histogram(of: image, bins: 4096, from: -1024).counts
      return .f32(try Volume(Geometry(size: Size(columns: 4096, rows: 1)), voxels: counts.map { Float($0) }))
    },
    Item("f.stats", on: \.ct, resultBytes: 0) { image in
      let range = image.valueRange
      return .f64(
        try Volume(
          Geometry(size: Size(columns: 4, rows: 1)),
          voxels: [range.minimum, range.maximum, range.mean, range.deviation]))
    },
    // The projections along z, y and x, one after the other.
    Item("f.mip", on: \.ct, resultBytes: 0) { image in
      var voxels: [Int16] = []
      for projection in image.projections(.maximum, along: [.z, .y, .x]) {
        guard case .i16(let typed) = projection else { continue }
        typed.withVoxels { voxels += $0 }
      }
      return .i16(try Volume(Geometry(size: Size(columns: voxels.count, rows: 1)), voxels: voxels))
    },
  ]
}
