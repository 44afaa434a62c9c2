// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What the functional groups say of one frame of a segmentation.
struct FramePlane {
  /// Referenced Segment Number.
  var segment: Int?
  /// Image Position (Patient).
  var position: SIMD3<Double>?
  /// Whether a position is stated that is none.
  var isMisplaced = false
  /// Image Orientation (Patient).
  var orientation: ImageOrientation?
  /// Pixel Spacing: distance of rows, distance of columns.
  var spacing: SIMD2<Double>?
  /// Spacing Between Slices, else Slice Thickness.
  var sliceSpacing: Double?
  /// Column and row of its first pixel in the total pixel matrix, from 1.
  var tile: SIMD2<Int>?
  /// Z Offset in Slide Coordinate System, mm.
  var slideZ: Double?
  /// The image, and its frame, that it was drawn on.
  var source: (uid: String, frame: Int)?

  init() {}

  /// Takes over what a functional group has.
  mutating func merge(_ group: DataSet) {
    if let item = group.first(.segmentIdentificationSequence) {
      segment = item.integer(.referencedSegmentNumber) ?? segment
    }
    if let item = group.first(.planePositionSequence) {
      let own = item.vector(.imagePositionPatient)
      isMisplaced = own == nil && !item.text(.imagePositionPatient).isEmpty
      position = own ?? position
    }
    if let item = group.first(.planeOrientationSequence) {
      orientation = InstanceHeader.orientation(item.numbers(.imageOrientationPatient)) ?? orientation
    }
    if let item = group.first(.pixelMeasuresSequence) {
      spacing = InstanceHeader.spacing(item.numbers(.pixelSpacing)) ?? spacing
      func positive(_ tag: Tag) -> Double? { item.number(tag).flatMap { abs($0).isDistance ? abs($0) : nil } }
      sliceSpacing = positive(.spacingBetweenSlices) ?? positive(.sliceThickness) ?? sliceSpacing
    }
    if let item = group.first(.planePositionSlideSequence) {
      if let column = item.integer(.columnPositionInTotalImagePixelMatrix),
        let row = item.integer(.rowPositionInTotalImagePixelMatrix)
      {
        tile = SIMD2(column, row)
      }
      // PS3.3 C.8.12.6.1: this one is in micrometres.
      slideZ = item.number(.zOffsetInSlideCoordinateSystem).map { $0 / 1000 } ?? slideZ
    }
    if let image = group.first(.derivationImageSequence)?.first(.sourceImageSequence) {
      let uid = image.text(.referencedSOPInstanceUID)
      if !uid.isEmpty { source = (uid, image.integer(.referencedFrameNumber) ?? 1) }
    }
  }
}

/// The regular grid that frames of a segmentation lie on, and the slice that each of them is.
struct FrameGrid {
  var geometry: Geometry
  /// Slice of each frame.
  var slices: [Int]
  var findings: [RegionFinding] = []

  /// Frames with positions: slices along the normal at multiples of one spacing, empty ones between them allowed.
  ///
  /// The spacing is the nominal one where the positions are multiples of it, else the smallest gap.
  static func inPatient(
    _ planes: [FramePlane], _ positions: [SIMD3<Double>], _ orientation: ImageOrientation, _ spacing: SIMD2<Double>,
    columns: Int, rows: Int
  ) -> FrameGrid {
    let normal = orientation.normal, along = positions.map { dot($0, normal) }
    var low = 0
    for i in along.indices where along[i] < along[low] { low = i }
    let start = positions[low], sorted = along.sorted()
    var gaps: [Double] = []
    let nominal = planes[low].sliceSpacing, samePlace = SliceStack.samePlace(nominal: nominal ?? 1)
    for (a, b) in zip(sorted, sorted.dropFirst()) where b - a > samePlace { gaps.append(b - a) }
    func fits(_ step: Double) -> Bool {
      along.allSatisfy { t in
        let k = (t - along[low]) / step
        return abs(k - k.rounded()) * step <= max(0.01 * step, 1e-3)
      }
    }
    var step = nominal ?? 1
    if let smallest = gaps.min(), !(nominal.map(fits) ?? false) { step = smallest }
    let extent = (sorted.last ?? 0) - (sorted.first ?? 0), count = (extent / step).rounded()
    // Positions are the truth about the spacing; the nominal value only where it differs by rounding.
    if count > 0, abs(extent - count * step) > 1e-3 { step = extent / count }

    var findings: [RegionFinding] = []
    var slices: [Int] = [], worst = 0.0, place = 0, off = 0
    for (i, position) in positions.enumerated() {
      let k = ((along[i] - along[low]) / step).rounded()
      let d = position - (start + normal * (k * step))
      let distance = dot(d, d).squareRoot()
      if !(distance <= SliceStack.tolerance(gap: step)) {
        off += 1
        if !(distance <= worst) { (worst, place) = (distance, i) }
      }
      // Too many slices are the caller's to refuse.
      slices.append(k.isFinite ? Int(min(k, 1e9)) : 0)
    }
    if off > 0 {
      findings.append(RegionFinding(.irregularFrames, count: off, first: place, found: worst, expected: step))
    }
    let geometry = Geometry(
      size: Size(columns: columns, rows: rows, slices: (slices.max() ?? 0) + 1),
      spacing: SIMD3(spacing.y, spacing.x, step), origin: start,
      direction: Direction(x: orientation.row, y: orientation.column, z: normal))
    return FrameGrid(geometry: geometry, slices: slices, findings: findings)
  }

  /// Frames without positions: those drawn on the same frame of the same image share a slice; else every segment's
  /// frames count from the first slice.
  static func inPixels(_ planes: [FramePlane], columns: Int, rows: Int) -> FrameGrid {
    var slices: [Int] = []
    let sources = planes.compactMap(\.source)
    if sources.count == planes.count {
      var images: [String: Int] = [:]
      for s in sources where images[s.uid] == nil { images[s.uid] = images.count }
      let keys = sources.map { SIMD2(images[$0.uid] ?? 0, $0.frame) }
      let ordered = Set(keys).sorted { ($0.x, $0.y) < ($1.x, $1.y) }
      let slice = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1, $0) })
      slices = keys.map { slice[$0] ?? 0 }
    } else {
      var next: [Int: Int] = [:]
      for p in planes {
        slices.append(next[p.segment ?? 0, default: 0])
        next[p.segment ?? 0, default: 0] += 1
      }
    }
    let spacing = planes.first?.spacing ?? SIMD2(1, 1)
    let geometry = Geometry(
      size: Size(columns: columns, rows: rows, slices: (slices.max() ?? 0) + 1),
      spacing: SIMD3(spacing.y, spacing.x, planes.first?.sliceSpacing ?? 1))
    return FrameGrid(geometry: geometry, slices: slices, findings: [RegionFinding(.pixelGeometry)])
  }
}
