// SPDX-License-Identifier: Apache-2.0

/// What a file says of one of its regions, without the voxels.
///
/// - Source: PS3.3 C.8.20.2 (segments), C.8.8.5, C.8.8.6, C.8.8.8 (ROIs). Absent text is "".
public struct RegionInfo: Sendable, Hashable {
  /// Segment Number or ROI Number.
  public var number: Int
  /// Segment Label or ROI Name.
  public var name: String
  /// Segment Description or ROI Description.
  public var description = ""
  /// The colour it is shown in, sRGB.
  public var colour: SIMD3<UInt8>?
  /// Segment Algorithm Type (AUTOMATIC, SEMIAUTOMATIC, MANUAL) or ROI Generation Algorithm.
  public var algorithmType = ""
  /// Segment Algorithm Name.
  public var algorithmName = ""
  /// RT ROI Interpreted Type: GTV, ORGAN, EXTERNAL …
  public var interpretedType = ""
  /// Segmented Property Category.
  public var category: CodedConcept?
  /// Segmented Property Type.
  public var type: CodedConcept?
  /// Anatomic Region.
  public var anatomicRegion: CodedConcept?
  /// Tracking ID.
  public var trackingID = ""
  /// Tracking UID.
  public var trackingUID = ""
  /// Frame of Reference UID of its positions; "" where the file gives none of its own to the region.
  public var frameOfReferenceUID = ""
  /// Frames or contours that the file has for it; of a label map 0, its frames belong to all.
  public var parts = 0

  /// A region with its number and name.
  public init(number: Int, name: String) {
    self.number = number
    self.name = name
  }
}

/// The image that a file of regions was drawn on.
public struct ImageReferences: Sendable, Equatable {
  /// Frames of reference that positions are given in.
  public var frameOfReferenceUIDs: [String] = []
  /// Series Instance UIDs.
  public var seriesInstanceUIDs: [String] = []
  /// SOP Instance UIDs, in the order of the file.
  public var sopInstanceUIDs: [String] = []
}
