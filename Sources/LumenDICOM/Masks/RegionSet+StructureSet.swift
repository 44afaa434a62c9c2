// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension DICOMWriter {
  /// Writes regions as an RT Structure Set, whole or not at all. Contours follow voxel edges: drawn on the same image
  /// they give the same masks exactly.
  ///
  /// - Parameter transferSyntax: with implicit VR contours may have any number of points, with explicit VR Contour Data
  ///   is limited to 64 KiB.
  /// - Throws: `invalidParameter` for text, UIDs and lengths that DICOM cannot hold; `io`.
  /// - Source: PS3.3 A.19, C.8.8.5, C.8.8.6, C.8.8.8.
  public static func writeStructureSet(
    _ set: RegionSet, to path: String, holes: RegionSet.Holes = .keyhole,
    transferSyntax: TransferSyntax = .implicitVRLittleEndian
  ) throws(ImageError) {
    let attributes: Attributes
    do { attributes = try set.structureSet(holes) } catch { throw error.at(path) }
    try write(attributes, to: path, transferSyntax: transferSyntax)
  }
}

extension RegionSet {
  /// The data set of an RT Structure Set.
  func structureSet(_ holes: Holes) throws(ImageError) -> Attributes {
    try checkSources()
    var set = commonAttributes(modality: "RTSTRUCT", sopClassUID: SOPClass.structureSet)
    var frame: Attributes = [.frameOfReferenceUID: .text(frameOfReferenceUID)]
    let references = instanceReferences()
    if !references.isEmpty {
      frame[.rtReferencedStudySequence] = .items([
        [
          // Detached Study Management, retired, is what PS3.3 C.8.8.5 still wants here.
          .referencedSOPClassUID: "1.2.840.10008.3.1.2.3.1",
          .referencedSOPInstanceUID: study[.studyInstanceUID] ?? .empty,
          .rtReferencedSeriesSequence: .items([
            [
              .seriesInstanceUID: .text(sourceSeriesInstanceUID),
              .contourImageSequence: .items(references),
            ]
          ]),
        ]
      ])
    }
    set.merge([
      .operatorsName: .empty, .structureSetLabel: .text(label), .structureSetDate: .text(created.date),
      .structureSetTime: .text(created.time), .referencedFrameOfReferenceSequence: .items([frame]),
      .structureSetROISequence: .items(
        regions.map { region in
          let known = ["AUTOMATIC", "SEMIAUTOMATIC", "MANUAL"].contains(region.info.algorithmType)
          var item: Attributes = [
            .roiNumber: .integer(region.info.number), .referencedFrameOfReferenceUID: .text(frameOfReferenceUID),
            .roiName: .text(region.info.name),
            .roiGenerationAlgorithm: known ? .text(region.info.algorithmType) : .empty,
          ]
          if !region.info.description.isEmpty { item[.roiDescription] = .text(region.info.description) }
          return item
        }),
      .roiContourSequence: .items(regions.map { contours($0.info, $0.mask, holes) }),
      .rtROIObservationsSequence: .items(
        regions.enumerated().map { i, region in
          [
            .observationNumber: .integer(i + 1), .referencedROINumber: .integer(region.info.number),
            .rtROIInterpretedType: .text(region.info.interpretedType), .roiInterpreter: .empty,
          ]
        }),
    ])
    return set
  }

  private func contours(_ info: RegionInfo, _ mask: Mask, _ holes: Holes) -> Attributes {
    let size = geometry.size
    var traced = [[[SIMD2<Double>]]](repeating: [], count: size.slices)
    traced.withUnsafeMutableBufferPointer { slots in
      mask.voxels.withVoxels { v in
        nonisolated(unsafe) let (slots, voxels) = (slots, v.baseAddress.unsafelyUnwrapped)
        parallelFor(size.slices) { range in
          for z in range {
            slots[z] = ContourTrace.contours(
              voxels + z * size.plane, columns: size.columns, rows: size.rows, joiningHoles: holes == .keyhole)
          }
        }
      }
    }
    var items: [Attributes] = []
    for (z, loops) in traced.enumerated() {
      for loop in loops {
        var coordinates: [Double] = []
        coordinates.reserveCapacity(3 * loop.count)
        for corner in loop {
          let p = geometry.position(of: SIMD3(corner.x, corner.y, Double(z)))
          // A millionth of a millimetre: far below half a voxel, and short as decimals.
          for v in [p.x, p.y, p.z] { coordinates.append((v * 1e6).rounded() / 1e6) }
        }
        var item: Attributes = [
          .contourGeometricType: holes == .keyhole ? "CLOSED_PLANAR" : "CLOSEDPLANAR_XOR",
          .numberOfContourPoints: .integer(loop.count), .contourNumber: .integer(items.count + 1),
          .contourData: .numbers(coordinates),
        ]
        if !sources.isEmpty {
          var image: Attributes = [
            .referencedSOPClassUID: .text(sources[z].sopClassUID),
            .referencedSOPInstanceUID: .text(sources[z].sopInstanceUID),
          ]
          if let frame = sources[z].frame { image[.referencedFrameNumber] = .integer(frame) }
          item[.contourImageSequence] = .items([image])
        }
        items.append(item)
      }
    }
    var roi: Attributes = [.referencedROINumber: .integer(info.number)]
    if let c = info.colour { roi[.roiDisplayColor] = .integers([Int(c.x), Int(c.y), Int(c.z)]) }
    if !items.isEmpty { roi[.contourSequence] = .items(items) }
    return roi
  }
}
