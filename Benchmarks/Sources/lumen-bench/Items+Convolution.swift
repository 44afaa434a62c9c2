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
    Item("f.conv2d.7", on: \.sqf) { image in
      try Convolution(DenseKernel(denseWeights, columns: 7, rows: 7), correlate: true)(image)
    },
  ]
}

/// NumPy `default_rng(7).standard_normal((7, 7))` over the sum of its magnitudes.
private let denseWeights: [Float] = [
  3.67453322e-05, 0.00892368704, -0.00818864256, -0.0266024489, -0.0135812573, -0.0296210069, 0.00179652113,
  0.0400329381, -0.0147024691, -0.0185339134, 0.0146318413, 0.0106604034, 0.00314877927, -0.0277935714,
  -0.000873767422, 0.0207690746, -0.0401524007, -0.0136692245, -0.056790527, -0.0385191739, -0.055013597,
  -0.00702229654, -0.0378592983, 0.00810280908, 0.00468223775, -0.00558372587, -0.0751769394, -0.0160910413,
  -0.00144874887, 0.00338459946, -0.0457059629, -0.0142707434, -0.0292288829, -0.0241603963, 0.0316896029,
  -0.0241214875, -0.000971440575, 0.0264171939, -0.017432455, -0.0033365963, 0.00329962233, 0.00190519542,
  -0.0365930647, 0.0022743491, 0.0405887738, -0.0462140292, 0.0256702155, 0.00356516778, -0.0191610586,
]
