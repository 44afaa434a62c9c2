// SPDX-License-Identifier: Apache-2.0
import Crypto
public import LumenCore
public import LumenDICOM

/// Results as DICOM objects in the study of the image they come from: regions as a Segmentation or RT Structure Set,
/// features as a measurement report (TID 1500).
///
/// The UIDs of an object follow from its content and its time is that of the study, so that the same results give the same
/// bytes.
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
  /// - Returns: the object, for references to it, and what is to be known about it.
  public func writeSegmentation(
    _ regions: [(name: String, mask: Mask)], to path: String
  ) throws(ImageError) -> (object: MeasurementReport.Reference, notes: [String]) {
    let (set, notes) = try regionSet(regions, kind: "SEG")
    try DICOMWriter.writeSegmentation(set, to: path)
    return (reference(set.uids, sopClassUID: SOPClass.segmentation), notes)
  }

  /// Writes regions as an RT Structure Set.
  ///
  /// - Returns: what is to be known about it.
  public func writeStructureSet(
    _ regions: [(name: String, mask: Mask)], to path: String
  ) throws(ImageError) -> [String] {
    let (set, notes) = try regionSet(regions, kind: "RTSTRUCT")
    try DICOMWriter.writeStructureSet(set, to: path)
    return notes
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
    let content = measured.map { m in
      "\(m.name)|\(m.region)|\(m.values.map { shortest($0.value) }.joined(separator: ","))"
    }
    let name = ["SR", Software.version, recipe, header.seriesInstanceUID] + content
    var report = try MeasurementReport(
      images: series.instances, seriesInstanceUID: try uid(name + ["series"]), sopInstanceUID: try uid(name),
      equipment: equipment, created: Timestamp(of: header))
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

  private func regionSet(
    _ regions: [(name: String, mask: Mask)], kind: String
  ) throws(ImageError) -> (set: RegionSet, notes: [String]) {
    var name = [kind, Software.version, header.seriesInstanceUID]
    for (label, mask) in regions {
      let grid = mask.geometry, axes = grid.direction
      name.append(label)
      name += [grid.spacing, grid.origin, axes.x, axes.y, axes.z].map {
        "\(shortest($0.x)) \(shortest($0.y)) \(shortest($0.z))"
      }
      name.append(mask.voxels.withVoxels { sha256(UnsafeRawBufferPointer($0)) })
    }
    var set = try RegionSet(
      regions.enumerated().map { n, region in (RegionInfo(number: n + 1, name: region.name), region.mask) },
      of: header,
      uids: RegionSet.Identifiers(
        series: try uid(name + ["series"]), instance: try uid(name), dimensions: try uid(name + ["dimensions"])),
      equipment: equipment)
    set.created = Timestamp(of: header)
    set.seriesDescription = "Lumen regions"
    var notes: [String] = []
    do throws(ImageError) { try set.setSources(series) } catch {
      set.setReferences(series)
      notes = ["regions in DICOM name the series, not the image of each slice: \(error.what)"]
    }
    return (set, notes)
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
