// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

/// A report of three regions: of a segment, of a structure set, of a mask that is kept elsewhere.
func exampleReport() throws -> MeasurementReport {
  let scratch = Scratch()
  let headers = try (0..<3).map { z -> InstanceHeader in
    try DICOMWriter.write(try WriterRoundTrip.instance(z), to: scratch("\(z).dcm"))
    return try DICOMFile.header(scratch("\(z).dcm"))
  }
  let hu = UCUM.intensity(modality: "CT")
  func feature(_ key: String, _ name: String, _ code: String?, _ unit: String, _ value: Double) -> FeatureValue {
    FeatureValue(FeatureColumn(key: key, name: name, code: code, family: "", unit: unit, definition: ""), value)
  }
  let measurements: [MeasurementReport.Measurement] = [
    .init(feature("morph_volume", "volume (mesh)", "RNU0", "mm³", 358324.80000000005), intensityUnit: hu),
    .init(feature("stat_var", "variance", "ECT3", "intensity²", 1.0 / 3), intensityUnit: hu),
    .init(
      feature("cm_contrast_3D:avg", "contrast", "ACUI", "", 1e-300), intensityUnit: hu,
      method: CodedConcept("ITBB", "IBSI", "3D averaged")),
    .init(feature("stat_skew", "skewness", "KE2A", "", .nan), intensityUnit: hu),
    .init(feature("diag_bounding_box_dim_x", "bounding box columns", nil, "", 17), intensityUnit: hu),
  ]
  let segment = MeasurementReport.Reference(
    sopClassUID: "1.2.840.10008.5.1.4.1.1.66.4", sopInstanceUID: "2.25.77", seriesInstanceUID: "2.25.78")
  let structures = MeasurementReport.Reference(
    sopClassUID: "1.2.840.10008.5.1.4.1.1.481.3", sopInstanceUID: "2.25.87", seriesInstanceUID: "2.25.88")
  var report = try MeasurementReport(
    images: headers, seriesInstanceUID: "2.25.100", sopInstanceUID: "2.25.101", equipment: Equipment(version: "0.1"),
    created: Timestamp(date: "20260102", time: "030405"))
  report.groups = [
    .init(name: "GTV-1", trackingUID: "2.25.11", region: .segment(segment, number: 2), measurements: measurements),
    .init(
      name: "Tumör", trackingUID: "2.25.12", region: .structureSet(structures, roiNumber: 3), measurements: measurements
    ),
    .init(name: "mask.nii", trackingUID: "2.25.13", measurements: measurements),
  ]
  report.groups[0].finding = CodedConcept("108369006", "SCT", "Neoplasm")
  report.groups[0].findingSite = CodedConcept("39607008", "SCT", "Lung")
  return report
}

@Suite("Measurement report · property: values, codes and references are read back")
struct ReportRoundTrip {
  private func items(_ set: DataSet, _ tag: LumenDICOM.Tag = .contentSequence) -> [DataSet] {
    Array(
      sequence(state: set.first(tag)) { current -> DataSet? in
        defer { current = current.flatMap { set.next(tag, after: $0) } }
        return current
      })
  }
  private func name(_ item: DataSet) -> String { item.first(.conceptNameCodeSequence)?.text(.codeValue) ?? "" }

