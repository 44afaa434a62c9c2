// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import LumenFormats
import LumenRadiomics
import Testing

@Suite("Features · oracle: IBSI 1 configuration A, lung CT")
struct ConfigurationAIBSI {
  /// The rows of a configuration in the table of reference values, but for some families.
  static func rows(_ table: String, _ configuration: String, without: Set<String>) -> [ReferenceRow] {
    table.split(separator: "\n").dropFirst().compactMap { line in
      // Names of features hold no commas that matter: the fields needed are counted from both ends.
      let f = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard f.count >= 11, f[0] == configuration, !without.contains(f[1]) else { return nil }
      let end = f.count
      return ReferenceRow(
        tag: f[3], code: f[4], aggregation: f[end - 5], value: Double(f[end - 3]) ?? .nan,
        tolerance: Double(f[end - 2]) ?? 0, family: f[1], name: f[5])
    }
  }

  @Test func everyValueButMorphology() throws {
    let root = "\(#filePath)".split(separator: "/").dropLast(4).joined(separator: "/")
    let folder = (getenv("LUMEN_REFERENCE").map { String(cString: $0) } ?? "/\(root)/../shared/reference") + "/ibsi"
    guard access("\(folder)/ibsi1_ct_phantom/image.nii.gz", R_OK) == 0 else {
      return print("skipped: IBSI reference files not found (set LUMEN_REFERENCE)")
    }
    let image = try #require(try ImageFile.volumes("\(folder)/ibsi1_ct_phantom/image.nii.gz").first)
    let region = try #require(try ImageFile.volumes("\(folder)/ibsi1_ct_phantom/mask.nii.gz").first)
    var e = FeatureExtraction()
    e.families = FamilyName.allCases.filter { $0 != .morphology && $0 != .diagnostics }
    e.roundIntensities = true
    e.resegmentationRange = -500...400
    e.discretisation = .fixedBinSize(25)
    e.aggregations = [.averaged2D, .merged2D, .averaged25D, .merged25D]
    let found = try e(image, in: Mask(region.float, atLeast: 0.5)).byKey
    let table = String(decoding: try Files.read("\(folder)/ibsi1_reference_values.csv"), as: UTF8.self)
    let rows = Self.rows(table, "A", without: ["Morphology"])
    for row in rows {
      let value = found[row.key] ?? .nan
      #expect(row.accepts(value), "\(row.key): \(value), reference \(row.value) ± \(row.tolerance)")
    }
    print("IBSI 1 configuration A: \(rows.count { row in row.accepts(found[row.key] ?? .nan) }) of \(rows.count)")
    #expect(rows.count == 321)
  }
}
