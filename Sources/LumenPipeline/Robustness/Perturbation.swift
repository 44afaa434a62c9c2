// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// One combination of changes to an image and its regions: rotate, translate, noise, volume, contour, in that meaning and
/// each of them optional.
///
/// Noise is added to the image as it is on file; rotation and translation move the grid that features are measured on;
/// volume and contour change the region on that grid.
public struct Perturbation: Sendable, Equatable {
  /// Degrees in the plane of the slices.
  public var rotation = 0.0
  /// Fractions of the voxel along columns, rows and slices.
  public var translation = SIMD3<Double>()
  /// Which repetition of the noise, from 1; 0: none.
  public var noise = 0
  /// Part of the volume that is added or, below 0, taken away.
  public var volume = 0.0
  /// Which repetition of the drawn contour, from 1; 0: the contour as it is.
  public var contour = 0

  /// No change.
  public init() {}

  /// Whether the image is measured on a grid of its own.
  var movesGrid: Bool { rotation != 0 || translation != SIMD3() }
  /// What the image depends on, without the region's changes.
  var ofImage: Perturbation {
    var copy = self
    (copy.volume, copy.contour) = (0, 0)
    return copy
  }

  /// "rotate=-6 translate=0.25,0.25,0 noise=1 volume=0.1 contour=2"; "none".
  public var name: String {
    var parts: [String] = []
    if rotation != 0 { parts.append("rotate=\(shortest(rotation))") }
    if translation != SIMD3() {
      parts.append("translate=" + (0..<3).map { shortest(translation[$0]) }.joined(separator: ","))
    }
    if noise > 0 { parts.append("noise=\(noise)") }
    if volume != 0 { parts.append("volume=\(shortest(volume))") }
    if contour > 0 { parts.append("contour=\(contour)") }
    return parts.isEmpty ? "none" : parts.joined(separator: " ")
  }

  /// The seed of a random step: a digest of the run's seed, the case, the step and what comes before it, so that every
  /// combination has numbers of its own, whatever else is measured and in whichever order.
  static func seed(_ base: UInt64, _ parts: String...) -> UInt64 {
    let digest = sha256((["\(base)"] + parts).joined(separator: "\n").utf8)
    return UInt64(digest.prefix(16), radix: 16) ?? base
  }
}
