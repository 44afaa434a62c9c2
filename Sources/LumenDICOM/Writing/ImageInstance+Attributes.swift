// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension DICOMWriter {
  /// Writes one slice as a Part 10 file, whole or not at all. Compression is lossless.
  ///
  /// - Throws: `invalidParameter` for more than one slice, missing or malformed UIDs and text that DICOM cannot hold;
  ///   `unsupported` for a transfer syntax without encoder; `io` when the file cannot be written.
  /// - Source: PS3.10 chapter 7, PS3.3 A.3, PS3.5.
  public static func write(
    _ instance: ImageInstance, to path: String, transferSyntax: TransferSyntax = .explicitVRLittleEndian
  ) throws(ImageError) {
    let attributes: Attributes
    do { attributes = try instance.attributes() } catch { throw error.at(path) }
    try write(attributes, to: path, transferSyntax: transferSyntax)
  }
}

extension ImageInstance {
  /// The data set of the image object.
  func attributes() throws(ImageError) -> Attributes {
    let geometry = pixels.geometry, size = geometry.size
    guard size.slices == 1 else {
      throw ImageError(.invalidParameter, "an instance has \(size.slices) slices, expected 1")
    }
    guard size.columns <= 65_535, size.rows <= 65_535 else {
      throw ImageError(.invalidParameter, "an instance of \(size) exceeds 65535 columns or rows")
    }
    let (origin, x, y) = (geometry.origin, geometry.direction.x, geometry.direction.y)
    var set: Attributes = [
      .imageType: "ORIGINAL\\PRIMARY\\AXIAL", .studyTime: .empty, .referringPhysicianName: .empty,
      .positionReferenceIndicator: .empty, .kvp: .empty, .acquisitionNumber: .empty,
      .sopClassUID: .text(sopClassUID), .sopInstanceUID: .text(sopInstanceUID),
      .studyDate: .text(studyDate), .accessionNumber: .text(accessionNumber), .modality: .text(modality),
      .manufacturer: .text(manufacturer), .studyDescription: .text(studyDescription),
      .seriesDescription: .text(seriesDescription), .patientName: .text(patientName), .patientID: .text(patientID),
      .patientBirthDate: .text(patientBirthDate), .patientSex: .text(patientSex), .studyID: .text(studyID),
      .seriesNumber: .integer(seriesNumber), .instanceNumber: .integer(instanceNumber),
      .samplesPerPixel: .integer(1), .photometricInterpretation: "MONOCHROME2", .rows: .integer(size.rows),
      .columns: .integer(size.columns), .bitsAllocated: .integer(16), .bitsStored: .integer(16),
      .highBit: .integer(15), .pixelRepresentation: .integer(1),
      .imagePositionPatient: .numbers([origin.x, origin.y, origin.z]),
      .imageOrientationPatient: .numbers([x.x, x.y, x.z, y.x, y.y, y.z]),
      .pixelSpacing: .numbers([geometry.spacing.y, geometry.spacing.x]), .sliceThickness: .number(sliceThickness),
      .rescaleIntercept: .number(rescaleIntercept), .rescaleSlope: .number(rescaleSlope),
      .pixelData: .words(pixels.withVoxels { v in v.map { UInt16(bitPattern: $0) } }),
    ]
    for (tag, uid) in [(Tag.studyInstanceUID, studyInstanceUID), (.seriesInstanceUID, seriesInstanceUID)] {
      guard !uid.isEmpty else { throw ImageError(.invalidParameter, "\(tag) is empty, expected a UID") }
      set[tag] = .text(uid)
    }
    if !frameOfReferenceUID.isEmpty { set[.frameOfReferenceUID] = .text(frameOfReferenceUID) }
    if modality == "CT" { set[.rescaleType] = "HU" }
    if let windowCenter, let windowWidth {
      set[.windowCenter] = .number(windowCenter)
      set[.windowWidth] = .number(windowWidth)
    }
    return set
  }
}
