// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

@testable import LumenDICOM

/// A repeatable source of numbers.
struct Noise: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}

enum MaskFixture {
  /// An oblique grid with different spacings along its axes.
  static func oblique(_ columns: Int = 24, _ rows: Int = 20, _ slices: Int = 6) -> Geometry {
    let a = 0.4, b = 0.3
    let x = SIMD3(cos(a), sin(a), 0), y = SIMD3(-sin(a) * cos(b), cos(a) * cos(b), sin(b))
    return Geometry(
      size: Size(columns: columns, rows: rows, slices: slices), spacing: [0.8, 1.2, 2.5],
      origin: [-31.5, 12.25, 107.5],
      direction: Direction(x: x, y: y, z: cross(x, y)))
  }

  /// Slices along the patient's left, rows downwards.
  static let sagittal = Geometry(
    size: Size(columns: 24, rows: 20, slices: 6), spacing: [0.9, 0.9, 3], origin: [-9, -20, 40],
    direction: Direction(x: [0, 1, 0], y: [0, 0, -1], z: [-1, 0, 0]))

  static let axial = Geometry(
    size: Size(columns: 24, rows: 20, slices: 6), spacing: [1, 1, 2], origin: [0, 0, 0])

  static func mask(_ g: Geometry, _ isInside: (Int, Int, Int) -> Bool) -> Mask {
    Mask(g) { out in
      for z in 0..<g.size.slices {
        for y in 0..<g.size.rows {
          for x in 0..<g.size.columns { out[g.size.offset(x, y, z)] = isInside(x, y, z) ? 1 : 0 }
        }
      }
    }
  }

  /// Noise with holes, bridges and pixels that touch at corners.
  static func noise(_ g: Geometry, seed: UInt64, share: Int = 50) -> Mask {
    var noise = Noise(state: seed)
    return mask(g) { _, _, _ in Int.random(in: 0..<100, using: &noise) < share }
  }

  static var header: InstanceHeader {
    var h = InstanceHeader()
    h.patientName = "Test^Mask"
    h.patientID = "M1"
    h.patientSex = "O"
    h.studyInstanceUID = "2.25.1"
    h.studyDate = "20250102"
    h.frameOfReferenceUID = "2.25.4"
    return h
  }

  static func set(_ masks: [Mask], names: [String] = []) throws -> RegionSet {
    let regions = masks.enumerated().map { i, mask in
      var info = RegionInfo(number: i + 1, name: i < names.count ? names[i] : "region \(i + 1)")
      info.colour = SIMD3(UInt8(i * 40 & 255), 200, 30)
      return (info: info, mask: mask)
    }
    var set = try RegionSet(
      regions, of: header, uids: .init(series: "2.25.11", instance: "2.25.12", dimensions: "2.25.13"),
      equipment: Equipment(version: "1"))
    set.created = Timestamp(date: "20250103", time: "101500")
    return set
  }

  /// A structure set of hand-made contours: for each ROI, type and points.
  static func structures(_ rois: [[(type: String, points: [SIMD3<Double>])]]) throws -> Attributes {
    var set = try set(rois.map { _ in mask(axial) { _, _, _ in false } }).structureSet(.keyhole)
    set[.roiContourSequence] = .items(
      rois.enumerated().map { i, contours in
        [
          .referencedROINumber: .integer(i + 1),
          .contourSequence: .items(
            contours.map { type, points in
              [
                .contourGeometricType: .text(type), .numberOfContourPoints: .integer(points.count),
                .contourData: .numbers(points.flatMap { [$0.x, $0.y, $0.z] }),
              ]
            }),
        ]
      })
    return set
  }

  /// Index-space corners as positions in a slice.
  static func loop(_ g: Geometry, _ z: Double, _ corners: [SIMD2<Double>]) -> [SIMD3<Double>] {
    corners.map { g.position(of: SIMD3($0.x, $0.y, z)) }
  }

  static func square(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>) -> [SIMD2<Double>] {
    [
      SIMD2(x.lowerBound, y.lowerBound), SIMD2(x.upperBound, y.lowerBound), SIMD2(x.upperBound, y.upperBound),
      SIMD2(x.lowerBound, y.upperBound),
    ]
  }

  /// Writes a data set and opens it.
  static func open(
    _ attributes: Attributes, _ scratch: Scratch = Scratch(), syntax: TransferSyntax = .implicitVRLittleEndian
  ) throws -> RegionFile {
    let path = scratch("regions.dcm")
    try DICOMWriter.write(attributes, to: path, transferSyntax: syntax)
    return try RegionFile(contentsOf: path)
  }
}

/// The items of a sequence, to be changed.
func items(_ set: Attributes, _ tag: Tag) -> [Attributes] {
  if case .items(let items) = set[tag] { return items }
  return []
}
