// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenSegmentation
import Testing

@Suite("Opening · oracle SciPy 1.17.1")
struct OpeningTests {
  /// Voxels of binary_dilation(binary_erosion(m, ball, border_value=1), ball) with spacing (0.8, 1, 2) mm.
  @Test(arguments: [(1.0, 7047), (2.0, 6511), (2.5, 4413)]) func count(_ radius: Double, _ expected: Int) throws {
    let mask = noisyMask(930)
    #expect(mask.count == 7126)
    let opened = try Opening(radius: .mm(radius))(mask)
    #expect(opened.count == expected)
    #expect(try Opening(radius: .mm(radius))(opened) == opened, "opening twice changes nothing")
  }

  @Test func aBallOfZeroChangesNothing() throws {
    #expect(try Opening(radius: .mm(0))(noisyMask(500)) == noisyMask(500))
  }

  @Test(arguments: [-1.0, .nan, .infinity, 101]) func badRadiiAreErrors(_ radius: Double) {
    #expect(throws: ImageError.self) { try Opening(radius: .mm(radius))(noisyMask(500)) }
  }
}
