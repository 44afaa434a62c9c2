// SPDX-License-Identifier: Apache-2.0

/// What an instance, or one frame of a multi-frame object, measures besides its place: the axes of 4-D images.
public struct FrameDimension: Sendable, Hashable, Codable {
  /// Stack ID.
  public var stack = ""
  /// Image Type or Frame Type, with the metabolite map where there is one.
  public var imageType = ""
  /// Echo Number(s), the first.
  public var echoNumber: Int?
  /// Echo Time or Effective Echo Time, ms.
  public var echoTime: Double?
  /// Diffusion b-value, s/mm²; of the standard's attribute, else of Siemens, GE or Philips.
  public var bValue: Double?
  /// Temporal Position Identifier or Index.
  public var temporalPosition: Int?
  /// Acquisition Number.
  public var acquisitionNumber: Int?
  /// Trigger Time or Nominal Cardiac Trigger Delay Time, ms.
  public var triggerTime: Double?
  /// Acquisition time of the day, else content time; seconds.
  public var time: Double?
  /// Dimension Index Values.
  public var indices: [Int] = []

  /// Nothing known.
  public init() {}

  /// Whether its type says that it is a localizer.
  var isLocalizer: Bool { imageType.split(separator: "\\").contains("LOCALIZER") }
}

/// Tiles of a Siemens mosaic: the slices of a volume, side by side in one picture.
///
/// - Source: Siemens syngo private attributes (0019,100A), (0029,1010), (0029,1020); dcm2niix, "Siemens mosaics".
public struct Mosaic: Sendable, Hashable, Codable {
  /// Number of slices.
  public var tiles: Int
  /// Direction from the first slice to the next; unit vector.
  public var normal: SIMD3<Double>

  /// Tiles a row and a column.
  public var grid: Int {
    var n = 1
    while n * n < tiles { n += 1 }
    return n
  }
}
