// SPDX-License-Identifier: Apache-2.0
import Lumen

let convolutionItems = [
  Item("gauss3d", on: \.ctf) { try Gaussian(sigma: .mm(2))($0) },
  Item("gauss2d", on: \.sqf) { try Gaussian(sigma: .mm(2))($0) },
]
