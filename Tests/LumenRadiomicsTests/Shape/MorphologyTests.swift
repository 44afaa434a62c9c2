// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenRadiomics

@Suite("Morphology · oracle: a box has known axes")
struct MorphologyTests {
  @Test func axesOfABox() throws {
    // n voxels at distance s have variance s²·(n² − 1)/12; of all 200 voxels with 1/(N − 1).
    let g = Geometry(size: Size(columns: 12, rows: 9, slices: 7), spacing: [0.5, 2, 3])
    var mask = Volume<UInt8>(g, repeating: 0)
    for z in 1..<6 { for y in 2..<6 { for x in 1..<11 { mask[x, y, z] = 1 } } }
    var e = FeatureExtraction()
    e.families = [.morphology]
    let found = try e(.u8(Volume(g, repeating: 5)), in: Mask(mask)).byKey
    let b = 200.0 / 199, (x, y, z) = (b * 0.25 * 99 / 12, b * 4 * 15 / 12, b * 9 * 24 / 12)
    #expect(found["morph_vol_approx"] == 600)
    #expect(abs((found["morph_pca_maj_axis"] ?? 0) - 4 * z.squareRoot()) < 1e-12)
    #expect(abs((found["morph_pca_min_axis"] ?? 0) - 4 * y.squareRoot()) < 1e-12)
    #expect(abs((found["morph_pca_least_axis"] ?? 0) - 4 * x.squareRoot()) < 1e-12)
    #expect(abs((found["morph_pca_elongation"] ?? 0) - (y / z).squareRoot()) < 1e-12)
    #expect(abs((found["morph_pca_flatness"] ?? 0) - (x / z).squareRoot()) < 1e-12)
    #expect(abs(found["morph_com"] ?? 1) < 1e-12)
  }

  @Test func axesDoNotDependOnOrientation() throws {
    let s = 0.5.squareRoot()
    let oblique = Geometry(
      size: Size(columns: 10, rows: 6, slices: 4), spacing: [1, 2, 3], origin: [50, -20, 7],
      direction: Direction(x: [s, s, 0], y: [-s, s, 0], z: [0, 0, 1]))
    var straight = oblique
    straight.direction = .identity
    var random = Random(state: 5)
    let voxels = (0..<240).map { _ in UInt8(random.next(2)) }
    let intensities = (0..<240).map { _ in UInt8(random.next(200)) }
    var e = FeatureExtraction()
    e.families = [.morphology]
    let a = try e(.u8(Volume(oblique, voxels: intensities)), in: Mask(Volume(oblique, voxels: voxels)))
    let b = try e(.u8(Volume(straight, voxels: intensities)), in: Mask(Volume(straight, voxels: voxels)))
    for (a, b) in zip(a, b) { #expect(abs(a.value - b.value) < 1e-10, "\(a.column.key)") }
    #expect(a[1].value > 0.01)
  }

  @Test func eigenvaluesOfASymmetricMatrix() {
    // NumPy 2.4.6 linalg.eigvalsh
    let found = symmetricEigenvalues([[4, 1, 0.5], [1, 3, 0.2], [0.5, 0.2, 2]])
    for (a, b) in zip([found.x, found.y, found.z], [4.72157008, 2.39834302, 1.8800869]) { #expect(abs(a - b) < 1e-8) }
  }
}
