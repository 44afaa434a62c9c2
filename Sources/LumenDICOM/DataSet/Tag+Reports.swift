// SPDX-License-Identifier: Apache-2.0

/// Attributes of reports and secondary captures.
extension Tag {
  /// (0008,0012) Instance Creation Date.
  @inlinable public static var instanceCreationDate: Tag { Tag(0x0008, 0x0012) }
  /// (0008,0013) Instance Creation Time.
  @inlinable public static var instanceCreationTime: Tag { Tag(0x0008, 0x0013) }
  /// (0008,0023) Content Date.
  @inlinable public static var contentDate: Tag { Tag(0x0008, 0x0023) }
  /// (0008,0033) Content Time.
  @inlinable public static var contentTime: Tag { Tag(0x0008, 0x0033) }
  /// (0008,0064) Conversion Type.
  @inlinable public static var conversionType: Tag { Tag(0x0008, 0x0064) }
  /// (0008,0100) Code Value.
  @inlinable public static var codeValue: Tag { Tag(0x0008, 0x0100) }
  /// (0008,0102) Coding Scheme Designator.
  @inlinable public static var codingSchemeDesignator: Tag { Tag(0x0008, 0x0102) }
  /// (0008,0103) Coding Scheme Version.
  @inlinable public static var codingSchemeVersion: Tag { Tag(0x0008, 0x0103) }
  /// (0008,0104) Code Meaning.
  @inlinable public static var codeMeaning: Tag { Tag(0x0008, 0x0104) }
  /// (0008,0105) Mapping Resource.
  @inlinable public static var mappingResource: Tag { Tag(0x0008, 0x0105) }
  /// (0008,010C) Coding Scheme UID.
  @inlinable public static var codingSchemeUID: Tag { Tag(0x0008, 0x010C) }
  /// (0008,0110) Coding Scheme Identification Sequence.
  @inlinable public static var codingSchemeIdentificationSequence: Tag { Tag(0x0008, 0x0110) }
  /// (0008,0115) Coding Scheme Name.
  @inlinable public static var codingSchemeName: Tag { Tag(0x0008, 0x0115) }
  /// (0008,0116) Coding Scheme Responsible Organization.
  @inlinable public static var codingSchemeResponsibleOrganization: Tag { Tag(0x0008, 0x0116) }
  /// (0008,0119) Long Code Value.
  @inlinable public static var longCodeValue: Tag { Tag(0x0008, 0x0119) }
  /// (0008,0120) URN Code Value.
  @inlinable public static var urnCodeValue: Tag { Tag(0x0008, 0x0120) }
  /// (0008,1090) Manufacturer's Model Name.
  @inlinable public static var manufacturerModelName: Tag { Tag(0x0008, 0x1090) }
  /// (0008,1111) Referenced Performed Procedure Step Sequence.
  @inlinable public static var referencedPerformedProcedureStepSequence: Tag { Tag(0x0008, 0x1111) }
  /// (0008,1115) Referenced Series Sequence.
  @inlinable public static var referencedSeriesSequence: Tag { Tag(0x0008, 0x1115) }
  /// (0008,1150) Referenced SOP Class UID.
  @inlinable public static var referencedSOPClassUID: Tag { Tag(0x0008, 0x1150) }
  /// (0008,1155) Referenced SOP Instance UID.
  @inlinable public static var referencedSOPInstanceUID: Tag { Tag(0x0008, 0x1155) }
  /// (0008,1160) Referenced Frame Number.
  @inlinable public static var referencedFrameNumber: Tag { Tag(0x0008, 0x1160) }
  /// (0008,1199) Referenced SOP Sequence.
  @inlinable public static var referencedSOPSequence: Tag { Tag(0x0008, 0x1199) }
  /// (0008,2111) Derivation Description.
  @inlinable public static var derivationDescription: Tag { Tag(0x0008, 0x2111) }
  /// (0018,1000) Device Serial Number.
  @inlinable public static var deviceSerialNumber: Tag { Tag(0x0018, 0x1000) }
  /// (0018,1012) Date of Secondary Capture.
  @inlinable public static var dateOfSecondaryCapture: Tag { Tag(0x0018, 0x1012) }
  /// (0018,1014) Time of Secondary Capture.
  @inlinable public static var timeOfSecondaryCapture: Tag { Tag(0x0018, 0x1014) }
  /// (0018,1016) Secondary Capture Device Manufacturer.
  @inlinable public static var secondaryCaptureDeviceManufacturer: Tag { Tag(0x0018, 0x1016) }
  /// (0018,1018) Secondary Capture Device Manufacturer's Model Name.
  @inlinable public static var secondaryCaptureDeviceManufacturerModelName: Tag { Tag(0x0018, 0x1018) }
  /// (0018,1019) Secondary Capture Device Software Versions.
  @inlinable public static var secondaryCaptureDeviceSoftwareVersions: Tag { Tag(0x0018, 0x1019) }
  /// (0018,1020) Software Versions.
  @inlinable public static var softwareVersions: Tag { Tag(0x0018, 0x1020) }
  /// (0018,2001) Page Number Vector.
  @inlinable public static var pageNumberVector: Tag { Tag(0x0018, 0x2001) }
  /// (0020,0020) Patient Orientation.
  @inlinable public static var patientOrientation: Tag { Tag(0x0020, 0x0020) }
  /// (0020,0060) Laterality.
  @inlinable public static var laterality: Tag { Tag(0x0020, 0x0060) }
  /// (0028,0009) Frame Increment Pointer.
  @inlinable public static var frameIncrementPointer: Tag { Tag(0x0028, 0x0009) }
  /// (0028,0106) Smallest Image Pixel Value.
  @inlinable public static var smallestImagePixelValue: Tag { Tag(0x0028, 0x0106) }
  /// (0028,0301) Burned In Annotation.
  @inlinable public static var burnedInAnnotation: Tag { Tag(0x0028, 0x0301) }
  /// (0028,2110) Lossy Image Compression.
  @inlinable public static var lossyImageCompression: Tag { Tag(0x0028, 0x2110) }
  /// (0040,08EA) Measurement Units Code Sequence.
  @inlinable public static var measurementUnitsCodeSequence: Tag { Tag(0x0040, 0x08EA) }
  /// (0040,A010) Relationship Type.
  @inlinable public static var relationshipType: Tag { Tag(0x0040, 0xA010) }
  /// (0040,A040) Value Type.
  @inlinable public static var valueType: Tag { Tag(0x0040, 0xA040) }
  /// (0040,A043) Concept Name Code Sequence.
  @inlinable public static var conceptNameCodeSequence: Tag { Tag(0x0040, 0xA043) }
  /// (0040,A050) Continuity Of Content.
  @inlinable public static var continuityOfContent: Tag { Tag(0x0040, 0xA050) }
  /// (0040,A124) UID.
  @inlinable public static var uid: Tag { Tag(0x0040, 0xA124) }
  /// (0040,A160) Text Value.
  @inlinable public static var textValue: Tag { Tag(0x0040, 0xA160) }
  /// (0040,A161) Floating Point Value.
  @inlinable public static var floatingPointValue: Tag { Tag(0x0040, 0xA161) }
  /// (0040,A168) Concept Code Sequence.
  @inlinable public static var conceptCodeSequence: Tag { Tag(0x0040, 0xA168) }
  /// (0040,A300) Measured Value Sequence.
  @inlinable public static var measuredValueSequence: Tag { Tag(0x0040, 0xA300) }
  /// (0040,A301) Numeric Value Qualifier Code Sequence.
  @inlinable public static var numericValueQualifierCodeSequence: Tag { Tag(0x0040, 0xA301) }
  /// (0040,A30A) Numeric Value.
  @inlinable public static var numericValue: Tag { Tag(0x0040, 0xA30A) }
  /// (0040,A372) Performed Procedure Code Sequence.
  @inlinable public static var performedProcedureCodeSequence: Tag { Tag(0x0040, 0xA372) }
  /// (0040,A375) Current Requested Procedure Evidence Sequence.
  @inlinable public static var currentRequestedProcedureEvidenceSequence: Tag { Tag(0x0040, 0xA375) }
  /// (0040,A491) Completion Flag.
  @inlinable public static var completionFlag: Tag { Tag(0x0040, 0xA491) }
  /// (0040,A493) Verification Flag.
  @inlinable public static var verificationFlag: Tag { Tag(0x0040, 0xA493) }
  /// (0040,A496) Preliminary Flag.
  @inlinable public static var preliminaryFlag: Tag { Tag(0x0040, 0xA496) }
  /// (0040,A504) Content Template Sequence.
  @inlinable public static var contentTemplateSequence: Tag { Tag(0x0040, 0xA504) }
  /// (0040,A730) Content Sequence.
  @inlinable public static var contentSequence: Tag { Tag(0x0040, 0xA730) }
  /// (0040,DB00) Template Identifier.
  @inlinable public static var templateIdentifier: Tag { Tag(0x0040, 0xDB00) }
  /// (0062,000B) Referenced Segment Number.
  @inlinable public static var referencedSegmentNumber: Tag { Tag(0x0062, 0x000B) }
  /// (2050,0020) Presentation LUT Shape.
  @inlinable public static var presentationLUTShape: Tag { Tag(0x2050, 0x0020) }
  /// (3006,0024) Referenced Frame of Reference UID.
  @inlinable public static var referencedFrameOfReferenceUID: Tag { Tag(0x3006, 0x0024) }
}
