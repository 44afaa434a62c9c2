// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// What was measured: size, counts, boxes and extremes of the region after resegmentation.
/// Names follow the diagnostic features of IBSI 1 (benchmark of the radiomics phantom), which have no codes.
struct Diagnostics: FeatureFamily {
  /// Where in the processing the numbers are taken; raw values are part of the names.
  enum Stage: String {
    case initial = "init", interpolated = "interp", resegmented = "reseg"
  }

  static let family = FamilyName.diagnostics
  static let countUnit = "voxels"

  let image: SIMD3<Double>
  let morphologicalCount: Double
  let intensities: [Double]
  let morphologicalBox: SIMD3<Double>
  let intensityBox: SIMD3<Double>

  init(_ region: Region) {
    image = Self.extent(region.imageSize)
    morphologicalCount = moments(region.morphological).count
    intensities = region.intensities
    morphologicalBox = Self.extent(region.size)
    let mask = region.intensityMask
    let box = Mask(mask.geometry) { out in mask.withVoxels { _ = out.update(fromContentsOf: $0) } }.boundingBox
    intensityBox =
      box.map { SIMD3(Double($0.columns.count), Double($0.rows.count), Double($0.slices.count)) } ?? SIMD3()
  }

  static func extent(_ size: Size) -> SIMD3<Double> {
    SIMD3(Double(size.columns), Double(size.rows), Double(size.slices))
  }
}

extension Diagnostics {
  static let features = table(.resegmented)

  static func table(_ stage: Stage) -> [Feature<Self>] {
    let end = "\(stage.rawValue)_roi"
    var all: [Feature<Self>] = []
    func add(
      _ name: String, _ tag: String, _ formula: String, unit: String = countUnit,
      _ value: @escaping @Sendable (Self) -> Double
    ) {
      all.append(.init(name, nil, "\(tag)_\(end)", formula, unit: unit, value))
    }
    let axes = zip(0..., [("x", "columns"), ("y", "rows"), ("z", "slices")])
    add("Morph. mask voxel count", "morph_mask_vox_count", "voxels of the mask as given") { $0.morphologicalCount }
    add("Int. mask voxel count", "int_mask_vox_count", "voxels whose intensities are measured") {
      Double($0.intensities.count)
    }
    for (i, (axis, lines)) in axes {
      add("Int. mask dimension \(axis)", "int_mask_dim_\(axis)", "\(lines) of the image") { $0.image[i] }
    }
    for (i, (axis, lines)) in axes {
      add(
        "Morph. mask bounding box dimension \(axis)", "morph_mask_bb_dim_\(axis)", "\(lines) of the mask's box"
      ) { $0.morphologicalBox[i] }
    }
    for (i, (axis, lines)) in axes {
      add(
        "Int. mask bounding box dimension \(axis)", "int_mask_bb_dim_\(axis)", "\(lines) of the intensity mask's box"
      ) { $0.intensityBox[i] }
    }
    add("Int. mask mean intensity", "int_mask_mean_int", "mean over the intensity mask", unit: "intensity") {
      blockSum($0.intensities) / Double($0.intensities.count)
    }
    add("Int. mask minimum intensity", "int_mask_min_int", "minimum over the intensity mask", unit: "intensity") {
      $0.intensities.min() ?? .nan
    }
    add("Int. mask maximum intensity", "int_mask_max_int", "maximum over the intensity mask", unit: "intensity") {
      $0.intensities.max() ?? .nan
    }
    return all
  }
}

