// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// An RT Structure Set: regions as contours in the patient.
///
/// - Source: PS3.3 A.19, C.8.8.5, C.8.8.6, C.8.8.8.
struct StructureSet: Sendable {
  /// What a contour encloses.
  enum Shape: Sendable { case closed, open, points }

  /// One contour: a range of the ROI's points, in the order of the file.
  struct Contour: Sendable {
    var shape: Shape
    var points: Range<Int>
  }

  /// The contours of one region.
  struct ROI: Sendable {
    var contours: [Contour] = []
    /// x, y, z of every point, LPS mm.
    var coordinates: [Double] = []
  }

  var regions: [RegionInfo] = []
  /// Contours of each region, in the same order.
  var rois: [ROI] = []
  var findings: [RegionFinding] = []
  var references = ImageReferences()

  init(_ handle: DICOMHandle, limits: Limits) throws(ImageError) {
    let set = try handle.dataSet
    let hasNames = set.first(.structureSetROISequence) != nil, hasContours = set.first(.roiContourSequence) != nil
    guard hasNames || hasContours else {
      throw ImageError(
        .malformed,
        "has neither ROIs \(Tag.structureSetROISequence) nor contours \(Tag.roiContourSequence)",
        hint: "the structure set is empty or was cut")
    }
    readReferences(set, limits)
    var place: [Int: Int] = [:], repeated: [Int: Int] = [:]
    set.forEach(.structureSetROISequence, limit: limits.dimension) { item, _ in
      guard let number = item.integer(.roiNumber) else { return }
      if place[number] != nil {
        repeated[number, default: 0] += 1
        return
      }
      var region = RegionInfo(number: number, name: item.localText(.roiName))
      region.description = item.localText(.roiDescription)
      region.algorithmType = item.text(.roiGenerationAlgorithm)
      region.frameOfReferenceUID = item.text(.referencedFrameOfReferenceUID)
      place[number] = regions.count
      regions.append(region)
    }
    for (number, count) in repeated.sorted(by: { $0.key < $1.key }) {
      findings.append(RegionFinding(.duplicateNumber, count: count, found: Double(number)))
    }
    rois = [ROI](repeating: ROI(), count: regions.count)
    set.forEach(.roiContourSequence, limit: limits.dimension) { item, _ in
      let number = item.integer(.referencedROINumber) ?? -1, index: Int
      if let known = place[number] {
        index = known
      } else {
        index = regions.count
        place[number] = index
        regions.append(RegionInfo(number: number, name: ""))
        rois.append(ROI())
        var contours = 0
        item.forEach(.contourSequence) { _, _ in contours += 1 }
        findings.append(RegionFinding(.undescribedROI, count: contours, found: Double(number)))
      }
      regions[index].colour = item.colour(.roiDisplayColor) ?? regions[index].colour
      readContours(item, index)
    }
    set.forEach(.rtROIObservationsSequence, limit: limits.dimension) { item, _ in
      guard let number = item.integer(.referencedROINumber), let index = place[number] else { return }
      let type = item.text(.rtROIInterpretedType)
      if !type.isEmpty { regions[index].interpretedType = type }
    }
    for i in regions.indices {
      regions[i].parts = rois[i].contours.count
      let isMalformed = findings.contains { $0.region == regions[i].number && $0.kind == .malformedContours }
      if rois[i].contours.isEmpty && !isMalformed {
        findings.append(RegionFinding(.empty, region: regions[i].number))
      }
    }
  }

  private mutating func readContours(_ item: DataSet, _ index: Int) {
    var collector = FindingCollector(region: regions[index].number)
    item.forEach(.contourSequence) { contour, i in
      guard case .values(let values) = contour.longNumbers(.contourData), values.count % 3 == 0 else {
        collector.add(.malformedContours, at: i)
        return
      }
      let n = values.count / 3, first = rois[index].coordinates.count / 3
      if let claimed = contour.integer(.numberOfContourPoints), claimed != n {
        collector.add(.pointCount, at: i, found: Double(n), expected: Double(claimed))
      }
      rois[index].coordinates += values
      let shape: Shape
      switch contour.text(.contourGeometricType) {
      case "POINT": shape = .points
      case "OPEN_PLANAR", "OPEN_NONPLANAR": shape = .open
      default: shape = n == 1 ? .points : n == 2 ? .open : .closed
      }
      rois[index].contours.append(Contour(shape: shape, points: first..<first + n))
    }
    findings += collector.findings
  }

  private mutating func readReferences(_ set: DataSet, _ limits: Limits) {
    var found = ImageReferences()
    set.forEach(.referencedFrameOfReferenceSequence, limit: limits.dimension) { frame, _ in
      let uid = frame.text(.frameOfReferenceUID)
      if !uid.isEmpty && !found.frameOfReferenceUIDs.contains(uid) { found.frameOfReferenceUIDs.append(uid) }
      frame.forEach(.rtReferencedStudySequence, limit: limits.dimension) { study, _ in
        study.forEach(.rtReferencedSeriesSequence, limit: limits.dimension) { series, _ in
          let uid = series.text(.seriesInstanceUID)
          if !uid.isEmpty { found.seriesInstanceUIDs.append(uid) }
          series.forEach(.contourImageSequence) { image, _ in
            let uid = image.text(.referencedSOPInstanceUID)
            if !uid.isEmpty { found.sopInstanceUIDs.append(uid) }
          }
        }
      }
    }
    set.forEach(.structureSetROISequence, limit: limits.dimension) { roi, _ in
      let uid = roi.text(.referencedFrameOfReferenceUID)
      if !uid.isEmpty && !found.frameOfReferenceUIDs.contains(uid) { found.frameOfReferenceUIDs.append(uid) }
    }
    references = found
  }
}
