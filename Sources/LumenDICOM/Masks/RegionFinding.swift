// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// One way in which a region is not what it should be, with its numbers.
public struct RegionFinding: Sendable, Equatable, CustomStringConvertible {
  /// What is irregular.
  public enum Kind: String, Sendable, CaseIterable {
    // Segmentations
    /// Frames without position in the patient: the grid is that of the pixels.
    case pixelGeometry
    /// The grid lies in slide coordinates.
    case slideCoordinates
    /// Frames do not lie on a regular grid.
    case irregularFrames
    /// Frames point in different directions or have different pixel spacings.
    case differentFrames
    /// The number of per-frame items is not that of the frames.
    case frameCount
    /// Frames of a segment that is not described.
    case undescribedSegment
    /// A segment or ROI number that is used twice; the first one counts.
    case duplicateNumber
    /// A segment or ROI of which the file has no frame or contour.
    case empty
    // Contours
    /// Contours of a ROI that is not described.
    case undescribedROI
    /// Points, which have no area.
    case points
    /// Open contours and lines, which have no area.
    case openContours
    /// Contour Data that is missing, no numbers or no triplets.
    case malformedContours
    /// Number of Contour Points contradicts Contour Data, which counts.
    case pointCount
    /// Contours off the slice they are assigned to by more than 1 % of the slice spacing.
    case betweenSlices
    /// Contours on several planes within one slice; the nearest plane counts.
    case severalPlanes
    /// Contours that cross slices.
    case crossingSlices
    /// Contours outside the image, in whole or in part.
    case outsideImage
    /// Slices without contours between slices with contours; they are not filled.
    case sliceGaps
    /// A contour that is stored twice in a plane; the copy is left out.
    case duplicateContours
    /// Contours that hold no voxel centre; each sets the voxel of its centroid.
    case subVoxelContours
  }

  /// What is irregular.
  public let kind: Kind
  /// Number of the region; nil for the whole file.
  public let region: Int?
  /// How many contours, frames, points or slices are concerned.
  public let count: Int
  /// The first of them, counted from 0 in the order of the file; for ``Kind/sliceGaps`` the slice before the gap.
  public let first: Int
  /// The largest number found: mm, mm² for ``Kind/subVoxelContours``, else a count or number.
  public let found: Double
  /// What was expected, in the same unit.
  public let expected: Double

  init(
    _ kind: Kind, region: Int? = nil, count: Int = 1, first: Int = 0, found: Double = 0, expected: Double = 0
  ) {
    self.kind = kind
    self.region = region
    self.count = count
    self.first = first
    self.found = found
    self.expected = expected
  }

  /// Whether no mask is made of the region.
  public var isError: Bool {
    switch kind {
    case .irregularFrames, .differentFrames, .malformedContours, .crossingSlices: true
    default: false
    }
  }

  /// One line with the numbers.
  public var description: String { (region.map { "region \($0): " } ?? "") + text }

  private var text: String {
    let n = shortest((found * 1000).rounded() / 1000), one = count == 1
    let contours = one ? "contour \(first + 1)" : "\(count) contours, the first number \(first + 1),"
    switch kind {
    case .pixelGeometry: return "the frames have no position in the patient; the grid is that of the pixels"
    case .slideCoordinates: return "the frames lie in slide coordinates, not in a patient"
    case .irregularFrames:
      return "frame \(first + 1) lies \(n) mm off a regular grid of \(shortest(expected)) mm spacing"
    case .differentFrames: return "frame \(first + 1) has another orientation or pixel spacing than the first"
    case .frameCount: return "per-frame items are there for \(n) frames, pixels for \(shortest(expected))"
    case .undescribedSegment: return "\(count) frames belong to segment \(n), which is not described"
    case .duplicateNumber: return "number \(n) is used \(count + 1) times; the first one counts"
    case .empty: return "has neither frames nor contours"
    case .undescribedROI: return "\(count) contours belong to ROI \(n), which is not described"
    case .points: return "\(one ? "1 point has" : "\(count) points have") no area"
    case .openContours:
      return "\(contours) \(one ? "is open or a line: it has" : "are open or lines: they have") no area"
    case .malformedContours:
      return "Contour Data \(Tag.contourData) of \(contours) \(one ? "is" : "are") no triplets of numbers"
    case .pointCount:
      return "\(contours) \(one ? "has" : "have") \(n) points, Number of Contour Points says \(shortest(expected))"
    case .betweenSlices:
      return "\(contours) \(one ? "lies" : "lie") between slices, up to \(n) mm off the nearest"
    case .severalPlanes:
      return "\(contours) \(one ? "is" : "are") left out: a plane nearer to the slice has contours (\(n) mm away)"
    case .crossingSlices:
      return
        "\(contours) \(one ? "is" : "are") not parallel to the slices: \(n) mm deep, spacing \(shortest(expected)) mm"
    case .outsideImage: return "\(contours) \(one ? "reaches" : "reach") up to \(n) mm beyond the image"
    case .sliceGaps:
      return "\(count) slices between contours have none; the first gap, \(n) mm, is after slice \(first + 1)"
    case .duplicateContours: return "\(contours) \(one ? "is a copy" : "are copies") of another"
    case .subVoxelContours:
      return "\(contours) \(one ? "holds" : "hold") no voxel centre; the voxel at its centroid is set (\(n) mm²)"
    }
  }

  /// The error of a finding.
  var error: ImageError { ImageError(.malformed, description, hint: "the region cannot be drawn as it is stored") }
}

/// Collects like findings of one region into one: how many, the first, the largest number.
struct FindingCollector {
  let region: Int
  private var entries: [RegionFinding.Kind: (count: Int, first: Int, found: Double, expected: Double)] = [:]

  init(region: Int) { self.region = region }

  mutating func add(
    _ kind: RegionFinding.Kind, at place: Int, found: Double = 0, expected: Double = 0, count: Int = 1
  ) {
    guard var e = entries[kind] else {
      entries[kind] = (count, place, found, expected)
      return
    }
    e.count += count
    e.first = min(e.first, place)
    if found > e.found {
      e.found = found
      e.expected = expected
    }
    entries[kind] = e
  }

  /// In the order of the kinds.
  var findings: [RegionFinding] {
    RegionFinding.Kind.allCases.compactMap { kind in
      entries[kind].map {
        RegionFinding(kind, region: region, count: $0.count, first: $0.first, found: $0.found, expected: $0.expected)
      }
    }
  }
}
