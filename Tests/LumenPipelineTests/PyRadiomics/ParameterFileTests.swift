// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenFormats
import LumenRadiomics
import Testing

import LumenPipeline

@Suite("PyRadiomics · parameter files and batches")
struct ParameterFileTests {
  @Test(arguments: [
    ("setting: {binwidth: 25}", "binwidth"), ("setting: {binWidth: -1}", "binWidth"), ("settings: {}", "settings"),
    ("imageType: {Log: {}}", "Log"), ("imageType: {LoG: {sigmas: [1]}}", "sigmas"),
    ("featureClass: {glcm: [Contrasts]}", "Contrasts"), ("featureClass: {gclm: }", "gclm"),
    ("setting: {force2Ddimension: 3}", "force2Ddimension"), ("setting: {interpolator: sitkCubic}", "sitkCubic"),
    ("voxelSetting: {binWidth: 5}", "binWidth"), ("setting: {distances: [0]}", "distances"),
    ("setting: {wavelet: coif99}", "wavelet"), ("setting: {label: 1.5}", "label"),
  ])
  func anUnknownKeyOrValueIsNamed(_ text: String, _ name: String) throws {
    let error = #expect(throws: ImageError.self) { try PyRadiomics(yaml: text) }
    #expect(error?.kind == .invalidParameter)
    #expect(error?.what.contains(name) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("setting:\n  label: 1\n  binwidth: 25", "line 3"), ("imageType:\n  LoG:\n    sigma: [0]", "line 3"),
    ("featureClass:\n  glcm:\n    - Contrast\n    - Contrst", "line 4"), ("name: x", "-r"),
  ])
  func anErrorSaysTheLine(_ text: String, _ line: String) {
    let error = #expect(throws: ImageError.self) { try PyRadiomics(yaml: text) }
    #expect(error?.description.contains(line) == true, "\(error?.description ?? "")")
  }

  @Test func jsonIsReadAndNothingMeansEverything() throws {
    let json = try PyRadiomics(yaml: "{\"imageType\": {\"LoG\": {\"sigma\": [1.0, 3]}}, \"setting\": {\"label\": 2}}")
    #expect(json.imageTypes.map(\.key) == ["LoG"])
    #expect(json.label == 2)
    #expect(json.featureClasses.map(\.name) == PyRadiomics.featureClassNames)
    let empty = try PyRadiomics(yaml: "")
    #expect(empty.imageTypes.map(\.key) == ["Original"])
  }

  @Test func settingsOnTheCommandLineReplaceThoseOfTheFile() throws {
    let file = try PyRadiomics(yaml: "setting: {binWidth: 25, label: 2}")
    #expect(try file.with(overrides: ["label:3"]).label == 3)
    #expect(throws: ImageError.self) { try file.with(overrides: ["lable:3"]) }
    #expect(throws: ImageError.self) { try file.with(overrides: ["label"]) }
    let list = try file.with(overrides: ["resampledPixelSpacing:1,1,2"])
    #expect(list != file)
  }

  @Test func aBatchHasARowForEachCaseWithItsError() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pyradiomics-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let size = Size(columns: 9, rows: 8, slices: 7), grid = Geometry(size: size, spacing: [1.3, 1.1, 2.5])
    let image = try Volume<Int16>(grid, voxels: (0..<size.count).map { Int16($0 * 37 % 101) })
    let mask = try Volume<UInt8>(grid, voxels: (0..<size.count).map { $0 / size.plane < 3 ? 1 : $0 % 3 == 0 ? 2 : 0 })
    try ImageFile.write(.i16(image), to: "\(folder)/image.nrrd")
    try ImageFile.write(.u8(mask), to: "\(folder)/mask.nrrd")
    try Files.write(
      "Patient,Image,Mask,Label\nA,image.nrrd,mask.nrrd,1\nB,image.nrrd,mask.nrrd,2\nC,image.nrrd,mask.nrrd,9\nD,none.nrrd,mask.nrrd,\n",
      to: "\(folder)/cases.csv")
    let cases = try PyRadiomicsCases(batch: "\(folder)/cases.csv")
    let extraction = try PyRadiomics(yaml: "featureClass: {firstorder: [Mean]}")
    let outcomes = cases.cases.map { cases.measure($0, extraction) }
    #expect(outcomes.map { $0.error?.kind } == [nil, nil, .notFound, .notFound])
    let table = try CSV(PyRadiomicsCases.text(outcomes, .csv))
    #expect(table.rows.count == 4)
    #expect(Array(table.header.prefix(4)) == ["Patient", "Image", "Mask", "Label"])
    let mean = try table.index(of: "original_firstorder_Mean"), error = try table.index(of: "error")
    #expect(Double(table.rows[0][mean]) != nil && table.rows[0][mean] != table.rows[1][mean])
    #expect(table.rows[2][mean].isEmpty && table.rows[2][error].contains("9"))
    let text = PyRadiomicsCases.text(outcomes, .txt)
    #expect(text.contains("\nCase-2_original_firstorder_Mean: "))
    let json =
      try JSONSerialization.jsonObject(with: Data(PyRadiomicsCases.text(outcomes, .json).utf8)) as? [[String: Any]]
    #expect(json?.count == 4)
    #expect(json?[0]["diagnostics_Image-original_Spacing"] as? [Double] == [1.3, 1.1, 2.5])
  }
}
