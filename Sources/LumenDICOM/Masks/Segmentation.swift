// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A DICOM Segmentation: where its frames lie; the pixels stay in the file until a mask asks for them.
///
/// - Source: PS3.3 A.51, A.87 (label map), C.8.20, C.7.6.16, C.7.6.17.
struct Segmentation: Sendable {
  /// One frame and where its first pixel lies on the grid.
  struct Frame: Sendable {
    let index: Int
    /// Segment Number; 0 for the frames of a label map, which belong to all.
    let segment: Int
    let column: Int
    let row: Int
    let slice: Int
  }

  var kind: RegionFile.Kind
  var regions: [RegionInfo] = []
  var findings: [RegionFinding] = []
  var references = ImageReferences()
  /// The grid of all frames.
  var geometry: Geometry
  /// Whether the grid lies in a patient.
  var isInPatient = true
  /// Frames by segment, in the order of the file.
  var frames: [Int: [Frame]] = [:]
  let columns: Int, rows: Int
  /// The stored value that means 1; 1 for other than fractions.
  var maximum = 1.0
  /// The value of pixels of no segment in a label map.
  var background = 0
  let pixels: SegmentPixels

  init(_ handle: DICOMHandle, _ header: InstanceHeader, limits: Limits) throws(ImageError) {
    let set = try handle.dataSet
    switch set.text(.segmentationType) {
    case "BINARY": kind = .binary
    case "FRACTIONAL": kind = .fractional
    case "LABELMAP": kind = .labelMap
    case "" where header.sopClassUID == SOPClass.labelMapSegmentation: kind = .labelMap
    case "" where header.bitsAllocated == 1: kind = .binary
    case let other:
      throw ImageError(
        .unsupported,
        "Segmentation Type \(Tag.segmentationType) is \"\(other)\", expected BINARY, FRACTIONAL or LABELMAP")
    }
    columns = header.columns
    rows = header.rows
    pixels = try SegmentPixels(handle, header, limits: limits)
    geometry = Geometry(size: Size(columns: columns, rows: rows))
    if kind == .fractional {
      maximum = set.number(.maximumFractionalValue) ?? 255
      guard maximum >= 1, maximum <= 255 else {
        throw ImageError(
          .malformed,
          "Maximum Fractional Value \(Tag.maximumFractionalValue) is \(shortest(maximum)), expected 1 to 255")
      }
    }
    if kind == .labelMap { background = header.pixelPaddingValue ?? 0 }
    readSegments(set, limits)
    readReferences(set, limits)
    let planes = try planes(set, header)
    if references.sopInstanceUIDs.isEmpty {
      var seen = Set<String>()
      references.sopInstanceUIDs = planes.compactMap { $0.source?.uid }.filter { seen.insert($0).inserted }
    }
    if set.has(.totalPixelMatrixColumns) || set.has(.totalPixelMatrixRows) {
      try layTiles(set, header, planes, limits)
    } else {
      try layFrames(planes, limits)
    }
    for i in regions.indices where kind != .labelMap {
      regions[i].parts = frames[regions[i].number]?.count ?? 0
      if regions[i].parts == 0 { findings.append(RegionFinding(.empty, region: regions[i].number)) }
    }
    let described = Set(regions.map(\.number))
    if kind != .labelMap {
      for (number, of) in frames.sorted(by: { $0.key < $1.key }) where !described.contains(number) {
        findings.append(RegionFinding(.undescribedSegment, count: of.count, found: Double(number)))
        var region = RegionInfo(number: number, name: "")
        region.parts = of.count
        regions.append(region)
      }
    }
  }

