// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@Suite("Colour image · luminance of ITU-R BT.601")
struct ColourImageTests {
  @Test func primariesAndGreys() {
    // 0.299 · 255 = 76.245, 0.587 · 255 = 149.685, 0.114 · 255 = 29.07
    let picture = ColourImage(
      columns: 5, rows: 1, samples: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 100, 100, 100])
    #expect(picture.luminance.kind == .uint8)
    #expect(values(picture.luminance) == [76, 150, 29, 255, 100])
  }

  @Test func sixteenBitsStaySixteen() {
    let picture = ColourImage(columns: 2, rows: 1, bits: 16, samples: [65535, 65535, 65535, 1000, 2000, 3000])
    #expect(picture.luminance.kind == .uint16)
    #expect(values(picture.luminance) == [65535, 1815])
  }
}
