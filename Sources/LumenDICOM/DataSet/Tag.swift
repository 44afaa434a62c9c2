// SPDX-License-Identifier: Apache-2.0

/// The name of a DICOM attribute: group and element.
///
/// - Source: PS3.6; the constants carry its keywords.
public struct Tag: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Group number.
  public let group: UInt16
  /// Element number.
  public let element: UInt16

  /// A tag from its two numbers.
  @inlinable public init(_ group: UInt16, _ element: UInt16) {
    self.group = group
    self.element = element
  }

  /// Order of a data set: by group, then element.
  @inlinable public static func < (a: Tag, b: Tag) -> Bool { (a.group, a.element) < (b.group, b.element) }

  /// "(7FE0,0010)".
  public var description: String {
    func hex(_ n: UInt16) -> String {
      let digits = String(n, radix: 16, uppercase: true)
      return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
    return "(\(hex(group)),\(hex(element)))"
  }
}

extension Tag {
  /// (0002,0000) File Meta Information Group Length.
  @inlinable public static var fileMetaInformationGroupLength: Tag { Tag(0x0002, 0x0000) }
  /// (0002,0001) File Meta Information Version.
  @inlinable public static var fileMetaInformationVersion: Tag { Tag(0x0002, 0x0001) }
  /// (0002,0002) Media Storage SOP Class UID.
  @inlinable public static var mediaStorageSOPClassUID: Tag { Tag(0x0002, 0x0002) }
  /// (0002,0003) Media Storage SOP Instance UID.
  @inlinable public static var mediaStorageSOPInstanceUID: Tag { Tag(0x0002, 0x0003) }
  /// (0002,0010) Transfer Syntax UID.
  @inlinable public static var transferSyntaxUID: Tag { Tag(0x0002, 0x0010) }
  /// (0002,0012) Implementation Class UID.
  @inlinable public static var implementationClassUID: Tag { Tag(0x0002, 0x0012) }
  /// (0002,0013) Implementation Version Name.
  @inlinable public static var implementationVersionName: Tag { Tag(0x0002, 0x0013) }
  /// (0008,0005) Specific Character Set.
  @inlinable public static var specificCharacterSet: Tag { Tag(0x0008, 0x0005) }
  /// (0008,0008) Image Type.
  @inlinable public static var imageType: Tag { Tag(0x0008, 0x0008) }
  /// (0008,0016) SOP Class UID.
  @inlinable public static var sopClassUID: Tag { Tag(0x0008, 0x0016) }
  /// (0008,0018) SOP Instance UID.
  @inlinable public static var sopInstanceUID: Tag { Tag(0x0008, 0x0018) }
  /// (0008,0020) Study Date.
  @inlinable public static var studyDate: Tag { Tag(0x0008, 0x0020) }
  /// (0008,0021) Series Date.
  @inlinable public static var seriesDate: Tag { Tag(0x0008, 0x0021) }
  /// (0008,0030) Study Time.
  @inlinable public static var studyTime: Tag { Tag(0x0008, 0x0030) }
  /// (0008,0050) Accession Number.
  @inlinable public static var accessionNumber: Tag { Tag(0x0008, 0x0050) }
  /// (0008,0060) Modality.
  @inlinable public static var modality: Tag { Tag(0x0008, 0x0060) }
  /// (0008,0070) Manufacturer.
  @inlinable public static var manufacturer: Tag { Tag(0x0008, 0x0070) }
  /// (0008,0090) Referring Physician's Name.
  @inlinable public static var referringPhysicianName: Tag { Tag(0x0008, 0x0090) }
  /// (0008,1030) Study Description.
  @inlinable public static var studyDescription: Tag { Tag(0x0008, 0x1030) }
  /// (0008,103E) Series Description.
  @inlinable public static var seriesDescription: Tag { Tag(0x0008, 0x103E) }
  /// (0010,0010) Patient's Name.
  @inlinable public static var patientName: Tag { Tag(0x0010, 0x0010) }
  /// (0010,0020) Patient ID.
  @inlinable public static var patientID: Tag { Tag(0x0010, 0x0020) }
  /// (0010,0030) Patient's Birth Date.
  @inlinable public static var patientBirthDate: Tag { Tag(0x0010, 0x0030) }
  /// (0010,0040) Patient's Sex.
  @inlinable public static var patientSex: Tag { Tag(0x0010, 0x0040) }
  /// (0018,0050) Slice Thickness.
  @inlinable public static var sliceThickness: Tag { Tag(0x0018, 0x0050) }
  /// (0018,0060) KVP.
  @inlinable public static var kvp: Tag { Tag(0x0018, 0x0060) }
  /// (0018,0086) Echo Number(s).
  @inlinable public static var echoNumbers: Tag { Tag(0x0018, 0x0086) }
  /// (0018,0088) Spacing Between Slices.
  @inlinable public static var spacingBetweenSlices: Tag { Tag(0x0018, 0x0088) }
  /// (0018,1164) Imager Pixel Spacing.
  @inlinable public static var imagerPixelSpacing: Tag { Tag(0x0018, 0x1164) }
  /// (0020,000D) Study Instance UID.
  @inlinable public static var studyInstanceUID: Tag { Tag(0x0020, 0x000D) }
  /// (0020,000E) Series Instance UID.
  @inlinable public static var seriesInstanceUID: Tag { Tag(0x0020, 0x000E) }
  /// (0020,0010) Study ID.
  @inlinable public static var studyID: Tag { Tag(0x0020, 0x0010) }
  /// (0020,0011) Series Number.
  @inlinable public static var seriesNumber: Tag { Tag(0x0020, 0x0011) }
  /// (0020,0012) Acquisition Number.
  @inlinable public static var acquisitionNumber: Tag { Tag(0x0020, 0x0012) }
  /// (0020,0013) Instance Number.
  @inlinable public static var instanceNumber: Tag { Tag(0x0020, 0x0013) }
  /// (0020,0032) Image Position (Patient).
  @inlinable public static var imagePositionPatient: Tag { Tag(0x0020, 0x0032) }
  /// (0020,0037) Image Orientation (Patient).
  @inlinable public static var imageOrientationPatient: Tag { Tag(0x0020, 0x0037) }
  /// (0020,0052) Frame of Reference UID.
  @inlinable public static var frameOfReferenceUID: Tag { Tag(0x0020, 0x0052) }
  /// (0020,0100) Temporal Position Identifier.
  @inlinable public static var temporalPositionIdentifier: Tag { Tag(0x0020, 0x0100) }
  /// (0020,1040) Position Reference Indicator.
  @inlinable public static var positionReferenceIndicator: Tag { Tag(0x0020, 0x1040) }
  /// (0020,9113) Plane Position Sequence.
  @inlinable public static var planePositionSequence: Tag { Tag(0x0020, 0x9113) }
  /// (0020,9116) Plane Orientation Sequence.
  @inlinable public static var planeOrientationSequence: Tag { Tag(0x0020, 0x9116) }
  /// (0028,0002) Samples per Pixel.
  @inlinable public static var samplesPerPixel: Tag { Tag(0x0028, 0x0002) }
  /// (0028,0004) Photometric Interpretation.
  @inlinable public static var photometricInterpretation: Tag { Tag(0x0028, 0x0004) }
  /// (0028,0006) Planar Configuration.
  @inlinable public static var planarConfiguration: Tag { Tag(0x0028, 0x0006) }
  /// (0028,0008) Number of Frames.
  @inlinable public static var numberOfFrames: Tag { Tag(0x0028, 0x0008) }
  /// (0028,0010) Rows.
  @inlinable public static var rows: Tag { Tag(0x0028, 0x0010) }
  /// (0028,0011) Columns.
  @inlinable public static var columns: Tag { Tag(0x0028, 0x0011) }
  /// (0028,0030) Pixel Spacing.
  @inlinable public static var pixelSpacing: Tag { Tag(0x0028, 0x0030) }
  /// (0028,0100) Bits Allocated.
  @inlinable public static var bitsAllocated: Tag { Tag(0x0028, 0x0100) }
  /// (0028,0101) Bits Stored.
  @inlinable public static var bitsStored: Tag { Tag(0x0028, 0x0101) }
  /// (0028,0102) High Bit.
  @inlinable public static var highBit: Tag { Tag(0x0028, 0x0102) }
  /// (0028,0103) Pixel Representation.
  @inlinable public static var pixelRepresentation: Tag { Tag(0x0028, 0x0103) }
  /// (0028,0120) Pixel Padding Value.
  @inlinable public static var pixelPaddingValue: Tag { Tag(0x0028, 0x0120) }
  /// (0028,1050) Window Center.
  @inlinable public static var windowCenter: Tag { Tag(0x0028, 0x1050) }
  /// (0028,1051) Window Width.
  @inlinable public static var windowWidth: Tag { Tag(0x0028, 0x1051) }
  /// (0028,1052) Rescale Intercept.
  @inlinable public static var rescaleIntercept: Tag { Tag(0x0028, 0x1052) }
  /// (0028,1053) Rescale Slope.
  @inlinable public static var rescaleSlope: Tag { Tag(0x0028, 0x1053) }
  /// (0028,1054) Rescale Type.
  @inlinable public static var rescaleType: Tag { Tag(0x0028, 0x1054) }
  /// (0028,1101) Red Palette Color Lookup Table Descriptor.
  @inlinable public static var redPaletteColorLookupTableDescriptor: Tag { Tag(0x0028, 0x1101) }
  /// (0028,1201) Red Palette Color Lookup Table Data.
  @inlinable public static var redPaletteColorLookupTableData: Tag { Tag(0x0028, 0x1201) }
  /// (0028,1221) Segmented Red Palette Color Lookup Table Data.
  @inlinable public static var segmentedRedPaletteColorLookupTableData: Tag { Tag(0x0028, 0x1221) }
  /// (0028,3000) Modality LUT Sequence.
  @inlinable public static var modalityLUTSequence: Tag { Tag(0x0028, 0x3000) }
  /// (0028,9110) Pixel Measures Sequence.
  @inlinable public static var pixelMeasuresSequence: Tag { Tag(0x0028, 0x9110) }
  /// (0028,9145) Pixel Value Transformation Sequence.
  @inlinable public static var pixelValueTransformationSequence: Tag { Tag(0x0028, 0x9145) }
  /// (0054,1001) Units.
  @inlinable public static var units: Tag { Tag(0x0054, 0x1001) }
  /// (3004,000C) Grid Frame Offset Vector.
  @inlinable public static var gridFrameOffsetVector: Tag { Tag(0x3004, 0x000C) }
  /// (3004,000E) Dose Grid Scaling.
  @inlinable public static var doseGridScaling: Tag { Tag(0x3004, 0x000E) }
  /// (5200,9229) Shared Functional Groups Sequence.
  @inlinable public static var sharedFunctionalGroupsSequence: Tag { Tag(0x5200, 0x9229) }
  /// (5200,9230) Per-Frame Functional Groups Sequence.
  @inlinable public static var perFrameFunctionalGroupsSequence: Tag { Tag(0x5200, 0x9230) }
  /// (7FE0,0008) Float Pixel Data.
  @inlinable public static var floatPixelData: Tag { Tag(0x7FE0, 0x0008) }
  /// (7FE0,0009) Double Float Pixel Data.
  @inlinable public static var doubleFloatPixelData: Tag { Tag(0x7FE0, 0x0009) }
  /// (7FE0,0010) Pixel Data.
  @inlinable public static var pixelData: Tag { Tag(0x7FE0, 0x0010) }
}
