// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// A grid turned in the plane of its slices about its centre, so that an image sampled on it looks turned the other way.
///
///     position′ = c + R(θ) · (position − c),  c the centre of the grid, R about column axis × row axis
///
/// - Shape: the same size and spacing.
/// - Units: degrees; a positive angle turns the column axis towards the row axis.
/// - Cost: none; sampling the image on the grid is ``LumenCore/AnyVolume/resampled(onto:interpolation:outside:)``.
/// - Throws: `invalidParameter` for an angle that is not finite.
/// - Source: Zwanenburg et al., Sci Rep 2019;9:614, rotation; oracle MIRP 2.7.
public struct GridRotation: Sendable, Equatable {
  /// The angle in degrees.
  public var degrees: Double

  /// A rotation by an angle in degrees.
  public init(degrees: Double) { self.degrees = degrees }

  /// The turned grid.
  public func callAsFunction(_ grid: Geometry) throws(ImageError) -> Geometry {
    guard degrees.isFinite else {
      throw ImageError(
        .invalidParameter, "the rotation is \(shortest(degrees)), expected a finite number of degrees")
    }
    let n = grid.size, normal = cross(grid.direction.x, grid.direction.y)
    let length = dot(normal, normal).squareRoot()
    guard degrees != 0, length > 1e-9 else { return grid }
    let axis = normal / length, angle = degrees * .pi / 180, (s, c) = (sin(angle), cos(angle))
    func turned(_ v: SIMD3<Double>) -> SIMD3<Double> {
      v * c + cross(axis, v) * s + axis * (dot(axis, v) * (1 - c))
    }
    let centre = grid.position(of: SIMD3(Double(n.columns - 1), Double(n.rows - 1), Double(n.slices - 1)) / 2)
    var result = grid
    result.direction = Direction(
      x: turned(grid.direction.x), y: turned(grid.direction.y), z: turned(grid.direction.z))
    result.origin = centre + turned(grid.origin - centre)
    return result
  }
}