  private mutating func readSegments(_ set: DataSet, _ limits: Limits) {
    var known: [Int: Int] = [:], found: [RegionInfo] = []
    set.forEach(.segmentSequence, limit: limits.dimension) { item, _ in
      guard let number = item.integer(.segmentNumber) else { return }
      known[number, default: 0] += 1
      if known[number] != 1 { return }
      var region = RegionInfo(number: number, name: item.localText(.segmentLabel))
      region.description = item.localText(.segmentDescription)
      region.algorithmType = item.text(.segmentAlgorithmType)
      region.algorithmName = item.localText(.segmentAlgorithmName)
      region.category = item.term(.segmentedPropertyCategoryCodeSequence)
      region.type = item.term(.segmentedPropertyTypeCodeSequence)
      region.anatomicRegion = item.term(.anatomicRegionSequence)
      region.trackingID = item.localText(.trackingID)
      region.trackingUID = item.text(.trackingUID)
      region.colour = item.words(.recommendedDisplayCIELabValue, limit: 3).flatMap(DisplayColour.sRGB)
      found.append(region)
    }
    // The background of a label map may be described; it is no region.
    regions = kind == .labelMap ? found.filter { $0.number != background && $0.number != 0 } : found
    for (number, count) in known.sorted(by: { $0.key < $1.key }) where count > 1 {
      findings.append(RegionFinding(.duplicateNumber, count: count - 1, found: Double(number)))
    }
  }

  private mutating func readReferences(_ set: DataSet, _ limits: Limits) {
    let frame = set.text(.frameOfReferenceUID)
    var found = ImageReferences()
    if !frame.isEmpty { found.frameOfReferenceUIDs = [frame] }
    set.forEach(.referencedSeriesSequence, limit: limits.dimension) { series, _ in
      let uid = series.text(.seriesInstanceUID)
      if !uid.isEmpty { found.seriesInstanceUIDs.append(uid) }
      series.forEach(.referencedInstanceSequence) { instance, _ in
        let uid = instance.text(.referencedSOPInstanceUID)
        if !uid.isEmpty { found.sopInstanceUIDs.append(uid) }
      }
    }
    references = found
  }

  /// The functional groups of every frame, shared values filled in.
  private mutating func planes(_ set: DataSet, _ header: InstanceHeader) throws(ImageError) -> [FramePlane] {
    var shared = FramePlane()
    shared.position = set.vector(.imagePositionPatient)
    shared.orientation = InstanceHeader.orientation(set.numbers(.imageOrientationPatient))
    shared.spacing = InstanceHeader.spacing(set.numbers(.pixelSpacing))
    if let group = set.first(.sharedFunctionalGroupsSequence) { shared.merge(group) }
    var planes: [FramePlane] = [], items = 0
    set.forEach(.perFrameFunctionalGroupsSequence) { group, index in
      items += 1
      guard index < header.frames else { return }
      var plane = shared
      plane.merge(group)
      planes.append(plane)
    }
    if items == 0 && (header.frames == 1 || set.text(.dimensionOrganizationType) == "TILED_FULL") {
      return [FramePlane](repeating: shared, count: header.frames)
    }
    guard planes.count == header.frames else {
      throw ImageError(
        .malformed,
        "functional groups \(Tag.perFrameFunctionalGroupsSequence) are there for \(items) of \(header.frames) frames",
        hint: "which segment the others belong to is not known")
    }
    if let i = planes.firstIndex(where: \.isMisplaced) {
      throw ImageError(
        .malformed, "Image Position \(Tag.imagePositionPatient) of frame \(i + 1) is no place within a kilometre")
    }
    if items > header.frames {
      findings.append(RegionFinding(.frameCount, found: Double(items), expected: Double(header.frames)))
    }
    return planes
  }

  /// The segment of a frame.
  private func segment(_ plane: FramePlane, _ index: Int) throws(ImageError) -> Int {
    if kind == .labelMap { return 0 }
    if let number = plane.segment { return number }
    if regions.count == 1 { return regions[0].number }
    throw ImageError(
      .malformed, "frame \(index + 1) says no segment \(Tag.referencedSegmentNumber), the file has \(regions.count)")
  }

  private mutating func layFrames(_ planes: [FramePlane], _ limits: Limits) throws(ImageError) {
    let positions = planes.compactMap(\.position)
    var grid: FrameGrid
    if positions.count == planes.count, let first = planes.first, let orientation = first.orientation,
      let spacing = first.spacing
    {
      let odd = planes.firstIndex { p in
        let d = (p.spacing ?? spacing) - spacing
        return !(p.orientation ?? orientation).isClose(to: orientation)
          || max(abs(d.x), abs(d.y)) > 1e-3 * spacing.min()
      }
      grid = FrameGrid.inPatient(planes, positions, orientation, spacing, columns: columns, rows: rows)
      if let odd { grid.findings = [RegionFinding(.differentFrames, first: odd)] }
    } else {
      grid = FrameGrid.inPixels(planes, columns: columns, rows: rows)
      isInPatient = false
    }
    findings += grid.findings
    geometry = grid.geometry
    _ = try limits.checkedBytes(
      columns: columns, rows: rows, slices: geometry.size.slices, bytesPerVoxel: 1)
    for (i, plane) in planes.enumerated() {
      let number = try segment(plane, i)
      frames[number, default: []].append(Frame(index: i, segment: number, column: 0, row: 0, slice: grid.slices[i]))
    }
  }

