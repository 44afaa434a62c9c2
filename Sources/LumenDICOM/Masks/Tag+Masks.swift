// SPDX-License-Identifier: Apache-2.0

extension Tag {
  /// (0008,114A) Referenced Instance Sequence.
  static var referencedInstanceSequence: Tag { Tag(0x0008, 0x114A) }
  /// (0008,2112) Source Image Sequence.
  static var sourceImageSequence: Tag { Tag(0x0008, 0x2112) }
  /// (0008,2218) Anatomic Region Sequence.
  static var anatomicRegionSequence: Tag { Tag(0x0008, 0x2218) }
  /// (0008,9124) Derivation Image Sequence.
  static var derivationImageSequence: Tag { Tag(0x0008, 0x9124) }
  /// (0008,9215) Derivation Code Sequence.
  static var derivationCodeSequence: Tag { Tag(0x0008, 0x9215) }
  /// (0020,9164) Dimension Organization UID.
  static var dimensionOrganizationUID: Tag { Tag(0x0020, 0x9164) }
  /// (0020,9165) Dimension Index Pointer.
  static var dimensionIndexPointer: Tag { Tag(0x0020, 0x9165) }
  /// (0020,9167) Functional Group Pointer.
  static var functionalGroupPointer: Tag { Tag(0x0020, 0x9167) }
  /// (0020,9221) Dimension Organization Sequence.
  static var dimensionOrganizationSequence: Tag { Tag(0x0020, 0x9221) }
  /// (0020,9222) Dimension Index Sequence.
  static var dimensionIndexSequence: Tag { Tag(0x0020, 0x9222) }
  /// (0020,9311) Dimension Organization Type.
  static var dimensionOrganizationType: Tag { Tag(0x0020, 0x9311) }
  /// (0020,9421) Dimension Description Label.
  static var dimensionDescriptionLabel: Tag { Tag(0x0020, 0x9421) }
  /// (0040,072A) X Offset in Slide Coordinate System.
  static var xOffsetInSlideCoordinateSystem: Tag { Tag(0x0040, 0x072A) }
  /// (0040,073A) Y Offset in Slide Coordinate System.
  static var yOffsetInSlideCoordinateSystem: Tag { Tag(0x0040, 0x073A) }
  /// (0040,074A) Z Offset in Slide Coordinate System.
  static var zOffsetInSlideCoordinateSystem: Tag { Tag(0x0040, 0x074A) }
  /// (0040,A170) Purpose of Reference Code Sequence.
  static var purposeOfReferenceCodeSequence: Tag { Tag(0x0040, 0xA170) }
  /// (0048,0006) Total Pixel Matrix Columns.
  static var totalPixelMatrixColumns: Tag { Tag(0x0048, 0x0006) }
  /// (0048,0007) Total Pixel Matrix Rows.
  static var totalPixelMatrixRows: Tag { Tag(0x0048, 0x0007) }
  /// (0048,0008) Total Pixel Matrix Origin Sequence.
  static var totalPixelMatrixOriginSequence: Tag { Tag(0x0048, 0x0008) }
  /// (0048,0102) Image Orientation (Slide).
  static var imageOrientationSlide: Tag { Tag(0x0048, 0x0102) }
  /// (0048,021A) Plane Position (Slide) Sequence.
  static var planePositionSlideSequence: Tag { Tag(0x0048, 0x021A) }
  /// (0048,021E) Column Position In Total Image Pixel Matrix.
  static var columnPositionInTotalImagePixelMatrix: Tag { Tag(0x0048, 0x021E) }
  /// (0048,021F) Row Position In Total Image Pixel Matrix.
  static var rowPositionInTotalImagePixelMatrix: Tag { Tag(0x0048, 0x021F) }
  /// (0048,0303) Total Pixel Matrix Focal Planes.
  static var totalPixelMatrixFocalPlanes: Tag { Tag(0x0048, 0x0303) }
  /// (0062,0001) Segmentation Type.
  static var segmentationType: Tag { Tag(0x0062, 0x0001) }
  /// (0062,0002) Segment Sequence.
  static var segmentSequence: Tag { Tag(0x0062, 0x0002) }
  /// (0062,0003) Segmented Property Category Code Sequence.
  static var segmentedPropertyCategoryCodeSequence: Tag { Tag(0x0062, 0x0003) }
  /// (0062,0004) Segment Number.
  static var segmentNumber: Tag { Tag(0x0062, 0x0004) }
  /// (0062,0005) Segment Label.
  static var segmentLabel: Tag { Tag(0x0062, 0x0005) }
  /// (0062,0006) Segment Description.
  static var segmentDescription: Tag { Tag(0x0062, 0x0006) }
  /// (0062,0008) Segment Algorithm Type.
  static var segmentAlgorithmType: Tag { Tag(0x0062, 0x0008) }
  /// (0062,0009) Segment Algorithm Name.
  static var segmentAlgorithmName: Tag { Tag(0x0062, 0x0009) }
  /// (0062,000A) Segment Identification Sequence.
  static var segmentIdentificationSequence: Tag { Tag(0x0062, 0x000A) }
  /// (0062,000D) Recommended Display CIELab Value.
  static var recommendedDisplayCIELabValue: Tag { Tag(0x0062, 0x000D) }
  /// (0062,000E) Maximum Fractional Value.
  static var maximumFractionalValue: Tag { Tag(0x0062, 0x000E) }
  /// (0062,000F) Segmented Property Type Code Sequence.
  static var segmentedPropertyTypeCodeSequence: Tag { Tag(0x0062, 0x000F) }
  /// (0062,0020) Tracking ID.
  static var trackingID: Tag { Tag(0x0062, 0x0020) }
  /// (0062,0021) Tracking UID.
  static var trackingUID: Tag { Tag(0x0062, 0x0021) }
  /// (0070,0080) Content Label.
  static var contentLabel: Tag { Tag(0x0070, 0x0080) }
  /// (0070,0081) Content Description.
  static var contentDescription: Tag { Tag(0x0070, 0x0081) }
  /// (0070,0084) Content Creator's Name.
  static var contentCreatorName: Tag { Tag(0x0070, 0x0084) }
  /// (3006,0002) Structure Set Label.
  static var structureSetLabel: Tag { Tag(0x3006, 0x0002) }
  /// (3006,0008) Structure Set Date.
  static var structureSetDate: Tag { Tag(0x3006, 0x0008) }
  /// (3006,0009) Structure Set Time.
  static var structureSetTime: Tag { Tag(0x3006, 0x0009) }
  /// (3006,0010) Referenced Frame of Reference Sequence.
  static var referencedFrameOfReferenceSequence: Tag { Tag(0x3006, 0x0010) }
  /// (3006,0012) RT Referenced Study Sequence.
  static var rtReferencedStudySequence: Tag { Tag(0x3006, 0x0012) }
  /// (3006,0014) RT Referenced Series Sequence.
  static var rtReferencedSeriesSequence: Tag { Tag(0x3006, 0x0014) }
  /// (3006,0016) Contour Image Sequence.
  static var contourImageSequence: Tag { Tag(0x3006, 0x0016) }
  /// (3006,0020) Structure Set ROI Sequence.
  static var structureSetROISequence: Tag { Tag(0x3006, 0x0020) }
  /// (3006,0022) ROI Number.
  static var roiNumber: Tag { Tag(0x3006, 0x0022) }
  /// (3006,0026) ROI Name.
  static var roiName: Tag { Tag(0x3006, 0x0026) }
  /// (3006,0028) ROI Description.
  static var roiDescription: Tag { Tag(0x3006, 0x0028) }
  /// (3006,002A) ROI Display Color.
  static var roiDisplayColor: Tag { Tag(0x3006, 0x002A) }
  /// (3006,0036) ROI Generation Algorithm.
  static var roiGenerationAlgorithm: Tag { Tag(0x3006, 0x0036) }
  /// (3006,0039) ROI Contour Sequence.
  static var roiContourSequence: Tag { Tag(0x3006, 0x0039) }
  /// (3006,0040) Contour Sequence.
  static var contourSequence: Tag { Tag(0x3006, 0x0040) }
  /// (3006,0042) Contour Geometric Type.
  static var contourGeometricType: Tag { Tag(0x3006, 0x0042) }
  /// (3006,0046) Number of Contour Points.
  static var numberOfContourPoints: Tag { Tag(0x3006, 0x0046) }
  /// (3006,0048) Contour Number.
  static var contourNumber: Tag { Tag(0x3006, 0x0048) }
  /// (3006,0050) Contour Data.
  static var contourData: Tag { Tag(0x3006, 0x0050) }
  /// (3006,0080) RT ROI Observations Sequence.
  static var rtROIObservationsSequence: Tag { Tag(0x3006, 0x0080) }
  /// (3006,0082) Observation Number.
  static var observationNumber: Tag { Tag(0x3006, 0x0082) }
  /// (3006,0084) Referenced ROI Number.
  static var referencedROINumber: Tag { Tag(0x3006, 0x0084) }
  /// (3006,00A4) RT ROI Interpreted Type.
  static var rtROIInterpretedType: Tag { Tag(0x3006, 0x00A4) }
  /// (3006,00A6) ROI Interpreter.
  static var roiInterpreter: Tag { Tag(0x3006, 0x00A6) }
  /// (0008,1070) Operators' Name.
  static var operatorsName: Tag { Tag(0x0008, 0x1070) }
  /// (0028,135A) Spatial Locations Preserved.
  static var spatialLocationsPreserved: Tag { Tag(0x0028, 0x135A) }
}
