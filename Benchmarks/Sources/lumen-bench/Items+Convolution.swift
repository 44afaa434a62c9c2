// SPDX-License-Identifier: Apache-2.0
import Lumen

var convolutionItems: [Item] {
  [
    Item("f.gauss3d", on: \.ctf) { try Gaussian(sigma: .mm(2))($0) },
    Item("f.gauss2d", on: \.sqf) { try Gaussian(sigma: .mm(2))($0) },
    Item("f.log3d", on: \.ctf) { try LaplacianOfGaussian(sigma: .mm(2), normalised: true)($0) },
    Item("f.box3d.5", on: \.ctf) { try Mean(size: 5)($0) },
    Item("f.box2d.15", on: \.sqf) { try Mean(size: 15)($0) },
    Item("f.unsharp2d", on: \.sqf) { try UnsharpMask(sigma: .mm(2))($0) },
    // The peers' border does not repeat the edge voxel and they correlate; the work is the same.
    Item("f.laws3d", on: \.halff) { try Laws(.init(.l5, .e5, .s5))($0) },
  ]
}
