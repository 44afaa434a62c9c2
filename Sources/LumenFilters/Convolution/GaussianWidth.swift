// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A Gaussian's width in voxels of each axis, checked.
struct GaussianWidth {
  /// σ in voxels.
  let sigma: [Double]
  /// ⌊cutoff·σ + ½⌋; 0 for an axis of one voxel, which is left alone.
  let radius: [Int]
  private let isActive: [Bool]

  /// - Parameters:
  ///   - planar: whether the axis of slices is left alone.
  ///   - name: of the parameter, for errors.
  /// - Throws: `invalidParameter` for σ or cutoff that are not positive and finite, or a kernel beyond 10 000 voxels.
  init(
    _ length: Length, cutoff: Double = 4, planar: Bool = false, in geometry: Geometry, name: String = "sigma"
  ) throws(ImageError) {
    let σ = length.millimetres
    guard σ > 0, σ.isFinite else {
      throw ImageError(
        .invalidParameter, "\(name) is \(length), expected more than 0mm", hint: "the usual range is 0.05mm … 200mm")
    }
    guard cutoff > 0, cutoff.isFinite else {
      throw ImageError(.invalidParameter, "cutoff is \(shortest(cutoff)), expected more than 0 (usual: 4)")
    }
    var sigmas: [Double] = [], radii: [Int] = [], active: [Bool] = []
    for (axis, axisName) in ["columns", "rows", "slices"].enumerated() {
      if geometry.size[axis] == 1 || planar && axis == 2 {
        sigmas.append(1)
        radii.append(0)
        active.append(false)
        continue
      }
      let voxels = σ / geometry.spacing[axis], reach = cutoff * voxels + 0.5
      guard voxels >= 1e-4 else {
        throw ImageError(
          .invalidParameter,
          "\(name) \(length) is \(shortest(voxels)) voxels along \(axisName), expected at least 0.0001",
          hint: "is the spacing of \(shortest(geometry.spacing[axis])) mm right?")
      }
      guard reach <= 10_000 else {
        throw ImageError(
          .invalidParameter,
          "\(name) \(length) with cutoff \(shortest(cutoff)) spans \(shortest(reach)) voxels along \(axisName), at most 10000",
          hint: "is the spacing of \(shortest(geometry.spacing[axis])) mm right?")
      }
      sigmas.append(voxels)
      radii.append(Int(reach))
      active.append(true)
    }
    sigma = sigmas
    radius = radii
    isActive = active
  }

  /// The axes that are not left alone.
  var activeAxes: [Int] { (0..<3).filter { isActive[$0] } }

  /// The product of the axes' Gaussians or of their derivatives, in voxels.
  ///
  /// - Parameters:
  ///   - orders: 1 or 2 for an axis along which the derivative is taken.
  ///   - normalised: whether each Gaussian is divided by its sum.
  ///   - factor: what the product is multiplied by.
  func term(
    _ orders: [Int: Int], normalised: Bool = true, scaledBy factor: Double = 1
  ) -> SeparableConvolution.Term {
    var k = (0..<3).map { axis in
      isActive[axis]
        ? Kernel(gaussian: sigma[axis], radius: radius[axis], order: orders[axis] ?? 0, normalised: normalised)
        : .identity
    }
    // On the axis of the derivative, so that the other passes stay those of other derivatives.
    if factor != 1, let axis = orders.keys.min() { k[axis] = k[axis].scaled(by: factor) }
    return .init(k[0], k[1], k[2])
  }
}
