// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension DICOMWriter {
  /// Writes a measurement report as a Part 10 file, whole or not at all.
  ///
  /// - Throws: `invalidParameter` for a report without groups, malformed UIDs and text that DICOM cannot hold; `io`.
  /// - Source: PS3.16 TID 1500.
  public static func write(_ report: MeasurementReport, to path: String) throws(ImageError) {
    let attributes: Attributes
    do { attributes = try report.attributes() } catch { throw error.at(path) }
    try write(attributes, to: path)
  }
}

extension MeasurementReport {
  private static let ibsi: Attributes = [
    .codingSchemeDesignator: "IBSI", .codingSchemeUID: "1.2.840.10008.2.16.13",
    .codingSchemeName: "Image Biomarker Standardisation Initiative",
  ]
  private static let own: Attributes = [
    .codingSchemeDesignator: "99LUMEN", .codingSchemeName: "Lumen feature keys",
    .codingSchemeResponsibleOrganization: "Lumen",
  ]

  /// The data set of the report.
  func attributes() throws(ImageError) -> Attributes {
    guard !groups.isEmpty else { throw ImageError(.invalidParameter, "a measurement report without groups") }
    guard !images.contains(where: { $0.seriesInstanceUID == seriesInstanceUID }) else {
      throw ImageError(.invalidParameter, "the report has the Series Instance UID of its images, expected a new one")
    }
    var set = study
    set.merge(Attributes(equipment: equipment))
    set.merge([
      .sopClassUID: .text(Self.sopClassUID), .sopInstanceUID: .text(sopInstanceUID), .modality: "SR",
      .seriesInstanceUID: .text(seriesInstanceUID), .seriesNumber: .integer(seriesNumber),
      .seriesDescription: .text(seriesDescription), .instanceNumber: .integer(instanceNumber),
      .instanceCreationDate: .text(created.date), .instanceCreationTime: .text(created.time),
      .contentDate: .text(created.date), .contentTime: .text(created.time),
      .referencedPerformedProcedureStepSequence: .items([]), .performedProcedureCodeSequence: .items([]),
      .completionFlag: "COMPLETE", .verificationFlag: "UNVERIFIED", .preliminaryFlag: "PRELIMINARY",
      .codingSchemeIdentificationSequence: .items([Self.own, Self.ibsi]),
      .currentRequestedProcedureEvidenceSequence: .items(evidence),
    ])
    set.merge(document.attributes)
    return set
  }

  /// Everything the report refers to, by study and series, each instance once.
  private var evidence: [Attributes] {
    var own = ""
    if case .text(let uid) = study[.studyInstanceUID] { own = uid }
    var references = images
    for group in groups {
      switch group.region {
      case .segment(let reference, _), .structureSet(let reference, _): references.append(reference)
      case .unknown: break
      }
    }
    var studies: [(uid: String, series: [(uid: String, instances: [Attributes])])] = []
    var seen: Set<String> = []
    for r in references where seen.insert(r.sopInstanceUID).inserted {
      let uid = r.studyInstanceUID ?? own
      let study = studies.firstIndex { $0.uid == uid } ?? studies.endIndex
      if study == studies.endIndex { studies.append((uid, [])) }
      let series = studies[study].series.firstIndex { $0.uid == r.seriesInstanceUID } ?? studies[study].series.endIndex
      if series == studies[study].series.endIndex { studies[study].series.append((r.seriesInstanceUID, [])) }
      studies[study].series[series].instances.append([
        .referencedSOPClassUID: .text(r.sopClassUID), .referencedSOPInstanceUID: .text(r.sopInstanceUID),
      ])
    }
    return studies.map { study in
      [
        .studyInstanceUID: .text(study.uid),
        .referencedSeriesSequence: .items(
          study.series.map {
            [.seriesInstanceUID: .text($0.uid), .referencedSOPSequence: .items($0.instances)]
          }),
      ]
    }
  }

  /// The document: TID 1500.
  private var document: ContentItem {
    var root = ContentItem.container(nil, Concept.report, template: "1500")
    root.add(.code(.hasConceptModifier, Concept.language, CodedConcept("en", "RFC5646", "English")))
    root.add(observer)
    root.add(.code(.hasConceptModifier, Concept.procedure, procedure))
    var measurements = ContentItem.container(.contains, Concept.measurements)
    for group in groups { measurements.add(content(of: group)) }
    root.add(measurements)
    if !disclaimer.isEmpty { root.add(.text(.contains, Concept.comment, disclaimer)) }
    return root
  }

  /// The software as observer: TID 1001, 1004.
  private var observer: [ContentItem] {
    [
      .code(.hasObservationContext, Concept.observerType, CodedConcept("121007", "DCM", "Device")),
      .uid(.hasObservationContext, Concept.deviceUID, DICOMWriter.implementationClassUID),
      .text(.hasObservationContext, Concept.deviceName, equipment.model),
      .text(.hasObservationContext, Concept.deviceManufacturer, equipment.manufacturer),
      .text(.hasObservationContext, Concept.deviceModel, equipment.model),
      .text(.hasObservationContext, Concept.deviceSerial, equipment.serialNumber),
    ]
  }

