// SPDX-License-Identifier: Apache-2.0
import Crypto
public import LumenCore
public import LumenDICOM

/// Results as DICOM objects in the study of the image they come from: regions as a Segmentation or RT Structure Set,
/// features as a measurement report (TID 1500).
///
/// The UIDs of an object follow from its content, so that the same results give the same objects.
public struct DICOMResults: Sendable {
  /// The objects that there are.
  public enum Kind: String, Sendable, CaseIterable {
    /// A Segmentation of the regions.
    case segmentation = "seg"
    /// An RT Structure Set of the regions.
    case structureSet = "rtstruct"
    /// A measurement report.
    case report = "sr"

    /// Its file in the folder of a case.
    var fileName: String { "\(rawValue).dcm" }
  }

  private let series: Series
  private let header: InstanceHeader
  private let equipment = Equipment(version: Software.version)

  /// Results of one series.
  ///
  /// - Throws: `invalidParameter` for a series without instances or without its UIDs.
  public init(_ series: Series?) throws(ImageError) {
    guard let series, let header = series.instances.first, !header.studyInstanceUID.isEmpty,
      !header.seriesInstanceUID.isEmpty
    else {
      throw ImageError(
        .invalidParameter, "DICOM results need a DICOM image with study and series UIDs",
        hint: "write the mask as .nii.gz or .nrrd, and the features as CSV")
    }
    self.series = series
    self.header = header
  }

  /// Writes regions as a Segmentation.
  ///
  /// - Returns: the object, for references to it.
  public func writeSegmentation(
    _ regions: [(name: String, mask: Mask)], to path: String
  ) throws(ImageError) -> MeasurementReport.Reference {
    let set = try regionSet(regions, kind: "SEG")
    try DICOMWriter.writeSegmentation(set, to: path)
    return reference(set.uids, sopClassUID: "1.2.840.10008.5.1.4.1.1.66.4")
  }

  /// Writes regions as an RT Structure Set.
  public func writeStructureSet(_ regions: [(name: String, mask: Mask)], to path: String) throws(ImageError) {
    try DICOMWriter.writeStructureSet(try regionSet(regions, kind: "RTSTRUCT"), to: path)
  }

  /// Measurements of one region.
  public struct Measured: Sendable {
    /// The region's name.
    public var name: String
    /// Where it is kept.
    public var region: MeasurementReport.Region
    /// Its features.
    public var values: [FeatureValue]
    /// Measurements of one region.
    public init(name: String, region: MeasurementReport.Region, values: [FeatureValue]) {
      self.name = name
      self.region = region
      self.values = values
    }
  }

  /// Writes features as a measurement report.
  ///
  /// - Parameter recipe: the hash of the recipe that measured; named as the method of each measurement's software.
  public func writeReport(_ measured: [Measured], recipe: String, to path: String) throws(ImageError) {
    let content = measured.map { m in "\(m.name)|\(m.values.map { shortest($0.value) }.joined(separator: ","))" }
    let name = ["SR", recipe, header.seriesInstanceUID] + content
    var report = try MeasurementReport(
      images: series.instances, seriesInstanceUID: try uid(name + ["series"]), sopInstanceUID: try uid(name),
      equipment: equipment)
    report.disclaimer = Software.disclaimer
    let unit = UCUM.intensity(modality: header.modality, units: header.units)
    for m in measured {
      var group = MeasurementReport.Group(
        name: m.name, trackingUID: try uid([header.seriesInstanceUID, "tracking", m.name]), region: m.region)
      group.measurements = m.values.map { value in
        let aggregation = value.column.aggregation
        return MeasurementReport.Measurement(
          value, intensityUnit: unit,
          method: aggregation == "-" ? nil : CodedConcept(aggregation, "99LUMEN", "aggregation \(aggregation)"))
      }
      report.groups.append(group)
    }
    try DICOMWriter.write(report, to: path)
  }

  /// Where one region of a source is kept.
  public static func place(_ region: RegionSource.Region, in source: RegionSource) -> MeasurementReport.Region {
    guard let file = source.file else { return .unknown }
    let reference = MeasurementReport.Reference(file.header)
    return file.kind == .structureSet
      ? .structureSet(reference, roiNumber: region.number) : .segment(reference, number: region.number)
  }

  private func regionSet(_ regions: [(name: String, mask: Mask)], kind: String) throws(ImageError) -> RegionSet {
    var name = [kind, header.seriesInstanceUID]
    for (label, mask) in regions {
      name.append(label)
      name.append(mask.voxels.withVoxels { sha256(UnsafeRawBufferPointer($0)) })
    }
    var set = try RegionSet(
      regions.enumerated().map { n, region in (RegionInfo(number: n + 1, name: region.name), region.mask) },
      of: header,
      uids: RegionSet.Identifiers(
        series: try uid(name + ["series"]), instance: try uid(name), dimensions: try uid(name + ["dimensions"])),
      equipment: equipment)
    try set.setSources(series)
    set.seriesDescription = "Lumen regions"
    return set
  }

  private func reference(_ uids: RegionSet.Identifiers, sopClassUID: String) -> MeasurementReport.Reference {
    MeasurementReport.Reference(
      sopClassUID: sopClassUID, sopInstanceUID: uids.instance, seriesInstanceUID: uids.series,
      studyInstanceUID: header.studyInstanceUID)
  }

  private func uid(_ parts: [String]) throws(ImageError) -> String {
    try UniqueIdentifier.named(by: Array(SHA256.hash(data: Array(parts.joined(separator: "\n").utf8))))
  }
}
