// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

extension DICOMWriter {
  /// Writes regions as a binary Segmentation, whole or not at all: one frame for each slice of a region that has voxels.
  ///
  /// - Throws: `invalidParameter` when every region is empty, or for text and UIDs that DICOM cannot hold; `io`.
  /// - Source: PS3.3 A.51, C.8.20.
  public static func writeSegmentation(
    _ set: RegionSet, to path: String, transferSyntax: TransferSyntax = .explicitVRLittleEndian
  ) throws(ImageError) {
    let attributes: Attributes
    do { attributes = try set.segmentation() } catch { throw error.at(path) }
    try write(attributes, to: path, transferSyntax: transferSyntax)
  }
}

extension RegionSet {
  /// The data set of a Segmentation.
  func segmentation() throws(ImageError) -> Attributes {
    try checkSources()
    let size = geometry.size
    guard size.columns <= 65_535, size.rows <= 65_535 else {
      throw ImageError(.invalidParameter, "masks of \(size) exceed 65535 columns or rows")
    }
    var set = commonAttributes(modality: "SEG", sopClassUID: SOPClass.segmentation)
    set.merge([
      .imageType: "DERIVED\\PRIMARY", .contentDate: .text(created.date), .contentTime: .text(created.time),
      .samplesPerPixel: .integer(1), .photometricInterpretation: "MONOCHROME2", .rows: .integer(size.rows),
      .columns: .integer(size.columns), .bitsAllocated: .integer(1), .bitsStored: .integer(1), .highBit: .integer(0),
      .pixelRepresentation: .integer(0), .lossyImageCompression: "00", .segmentationType: "BINARY",
      .contentLabel: .text(label), .contentDescription: .empty, .contentCreatorName: .empty,
      .segmentSequence: .items(regions.map { Self.segment($0.info, equipment) }),
      .dimensionOrganizationSequence: .items([[.dimensionOrganizationUID: .text(uids.dimensions)]]),
      .dimensionIndexSequence: .items([
        dimension(.referencedSegmentNumber, in: .segmentIdentificationSequence, "Segment"),
        dimension(.imagePositionPatient, in: .planePositionSequence, "Slice"),
      ]),
      .sharedFunctionalGroupsSequence: .items([sharedGroup()]),
    ])
    var frames: [(region: Int, slice: Int)] = []
    for (r, region) in regions.enumerated() {
      region.mask.voxels.withVoxels { v in
        for z in 0..<size.slices where memchr(v.baseAddress.unsafelyUnwrapped + z * size.plane, 1, size.plane) != nil {
          frames.append((r, z))
        }
      }
    }
    guard !frames.isEmpty else {
      throw ImageError(.invalidParameter, "every region is empty: there is no frame to write")
    }
    set[.numberOfFrames] = .integer(frames.count)
    set[.perFrameFunctionalGroupsSequence] = .items(
      frames.map { frameGroup(regions[$0.region].info, $0.region, $0.slice) })
    set[.pixelData] = .bytes(packed(frames))
    let references = instanceReferences()
    if !references.isEmpty {
      set[.referencedSeriesSequence] = .items([
        [
          .seriesInstanceUID: .text(sourceSeriesInstanceUID),
          .referencedInstanceSequence: .items(references),
        ]
      ])
    }
    return set
  }