extension FeatureExtraction {
  /// Size, spacing and intensities of an image, and counts, boxes and extremes of a region in it, before resegmentation:
  /// the rest of the diagnostic values of IBSI 1, which ``FamilyName/diagnostics`` gives after it.
  ///
  /// - Parameter interpolated: whether they are named as those of the interpolated image, else of the initial one.
  /// - Throws: `invalidParameter` when image and mask lie on different grids.
  public func diagnostics(
    of image: ImageDiagnostics, in mask: Mask, interpolated: Bool
  ) throws(ImageError) -> [FeatureValue] {
    try image.image.geometry.requireSame(as: mask.geometry, "the mask")
    let stage: Diagnostics.Stage = interpolated ? .interpolated : .initial
    func column(_ key: String, _ name: String, _ unit: String, _ definition: String) -> FeatureColumn {
      FeatureColumn(
        key: key, name: name, code: nil, family: FamilyName.diagnostics.title, unit: unit, definition: definition)
    }
    let region = Region(mask, of: image.image, rounded: roundIntensities, within: nil).map { Diagnostics($0) }
    return image.values(stage).map { FeatureValue(column($0.tag, $0.name, $0.unit, $0.definition), $0.value) }
      + Diagnostics.table(stage).map { feature in
        let value = region.map { feature.value($0) } ?? (feature.unit == Diagnostics.countUnit ? 0 : .nan)
        return FeatureValue(column(feature.tag, feature.name, feature.unit, feature.formula), value)
      }
  }
}

/// An image with its mean and extremes, computed once for all its regions.
public struct ImageDiagnostics: Sendable {
  let image: AnyVolume
  private let mean: Double, minimum: Double, maximum: Double

  /// Goes over the finite voxels of an image; rounded first where `rounded` says so.
  public init(_ image: AnyVolume, rounded: Bool) {
    self.image = image
    let found = image.specialised(Extremes(rounded: rounded))
    mean = found.sum / found.count
    minimum = found.count > 0 ? found.minimum : .nan
    maximum = found.count > 0 ? found.maximum : .nan
  }

  func values(
    _ stage: Diagnostics.Stage
  ) -> [(tag: String, name: String, unit: String, definition: String, value: Double)] {
    let end = "\(stage.rawValue)_img", size = Diagnostics.extent(image.size), spacing = image.geometry.spacing
    let axes = zip(0..., [("x", "columns"), ("y", "rows"), ("z", "slices")])
    return axes.map { i, axis in
      (
        "img_dim_\(axis.0)_\(end)", "Image dimension \(axis.0)", Diagnostics.countUnit, "\(axis.1) of the image",
        size[i]
      )
    }
      + axes.map { i, axis in
        ("vox_dim_\(axis.0)_\(end)", "Voxel dimension \(axis.0)", "mm", "distance of \(axis.1)", spacing[i])
      } + [
        ("mean_int_\(end)", "Mean intensity", "intensity", "mean over the image", mean),
        ("min_int_\(end)", "Minimum intensity", "intensity", "minimum over the image", minimum),
        ("max_int_\(end)", "Maximum intensity", "intensity", "maximum over the image", maximum),
      ]
  }

  private struct Extremes: AnyVolume.Visitor {
    typealias Failure = Never
    typealias Result = (count: Double, sum: Double, minimum: Double, maximum: Double)
    let rounded: Bool

    func visit<Element: Voxel>(_ volume: Volume<Element>) throws(Never) -> Result {
      let plane = volume.size.plane
      var slices = [Result](repeating: (0, 0, .infinity, -.infinity), count: volume.size.slices)
      slices.withUnsafeMutableBufferPointer { slices in
        volume.withVoxels { voxels in
          nonisolated(unsafe) let (from, to) = (voxels, slices)
          parallelFor(slices.count) { range in
            for z in range {
              var own = to[z]
              for i in z &* plane..<(z &+ 1) &* plane {
                let voxel = from[i].doubleValue
                guard voxel.isFinite else { continue }
                let value = rounded ? voxel.rounded(.toNearestOrEven) : voxel
                own.count += 1
                own.sum += value
                own.minimum = min(own.minimum, value)
                own.maximum = max(own.maximum, value)
              }
              to[z] = own
            }
          }
        }
      }
      return slices.reduce((0, 0, .infinity, -.infinity)) { a, b in
        (a.count + b.count, a.sum + b.sum, min(a.minimum, b.minimum), max(a.maximum, b.maximum))
      }
    }
  }
}
