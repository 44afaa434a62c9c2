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
    for (a, b) in zip(a, b) { #expect(abs(a.value - b.value) < 1e-10 * max(1, abs(a.value)), "\(a.column.key)") }
    #expect(try #require(a.byKey["morph_com"]) > 0.01)
  }

  @Test func everySolidOfEveryShape() throws {
    for row in pictologicsReference.split(separator: "\n") {
      let cells = row.split(separator: "|").map(String.init)
      let shape = try #require(ShapeCase(rawValue: cells[0]))
      let expected = cells.dropFirst().map { Double($0) ?? .nan }
      let image = AnyVolume.u8(Volume(ShapeCase.geometry, repeating: 5))
      var e = FeatureExtraction()
      e.families = [.morphology]
      let found = try e(image, in: Mask(shape.mask)).byKey
      func value(_ tag: String) -> Double { found[tag] ?? .nan }
      let exact = [
        "morph_volume", "morph_area_mesh", "morph_vol_dens_conv_hull", "morph_area_dens_conv_hull", "morph_diam",
        "morph_vol_dens_aabb", "morph_area_dens_aabb", "morph_vol_dens_aee", "morph_area_dens_aee",
      ]
      for (tag, b) in zip(exact, expected) where b.isFinite {
        // The ellipsoid of a line or a diagonal is a rounding error there.
        if tag.hasSuffix("_aee") && value("morph_pca_least_axis") < 1e-6 { continue }
        #expect(abs(value(tag) - b) <= 1e-10 * abs(b), "\(shape) \(tag): \(value(tag)), pictologics \(b)")
      }
      // It takes the box of the eigenvectors: ours is no larger. Its ellipsoid stops at 1e-3.
      let box = value("morph_vol_dens_ombb")
      #expect(expected[9].isNaN || box >= expected[9] * (1 - 1e-9), "\(shape): \(box)")
      let (aligned, hull) = (value("morph_vol_dens_aabb"), value("morph_vol_dens_conv_hull"))
      #expect(box >= aligned * (1 - 1e-9) && box <= hull + 1e-9, "\(shape): \(aligned), \(box), \(hull)")
      #expect(abs(value("morph_vol_dens_mvee") / expected[10] - 1) < 5e-3, "\(shape): \(value("morph_vol_dens_mvee"))")
      #expect(abs(value("morph_area_dens_mvee") / expected[11] - 1) < 1e-2, "\(shape)")
      #expect(value("morph_moran_i").isNaN)
    }
  }

  @Test func hugeAnisotropyHasEveryValue() throws {
    for spacing in [SIMD3(1e-3, 1, 1e3), SIMD3(1e6, 1, 1)] {
      var g = ShapeCase.geometry
      g.spacing = spacing
      let image = Volume<UInt8>(g) { out in for i in out.indices { out[i] = UInt8(i % 51) } }
      var e = FeatureExtraction()
      e.families = [.morphology]
      let values = try e(.u8(image), in: Mask(ShapeCase.ellipsoid.mask.with(g)))
      for v in values { #expect(v.value.isFinite, "\(v.column.key)") }
      #expect(abs((values.byKey["morph_vol_dens_conv_hull"] ?? 0) - 0.9112846980053) < 1e-9)
    }
  }

  @Test func eigenvaluesOfASymmetricMatrix() {
    // NumPy 2.4.6 linalg.eigvalsh
    let found = symmetricEigenvalues([[4, 1, 0.5], [1, 3, 0.2], [0.5, 0.2, 2]])
    for (a, b) in zip([found.x, found.y, found.z], [4.72157008, 2.39834302, 1.8800869]) { #expect(abs(a - b) < 1e-8) }
  }
}

/// Source: pictologics 0.9.
/// Mesh volume and area; densities of hull, diameter, densities of aligned box, ellipsoid of the axes, oriented box (volume)
/// and enclosing ellipsoid.
private let pictologicsReference = """
  ellipsoid|2576.179666667|1050.146653338|0.9112846980053|1.036312215971|23.4|0.4898035687509|0.5637160627719|1.381064539782|1.368021303695|0.4898035687509|0.7887117198735|0.9608214554233
  noise|5784.2785|9073.040028739|0.6639433304667|3.426502324816|40.40346519793|0.6598515519568|3.316193842331|0.8082229035692|4.756153456878|0.6356890873945|0.2743714655005|2.323446846056
  sparse|1066.4745|4926.050141934|0.1234536906012|1.897854077997|40.40346519793|0.1216599190283|1.800470084552|0.1481710620594|2.550967264712|0.1038433514812|0.0566648667769|1.318381620631
  ring|830.466|961.1939691107|0.5288799598192|1.251065346102|21.04875293218|0.39|0.930037705961|0.5073274375291|1.612040054722|0.39|0.3225292975472|0.9504180243723
  wedge|906.5723333333|707.0836242983|0.9036949685535|1.038031504825|26.41363284367|0.2902777777778|0.5308515325293|0.9799091659351|1.419950482488|0.2116966882528|0.2202923471694|0.516852454655
  slab|284.3143333333|315.1904716756|1|1|17.13038236584|0.7110453648915|0.7118444186178|nan|nan|0.7110453648915|0.5520946299988|0.7189793241664
  line|9.858333333333|36.50238738783|1|1|6.3|0.462962962963|0.6529944076534|nan|nan|0.462962962963|0.3828672884874|0.659213862897
  voxel|0.3943333333333|3.945237635428|1|1|2.6|0.1666666666667|0.3228508703296|nan|nan|nan|0.3183098861838|0.5848691056403
  diagonal|1.971666666667|19.72618817714|0.2631578947368|0.4760023230191|14.27865539888|0.006666666666667|0.06457017406593|nan|nan|0.1752116650988|0.1224271005701|0.3232196253671
  """
