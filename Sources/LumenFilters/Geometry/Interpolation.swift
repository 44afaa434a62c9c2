// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// How a value between voxel centres is made of the voxels around it, for each axis in turn.
///
///     value(x) = Σₖ w(x − k) · voxel(k),  k the centres around x
///
/// - Source: IBSI 1 reference manual, interpolation; cubic B-spline: Unser 1999, "Splines: a perfect fit"; Lanczos:
///   Duchon 1979; Hamming window: Meijering 1999, as in ITK.
public enum Interpolation: String, Sendable, CaseIterable {
  /// The voxel whose cell x lies in; the upper one half-way between two.
  case nearest
  /// w(d) = 1 − |d| for |d| < 1: bilinear, trilinear.
  case linear
  /// Cubic B-spline through the voxels, the image mirrored at its edge voxels: bicubic, tricubic spline.
  case cubicSpline = "cubic-spline"
  /// w(d) = sinc(d) · sinc(d / 3) for |d| < 3, Σw = 1.
  case lanczos
  /// w(d) = sinc(d) · (0.54 + 0.46 cos(πd / 5)) for |d| < 5, Σw = 1.
  case windowedSinc = "windowed-sinc"

  /// How many voxels along an axis make a value.
  var taps: Int {
    switch self {
    case .nearest: 1
    case .linear: 2
    case .cubicSpline: 4
    case .lanczos: 6
    case .windowedSinc: 10
    }
  }

  /// The weights of the ``taps`` voxels from ⌊x⌋ − taps / 2 + 1 on, for f = x − ⌊x⌋ in 0 ..< 1.
  func weights(_ f: Double, _ w: UnsafeMutablePointer<Double>) {
    switch self {
    case .nearest: w[0] = 1
    case .linear:
      w[0] = 1 - f
      w[1] = f
    case .cubicSpline:
      let g = 1 - f
      w[0] = g * g * g / 6
      w[1] = 2.0 / 3 - f * f * (1 - f / 2)
      w[2] = 2.0 / 3 - g * g * (1 - g / 2)
      w[3] = f * f * f / 6
    case .lanczos: windowed(f, w) { Self.sinc($0 / 3) }
    case .windowedSinc: windowed(f, w) { 0.54 + 0.46 * cos(.pi * $0 / 5) }
    }
  }

  /// sinc times a window, divided by the sum: without that a constant would not stay one.
  private func windowed(_ f: Double, _ w: UnsafeMutablePointer<Double>, _ window: (Double) -> Double) {
    var sum = 0.0
    for t in 0..<taps {
      let d = f - Double(t - taps / 2 + 1)
      w[t] = f == 0 ? (d == 0 ? 1 : 0) : Self.sinc(d) * window(d)
      sum += w[t]
    }
    for t in 0..<taps { w[t] /= sum }
  }

  /// sin(πx) / πx.
  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }

  /// The voxel that stands for one beyond the end: mirrored at the edge voxel for the spline, else the edge voxel.
  @inline(__always)
  func index(_ i: Int, count n: Int) -> Int {
    if i >= 0 && i < n { return i }
    if self != .cubicSpline || n == 1 { return i < 0 ? 0 : n &- 1 }
    let m = ((i % (2 &* n &- 2)) &+ (2 &* n &- 2)) % (2 &* n &- 2)
    return m < n ? m : 2 &* n &- 2 &- m
  }
}

/// Where a grid of another spacing lies on the image, n voxels of s mm along an axis becoming n′ of s′.
///
/// - Source: IBSI 1 reference manual, interpolation grids.
public enum GridAlignment: String, Sendable, CaseIterable {
  /// The centres of the two grids are the same point: n′ = ⌈n·s / s′⌉. IBSI's choice.
  case centre
  /// The first voxels are the same point and none lies beyond the last one: n′ = ⌊(n − 1)·s / s′⌋ + 1. ITK's habit.
  case firstVoxel = "first-voxel"
  /// The grids fill the same box: n′ = ⌈n·s / s′⌉, and the spacing becomes n·s / n′. IBSI's "fit to original grid".
  case corner
}
