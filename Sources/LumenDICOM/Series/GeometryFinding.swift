// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What reading does with slices that do not lie on a regular grid.
public enum GeometryPolicy: String, Sendable, CaseIterable, Codable {
  /// Refuses, naming the first finding.
  case error
  /// Keeps every slice as it is, on the mean spacing, and reports the findings.
  case accept
  /// Interpolates linearly onto a regular, orthogonal grid: ``Series/read(policy:values:limits:)`` says how.
  case resample
  /// Reads the regular run of slices that is left when duplicates and gaps are cut out: ``Series/split(limits:)``.
  case split
}

/// One thing about the slices of a series that a user has to know, with its numbers: most are ways in which they do not
/// lie on a regular grid.
public struct GeometryFinding: Sendable, Equatable, Codable, CustomStringConvertible {
  /// What was found.
  public enum Kind: String, Sendable, CaseIterable, Codable {
    /// Distances of neighbouring slices differ by more than 1 %, and by more than headers are rounded to.
    case variableSpacing
    /// A gap is a whole multiple of the others.
    case missingSlices
    /// Two slices lie at the same place along the normal; their pixels differ, or were not compared.
    case duplicatePositions
    /// Two slices lie at the same place and have the same pixels.
    case identicalSlices
    /// The stack is sheared: positions move in the image plane from slice to slice.
    case gantryTilt
    /// One slice is shifted in its plane against the others.
    case shiftedSlices
    /// Frames point in different directions.
    case orientationVaries
    /// Slices differ in pixel spacing.
    case pixelSpacingVaries
    /// Some slices have a position and others none.
    case positionsIncomplete
    /// Image Position is there, but is not three places within a kilometre.
    case positionMalformed
    /// Image Orientation is there, but is not two unit vectors at a right angle.
    case orientationMalformed
    /// Pixel Spacing is there, but is not two positive distances.
    case pixelSpacingMalformed
    /// No positions: slices are in the order of their instance numbers, the spacing is nominal or 1 mm.
    case positionsMissing
    /// No pixel spacing: 1 mm is assumed.
    case pixelSpacingMissing
    /// The pixel spacing is that at the detector, larger than in the patient.
    case spacingAtDetector
    /// The volume is a localizer.
    case localizer
    /// The DICOM series holds volumes of several orientations; this is one of them.
    case mixedOrientations
    /// The DICOM series holds several frames of reference; positions of different ones cannot be compared.
    case frameOfReferenceVaries
    /// The DICOM series holds several volumes; this is one of them.
    case severalVolumes
    /// The slices were tiles of a Siemens mosaic; the origin was moved to the first tile.
    case mosaic
    /// The slices were resampled onto a regular grid.
    case resampled
  }

  /// What was found.
  public let kind: Kind
  /// The slice it is about, counted from 0 in stacking order; a gap is named by the slice before it.
  public let slice: Int?
  /// The number found: mm; degrees for ``Kind/gantryTilt`` and ``Kind/mixedOrientations``; which volume for
  /// ``Kind/severalVolumes``; tiles for ``Kind/mosaic``; slices with a position for ``Kind/positionsIncomplete``; the padding value for ``Kind/resampled``.
  public let found: Double
  /// The number expected, in the same unit; how many slices are missing for ``Kind/missingSlices``; how many volumes or
  /// frames of reference there are.
  public let expected: Double

  /// A finding with its numbers.
  public init(_ kind: Kind, slice: Int? = nil, found: Double = 0, expected: Double = 0) {
    self.kind = kind
    self.slice = slice
    self.found = found
    self.expected = expected
  }

  /// Whether ``GeometryPolicy/error`` refuses it. What concerns other volumes of the series, and what is missing, is
  /// reported only.
  public var isError: Bool {
    switch kind {
    case .variableSpacing, .missingSlices, .duplicatePositions, .identicalSlices, .gantryTilt, .shiftedSlices,
      .orientationVaries, .pixelSpacingVaries, .positionsIncomplete, .positionMalformed, .orientationMalformed,
      .pixelSpacingMalformed:
      true
    case .positionsMissing, .pixelSpacingMissing, .spacingAtDetector, .localizer, .mixedOrientations,
      .frameOfReferenceVaries, .severalVolumes, .mosaic, .resampled:
      false
    }
  }

  /// One line with the numbers.
  public var description: String {
    let at = slice.map { "slice \($0 + 1)" } ?? "the series"
    switch kind {
    case .variableSpacing: return "the gap after \(at) is \(mm(found)), the others \(mm(expected))"
    case .missingSlices:
      let slices = expected == 1 ? "1 slice is" : "\(shortest(expected)) slices are"
      return "the gap after \(at) is \(mm(found)): \(slices) missing"
    case .duplicatePositions: return "\(at) and the next lie at the same position (\(mm(found)) apart)"
    case .identicalSlices: return "\(at) and the next lie at the same position with identical pixels"
    case .gantryTilt: return "the stack is tilted by \(rounded(found))° against the slice normal"
    case .shiftedSlices: return "\(at) is shifted by \(mm(found)) in its plane"
    case .orientationVaries: return "the frames point in different directions"
    case .pixelSpacingVaries: return "the pixel spacing of \(at) is \(mm(found)), that of the first \(mm(expected))"
    case .positionsIncomplete: return "\(shortest(found)) of \(shortest(expected)) slices have a position"
    case .positionMalformed: return "Image Position (0020,0032) of \(at) is no place in the patient"
    case .orientationMalformed: return "Image Orientation (0020,0037) of \(at) is not two unit vectors at a right angle"
    case .pixelSpacingMalformed: return "Pixel Spacing (0028,0030) of \(at) is not two positive distances"
    case .positionsMissing: return "slice positions are missing; slice spacing is assumed to be \(mm(expected))"
    case .pixelSpacingMissing: return "the pixel spacing is missing; 1 mm is assumed"
    case .spacingAtDetector: return "the pixel spacing of \(mm(found)) is that at the detector, not in the patient"
    case .localizer: return "the volume is a localizer"
    case .mixedOrientations:
      return "the series holds \(shortest(expected)) orientations; this one is \(rounded(found))° from the largest"
    case .frameOfReferenceVaries: return "the series holds \(shortest(expected)) frames of reference"
    case .severalVolumes: return "volume \(shortest(found)) of \(shortest(expected)) of its series"
    case .mosaic: return "a mosaic of \(shortest(found)) tiles was split into slices"
    case .resampled: return "resampled onto a regular grid; voxels outside the slices are \(shortest(found))"
    }
  }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
  private func mm(_ value: Double) -> String { "\(rounded(value)) mm" }
}
