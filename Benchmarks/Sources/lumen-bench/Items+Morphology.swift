// SPDX-License-Identifier: Apache-2.0
import Lumen

var morphologyItems: [Item] {
  [
    Item("s.gdilate.ball2", on: \.half, resultBytes: 2) { try GreyDilation(StructuringElement(.ball, voxels: 2))($0) },
    Item("s.gdilate.box5", on: \.ct, resultBytes: 2) { try GreyDilation(StructuringElement(.box, voxels: 2))($0) },
    Item("s.gdilate2d.disk5", on: \.sq16, resultBytes: 2) {
      try GreyDilation(StructuringElement(.ball, voxels: 5))($0)
    },
    Item("s.bdilate.r1", Dilation(StructuringElement(.ball, voxels: 1))),
    Item("s.bdilate.r2", Dilation(StructuringElement(.ball, voxels: 2))),
    Item("s.bdilate.r5", Dilation(StructuringElement(.ball, voxels: 5))),
    Item("s.berode.r3", Erosion(StructuringElement(.ball, voxels: 3))),
    Item("s.bopen.r3", Opening(StructuringElement(.ball, voxels: 3))),
    Item("s.bdilate.cube1", Dilation(StructuringElement(.box, voxels: 1))),
  ]
}

extension Item {
  /// A mask operation on the mask with holes.
  init(_ name: String, _ operation: any MaskOperation) {
    self.name = name
    bytes = { 2 * $0.holes.size.count }
    prepare = { inputs in
      guard case .u8(let voxels) = inputs.holes else { fatalError("masks are 8-bit") }
      let mask = Mask(voxels)
      return Work { .image(.u8(try operation(mask).voxels)) }
    }
  }
}
