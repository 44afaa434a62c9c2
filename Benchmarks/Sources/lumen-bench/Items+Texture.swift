// SPDX-License-Identifier: Apache-2.0
import Lumen

var textureItems: [Item] {
  [
    // Four responses at once; the last is compared.
    Item("f.gabor2d", on: \.sqf, resultBytes: 16) {
      let filter = Gabor(sigma: .mm(4), wavelength: .mm(8), gamma: 0.5, response: .real, radius: 15)
      return .f32(try filter.bank($0.float, angles: [0, 45, 90, 135])[3])
    },
    // Eight sub-bands at once; the last is compared.
    Item("f.swt3d", on: \.halff, resultBytes: 32) {
      let filter = Wavelet(.coif1, subband: .hhh, boundary: .periodic)
      return .f32(try filter.subbands($0.float)[7].volume)
    },
  ]
}
