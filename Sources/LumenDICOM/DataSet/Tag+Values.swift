// SPDX-License-Identifier: Apache-2.0

// Attributes of value transformations, time and enhanced multi-frame objects.
extension Tag {
  /// (0008,0022) Acquisition Date.
  @inlinable public static var acquisitionDate: Tag { Tag(0x0008, 0x0022) }
  /// (0008,002A) Acquisition DateTime.
  @inlinable public static var acquisitionDateTime: Tag { Tag(0x0008, 0x002A) }
  /// (0008,0031) Series Time.
  @inlinable public static var seriesTime: Tag { Tag(0x0008, 0x0031) }
  /// (0008,0032) Acquisition Time.
  @inlinable public static var acquisitionTime: Tag { Tag(0x0008, 0x0032) }
  /// (0008,9007) Frame Type.
  @inlinable public static var frameType: Tag { Tag(0x0008, 0x9007) }
  /// (0010,1020) Patient's Size.
  @inlinable public static var patientSize: Tag { Tag(0x0010, 0x1020) }
  /// (0010,1030) Patient's Weight.
  @inlinable public static var patientWeight: Tag { Tag(0x0010, 0x1030) }
  /// (0018,0081) Echo Time.
  @inlinable public static var echoTime: Tag { Tag(0x0018, 0x0081) }
  /// (0018,1060) Trigger Time.
  @inlinable public static var triggerTime: Tag { Tag(0x0018, 0x1060) }
  /// (0018,1072) Radiopharmaceutical Start Time.
  @inlinable public static var radiopharmaceuticalStartTime: Tag { Tag(0x0018, 0x1072) }
  /// (0018,1074) Radionuclide Total Dose.
  @inlinable public static var radionuclideTotalDose: Tag { Tag(0x0018, 0x1074) }
  /// (0018,1075) Radionuclide Half Life.
  @inlinable public static var radionuclideHalfLife: Tag { Tag(0x0018, 0x1075) }
  /// (0018,1078) Radiopharmaceutical Start DateTime.
  @inlinable public static var radiopharmaceuticalStartDateTime: Tag { Tag(0x0018, 0x1078) }
  /// (0018,1242) Actual Frame Duration.
  @inlinable public static var actualFrameDuration: Tag { Tag(0x0018, 0x1242) }
  /// (0018,9080) Metabolite Map Description.
  @inlinable public static var metaboliteMapDescription: Tag { Tag(0x0018, 0x9080) }
  /// (0018,9082) Effective Echo Time.
  @inlinable public static var effectiveEchoTime: Tag { Tag(0x0018, 0x9082) }
  /// (0018,9087) Diffusion b-value.
  @inlinable public static var diffusionBValue: Tag { Tag(0x0018, 0x9087) }
  /// (0018,9114) MR Echo Sequence.
  @inlinable public static var mrEchoSequence: Tag { Tag(0x0018, 0x9114) }
  /// (0018,9117) MR Diffusion Sequence.
  @inlinable public static var mrDiffusionSequence: Tag { Tag(0x0018, 0x9117) }
  /// (0018,9118) Cardiac Synchronization Sequence.
  @inlinable public static var cardiacSynchronizationSequence: Tag { Tag(0x0018, 0x9118) }
  /// (0018,9152) MR Metabolite Map Sequence.
  @inlinable public static var mrMetaboliteMapSequence: Tag { Tag(0x0018, 0x9152) }
  /// (0018,9153) Nominal Cardiac Trigger Delay Time.
  @inlinable public static var nominalCardiacTriggerDelayTime: Tag { Tag(0x0018, 0x9153) }
  /// (0018,9226) MR Image Frame Type Sequence.
  @inlinable public static var mrImageFrameTypeSequence: Tag { Tag(0x0018, 0x9226) }
  /// (0018,9329) CT Image Frame Type Sequence.
  @inlinable public static var ctImageFrameTypeSequence: Tag { Tag(0x0018, 0x9329) }
  /// (0018,9751) PET Frame Type Sequence.
  @inlinable public static var petFrameTypeSequence: Tag { Tag(0x0018, 0x9751) }
  /// (0020,9056) Stack ID.
  @inlinable public static var stackID: Tag { Tag(0x0020, 0x9056) }
  /// (0020,9111) Frame Content Sequence.
  @inlinable public static var frameContentSequence: Tag { Tag(0x0020, 0x9111) }
  /// (0020,9128) Temporal Position Index.
  @inlinable public static var temporalPositionIndex: Tag { Tag(0x0020, 0x9128) }
  /// (0020,9157) Dimension Index Values.
  @inlinable public static var dimensionIndexValues: Tag { Tag(0x0020, 0x9157) }
  /// (0020,9161) Concatenation UID.
  @inlinable public static var concatenationUID: Tag { Tag(0x0020, 0x9161) }
  /// (0020,9228) Concatenation Frame Offset Number.
  @inlinable public static var concatenationFrameOffsetNumber: Tag { Tag(0x0020, 0x9228) }
  /// (0028,0034) Pixel Aspect Ratio.
  @inlinable public static var pixelAspectRatio: Tag { Tag(0x0028, 0x0034) }
  /// (0028,0051) Corrected Image.
  @inlinable public static var correctedImage: Tag { Tag(0x0028, 0x0051) }
  /// (0028,1055) Window Center & Width Explanation.
  @inlinable public static var windowCenterWidthExplanation: Tag { Tag(0x0028, 0x1055) }
  /// (0028,1056) VOI LUT Function.
  @inlinable public static var voiLUTFunction: Tag { Tag(0x0028, 0x1056) }
  /// (0028,3002) LUT Descriptor.
  @inlinable public static var lutDescriptor: Tag { Tag(0x0028, 0x3002) }
  /// (0028,3003) LUT Explanation.
  @inlinable public static var lutExplanation: Tag { Tag(0x0028, 0x3003) }
  /// (0028,3006) LUT Data.
  @inlinable public static var lutData: Tag { Tag(0x0028, 0x3006) }
  /// (0028,3010) VOI LUT Sequence.
  @inlinable public static var voiLUTSequence: Tag { Tag(0x0028, 0x3010) }
  /// (0028,9132) Frame VOI LUT Sequence.
  @inlinable public static var frameVOILUTSequence: Tag { Tag(0x0028, 0x9132) }
  /// (0040,9096) Real World Value Mapping Sequence.
  @inlinable public static var realWorldValueMappingSequence: Tag { Tag(0x0040, 0x9096) }
  /// (0040,9210) LUT Label.
  @inlinable public static var lutLabel: Tag { Tag(0x0040, 0x9210) }
  /// (0040,9211) Real World Value Last Value Mapped.
  @inlinable public static var realWorldValueLastValueMapped: Tag { Tag(0x0040, 0x9211) }
  /// (0040,9212) Real World Value LUT Data.
  @inlinable public static var realWorldValueLUTData: Tag { Tag(0x0040, 0x9212) }
  /// (0040,9213) Double Float Real World Value Last Value Mapped.
  @inlinable public static var doubleFloatRealWorldValueLastValueMapped: Tag { Tag(0x0040, 0x9213) }
  /// (0040,9214) Double Float Real World Value First Value Mapped.
  @inlinable public static var doubleFloatRealWorldValueFirstValueMapped: Tag { Tag(0x0040, 0x9214) }
  /// (0040,9216) Real World Value First Value Mapped.
  @inlinable public static var realWorldValueFirstValueMapped: Tag { Tag(0x0040, 0x9216) }
  /// (0040,9224) Real World Value Intercept.
  @inlinable public static var realWorldValueIntercept: Tag { Tag(0x0040, 0x9224) }
  /// (0040,9225) Real World Value Slope.
  @inlinable public static var realWorldValueSlope: Tag { Tag(0x0040, 0x9225) }
  /// (0054,0016) Radiopharmaceutical Information Sequence.
  @inlinable public static var radiopharmaceuticalInformationSequence: Tag { Tag(0x0054, 0x0016) }
  /// (0054,1006) SUV Type.
  @inlinable public static var suvType: Tag { Tag(0x0054, 0x1006) }
  /// (0054,1102) Decay Correction.
  @inlinable public static var decayCorrection: Tag { Tag(0x0054, 0x1102) }
  /// (0054,1300) Frame Reference Time.
  @inlinable public static var frameReferenceTime: Tag { Tag(0x0054, 0x1300) }
}
