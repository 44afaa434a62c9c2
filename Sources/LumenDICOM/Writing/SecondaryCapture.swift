// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// A picture made by software, as a DICOM object: a report page, an overlay, a screenshot of a result.
///
/// - Shape: one frame, or several of the same size; 8-bit RGB, 8-bit or 16-bit grey (MONOCHROME2).
/// - Source: PS3.3 A.8.1 (Secondary Capture), A.8.3–A.8.5 (multi-frame).
public struct SecondaryCapture: Sendable, Equatable {
  /// What is captured.
  public enum Pixels: Sendable, Equatable {
    /// Frames of 8-bit colour.
    case colour([ColourImage])
    /// Slices are frames.
    case grey8(Volume<UInt8>)
    /// Slices are frames.
    case grey16(Volume<UInt16>)
  }

  /// What is captured.
  public var pixels: Pixels
  /// Patient and study, ``Attributes/init(patientAndStudyOf:)``.
  public var study: Attributes
  /// Series Instance UID, not that of the source.
  public var seriesInstanceUID: String
  /// SOP Instance UID.
  public var sopInstanceUID: String
  /// Modality of the series: OT unless set.
  public var modality = "OT"
  /// Series Number.
  public var seriesNumber = 1
  /// Series Description.
  public var seriesDescription = ""
  /// Instance Number.
  public var instanceNumber = 1
  /// When it was made.
  public var created: Timestamp
  /// Who made it.
  public var equipment: Equipment
  /// Whether text that identifies the patient is drawn into the picture.
  public var hasBurnedInAnnotation = true

  /// A picture in the study of another object.
  public init(
    _ pixels: Pixels, of source: InstanceHeader, seriesInstanceUID: String, sopInstanceUID: String,
    equipment: Equipment, created: Timestamp = .now
  ) {
    self.pixels = pixels
    study = Attributes(patientAndStudyOf: source)
    self.seriesInstanceUID = seriesInstanceUID
    self.sopInstanceUID = sopInstanceUID
    self.equipment = equipment
    self.created = created
  }
}

extension DICOMWriter {
  /// Writes a secondary capture as a Part 10 file, whole or not at all. Compression is lossless.
  ///
  /// - Throws: `invalidParameter` for no frames, frames of different sizes, 16-bit colour or text that DICOM cannot hold;
  ///   `unsupported` for a transfer syntax without encoder; `io`.
  public static func write(
    _ capture: SecondaryCapture, to path: String, transferSyntax: TransferSyntax = .explicitVRLittleEndian
  ) throws(ImageError) {
    let attributes: Attributes
    do { attributes = try capture.attributes() } catch { throw error.at(path) }
    try write(attributes, to: path, transferSyntax: transferSyntax)
  }
}

extension SecondaryCapture {
  /// The data set of the object.
  func attributes() throws(ImageError) -> Attributes {
    var set = study
    set.merge([
      .sopInstanceUID: .text(sopInstanceUID), .seriesInstanceUID: .text(seriesInstanceUID),
      .modality: .text(modality), .seriesNumber: .integer(seriesNumber), .instanceNumber: .integer(instanceNumber),
      .instanceCreationDate: .text(created.date), .instanceCreationTime: .text(created.time),
      .contentDate: .text(created.date), .contentTime: .text(created.time),
      .dateOfSecondaryCapture: .text(created.date), .timeOfSecondaryCapture: .text(created.time),
      .conversionType: "WSD", .manufacturer: .text(equipment.manufacturer),
      .secondaryCaptureDeviceManufacturer: .text(equipment.manufacturer),
      .secondaryCaptureDeviceManufacturerModelName: .text(equipment.model),
      .secondaryCaptureDeviceSoftwareVersions: .text(equipment.version), .imageType: "DERIVED\\SECONDARY",
      .laterality: .empty, .patientOrientation: .empty,
      .burnedInAnnotation: .text(hasBurnedInAnnotation ? "YES" : "NO"),
    ])
    if !seriesDescription.isEmpty { set[.seriesDescription] = .text(seriesDescription) }
    let frames = try setPixels(&set)
    if frames > 1 {
      set.merge([
        .numberOfFrames: .integer(frames), .frameIncrementPointer: .tags([.pageNumberVector]),
        .pageNumberVector: .integers(Array(1...frames)),
      ])
    }
    return set
  }

  /// Sets the image and its SOP Class; gives the number of frames.
  private func setPixels(_ set: inout Attributes) throws(ImageError) -> Int {
    switch pixels {
    case .colour(let images):
      guard let first = images.first else { throw ImageError(.invalidParameter, "a capture without frames") }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(images.count * first.samples.count)
      for image in images {
        guard image.columns == first.columns, image.rows == first.rows, image.bits == 8 else {
          throw ImageError(
            .invalidParameter,
            "a frame of \(image.columns) × \(image.rows) with \(image.bits) bits, expected 8 bits and "
              + "\(first.columns) × \(first.rows)")
        }
        bytes.append(contentsOf: image.samples.lazy.map { UInt8(truncatingIfNeeded: min($0, 255)) })
      }
      try setImage(&set, columns: first.columns, rows: first.rows, bits: 8, samples: 3)
      set[.pixelData] = .bytes(bytes)
      set[.sopClassUID] = .text(images.count > 1 ? Self.trueColour : Self.single)
      return images.count
    case .grey8(let volume):
      try setImage(&set, columns: volume.size.columns, rows: volume.size.rows, bits: 8, samples: 1)
      set[.pixelData] = .bytes(volume.withVoxels { Array($0) })
      setGrey(&set, frames: volume.size.slices, Self.greyByte)
      return volume.size.slices
    case .grey16(let volume):
      try setImage(&set, columns: volume.size.columns, rows: volume.size.rows, bits: 16, samples: 1)
      set[.pixelData] = .words(volume.withVoxels { Array($0) })
      setGrey(&set, frames: volume.size.slices, Self.greyWord)
      return volume.size.slices
    }
  }

  private static let single = "1.2.840.10008.5.1.4.1.1.7"
  private static let greyByte = "1.2.840.10008.5.1.4.1.1.7.2"
  private static let greyWord = "1.2.840.10008.5.1.4.1.1.7.3"
  private static let trueColour = "1.2.840.10008.5.1.4.1.1.7.4"

  private func setImage(_ set: inout Attributes, columns: Int, rows: Int, bits: Int, samples: Int) throws(ImageError) {
    guard (1...65_535).contains(columns), (1...65_535).contains(rows) else {
      throw ImageError(.invalidParameter, "a capture of \(columns) × \(rows), expected 1 to 65535 columns and rows")
    }
    set.merge([
      .samplesPerPixel: .integer(samples), .photometricInterpretation: samples == 3 ? "RGB" : "MONOCHROME2",
      .columns: .integer(columns), .rows: .integer(rows), .bitsAllocated: .integer(bits), .bitsStored: .integer(bits),
      .highBit: .integer(bits - 1), .pixelRepresentation: .integer(0),
    ])
    if samples == 3 { set[.planarConfiguration] = .integer(0) }
  }

  /// Multi-frame grey captures say how stored values become grey (PS3.3 C.8.6.3).
  private func setGrey(_ set: inout Attributes, frames: Int, _ multiFrame: String) {
    set[.sopClassUID] = .text(frames > 1 ? multiFrame : Self.single)
    guard frames > 1 else { return }
    set.merge([
      .presentationLUTShape: "IDENTITY", .rescaleIntercept: .number(0), .rescaleSlope: .number(1), .rescaleType: "US",
    ])
  }
}
