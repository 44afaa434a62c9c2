// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What reading does with slices that do not lie on a regular grid.
public enum GeometryPolicy: String, Sendable, CaseIterable {
  /// Refuses, naming the first finding.
  case error
  /// Keeps every slice on the mean spacing and reports the findings.
  case accept
}

/// One way in which the slices of a series do not lie on a regular grid, with its numbers.
public struct GeometryFinding: Sendable, Equatable, CustomStringConvertible {
  /// What is irregular.
  public enum Kind: String, Sendable, CaseIterable {
    /// Distances of neighbouring slices differ by more than 1 % and 0.01 mm.
    case variableSpacing
    /// A gap is a whole multiple of the others.
    case missingSlices
    /// Two slices lie at the same place along the normal.
    case duplicatePositions
    /// The stack is sheared: positions move in the image plane from slice to slice.
    case gantryTilt
    /// One slice is shifted in its plane against the others.
    case shiftedSlices
    /// Frames point in different directions.
    case orientationVaries
    /// Slices differ in pixel spacing.
    case pixelSpacingVaries
    /// No positions: slices are in the order of their instance numbers, the spacing is nominal or 1 mm.
    case positionsMissing
    /// No pixel spacing: 1 mm is assumed.
    case pixelSpacingMissing
  }

  /// What is irregular.
  public let kind: Kind
  /// The slice it is about, counted from 0 in stacking order; a gap is named by the slice before it.
  public let slice: Int?
  /// The number found: mm, degrees for ``Kind/gantryTilt``.
  public let found: Double
  /// The number expected, in the same unit; how many slices are missing for ``Kind/missingSlices``.
  public let expected: Double

  /// A finding with its numbers.
  public init(_ kind: Kind, slice: Int? = nil, found: Double = 0, expected: Double = 0) {
    self.kind = kind
    self.slice = slice
    self.found = found
    self.expected = expected
  }

  /// Whether ``GeometryPolicy/error`` refuses it. Missing positions and spacings are reported only.
  public var isError: Bool { kind != .positionsMissing && kind != .pixelSpacingMissing }

  /// One line with the numbers.
  public var description: String {
    let at = slice.map { "slice \($0 + 1)" } ?? "the series"
    switch kind {
    case .variableSpacing: return "the gap after \(at) is \(mm(found)), the others \(mm(expected))"
    case .missingSlices:
      let slices = expected == 1 ? "1 slice is" : "\(shortest(expected)) slices are"
      return "the gap after \(at) is \(mm(found)): \(slices) missing"
    case .duplicatePositions: return "\(at) and the next lie at the same position (\(mm(found)) apart)"
    case .gantryTilt: return "the stack is tilted by \(rounded(found))° against the slice normal"
    case .shiftedSlices: return "\(at) is shifted by \(mm(found)) in its plane"
    case .orientationVaries: return "the frames point in different directions"
    case .pixelSpacingVaries: return "the pixel spacing of \(at) is \(mm(found)), that of the first \(mm(expected))"
    case .positionsMissing: return "slice positions are missing; slice spacing is assumed to be \(mm(expected))"
    case .pixelSpacingMissing: return "the pixel spacing is missing; 1 mm is assumed"
    }
  }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
  private func mm(_ value: Double) -> String { "\(rounded(value)) mm" }
}
