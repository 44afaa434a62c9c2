// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A property of one object of a label map, by the definition and under the name of scikit-image's `regionprops`.
public enum ObjectProperty: String, Sendable, CaseIterable {
  case numPixels = "num_pixels"
  case area
  case areaBbox = "area_bbox"
  case areaFilled = "area_filled"
  case areaConvex = "area_convex"
  case bbox
  case centroid
  case centroidWeighted = "centroid_weighted"
  case axisMajorLength = "axis_major_length"
  case axisMinorLength = "axis_minor_length"
  case eccentricity
  case equivalentDiameterArea = "equivalent_diameter_area"
  case eulerNumber = "euler_number"
  case extent
  case feretDiameterMax = "feret_diameter_max"
  case inertiaTensor = "inertia_tensor"
  case inertiaTensorEigvals = "inertia_tensor_eigvals"
  case intensityMax = "intensity_max"
  case intensityMean = "intensity_mean"
  case intensityMedian = "intensity_median"
  case intensityMin = "intensity_min"
  case intensityStd = "intensity_std"
  case momentsHu = "moments_hu"
  case orientation
  case perimeter
  case perimeterCrofton = "perimeter_crofton"
  case solidity

  /// Whether it needs an image.
  public var needsIntensity: Bool {
    switch self {
    case .centroidWeighted, .intensityMax, .intensityMean, .intensityMedian, .intensityMin, .intensityStd: true
    default: false
    }
  }

  /// Whether it exists in 2-D alone.
  public var isPlanar: Bool {
    switch self {
    case .eccentricity, .momentsHu, .orientation, .perimeter, .perimeterCrofton: true
    default: false
    }
  }

  /// What it is, in words or as a formula.
  public var definition: String {
    switch self {
    case .numPixels: "number of voxels"
    case .area: "voxels · voxel size"
    case .areaBbox: "voxels of the box · voxel size"
    case .areaFilled: "voxels with holes filled (fully connected background) · voxel size"
    case .areaConvex: "voxels with centres in the convex hull of the edge (3-D: face) middles · voxel size"
    case .bbox: "first index of each axis (slowest first), then one past the last"
    case .centroid: "mean position, slowest axis first"
    case .centroidWeighted: "mean position weighted by intensity"
    case .axisMajorLength: "2-D: 4 √λ₁; 3-D: √(10 (λ₁ + λ₂ − λ₃)), λ: eigenvalues of the inertia tensor"
    case .axisMinorLength: "2-D: 4 √λ₂; 3-D: √(10 (λ₂ + λ₃ − λ₁))"
    case .eccentricity: "√(1 − λ₂ / λ₁)"
    case .equivalentDiameterArea: "diameter of the disc or ball with the same area"
    case .eulerNumber: "objects − holes (2-D), objects − tunnels + cavities (3-D), fully connected"
    case .extent: "area / area_bbox"
    case .feretDiameterMax: "longest distance between points of the outline of the convex hull"
    case .inertiaTensor: "second central moments: trace on the diagonal less its own, negative off it"
    case .inertiaTensorEigvals: "its eigenvalues, descending"
    case .intensityMax: "max x"
    case .intensityMean: "Σ x / n"
    case .intensityMedian: "median"
    case .intensityMin: "min x"
    case .intensityStd: "√(Σ (x − mean)² / n)"
    case .momentsHu: "Hu's seven invariants of the third-order moments"
    case .orientation: "angle of the major axis from the rows' axis, −π/2 … π/2"
    case .perimeter: "length of the line through the centres of the border pixels (4-connected)"
    case .perimeterCrofton: "perimeter by Crofton's formula in 4 directions"
    case .solidity: "area / area_convex"
    }
  }

  /// Number of values for images of 2 or 3 dimensions.
  func suffixes(_ dimensions: Int) -> [String] {
    let axes = 0..<dimensions
    switch self {
    case .bbox: return (0..<2 * dimensions).map { "-\($0)" }
    case .centroid, .centroidWeighted, .inertiaTensorEigvals: return axes.map { "-\($0)" }
    case .inertiaTensor: return axes.flatMap { a in axes.map { "-\(a)-\($0)" } }
    case .momentsHu: return (0..<7).map { "-\($0)" }
    default: return [""]
    }
  }

  /// The unit for an image of 2 or 3 dimensions.
  func unit(_ dimensions: Int) -> String {
    let size = dimensions == 2 ? "mm²" : "mm³"
    switch self {
    case .area, .areaBbox, .areaFilled, .areaConvex: return size
    case .centroid, .centroidWeighted, .axisMajorLength, .axisMinorLength, .equivalentDiameterArea, .feretDiameterMax,
      .perimeter, .perimeterCrofton:
      return "mm"
    case .inertiaTensor, .inertiaTensorEigvals: return "mm²"
    case .intensityMax, .intensityMean, .intensityMedian, .intensityMin, .intensityStd: return "intensity"
    case .orientation: return "rad"
    default: return ""
    }
  }

  /// Its columns.
  func columns(_ dimensions: Int) -> [FeatureColumn] {
    suffixes(dimensions).map { suffix in
      FeatureColumn(
        key: rawValue + suffix, name: rawValue + suffix, code: nil, family: "Region properties", unit: unit(dimensions),
        definition: "\(definition); scikit-image 0.26")
    }
  }
}