  /// Tiles of a total pixel matrix, PS3.3 C.7.6.17.3: placed by their positions (TILED_SPARSE) or in the order tile
  /// column, tile row, focal plane, segment (TILED_FULL).
  private mutating func layTiles(
    _ set: DataSet, _ header: InstanceHeader, _ planes: [FramePlane], _ limits: Limits
  ) throws(ImageError) {
    guard let across = set.integer(.totalPixelMatrixColumns), let down = set.integer(.totalPixelMatrixRows),
      across > 0, down > 0
    else { throw ImageError(.malformed, "the size of the total pixel matrix is missing or not positive") }
    let isFull = set.text(.dimensionOrganizationType) == "TILED_FULL"
    let tilesAcross = (across + columns - 1) / columns, tilesDown = (down + rows - 1) / rows
    let (tiles, overflow) = tilesAcross.multipliedReportingOverflow(by: tilesDown)
    var slices = 1, heights: [Double] = []
    if isFull {
      slices = max(1, set.integer(.totalPixelMatrixFocalPlanes) ?? 1)
      let segments = kind == .labelMap ? 1 : regions.count
      let (n, o1) = tiles.multipliedReportingOverflow(by: slices)
      let (expected, o2) = n.multipliedReportingOverflow(by: segments)
      guard !overflow, !o1, !o2, expected == header.frames else {
        throw ImageError(
          .malformed,
          "TILED_FULL has \(header.frames) frames, expected \(tilesAcross) × \(tilesDown) tiles of \(slices) planes and \(segments) segments"
        )
      }
    } else {
      heights = Set(planes.map { $0.slideZ ?? 0 }).sorted()
      slices = heights.count
    }
    _ = try limits.checkedBytes(columns: across, rows: down, slices: slices, bytesPerVoxel: 1)
    let level = Dictionary(uniqueKeysWithValues: heights.enumerated().map { ($1, $0) })
    for (i, plane) in planes.enumerated() {
      var number = 0, column = 0, row = 0, slice = 0
      if isFull {
        column = i % tilesAcross * columns
        row = i / tilesAcross % tilesDown * rows
        slice = i / tiles % slices
        number = kind == .labelMap ? 0 : regions[i / tiles / slices].number
      } else {
        guard let tile = plane.tile, (1...across).contains(tile.x), (1...down).contains(tile.y) else {
          throw ImageError(.malformed, "frame \(i + 1) has no position within the total pixel matrix")
        }
        (column, row, slice) = (tile.x - 1, tile.y - 1, level[plane.slideZ ?? 0] ?? 0)
        number = try segment(plane, i)
      }
      frames[number, default: []].append(Frame(index: i, segment: number, column: column, row: row, slice: slice))
    }
    let spacing = planes.first?.spacing ?? SIMD2(1, 1)
    let step = heights.count > 1 ? (heights[slices - 1] - heights[0]) / Double(slices - 1) : planes.first?.sliceSpacing
    geometry = Geometry(
      size: Size(columns: across, rows: down, slices: slices), spacing: SIMD3(spacing.y, spacing.x, step ?? 1))
    isInPatient = false
    guard let origin = set.first(.totalPixelMatrixOriginSequence),
      let x = origin.number(.xOffsetInSlideCoordinateSystem), let y = origin.number(.yOffsetInSlideCoordinateSystem),
      let orientation = InstanceHeader.orientation(set.numbers(.imageOrientationSlide))
    else {
      findings.append(RegionFinding(.pixelGeometry))
      return
    }
    geometry.origin = SIMD3(x, y, heights.first ?? planes.first?.slideZ ?? 0)
    geometry.direction = Direction(x: orientation.row, y: orientation.column, z: orientation.normal)
    findings.append(RegionFinding(.slideCoordinates))
  }
}
