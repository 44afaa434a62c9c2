// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Where the slices of a series lie: order, geometry, and what is irregular.
struct SeriesLayout {
  /// Frames in stacking order: the slices, or the one picture of a mosaic.
  var slices: [Series.Pick]
  /// Positions of the slices; empty where they are not known.
  var positions: [SIMD3<Double>]
  /// Geometry of the volume.
  var geometry: Geometry
  /// What was found.
  var findings: [GeometryFinding]
  /// The tiles, in stacking order; empty for slices.
  var tiles: [Int] = []
}

extension Series {
  /// The grid of the volume and what is irregular about its slices; pixels are not read.
  ///
  /// - Throws: `malformed` for slices of different sizes, `limitExceeded`.
  public func geometry(limits: Limits = .standard) throws(ImageError) -> (Geometry, findings: [GeometryFinding]) {
    let layout = try layout(limits)
    return (layout.geometry, layout.findings)
  }

  /// Slices in stacking order, their geometry and what is irregular about it; pixels are not read.
  ///
  /// - Throws: `invalidParameter` for an empty series, `malformed` for slices of different sizes, `limitExceeded`.
  func layout(_ limits: Limits) throws(ImageError) -> SeriesLayout {
    guard let first = instances.first else { throw ImageError(.invalidParameter, "the series has no instances") }
    for instance in instances {
      guard instance.columns == first.columns, instance.rows == first.rows else {
        throw ImageError(
          .malformed, "has \(instance.columns) × \(instance.rows) pixels, the first \(first.columns) × \(first.rows)",
          place: instance.path)
      }
      guard instance.frames <= limits.frames else {
        throw ImageError(
          .limitExceeded, "has \(instance.frames) frames, the limit is \(limits.frames)", place: instance.path)
      }
    }
    let frames = frames
    guard let start = frames.first else { throw ImageError(.invalidParameter, "the series has no frames") }
    _ = try limits.checkedBytes(columns: first.columns, rows: first.rows, slices: frames.count, bytesPerVoxel: 1)
    var findings = notes
    let inPlane = checkSpacing(frames, &findings)
    let nominal = first.nominalSpacing
    let orientation = instances[start.instance].orientation(frame: start.frame)
    var geometry = Geometry(
      size: Size(columns: first.columns, rows: first.rows, slices: frames.count),
      spacing: SIMD3(inPlane.y, inPlane.x, nominal))
    if let o = orientation { geometry.direction = Direction(x: o.row, y: o.column, z: o.normal) }
    if let mosaic, let layout = try tiled(mosaic, geometry, findings, nominal) { return layout }

    let varies = frames.contains { pick in
      guard let o = orientation, let own = instances[pick.instance].orientation(frame: pick.frame) else { return false }
      return !own.isClose(to: o)
    }
    if varies || (picks == nil && instances.contains { $0.orientationVaries && $0.frameOrientations.isEmpty }) {
      findings.append(GeometryFinding(.orientationVaries))
    }
    for kind in [GeometryFinding.Kind.positionMalformed, .orientationMalformed] where frames.count > 1 {
      if let i = instances.firstIndex(where: { $0.malformedGeometry.contains(kind) }) {
        findings.append(GeometryFinding(kind, slice: instances.count > 1 ? i : nil))
      }
    }
    let positions = frames.compactMap { instances[$0.instance].position(frame: $0.frame) }
    guard let orientation, positions.count == frames.count else {
      if let position = first.imagePosition { geometry.origin = position }
      let placed = max(positions.count, first.placedFrames ?? 0)
      if placed > 0, frames.count > 1, orientation != nil {
        findings.append(GeometryFinding(.positionsIncomplete, found: Double(placed), expected: Double(frames.count)))
      }
      findings.append(GeometryFinding(.positionsMissing, expected: nominal))
      return SeriesLayout(slices: frames, positions: [], geometry: geometry, findings: findings)
    }
    let stack = SliceStack(positions, orientation, nominal: nominal)
    geometry.spacing.z = stack.spacing
    let sorted = stack.order.map { positions[$0] }
    geometry.origin = sorted[0]
    return SeriesLayout(
      slices: stack.order.map { frames[$0] }, positions: sorted, geometry: geometry,
      findings: findings + stack.findings)
  }

  /// Distance of rows and columns, mm, with what is to say about it.
  private func checkSpacing(_ frames: [Pick], _ findings: inout [GeometryFinding]) -> SIMD2<Double> {
    let start = frames[0], first = instances[start.instance]
    let inPlane = first.spacing(frame: start.frame)
    // Of a single picture nothing else depends on it: it is missing.
    if frames.count > 1, let i = instances.firstIndex(where: { $0.malformedGeometry.contains(.pixelSpacingMalformed) })
    {
      findings.append(GeometryFinding(.pixelSpacingMalformed, slice: instances.count > 1 ? i : nil))
    } else if first.pixelSpacing == nil {
      findings.append(GeometryFinding(.pixelSpacingMissing, expected: 1))
    } else if first.isSpacingAtDetector {
      findings.append(GeometryFinding(.spacingAtDetector, found: inPlane.x))
    }
    for (i, pick) in frames.enumerated() {
      let spacing = instances[pick.instance].spacing(frame: pick.frame)
      if max(abs(spacing.x - inPlane.x) / inPlane.x, abs(spacing.y - inPlane.y) / inPlane.y) > 1e-3 {
        let isX = abs(spacing.x - inPlane.x) / inPlane.x > 1e-3
        findings.append(
          GeometryFinding(
            .pixelSpacingVaries, slice: i, found: isX ? spacing.x : spacing.y, expected: isX ? inPlane.x : inPlane.y))
        break
      }
    }
    return inPlane
  }

  /// Layout of a mosaic; nil where its tiles do not fit the picture.
  ///
  /// Image Position is that of a picture as large as the mosaic with the slice in its middle.
  private func tiled(
    _ mosaic: Mosaic, _ whole: Geometry, _ findings: [GeometryFinding], _ spacing: Double
  ) throws(ImageError) -> SeriesLayout? {
    let grid = mosaic.grid, n = mosaic.tiles
    guard whole.size.columns % grid == 0, whole.size.rows % grid == 0, let position = instances[0].imagePosition else {
      return nil
    }
    var geometry = whole
    geometry.size = Size(columns: whole.size.columns / grid, rows: whole.size.rows / grid, slices: n)
    geometry.spacing.z = spacing
    let corner = SIMD3(
      Double(whole.size.columns - geometry.size.columns) / 2, Double(whole.size.rows - geometry.size.rows) / 2, 0)
    let isForward = dot(mosaic.normal, whole.direction.z) >= 0
    geometry.origin = position
    geometry.origin = geometry.position(of: corner)
    let first = geometry.origin
    if !isForward { geometry.origin = geometry.position(of: SIMD3(0, 0, -Double(n - 1))) }
    let origin = geometry.origin, step = geometry.direction.z * spacing
    return SeriesLayout(
      slices: [Pick(instance: 0, frame: 0)],
      positions: n == 1 ? [first] : (0..<n).map { origin + step * Double($0) }, geometry: geometry,
      findings: findings + [GeometryFinding(.mosaic, found: Double(n))],
      tiles: isForward ? Array(0..<n) : (0..<n).reversed())
  }
}
