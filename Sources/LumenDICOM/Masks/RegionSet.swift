// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Regions to be written, as a DICOM Segmentation or an RT Structure Set.
///
///     var set = try RegionSet([(info, mask)], of: series, geometry: ct.geometry, uids: uids, equipment: lumen)
///     try DICOMWriter.writeSegmentation(set, to: "seg.dcm")
///     try DICOMWriter.writeStructureSet(set, to: "rs.dcm")
///
/// - Source: PS3.3 A.51, A.19.
public struct RegionSet: Sendable {
  /// UIDs of the new object; none may be that of another object.
  public struct Identifiers: Sendable, Hashable {
    /// Series Instance UID.
    public var series: String
    /// SOP Instance UID.
    public var instance: String
    /// Dimension Organization UID, for a segmentation.
    public var dimensions: String

    /// The three UIDs.
    public init(series: String, instance: String, dimensions: String) {
      self.series = series
      self.instance = instance
      self.dimensions = dimensions
    }

    /// New UIDs that nobody has.
    public static func random() -> Identifiers {
      Identifiers(
        series: UniqueIdentifier.random(), instance: UniqueIdentifier.random(), dimensions: UniqueIdentifier.random())
    }
  }

  /// An instance, or a frame of one, that regions were drawn on.
  public struct Source: Sendable, Hashable {
    /// SOP Class UID.
    public var sopClassUID: String
    /// SOP Instance UID.
    public var sopInstanceUID: String
    /// Frame, from 1, of a multi-frame instance.
    public var frame: Int?

    /// An instance, or a frame of it.
    public init(sopClassUID: String, sopInstanceUID: String, frame: Int? = nil) {
      self.sopClassUID = sopClassUID
      self.sopInstanceUID = sopInstanceUID
      self.frame = frame
    }
  }

  /// How holes become contours.
  public enum Holes: String, Sendable, CaseIterable {
    /// Joined to the outer contour by a channel of no width: CLOSED_PLANAR, which every reader knows.
    case keyhole
    /// Contours of their own: CLOSEDPLANAR_XOR for the region.
    case exclusiveOr
  }

  /// What is written: number, name, codes, colour; and the voxels.
  public var regions: [(info: RegionInfo, mask: Mask)]
  /// The grid of all masks.
  public let geometry: Geometry
  /// Frame of Reference UID of the image.
  public var frameOfReferenceUID: String
  /// The image of each slice; empty when it is not known.
  public var sources: [Source] = []
  /// The images that the regions as a whole were drawn on, where no slice is one of them; unused with ``sources``.
  public var references: [Source] = []
  /// Series Instance UID of the image.
  public var sourceSeriesInstanceUID = ""
  /// Patient and study, ``Attributes/init(patientAndStudyOf:)``.
  public var study: Attributes
  /// UIDs of the new object.
  public var uids: Identifiers
  /// Series Number.
  public var seriesNumber = 1
  /// Series Description.
  public var seriesDescription = ""
  /// Content Label or Structure Set Label, in capitals and underscores.
  public var label = "REGIONS"
  /// Who made it.
  public var equipment: Equipment
  /// When it was made.
  public var created = Timestamp.now

  /// Regions drawn on an image.
  ///
  /// - Throws: `invalidParameter` for no regions, masks on different grids, and numbers that repeat or lie outside
  ///   1 … 65535.
  public init(
    _ regions: [(info: RegionInfo, mask: Mask)], of header: InstanceHeader, uids: Identifiers, equipment: Equipment
  ) throws(ImageError) {
    guard let first = regions.first else { throw ImageError(.invalidParameter, "there are no regions to write") }
    var numbers = Set<Int>()
    for (info, mask) in regions {
      try first.mask.geometry.requireSame(as: mask.geometry, "region \(info.number)")
      guard (1...65_535).contains(info.number), numbers.insert(info.number).inserted else {
        throw ImageError(.invalidParameter, "region number \(info.number) repeats or lies outside 1 to 65535")
      }
    }
    self.regions = regions
    geometry = first.mask.geometry
    frameOfReferenceUID = header.frameOfReferenceUID
    study = Attributes(patientAndStudyOf: header)
    self.uids = uids
    self.equipment = equipment
  }

  /// Takes over which instance each slice is, from a series that lies on the masks' grid.
  ///
  /// - Throws: `invalidParameter` when a slice has no image at its place; ``setReferences(_:)`` then names the series.
  public mutating func setSources(_ series: Series) throws(ImageError) {
    var found = [Source?](repeating: nil, count: geometry.size.slices)
    for h in series.instances {
      let positions = h.framePositions.isEmpty ? [h.imagePosition].compactMap { $0 } : h.framePositions
      for (frame, position) in positions.enumerated() {
        let index = geometry.index(of: position)
        let k = index.z.rounded()
        guard abs(index.z - k) < 0.01, k >= 0, k < Double(found.count), max(abs(index.x), abs(index.y)) < 0.5 else {
          continue
        }
        found[Int(k)] = Source(
          sopClassUID: h.sopClassUID, sopInstanceUID: h.sopInstanceUID, frame: h.frames > 1 ? frame + 1 : nil)
      }
    }
    if let missing = found.firstIndex(where: { $0 == nil }) {
      throw ImageError(.invalidParameter, "slice \(missing + 1) of the masks has no image of the series at its place")
    }
    sources = found.compactMap { $0 }
    sourceSeriesInstanceUID = series.seriesInstanceUID
  }

  /// Takes over the instances of a series that lies on another grid than the masks: resampled, or a mosaic.
  public mutating func setReferences(_ series: Series) {
    sources = []
    references = series.instances.map { Source(sopClassUID: $0.sopClassUID, sopInstanceUID: $0.sopInstanceUID) }
    sourceSeriesInstanceUID = series.seriesInstanceUID
  }

  /// What both objects have: patient, study, series, equipment, instance.
  func commonAttributes(modality: String, sopClassUID: String) -> Attributes {
    var set = study
    set.merge(Attributes(equipment: equipment))
    set.merge([
      .sopClassUID: .text(sopClassUID), .sopInstanceUID: .text(uids.instance), .modality: .text(modality),
      .seriesInstanceUID: .text(uids.series), .seriesNumber: .integer(seriesNumber), .instanceNumber: .integer(1),
      .instanceCreationDate: .text(created.date), .instanceCreationTime: .text(created.time),
      .frameOfReferenceUID: .text(frameOfReferenceUID), .positionReferenceIndicator: .empty,
    ])
    if !seriesDescription.isEmpty { set[.seriesDescription] = .text(seriesDescription) }
    return set
  }

  /// References to distinct instances, in the order of the slices.
  func instanceReferences() -> [Attributes] {
    var seen = Set<String>()
    return (sources.isEmpty ? references : sources).filter { seen.insert($0.sopInstanceUID).inserted }.map {
      [.referencedSOPClassUID: .text($0.sopClassUID), .referencedSOPInstanceUID: .text($0.sopInstanceUID)]
    }
  }

  func checkSources() throws(ImageError) {
    let isNamed = !sourceSeriesInstanceUID.isEmpty || sources.isEmpty && references.isEmpty
    guard isNamed, sources.isEmpty || sources.count == geometry.size.slices else {
      throw ImageError(
        .invalidParameter,
        "\(sources.count) source images are named for \(geometry.size.slices) slices, with their series")
    }
  }
}
