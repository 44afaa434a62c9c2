// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The discrete Fourier transform of a real volume: the half with 0 … n/2 along the columns, the rest mirrors it.
///
///     F(k) = Σⱼ f(j) · exp(−2πi Σₐ jₐkₐ / nₐ),   F(−k) = F(k)*
///
/// - Shape: real and imaginary parts as two volumes of `stride` × rows × slices, of which columns 0 … n/2 count.
public struct Spectrum<Real: Voxel>: Sendable {
  /// Size of the transformed volume.
  public let size: Size
  /// Whether each slice was transformed by itself.
  public let planar: Bool
  /// Real part.
  public var re: Volume<Real>
  /// Imaginary part.
  public var im: Volume<Real>

  /// Frequencies along the columns: n/2 + 1.
  public var columns: Int { size.columns / 2 + 1 }
  /// Distance of two rows of ``re`` and ``im``.
  public var stride: Int { re.size.columns }
}

/// Fourier transforms of real volumes of any size.
///
/// - Accuracy: largest error over the root mean square of the result 3e-6 (Float) and 2e-14 (Double) for axes up to 343;
///   the same bits for any number of threads.
/// - Cost: O(voxels · log voxels), three passes; scratch a batch of lines for each thread.
/// - Source: ``FourierPlan``; two real rows are the real and imaginary part of one complex line (Cooley et al. 1970).
public enum Fourier {
  /// The transform of a volume, or of each of its slices.
  public static func transform(_ volume: Volume<Float>, planar: Bool = false) -> Spectrum<Float> {
    FourierTransform(volume.size, planar: planar).forward(volume)
  }

  /// The transform of a volume, or of each of its slices, in double precision.
  public static func transform(_ volume: Volume<Double>, planar: Bool = false) -> Spectrum<Double> {
    FourierTransform(volume.size, planar: planar).forward(volume)
  }

  /// The volume that has this transform.
  public static func inverse(_ spectrum: Spectrum<Float>, _ geometry: Geometry) throws(ImageError) -> Volume<Float> {
    try check(spectrum.size, geometry)
    return FourierTransform(spectrum.size, planar: spectrum.planar).inverse(spectrum, geometry)
  }

  /// The volume that has this transform, in double precision.
  public static func inverse(_ spectrum: Spectrum<Double>, _ geometry: Geometry) throws(ImageError) -> Volume<Double> {
    try check(spectrum.size, geometry)
    return FourierTransform(spectrum.size, planar: spectrum.planar).inverse(spectrum, geometry)
  }

  /// The smallest length from `count` on that transforms fast: its prime factors are 2, 3, 5 and 7.
  public static func fastLength(_ count: Int) -> Int { fourierLength(count) }

  private static func check(_ size: Size, _ geometry: Geometry) throws(ImageError) {
    guard geometry.size == size else {
      throw ImageError(.invalidParameter, "the geometry has a size of \(geometry.size), the spectrum \(size)")
    }
  }
}
