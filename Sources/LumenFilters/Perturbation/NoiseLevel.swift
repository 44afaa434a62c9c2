// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// The standard deviation of an image's noise, taken from its finest diagonal detail.
///
///     σ = median |HH| / 0.6745,  HH: every slice convolved with the high-pass filter of coif1 along x and y
///
/// - Shape: each slice for itself; an image of one row or one column has no detail: 0.
/// - Range: voxels that are not finite, and their neighbours within the filter, are left out; 0 when none remains.
/// - Accuracy: 1e-5 relative.
/// - Cost: two passes of seven taps and one of the percentile over the volume.
/// - Source: Chang, Yu & Vetterli, IEEE Trans Image Process 2000;9:1532-1546, as in Zwanenburg et al., Sci Rep
///   2019;9:614; oracle NumPy. MIRP 2.7 divides by 0.6754.
public struct NoiseLevel: Sendable, Equatable {
  /// The estimator has no settings.
  public init() {}

  /// The estimated standard deviation.
  public func callAsFunction(_ image: AnyVolume) -> Double {
    let low = WaveletFamily.coif1.lowPass
    let high = low.indices.map { $0 % 2 == 0 ? -low[low.count - 1 - $0] : low[low.count - 1 - $0] }
    let convolution = SeparableConvolution(Kernel(high), Kernel(high), boundary: .mirror)
    let detail = convolution(image.float).map { abs($0) }
    return (AnyVolume.f32(detail).percentiles([50], above: -1).first ?? 0) / 0.6745
  }
}