  /// Bits of the frames one after another without padding, least significant first, an even number of bytes.
  private func packed(_ frames: [(region: Int, slice: Int)]) -> [UInt8] {
    let plane = geometry.size.plane, count = (frames.count * plane + 15) / 16 * 2
    // One byte more: eight pixels may reach into the byte after theirs.
    return [UInt8](unsafeUninitializedCapacity: count + 1) { bytes, n in
      bytes.initialize(repeating: 0)
      n = count
      for (f, frame) in frames.enumerated() {
        regions[frame.region].mask.voxels.withVoxels { v in
          let pixels = UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(v)[frame.slice * plane..<(frame.slice + 1) * plane])
          var at = f * plane, i = 0
          while i &+ 8 <= plane {
            let eight = UInt64(littleEndian: pixels.loadUnaligned(fromByteOffset: i, as: UInt64.self))
            // Byte k of 0 or 1 becomes bit 56 + k.
            let bits = UInt16(truncatingIfNeeded: (eight &* 0x0102_0408_1020_4080) >> 56) << UInt16(at & 7)
            bytes[at >> 3] |= UInt8(truncatingIfNeeded: bits)
            bytes[at >> 3 &+ 1] |= UInt8(truncatingIfNeeded: bits >> 8)
            i &+= 8
            at &+= 8
          }
          while i < plane {
            bytes[at >> 3] |= pixels[i] << UInt8(at & 7)
            i &+= 1
            at &+= 1
          }
        }
      }
    }
  }

  private func dimension(_ pointer: Tag, in group: Tag, _ label: String) -> Attributes {
    [
      .dimensionOrganizationUID: .text(uids.dimensions), .dimensionIndexPointer: .tags([pointer]),
      .functionalGroupPointer: .tags([group]), .dimensionDescriptionLabel: .text(label),
    ]
  }

  private func sharedGroup() -> Attributes {
    let (x, y, s) = (geometry.direction.x, geometry.direction.y, geometry.spacing)
    var group: Attributes = [
      .planeOrientationSequence: .items([[.imageOrientationPatient: .numbers([x.x, x.y, x.z, y.x, y.y, y.z])]]),
      .pixelMeasuresSequence: .items([
        [.pixelSpacing: .numbers([s.y, s.x]), .sliceThickness: .number(s.z), .spacingBetweenSlices: .number(s.z)]
      ]),
    ]
    // Where no frame is one of the images, all frames come from all of them.
    if sources.isEmpty && !references.isEmpty {
      group[.derivationImageSequence] = derivation(references.map { Self.image($0) })
    }
    return group
  }

  private static func image(_ source: Source) -> Attributes {
    [
      .referencedSOPClassUID: .text(source.sopClassUID), .referencedSOPInstanceUID: .text(source.sopInstanceUID),
      .purposeOfReferenceCodeSequence: .items([
        CodedConcept("121322", "DCM", "Source image for image processing operation").attributes
      ]),
    ]
  }

  private func derivation(_ images: [Attributes]) -> Attributes.Value {
    .items([
      [
        .sourceImageSequence: .items(images),
        .derivationCodeSequence: .items([CodedConcept("113076", "DCM", "Segmentation").attributes]),
      ]
    ])
  }

  private func frameGroup(_ info: RegionInfo, _ region: Int, _ slice: Int) -> Attributes {
    let p = geometry.position(of: SIMD3(0, 0, Double(slice)))
    var group: Attributes = [
      .frameContentSequence: .items([[.dimensionIndexValues: .integers([region + 1, slice + 1])]]),
      .planePositionSequence: .items([[.imagePositionPatient: .numbers([p.x, p.y, p.z])]]),
      .segmentIdentificationSequence: .items([[.referencedSegmentNumber: .integer(info.number)]]),
    ]
    if !sources.isEmpty {
      let source = sources[slice]
      var image = Self.image(source)
      image[.spatialLocationsPreserved] = "YES"
      if let frame = source.frame { image[.referencedFrameNumber] = .integer(frame) }
      group[.derivationImageSequence] = derivation([image])
    }
    return group
  }

  /// PS3.3 C.8.20.4; what is not known of a segment is said in the most general terms.
  private static func segment(_ info: RegionInfo, _ equipment: Equipment) -> Attributes {
    let isManual = info.algorithmType == "MANUAL"
    let type = ["AUTOMATIC", "SEMIAUTOMATIC", "MANUAL"].contains(info.algorithmType) ? info.algorithmType : "AUTOMATIC"
    var item: Attributes = [
      .segmentNumber: .integer(info.number),
      .segmentLabel: .text(info.name.isEmpty ? "Region \(info.number)" : info.name),
      .segmentAlgorithmType: .text(type),
      .segmentedPropertyCategoryCodeSequence: .items([
        (info.category ?? CodedConcept("123037004", "SCT", "Anatomical Structure")).attributes
      ]),
      .segmentedPropertyTypeCodeSequence: .items([
        (info.type ?? CodedConcept("85756007", "SCT", "Tissue")).attributes
      ]),
    ]
    if !isManual {
      item[.segmentAlgorithmName] = .text(info.algorithmName.isEmpty ? equipment.model : info.algorithmName)
    }
    if !info.description.isEmpty { item[.segmentDescription] = .text(info.description) }
    if let anatomy = info.anatomicRegion { item[.anatomicRegionSequence] = .items([anatomy.attributes]) }
    if let colour = info.colour {
      item[.recommendedDisplayCIELabValue] = .integers(DisplayColour.cieLab(colour).map(Int.init))
    }
    if !info.trackingID.isEmpty && !info.trackingUID.isEmpty {
      item[.trackingID] = .text(info.trackingID)
      item[.trackingUID] = .text(info.trackingUID)
    }
    return item
  }
}
