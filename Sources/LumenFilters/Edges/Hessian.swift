// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The second derivatives of an image smoothed by a Gaussian, all in one go.
///
///     H(a, b) = σ² · ∂ₐ∂_b g(σ) ∗ image,  dimensionless in length: comparable between scales
///
/// - Source: scale-normalised derivatives, Lindeberg 1998.
struct Hessian {
  private let convolution: SeparableConvolution
  /// Two for a slice.
  let dimensions: Int

  /// - Throws: `invalidParameter` for a wrong σ or cutoff, or an image of one row or column.
  init(
    _ sigma: Length, cutoff: Double, boundary: BoundaryCondition, planar: Bool, in geometry: Geometry, name: String
  ) throws(ImageError) {
    let width = try GaussianWidth(sigma, cutoff: cutoff, planar: planar, in: geometry, name: name)
    let axes = width.activeAxes
    guard axes.count >= 2 else {
      throw ImageError(
        .invalidParameter, "the image is \(geometry.size) voxels, expected at least two axes of more than one")
    }
    dimensions = axes.count
    // Order: xx, yy, zz, xy, xz, yz; or of a slice xx, yy, xy.
    var pairs = axes.map { ($0, $0) }
    for (i, a) in axes.enumerated() { for b in axes[(i + 1)...] { pairs.append((a, b)) } }
    convolution = SeparableConvolution(
      channels: pairs.map { a, b in
        [width.term(a == b ? [a: 2] : [a: 1, b: 1], scaledBy: width.sigma[a] * width.sigma[b])]
      }, boundary: boundary)
  }

  var reach: Int? { convolution.reach }

  /// Calls `body` with the eigenvalues of every voxel, largest first (of a slice two and a zero), and its index; the
  /// result is what it returns.
  func map(_ image: Volume<Float>, _ body: @escaping @Sendable (SIMD3<Double>, Int) -> Float) -> Volume<Float> {
    let planar = dimensions == 2
    return convolution(image) { c, offset, count in
      for x in 0..<count {
        let e: SIMD3<Double>
        if planar {
          let two = eigenvalues(Double(c[0][x]), Double(c[1][x]), Double(c[2][x]))
          e = SIMD3(two.x, two.y, 0)
        } else {
          e = eigenvalues(
            Double(c[0][x]), Double(c[1][x]), Double(c[2][x]), Double(c[3][x]), Double(c[4][x]), Double(c[5][x]))
        }
        c[0][x] = body(e, offset + x)
      }
    }
  }
}

/// Which eigenvalue, by their sign and size.
public enum EigenvalueRank: String, Sendable, CaseIterable {
  /// The largest.
  case largest
  /// The one between; of a slice, which has two, the smallest.
  case middle
  /// The smallest, which may be the most negative.
  case smallest

  func pick(_ e: SIMD3<Double>, dimensions: Int) -> Double {
    switch self {
    case .largest: e.x
    case .middle: e.y
    case .smallest: dimensions == 2 ? e.y : e.z
    }
  }
}
