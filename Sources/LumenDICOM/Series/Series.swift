// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Instances that form one image: a stack of slices, or one multi-frame object.
public struct Series: Sendable, Equatable {
  /// The instances, sorted along the slice normal; by instance number where positions are missing.
  public var instances: [InstanceHeader]

  /// A series of instances that belong together; they are sorted.
  ///
  /// Headers come from ``DICOMFile/header(_:limits:)``; ``Inventory/scan(_:limits:progress:)`` does the grouping.
  public init(_ instances: [InstanceHeader]) {
    self.instances = instances
    guard instances.count > 1 else { return }
    let positions = instances.compactMap(\.imagePosition)
    if positions.count == instances.count, let orientation = instances[0].imageOrientation {
      let normal = orientation.normal
      let keys = zip(instances, positions).map { (dot($1, normal), $0) }
      self.instances = keys.sorted { a, b in a.0 != b.0 ? a.0 < b.0 : Self.isBefore(a.1, b.1) }.map(\.1)
    } else {
      self.instances.sort(by: Self.isBefore)
    }
  }

  private static func isBefore(_ a: InstanceHeader, _ b: InstanceHeader) -> Bool {
    let (m, n) = (a.instanceNumber ?? .max, b.instanceNumber ?? .max)
    return m != n ? m < n : Array(a.path.utf8).lexicographicallyPrecedes(Array(b.path.utf8))
  }

  /// Series Instance UID.
  public var seriesInstanceUID: String { instances.first?.seriesInstanceUID ?? "" }
  /// Study Instance UID.
  public var studyInstanceUID: String { instances.first?.studyInstanceUID ?? "" }
  /// Patient ID.
  public var patientID: String { instances.first?.patientID ?? "" }
  /// Modality.
  public var modality: String { instances.first?.modality ?? "" }
  /// Series Description.
  public var seriesDescription: String { instances.first?.seriesDescription ?? "" }
  /// Series Number.
  public var seriesNumber: Int? { instances.first?.seriesNumber }
  /// Columns, rows and slices.
  public var size: (columns: Int, rows: Int, slices: Int) {
    (instances.first?.columns ?? 0, instances.first?.rows ?? 0, instances.reduce(0) { $0 + $1.frames })
  }
  /// Whether its slices are colour.
  public var isColour: Bool { instances.first?.isColour ?? false }

  /// One slice: a frame of an instance.
  struct Slice {
    let instance: Int
    let frame: Int
    let position: SIMD3<Double>?
  }

  /// Slices in stacking order, their geometry and what is irregular about it; pixels are not read.
  ///
  /// - Throws: `invalidParameter` for an empty series, `malformed` for slices of different sizes, `limitExceeded`.
  func layout(_ limits: Limits) throws(ImageError) -> (slices: [Slice], geometry: Geometry, findings: [GeometryFinding])
  {
    guard let first = instances.first else { throw ImageError(.invalidParameter, "the series has no instances") }
    var slices: [Slice] = [], findings: [GeometryFinding] = []
    for (i, instance) in instances.enumerated() {
      guard instance.columns == first.columns, instance.rows == first.rows else {
        throw ImageError(
          .malformed, "has \(instance.columns) × \(instance.rows) pixels, the first \(first.columns) × \(first.rows)",
          place: instance.path)
      }
      guard instance.frames <= limits.dimension else {
        throw ImageError(
          .limitExceeded, "has \(instance.frames) frames, the limit is \(limits.dimension)", place: instance.path)
      }
      for frame in 0..<instance.frames {
        let own = frame < instance.framePositions.count ? instance.framePositions[frame] : nil
        slices.append(
          Slice(instance: i, frame: frame, position: own ?? (instance.frames == 1 ? instance.imagePosition : nil)))
      }
    }
    _ = try limits.checkedBytes(columns: first.columns, rows: first.rows, slices: slices.count, bytesPerVoxel: 1)

    if instances.contains(where: \.orientationVaries) { findings.append(GeometryFinding(.orientationVaries)) }
    let inPlane = first.pixelSpacing ?? SIMD2(1, 1)
    if first.pixelSpacing == nil { findings.append(GeometryFinding(.pixelSpacingMissing, expected: 1)) }
    for (i, instance) in instances.enumerated() {
      let spacing = instance.pixelSpacing ?? SIMD2(1, 1)
      let off = max(abs(spacing.x - inPlane.x) / inPlane.x, abs(spacing.y - inPlane.y) / inPlane.y)
      if off > 1e-3 {
        findings.append(GeometryFinding(.pixelSpacingVaries, slice: i, found: spacing.x, expected: inPlane.x))
        break
      }
    }

    let nominal = first.spacingBetweenSlices ?? first.sliceThickness ?? 1
    let positions = slices.compactMap(\.position)
    var geometry = Geometry(
      size: Size(columns: first.columns, rows: first.rows, slices: slices.count),
      spacing: SIMD3(inPlane.y, inPlane.x, nominal))
    if let o = first.imageOrientation { geometry.direction = Direction(x: o.row, y: o.column, z: o.normal) }
    guard let orientation = first.imageOrientation, positions.count == slices.count else {
      if let position = first.imagePosition { geometry.origin = position }
      findings.append(GeometryFinding(.positionsMissing, expected: nominal))
      return (slices, geometry, findings)
    }
    let stack = SliceStack(positions, orientation, nominal: nominal)
    geometry.spacing.z = stack.spacing
    geometry.origin = positions[stack.order[0]]
    return (stack.order.map { slices[$0] }, geometry, findings + stack.findings)
  }
}
