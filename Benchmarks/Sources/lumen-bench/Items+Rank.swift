// SPDX-License-Identifier: Apache-2.0
import Lumen

var rankItems: [Item] {
  [
    Item("f.median3d.3", on: \.ct, resultBytes: 2) { try Median(radius: 1)($0) },
    Item("f.median3d.5", on: \.half, resultBytes: 2) { try Median(radius: 2)($0) },
    Item("f.median2d.5", on: \.sq16, resultBytes: 2) { try Median(radius: 2)($0) },
  ]
}
