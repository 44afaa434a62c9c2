// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import LumenFormats
import LumenRadiomics
import Testing

@Suite("Morphology · oracle: IBSI 1 CT phantom, configuration A")
struct MorphologyPhantomTests {
  @Test func everyReferenceValueIsReproduced() throws {
    var root = "\(#filePath)"
    for _ in 0..<4 { root = String(root[..<(root.lastIndex(of: "/") ?? root.startIndex)]) }
    let reference = getenv("LUMEN_REFERENCE").map { String(cString: $0) } ?? "\(root)/../shared/reference"
    let folder = "\(reference)/ibsi/ibsi1_ct_phantom"
    guard access("\(folder)/image.nii.gz", R_OK) == 0 else {
      return print("skipped: the IBSI 1 CT phantom was not found (set LUMEN_REFERENCE)")
    }
    let image = try AnyVolume(contentsOf: "\(folder)/image.nii.gz")
    let mask = try LabelMap(contentsOf: "\(folder)/mask.nii.gz").mask(1)
    var e = FeatureExtraction()
    e.families = [.morphology]
    e.roundIntensities = true
    e.resegmentationRange = -500...400
    let found = try e(image, in: mask).byKey
    var good = 0
    for line in Self.rows.split(separator: "\n") {
      let f = line.split(separator: "|").map(String.init)
      let row = ReferenceRow(
        tag: f[0], code: "", aggregation: "-", value: Double(f[1]) ?? .nan, tolerance: Double(f[2]) ?? .nan,
        family: "Morphology", name: "")
      let value = try #require(found[row.tag])
      #expect(row.accepts(value), "\(row.tag): \(value), reference \(row.value) ± \(row.tolerance)")
      if row.accepts(value) { good += 1 }
    }
    print("IBSI 1 CT phantom, A, morphology: \(good) of 25 reference values reproduced")
    #expect(good == 25)
  }

  /// Source: as the values of the digital phantom.
  private static let rows = """
    morph_volume|358000|5000
    morph_vol_approx|359000|5000
    morph_area_mesh|35700|300
    morph_av|0.0996|0.0005
    morph_comp_1|0.03|0.0001
    morph_comp_2|0.319|0.001
    morph_sph_dispr|1.46|0.01
    morph_sphericity|0.683|0.001
    morph_asphericity|0.463|0.002
    morph_com|52.9|28.7
    morph_diam|125|1
    morph_pca_maj_axis|92.7|0.4
    morph_pca_min_axis|81.5|0.4
    morph_pca_least_axis|70.1|0.3
    morph_pca_elongation|0.879|0.001
    morph_pca_flatness|0.756|0.001
    morph_vol_dens_aabb|0.486|0.003
    morph_area_dens_aabb|0.725|0.003
    morph_vol_dens_aee|1.29|0.01
    morph_area_dens_aee|1.71|0.01
    morph_vol_dens_conv_hull|0.827|0.001
    morph_area_dens_conv_hull|1.18|0.01
    morph_integ_int|4810000|320000
    morph_moran_i|0.0322|0.0002
    morph_geary_c|0.863|0.001
    """
}
