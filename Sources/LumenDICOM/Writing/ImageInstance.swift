// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// One slice with the attributes of its image object: what ``DICOMWriter`` writes.
///
/// - Shape: one slice of signed 16-bit stored values; its geometry gives position, orientation and pixel spacing.
/// - Source: PS3.3 A.3 (CT Image IOD) and its modules; other modalities take the same attributes.
public struct ImageInstance: Sendable {
  /// CT Image Storage.
  public static let ctImageStorage = "1.2.840.10008.5.1.4.1.1.2"
  /// MR Image Storage.
  public static let mrImageStorage = "1.2.840.10008.5.1.4.1.1.4"

  /// Stored values and geometry.
  public var pixels: Volume<Int16>
  /// Patient ID.
  public var patientID = ""
  /// Patient's Name, UTF-8.
  public var patientName = ""
  /// M, F or O.
  public var patientSex = "O"
  /// YYYYMMDD or empty.
  public var patientBirthDate = ""
  /// Study Instance UID; required.
  public var studyInstanceUID = ""
  /// Study ID.
  public var studyID = ""
  /// YYYYMMDD or empty.
  public var studyDate = ""
  /// Study Description.
  public var studyDescription = ""
  /// Accession Number.
  public var accessionNumber = ""
  /// Series Instance UID; required.
  public var seriesInstanceUID = ""
  /// Series Number.
  public var seriesNumber = 1
  /// Series Description.
  public var seriesDescription = ""
  /// Modality.
  public var modality = "CT"
  /// SOP Class UID; CT Image Storage unless set.
  public var sopClassUID = ImageInstance.ctImageStorage
  /// SOP Instance UID; required.
  public var sopInstanceUID = ""
  /// Instance Number.
  public var instanceNumber = 1
  /// Frame of Reference UID.
  public var frameOfReferenceUID = ""
  /// Manufacturer.
  public var manufacturer = ""
  /// Nominal thickness, mm; the geometry's slice spacing unless set.
  public var sliceThickness: Double
  /// Modality value = stored value · slope + intercept.
  public var rescaleSlope = 1.0
  /// Modality value = stored value · slope + intercept.
  public var rescaleIntercept = 0.0
  /// Window Center of the default display; absent when nil.
  public var windowCenter: Double?
  /// Window Width of the default display; absent when nil.
  public var windowWidth: Double?

  /// An instance of one slice; UIDs have to be set before it is written.
  public init(pixels: Volume<Int16>) {
    self.pixels = pixels
    sliceThickness = pixels.geometry.spacing.z
  }
}
