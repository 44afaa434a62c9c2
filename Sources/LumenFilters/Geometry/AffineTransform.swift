// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// The image turned, scaled and moved about its centre.
///
///     result(p) = image(c + R·S·(p − c) + t),  R = R_z·R_x·R_y,  c the centre of the grid, p in LPS mm
///
/// As in ITK the transform takes positions of the result to positions in the image: what is seen moves the other way, so
/// a scale of 2 halves it and a translation of 5 mm along x moves it 5 mm towards −x.
///
/// - Shape: any columns × rows × slices → same geometry and the same stored type.
/// - Units: degrees about the x, y and z axes of space, right-handed; millimetres.
/// - Range: ``outside`` for voxels whose centre lies more than half a voxel beyond the outermost centres. Integers saturate.
/// - Accuracy: indices to 1e-6 voxel, values in single precision (double for 32-bit integers and float64). The same bits
///   for any number of threads.
/// - Cost: O(taps³) a voxel; the cubic spline one volume of coefficients.
/// - Throws: `invalidParameter` for numbers that are not finite, scales that are not positive, a value of ``outside``
///   that the stored type does not hold, or with the cubic spline voxels that are not finite.
/// - Source: ITK `Euler3DTransform` with scales and `ResampleImageFilter`; oracle SimpleITK.
public struct AffineTransform: Filter {
  /// Degrees about x, y and z.
  public var rotation = SIMD3<Double>()
  /// Factors along x, y and z.
  public var scale = SIMD3<Double>(repeating: 1)
  /// Shift along x, y and z.
  public var translationX = Length.mm(0), translationY = Length.mm(0), translationZ = Length.mm(0)
  /// How a value between voxels is made.
  public var interpolation = Interpolation.linear
  /// The value of what lies outside the image.
  public var outside = 0.0

  /// No change.
  public init() {}
  /// Degrees, factors and millimetres along x, y and z.
  public init(
    rotation: SIMD3<Double> = [0, 0, 0], scale: SIMD3<Double> = [1, 1, 1], translation: SIMD3<Double> = [0, 0, 0],
    interpolation: Interpolation = .linear, outside: Double = 0
  ) {
    self.rotation = rotation
    self.scale = scale
    translationX = .mm(translation.x)
    translationY = .mm(translation.y)
    translationZ = .mm(translation.z)
    self.interpolation = interpolation
    self.outside = outside
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "affine", summary: "rotation, scaling and translation about the centre",
    source: "ITK Euler3DTransform with scales; result to image",
    parameters: [
      Parameter(\.rotation.x, "rotation-x", -360...360, "degrees about the x axis of space"),
      Parameter(\.rotation.y, "rotation-y", -360...360, "degrees about the y axis of space"),
      Parameter(\.rotation.z, "rotation-z", -360...360, "degrees about the z axis of space"),
      Parameter(\.scale.x, "scale-x", 0.01...100, "factor along x: 2 halves what is seen"),
      Parameter(\.scale.y, "scale-y", 0.01...100, "factor along y"),
      Parameter(\.scale.z, "scale-z", 0.01...100, "factor along z"),
      Parameter(\.translationX, "translation-x", .mm(-1000) ... .mm(1000), "shift of the place looked at along x"),
      Parameter(\.translationY, "translation-y", .mm(-1000) ... .mm(1000), "shift along y"),
      Parameter(\.translationZ, "translation-z", .mm(-1000) ... .mm(1000), "shift along z"),
      Parameter(\.interpolation, "interpolation", "how a value between voxels is made"),
      Parameter(\.outside, "outside", -1e9...1e9, "value of what lies outside the image"),
    ])

  /// The transformed image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    try sampling(of: image.geometry)(image)
  }

  /// The transformed image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try sampling(of: volume.geometry)(volume)
  }

  private func sampling(of geometry: Geometry) throws(ImageError) -> GridSampling {
    let t = SIMD3(translationX.millimetres, translationY.millimetres, translationZ.millimetres)
    for (axis, name) in ["x", "y", "z"].enumerated() {
      guard rotation[axis].isFinite else {
        throw ImageError(
          .invalidParameter, "rotation-\(name) is \(shortest(rotation[axis])), expected a finite number of degrees")
      }
      guard scale[axis] > 0, scale[axis].isFinite else {
        throw ImageError(
          .invalidParameter, "scale-\(name) is \(shortest(scale[axis])), expected more than 0")
      }
      guard t[axis].isFinite else {
        throw ImageError(.invalidParameter, "translation-\(name) is \(shortest(t[axis]))mm, expected a finite length")
      }
    }
    guard outside.isFinite else {
      throw ImageError(.invalidParameter, "outside is \(shortest(outside)), expected a finite number")
    }
    let n = geometry.size
    let centre = geometry.position(
      of: SIMD3(Double(n.columns - 1), Double(n.rows - 1), Double(n.slices - 1)) / 2)
    let map = try IndexMap(from: geometry, to: geometry) { centre + turned((($0 - centre) * scale)) + t }
    return GridSampling(map: map, geometry: geometry, interpolation: interpolation, outside: outside)
  }

  /// R_z · R_x · R_y · v.
  private func turned(_ v: SIMD3<Double>) -> SIMD3<Double> {
    let a = rotation * .pi / 180
    let (sx, cx, sy, cy, sz, cz) = (sin(a.x), cos(a.x), sin(a.y), cos(a.y), sin(a.z), cos(a.z))
    let y = SIMD3(cy * v.x + sy * v.z, v.y, cy * v.z - sy * v.x)
    let x = SIMD3(y.x, cx * y.y - sx * y.z, sx * y.y + cx * y.z)
    return SIMD3(cz * x.x - sz * x.y, sz * x.x + cz * x.y, x.z)
  }
}