  private var procedure: CodedConcept {
    switch modality {
    case "CT": CodedConcept("25045-6", "LN", "CT unspecified body region")
    case "MR": CodedConcept("25056-3", "LN", "MRI unspecified body region")
    case "PT": CodedConcept("44136-0", "LN", "PET unspecified body region")
    case "NM": CodedConcept("49118-3", "LN", "NM unspecified body region")
    default: CodedConcept("363679005", "SCT", "Imaging procedure")
    }
  }

  /// TID 1411, or TID 1501 without region; algorithm by TID 4019, numbers by TID 300.
  private func content(of group: Group) -> ContentItem {
    var template = "1411"
    if case .unknown = group.region { template = "1501" }
    var item = ContentItem.container(.contains, Concept.group, template: template)
    item.add(.text(.hasObservationContext, Concept.trackingIdentifier, group.name))
    item.add(.uid(.hasObservationContext, Concept.trackingUID, group.trackingUID))
    if let finding = group.finding { item.add(.code(.contains, Concept.finding, finding)) }
    switch group.region {
    case .segment(let r, let number):
      item.add(
        .reference(
          .contains, "IMAGE", Concept.segment, classUID: r.sopClassUID, instanceUID: r.sopInstanceUID, segment: number))
      item.add(.uid(.contains, Concept.sourceSeries, images.first?.seriesInstanceUID ?? ""))
    case .structureSet(let r, let number):
      var region = ContentItem.reference(
        .contains, "COMPOSITE", Concept.regionInSpace, classUID: r.sopClassUID, instanceUID: r.sopInstanceUID)
      region.add(.text(.hasProperties, Concept.regionIdentifier, String(number)))
      item.add(region)
    case .unknown: break
    }
    item.add(.text(.hasConceptModifier, Concept.algorithmName, equipment.model))
    item.add(.text(.hasConceptModifier, Concept.algorithmVersion, equipment.version))
    if let site = group.findingSite { item.add(.code(.hasConceptModifier, Concept.findingSite, site)) }
    let isWritten = { (m: Measurement) in m.value.isFinite || qualifiesMissingValues }
    for m in group.measurements where isWritten(m) {
      var number = ContentItem.number(.contains, m.name, m.value, unit: m.unit)
      if let method = m.method { number.add(.code(.hasConceptModifier, Concept.method, method)) }
      item.add(number)
    }
    let missing = group.measurements.filter { !isWritten($0) }.map { "\($0.name.meaning) (\($0.name.value))" }
    if !missing.isEmpty {
      item.add(.text(.contains, Concept.comment, "Without value in this region: " + missing.joined(separator: ", ")))
    }
    return item
  }
}

/// Names of content items, PS3.16 annex D.
private enum Concept {
  static let report = CodedConcept("126000", "DCM", "Imaging Measurement Report")
  static let language = CodedConcept("121049", "DCM", "Language of Content Item and Descendants")
  static let procedure = CodedConcept("121058", "DCM", "Procedure reported")
  static let measurements = CodedConcept("126010", "DCM", "Imaging Measurements")
  static let group = CodedConcept("125007", "DCM", "Measurement Group")
  static let comment = CodedConcept("121106", "DCM", "Comment")
  static let observerType = CodedConcept("121005", "DCM", "Observer Type")
  static let deviceUID = CodedConcept("121012", "DCM", "Device Observer UID")
  static let deviceName = CodedConcept("121013", "DCM", "Device Observer Name")
  static let deviceManufacturer = CodedConcept("121014", "DCM", "Device Observer Manufacturer")
  static let deviceModel = CodedConcept("121015", "DCM", "Device Observer Model Name")
  static let deviceSerial = CodedConcept("121016", "DCM", "Device Observer Serial Number")
  static let trackingIdentifier = CodedConcept("112039", "DCM", "Tracking Identifier")
  static let trackingUID = CodedConcept("112040", "DCM", "Tracking Unique Identifier")
  static let finding = CodedConcept("121071", "DCM", "Finding")
  static let findingSite = CodedConcept("363698007", "SCT", "Finding Site")
  static let segment = CodedConcept("121191", "DCM", "Referenced Segment")
  static let sourceSeries = CodedConcept("121232", "DCM", "Source series for segmentation")
  static let regionInSpace = CodedConcept("130488", "DCM", "Region in Space")
  static let regionIdentifier = CodedConcept("130489", "DCM", "Referenced Region of Interest Identifier")
  static let algorithmName = CodedConcept("111001", "DCM", "Algorithm Name")
  static let algorithmVersion = CodedConcept("111003", "DCM", "Algorithm Version")
  static let method = CodedConcept("370129005", "SCT", "Measurement Method")
}
