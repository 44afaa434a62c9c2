// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Instances that form one image: a stack of slices, some frames of a multi-frame object, or the tiles of a mosaic.
public struct Series: Sendable, Equatable, Codable {
  /// A frame of an instance.
  struct Pick: Sendable, Hashable, Codable {
    let instance: Int
    let frame: Int
  }

  /// The instances, sorted along the slice normal; by instance number where positions are missing.
  public var instances: [InstanceHeader]
  /// What tells this volume from the others of its DICOM series: "time 3 of 10", "b = 800", "echo 2 of 3, type P";
  /// "" for the only one.
  public var label = ""
  /// Which of the volumes of its DICOM series it is, from 1.
  public var volume = 1
  /// How many volumes its DICOM series holds.
  public var volumes = 1
  /// Whether the volumes of its DICOM series differ in time only.
  public var isTimePoint = false
  /// What grouping found; part of the findings of every image read.
  public var notes: [GeometryFinding] = []
  /// The frames it is made of, where these are not all of its instances.
  var picks: [Pick]?

  /// One volume of instances that belong together; they are sorted.
  ///
  /// Headers come from ``DICOMFile/header(_:limits:)``; ``Inventory/scan(_:limits:progress:)`` does the grouping, and
  /// ``volumes(of:)`` divides instances of one DICOM series into volumes.
  public init(_ instances: [InstanceHeader]) {
    self.instances = instances
    guard instances.count > 1 else { return }
    let positions = instances.compactMap(\.imagePosition)
    if positions.count == instances.count, let orientation = instances[0].imageOrientation {
      let normal = orientation.normal
      let along = positions.map { dot($0, normal) }
      sort { a, b in along[a] != along[b] ? along[a] < along[b] : Self.isBefore(instances[a], instances[b]) }
    } else {
      sort { a, b in Self.isBefore(instances[a], instances[b]) }
    }
  }

  /// Headers are large: their places are sorted, and each is moved once at most.
  private mutating func sort(by isBefore: (Int, Int) -> Bool) {
    let order = instances.indices.sorted(by: isBefore)
    if !order.elementsEqual(instances.indices) { instances = order.map { instances[$0] } }
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
  /// Columns, rows and slices of the volume.
  public var size: (columns: Int, rows: Int, slices: Int) {
    guard let first = instances.first else { return (0, 0, 0) }
    if let mosaic, mosaic.grid <= min(first.columns, first.rows) {
      return (first.columns / mosaic.grid, first.rows / mosaic.grid, mosaic.tiles)
    }
    return (first.columns, first.rows, picks?.count ?? instances.reduce(0) { $0 + $1.frames })
  }
  /// Whether its slices are colour.
  public var isColour: Bool { instances.first?.isColour ?? false }
  /// The tiles of its one picture.
  var mosaic: Mosaic? { instances.count == 1 && instances[0].frames == 1 ? instances[0].mosaic : nil }

  /// The frames it is made of, in the order of instances and frames.
  var frames: [Pick] {
    picks ?? instances.indices.flatMap { i in (0..<instances[i].frames).map { Pick(instance: i, frame: $0) } }
  }

  /// "axial", "coronal" or "sagittal", the nearest; "" without orientation.
  public var plane: String {
    guard let n = instances.first?.imageOrientation?.normal else { return "" }
    let a = SIMD3(abs(n.x), abs(n.y), abs(n.z))
    return a.z >= a.x && a.z >= a.y ? "axial" : a.y >= a.x ? "coronal" : "sagittal"
  }
}

extension InstanceHeader {
  /// Position of a frame; nil where it is not known.
  func position(frame: Int) -> SIMD3<Double>? {
    frame < framePositions.count ? framePositions[frame] : frames == 1 ? imagePosition : nil
  }

  /// Distance of rows and of columns of a frame, mm; 1 where it is not known.
  func spacing(frame: Int) -> SIMD2<Double> {
    frame < framePixelSpacings.count ? framePixelSpacings[frame] : pixelSpacing ?? pixelAspect ?? SIMD2(1, 1)
  }

  /// Orientation of a frame.
  func orientation(frame: Int) -> ImageOrientation? {
    frame < frameOrientations.count ? frameOrientations[frame] : imageOrientation
  }

  /// What a frame measures besides its place.
  func dimension(frame: Int) -> FrameDimension {
    frame < frameDimensions.count ? frameDimensions[frame] : dimension
  }
}
