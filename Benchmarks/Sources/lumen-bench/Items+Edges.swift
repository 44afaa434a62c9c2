// SPDX-License-Identifier: Apache-2.0
import Lumen

var edgeItems: [Item] {
  [
    Item("f.gradmag3d", on: \.ctf) { try GradientMagnitude(sigma: .mm(1))($0) },
    Item("f.sobel3d", on: \.ctf) { try Sobel()($0) },
    Item("f.sobel2d", on: \.sqf) { try Sobel()($0) },
  ]
}
