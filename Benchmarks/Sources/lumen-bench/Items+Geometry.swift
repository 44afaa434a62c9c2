// SPDX-License-Identifier: Apache-2.0
import Lumen

var geometryItems: [Item] {
  [
    Item("f.resample.lin", on: \.ctSpaced, to: isotropic, resultBytes: 2) {
      try Resample(spacing: .mm(1), interpolation: .linear, alignment: .firstVoxel)($0)
    },
    Item("f.resample.bsp3", on: \.ctfSpaced, to: isotropic, resultBytes: 4) {
      try Resample(spacing: .mm(1), interpolation: .cubicSpline, alignment: .firstVoxel)($0)
    },
    Item("f.affine3d", on: \.ct, resultBytes: 2) { try AffineTransform(rotation: [5, 0, 10], outside: -1024)($0) },
  ]
}

/// The peers' grid of 1 mm.
private let isotropic = Size(columns: 409, rows: 409, slices: 249)

extension Item {
  /// Work on one image whose result has another size.
  init(
    _ name: String, on input: KeyPath<PeerInputs, AnyVolume>, to size: Size, resultBytes: Int,
    _ work: @escaping (AnyVolume) throws -> AnyVolume
  ) {
    self.name = name
    bytes = { $0[keyPath: input].size.count * $0[keyPath: input].kind.bytes + size.count * resultBytes }
    prepare = { inputs in
      let image = inputs[keyPath: input]
      return Work { .image(try work(image)) }
    }
  }
}
