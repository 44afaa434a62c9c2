// SPDX-License-Identifier: Apache-2.0
import Lumen

var edgeItems: [Item] {
  [
    Item("gradmag3d", on: \.ctf) { try GradientMagnitude(sigma: .mm(1))($0) },
    Item("sobel3d", on: \.ctf) { try Sobel()($0) },
    Item("sobel2d", on: \.sqf) { try Sobel()($0) },
  ]
}