  @Test func everyValueIsExact() throws {
    let scratch = Scratch(), report = try exampleReport()
    try DICOMWriter.write(report, to: scratch("sr.dcm"))
    let handle = try DICOMHandle(path: scratch("sr.dcm")), root = try handle.dataSet
    #expect(root.text(.sopClassUID) == MeasurementReport.sopClassUID && root.text(.modality) == "SR")
    #expect(root.text(.patientID) == "P1" && root.localText(.patientName) == "Müller^Zoë=山田")
    #expect(root.text(.verificationFlag) == "UNVERIFIED" && root.text(.preliminaryFlag) == "PRELIMINARY")
    #expect(root.first(.contentTemplateSequence)?.text(.templateIdentifier) == "1500")
    let content = items(root)
    #expect(content.last?.text(.textValue) == report.disclaimer)
    let groups = items(try #require(content.first { name($0) == "126010" }))
    #expect(groups.count == 3)
    #expect(groups.map { $0.first(.contentTemplateSequence)?.text(.templateIdentifier) } == ["1411", "1411", "1501"])
    for (group, source) in zip(groups, report.groups) {
      let children = items(group)
      #expect(children.first { name($0) == "112039" }?.localText(.textValue) == source.name)
      #expect(children.first { name($0) == "112040" }?.text(.uid) == source.trackingUID)
      let numbers = children.filter { $0.text(.valueType) == "NUM" }
      let written = source.measurements.filter(\.value.isFinite)
      #expect(numbers.count == 4 && written.count == 4)
      for (number, m) in zip(numbers, written) {
        let value = try #require(number.first(.measuredValueSequence))
        let rounded = try #require(value.number(.numericValue))
        #expect(abs(rounded - m.value) <= abs(m.value) * 1e-9 && value.text(.numericValue).utf8.count <= 16)
        #expect(value.first(.measurementUnitsCodeSequence)?.text(.codeValue) == m.unit.value)
        let concept = try #require(number.first(.conceptNameCodeSequence))
        #expect(concept.text(m.name.value.utf8.count > 16 ? .longCodeValue : .codeValue) == m.name.value)
        #expect(concept.text(.codingSchemeDesignator) == m.name.scheme && concept.text(.codeMeaning) == m.name.meaning)
        let method = items(number).first?.first(.conceptCodeSequence)?.text(.codeValue)
        #expect(method == m.method?.value)
      }
      #expect(children.last?.text(.textValue) == "Without value in this region: skewness (KE2A)")
    }
    // The binary values, which the toolkit's text of them does not always give back.
    let exact = try DICOMFile.dump(scratch("sr.dcm")).lines.filter { $0.contains("(0040,A161) FD") }.map {
      $0.split(separator: " ").last.flatMap { Double($0) }
    }
    #expect(exact == report.groups.flatMap(\.measurements).map(\.value).filter(\.isFinite))
    let segment = items(groups[0]).first { name($0) == "121191" }?.first(.referencedSOPSequence)
    #expect(segment?.text(.referencedSOPInstanceUID) == "2.25.77" && segment?.integer(.referencedSegmentNumber) == 2)
    let region = try #require(items(groups[1]).first { name($0) == "130488" })
    #expect(region.text(.valueType) == "COMPOSITE" && items(region).first?.text(.textValue) == "3")
  }

  @Test func everythingReferredToIsEvidence() throws {
    let scratch = Scratch()
    try DICOMWriter.write(try exampleReport(), to: scratch("sr.dcm"))
    let handle = try DICOMHandle(path: scratch("sr.dcm"))
    let studies = items(try handle.dataSet, .currentRequestedProcedureEvidenceSequence)
    #expect(studies.map { $0.text(.studyInstanceUID) } == ["2.25.1"])
    let series = studies.flatMap { items($0, .referencedSeriesSequence) }
    #expect(series.map { $0.text(.seriesInstanceUID) } == ["2.25.2", "2.25.78", "2.25.88"])
    #expect(series.map { items($0, .referencedSOPSequence).count } == [3, 1, 1])
  }

  @Test func missingValuesCanBeQualified() throws {
    let scratch = Scratch()
    var report = try exampleReport()
    report.qualifiesMissingValues = true
    report.groups = [report.groups[2]]
    report.groups[0].measurements = [Double.nan, .infinity, -.infinity].map {
      .init(CodedConcept("KE2A", "IBSI", "skewness"), $0, unit: UCUM.one)
    }
    try DICOMWriter.write(report, to: scratch("sr.dcm"))
    let handle = try DICOMHandle(path: scratch("sr.dcm"))
    let group = try #require(items(try handle.dataSet).first { name($0) == "126010" }?.first(.contentSequence))
    let numbers = items(group).filter { $0.text(.valueType) == "NUM" }
    #expect(numbers.allSatisfy { $0.has(.measuredValueSequence) && $0.first(.measuredValueSequence) == nil })
    let reasons = numbers.map { $0.first(.numericValueQualifierCodeSequence)?.text(.codeValue) }
    #expect(reasons == ["114000", "114002", "114001"])
  }

  @Test func sameReportGivesSameBytes() throws {
    let scratch = Scratch(), report = try exampleReport()
    try DICOMWriter.write(report, to: scratch("a.dcm"))
    try DICOMWriter.write(report, to: scratch("b.dcm"))
    #expect(try Files.read(scratch("a.dcm")) == Files.read(scratch("b.dcm")))
  }

  @Test func reportsThatSayNothingAreRefused() throws {
    let scratch = Scratch()
    var report = try exampleReport()
    report.groups[0].trackingUID = "GTV"
    let error = #expect(throws: ImageError.self) { try DICOMWriter.write(report, to: scratch("a.dcm")) }
    #expect(error?.what.contains("(0040,A124)") == true)
    report.groups = []
    #expect(throws: ImageError.self) { try DICOMWriter.write(report, to: scratch("a.dcm")) }
    report = try exampleReport()
    report.seriesInstanceUID = "2.25.2"
    #expect(throws: ImageError.self) { try DICOMWriter.write(report, to: scratch("a.dcm")) }
    #expect(throws: ImageError.self) {
      try MeasurementReport(
        images: [], seriesInstanceUID: "2.25.3", sopInstanceUID: "2.25.4", equipment: Equipment(version: "1"))
    }
    #expect(try Files.list([scratch.path]).isEmpty)
  }

  @Test func unitsAreUCUM() {
    let hu = UCUM.intensity(modality: "CT"), suv = UCUM.intensity(modality: "PT", units: "GML")
    let expected: [(String, CodedConcept, String)] = [
      ("", hu, "1"), ("mm", hu, "mm"), ("mm²", hu, "mm2"), ("mm³", hu, "mm3"), ("mm⁻¹", hu, "mm-1"), ("bit", hu, "bit"),
      ("intensity", hu, "[hnsf'U]"), ("intensity²", hu, "[hnsf'U]2"), ("intensity", suv, "g/ml{SUVbw}"),
      ("intensity²", suv, "(g/ml)2{SUVbw}"), ("intensity", UCUM.intensity(modality: "MR"), "[arb'U]"),
      ("intensity", UCUM.intensity(modality: "PT", units: "BQML"), "Bq/ml"),
    ]
    for (unit, intensity, code) in expected { #expect(UCUM.unit(unit, intensity: intensity).value == code) }
  }
}

@Suite("Written objects · oracle: dciodvfy finds no error")
struct ValidatedObjects {
  @Test func measurementReport() throws {
    let scratch = Scratch()
    try DICOMWriter.write(try exampleReport(), to: scratch("sr.dcm"))
    if let errors = Validator.errors(scratch("sr.dcm")) { #expect(errors.isEmpty) }
  }

  @Test(arguments: [TransferSyntax.explicitVRLittleEndian, .rleLossless, .jpegLosslessSV1])
  func secondaryCaptures(_ syntax: TransferSyntax) throws {
    let scratch = Scratch()
    for (i, pixels) in CaptureRoundTrip.pictures().enumerated() {
      let path = scratch("\(i).dcm")
      try DICOMWriter.write(try CaptureRoundTrip.capture(pixels), to: path, transferSyntax: syntax)
      if let errors = Validator.errors(path) { #expect(errors.isEmpty, "picture \(i)") }
    }
  }
}
