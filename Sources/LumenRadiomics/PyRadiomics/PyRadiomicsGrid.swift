// SPDX-License-Identifier: Apache-2.0
import LumenCore

extension PyRadiomicsSettings {
  /// Image and mask on voxels of the spacing asked for, around the region.
  ///
  /// The grid starts where voxels of the new spacing, laid from the corner of the mask's grid, first cover the region
  /// with a margin of `padDistance` of them. IBSI centres the new grid on the old one instead.
  ///
  /// - Source: PyRadiomics 3.0.1, `resampleImage`.
  func resampled(
    _ image: AnyVolume, _ mask: Volume<UInt32>, _ asked: [Double], _ interpolator: PyRadiomicsResampling.Interpolator
  ) throws(ImageError) -> (image: AnyVolume, mask: Volume<UInt32>) {
    guard asked.count == 3 else {
      throw ImageError(.invalidParameter, "resampledPixelSpacing has \(asked.count) numbers, expected 3")
    }
    let resampling = PyRadiomicsResampling(interpolator)
    let from = mask.geometry, box = try checkInside(mask, image.geometry)
    var spacing = SIMD3(asked[0], asked[1], asked[2])
    for axis in 0..<3 where spacing[axis] == 0 || box.size[axis] == 1 { spacing[axis] = from.spacing[axis] }
    let isSame = (0..<3).allSatisfy {
      abs(image.geometry.spacing[$0] - spacing[$0]) <= 1e-8 + 1e-5 * abs(spacing[$0])
    }
    if isSame {
      let moved = PyRadiomicsResampling(.nearest)(mask, on: image.geometry)
      guard let (found, _) = moved.box(of: storedLabel) else {
        throw ImageError(.invalidParameter, "the region has no voxel on the image's grid")
      }
      let padded = found.padded(padDistance, in: image.size)
      return (image.cropped(padded), moved.cropped(to: padded))
    }
    var grid = from
    var first = SIMD3<Double>(), size = SIMD3<Int>()
    for axis in 0..<3 {
      let ratio = from.spacing[axis] / spacing[axis], pad = Double(padDistance)
      let low = max(((Double(box.low[axis]) - 0.5) * ratio - pad).rounded(.down), 0)
      let most = (Double(from.size[axis]) * ratio).rounded(.up) - 1
      let high = min(((Double(box.high[axis] + 1) - 0.5) * ratio + pad).rounded(.up), most)
      guard high - low < Double(1 << 20) else {
        throw ImageError(
          .limitExceeded,
          "resampledPixelSpacing \(shortest(spacing[axis])) makes \(high - low + 1) voxels along an axis",
          hint: "the limit is 2²⁰; choose a larger spacing")
      }
      first[axis] = 0.5 * (spacing[axis] - from.spacing[axis]) / from.spacing[axis] + low / ratio
      size[axis] = max(Int(high - low + 1), 1)
    }
    let (plane, isTooLarge) = size.x.multipliedReportingOverflow(by: size.y)
    guard !isTooLarge, Double(plane) * Double(size.z) <= 4e9 else {
      throw ImageError(
        .limitExceeded, "resampling makes \(size.x) × \(size.y) × \(size.z) voxels", hint: "choose a larger spacing")
    }
    grid.size = Size(columns: size.x, rows: size.y, slices: size.z)
    grid.origin = from.itkPosition(of: first)
    grid.spacing = spacing
    return (
      image.specialised(Resample(resampling: resampling, grid: grid)), PyRadiomicsResampling(.nearest)(mask, on: grid)
    )
  }

  /// Intensities in standard deviations (1/(n − 1)) from the mean of the whole image, times a scale.
  ///
  /// - Source: PyRadiomics 3.0.1, `normalizeImage`; ITK `NormalizeImageFilter`.
  func normalized(_ image: AnyVolume) -> AnyVolume {
    let values = image.values(), n = Double(values.count)
    let sum = blockSum(values), mean = sum / n
    let variance = blockSum(values, .square(from: mean)) / (n - 1)
    let scale = normalizeScale, limit = outliers, factor = 1 / variance.squareRoot()
    return .f64(
      Volume<Double>(image.geometry) { out in
        for (i, x) in values.enumerated() {
          var y = (x - mean) * factor
          if let limit { y = y > limit ? limit : y < -limit ? -limit : y }
          out[i] = y * scale
        }
      })
  }
}

private struct Resample: AnyVolume.Visitor {
  let resampling: PyRadiomicsResampling, grid: Geometry
  func visit<Element: Voxel>(_ volume: Volume<Element>) throws(Never) -> AnyVolume {
    Element.erase(resampling(volume, on: grid))
  }
}
