// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Where the columns, rows and slices of a grid run: three letters, each the side of the patient that an index increases
/// towards, as in DICOM ("LPS"); or the name of a plane.
///
/// - Source: PS3.3 C.7.6.2.1.1; letters as in ITK `DICOMOrientImageFilter`.
public struct Orientation: RawRepresentable, CaseIterable, Sendable, Hashable {
  /// The three letters.
  public let code: String
  /// The code, or the name of the plane it was made from.
  public let rawValue: String

  private static let planes = [("axial", "LPS"), ("coronal", "LIP"), ("sagittal", "PIR")]
  /// Opposite sides, by axis of space.
  private static let sides: [(Character, Character)] = [("L", "R"), ("P", "A"), ("S", "I")]

  /// One of the 48 codes, or axial (LPS), coronal (LIP) or sagittal (PIR); nil for anything else.
  public init?(rawValue: String) {
    let code = Self.planes.first { $0.0 == rawValue }?.1 ?? rawValue
    let axes = code.compactMap { letter in Self.sides.firstIndex { $0.0 == letter || $0.1 == letter } }
    guard code.count == 3, Set(axes).count == 3 else { return nil }
    self.code = code
    self.rawValue = rawValue
  }

  /// L, P, S: DICOM's axial slices.
  public static let lps = Orientation("LPS")
  /// R, A, S: NIfTI's axes.
  public static let ras = Orientation("RAS")

  /// The planes and the 48 codes.
  public static let allCases: [Orientation] = {
    var all = planes.compactMap { Orientation(rawValue: $0.0) }
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      for signs in 0..<8 {
        all.append(Orientation(String(order.map { signs >> $0 & 1 == 0 ? sides[$0].0 : sides[$0].1 })))
      }
    }
    return all
  }()

  /// The nearest code of a grid that lies at any angle.
  public init(of geometry: Geometry) {
    var letters = [Character](repeating: "L", count: 3), axes = [0, 1, 2], sides = [0, 1, 2]
    // The axes that agree best are named first.
    while !axes.isEmpty {
      var best = (axis: axes[0], side: sides[0], cosine: 0.0)
      for axis in axes {
        for side in sides where abs(geometry.direction[axis][side]) > abs(best.cosine) {
          best = (axis, side, geometry.direction[axis][side])
        }
      }
      letters[best.axis] = best.cosine < 0 ? Self.sides[best.side].1 : Self.sides[best.side].0
      axes.removeAll { $0 == best.axis }
      sides.removeAll { $0 == best.side }
    }
    self.init(String(letters))
  }

  /// A code known to be one.
  private init(_ code: String) {
    self.code = code
    rawValue = code
  }

  /// The axis of space of each letter, and whether it runs towards R, A or I.
  var axes: [(side: Int, isNegative: Bool)] {
    code.map { letter in
      (Self.sides.firstIndex { $0.0 == letter || $0.1 == letter } ?? 0, Self.sides.contains { $0.1 == letter })
    }
  }
}

/// The voxels in the order of an anatomical code: axes exchanged and reversed, every voxel at its place in space.
///
/// - Shape: any columns × rows × slices → the same sizes in the order of the axes, the same stored type. A grid at an
///   angle stays at it; the code is the nearest.
/// - Accuracy: exact. Cost: one copy.
/// - Source: ITK `DICOMOrientImageFilter`.
public struct Reorient: Filter {
  /// Where columns, rows and slices shall run.
  public var orientation = Orientation.lps

  /// LPS.
  public init() {}
  /// One of the codes.
  public init(_ orientation: Orientation) { self.orientation = orientation }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "reorient", summary: "axes in the order of an anatomical code, positions kept",
    source: "ITK DICOMOrientImageFilter",
    parameters: [Parameter(\.orientation, "orientation", "sides that columns, rows and slices increase towards")])

  /// The reoriented image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    let present = Orientation(of: image.geometry).axes
    var order = AxisOrder()
    for (axis, wanted) in orientation.axes.enumerated() {
      let from = present.firstIndex { $0.side == wanted.side } ?? axis
      order.axes[axis] = from
      order.reversed[axis] = present[from].isNegative != wanted.isNegative
    }
    return order(image)
  }
}
