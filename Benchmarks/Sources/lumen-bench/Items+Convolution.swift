// SPDX-License-Identifier: Apache-2.0
import Lumen

var convolutionItems: [Item] {
  [
    Item("gauss3d", on: \.ctf) { try Gaussian(sigma: .mm(2))($0) },
    Item("gauss2d", on: \.sqf) { try Gaussian(sigma: .mm(2))($0) },
    Item("log3d", on: \.ctf) { try LaplacianOfGaussian(sigma: .mm(2), normalised: true)($0) },
    Item("box3d.5", on: \.ctf) { try Mean(size: 5)($0) },
    Item("box2d.15", on: \.sqf) { try Mean(size: 15)($0) },
    Item("unsharp2d", on: \.sqf) { try UnsharpMask(sigma: .mm(2))($0) },
    // The peers' border does not repeat the edge voxel and they correlate; the work is the same.
    Item("laws3d", on: \.halff) { try Laws(.init(.l5, .e5, .s5))($0) },
  ]
}
