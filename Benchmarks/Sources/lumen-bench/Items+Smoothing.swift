// SPDX-License-Identifier: Apache-2.0
import Lumen

var smoothingItems: [Item] {
  [
    Item("f.median2d.15", on: \.sq8, resultBytes: 1) { try Median(radius: 7)($0) },
    Item("f.bilateral2d", on: \.sqf) { try Bilateral(range: 200, sigma: .mm(3), radius: .mm(4))($0) },
    Item("f.nlm2d", on: \.sq8Quarter, resultBytes: 1) { try NonLocalMeans(strength: 10, patch: 3, search: 10)($0) },
    Item("f.aniso.grad3d", on: \.halff) { try AnisotropicDiffusion(.gradient)($0) },
    Item("f.aniso.curv3d", on: \.halff) { try AnisotropicDiffusion(.curvature)($0) },
  ]
}

extension PeerInputs {
  /// The top-left quarter of the 8-bit image.
  var sq8Quarter: AnyVolume {
    guard case .u8(let v) = sq8 else { fatalError("the image is 8-bit") }
    return .u8(v.cropped(columns: 0..<v.size.columns / 2, rows: 0..<v.size.rows / 2, slices: 0..<1))
  }
}
