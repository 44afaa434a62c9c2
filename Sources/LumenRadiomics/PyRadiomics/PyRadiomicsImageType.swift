// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import LumenFilters

/// The images that PyRadiomics measures: the original and what filters make of it.
///
/// - Source: PyRadiomics 3.0.1, `imageoperations.py`.
enum PyRadiomicsImageType: String, Sendable, CaseIterable {
  case original = "Original", wavelet = "Wavelet", laplacian = "LoG", square = "Square", squareRoot = "SquareRoot"
  case logarithm = "Logarithm", exponential = "Exponential", gradient = "Gradient", pattern2D = "LBP2D"
  case pattern3D = "LBP3D"

  /// The images of this type with the names that columns start with, one after the other; what cannot be made is
  /// passed over with a warning, as PyRadiomics does.
  func forEachImage(
    of image: AnyVolume, _ mask: Volume<UInt32>, _ settings: PyRadiomicsSettings, _ warnings: inout [String],
    _ body: (String, AnyVolume) throws(ImageError) -> Void
  ) throws(ImageError) {
    switch self {
    case .original: try body("original", image)
    case .wavelet:
      let axes = (0..<3).filter { $0 != settings.flatAxis }
      guard let filters = PyRadiomicsWaveletFilters(named: settings.wavelet) else {
        throw ImageError(
          .invalidParameter, "wavelet is \(settings.wavelet)",
          hint: "there are: " + PyRadiomicsWaveletFilters.names.joined(separator: ", "))
      }
      let transform = PyRadiomicsWavelet(filters, axes: axes)
      guard settings.waveletLevel <= 64, settings.waveletStart <= 64 else {
        throw ImageError(
          .limitExceeded, "level is \(settings.waveletLevel) from start_level \(settings.waveletStart), the limit is 64"
        )
      }
      if case .f32(let v) = image {
        let bands = transform.subbands(v, start: settings.waveletStart, levels: settings.waveletLevel)
        for band in bands { try body(band.name, .f32(band.volume)) }
      } else if case .f64(let v) = image.converted(to: .float64) {
        let bands = transform.subbands(v, start: settings.waveletStart, levels: settings.waveletLevel)
        for band in bands { try body(band.name, .f64(band.volume)) }
      }
    case .laplacian:
      let geometry = image.geometry
      guard (0..<3).allSatisfy({ geometry.size[$0] >= 4 }) else {
        warnings.append("LoG is left out: the image has \(geometry.size) voxels, at least 4 along each axis are needed")
        return
      }
      for given in settings.sigmas {
        let sigma = given.number ?? 0
        let isLarge = (0..<3).allSatisfy {
          Double(geometry.size[$0]) >= (sigma / geometry.spacing[$0]).rounded(.up) + 1
        }
        guard isLarge else {
          warnings.append("LoG with sigma \(given.representation) mm is left out: the image is too small")
          continue
        }
        let name = given.representation.map { $0 == "." ? "-" : String($0) }.joined()
        try body("log-sigma-\(name)-mm-3D", .f32(try laplacian(image.float, sigma)))
      }
    case .square, .squareRoot, .logarithm, .exponential: try body(pointwiseName, .f64(pointwise(image)))
    case .gradient: try body("gradient", .f32(gradientMagnitude(image, inMillimetres: settings.gradientUsesSpacing)))
    case .pattern2D: try body("lbp-2D", try patterns(image, settings))
    case .pattern3D:
      for level in Array(1...max(settings.sphereLevels, 1)) + [0] {
        let filter = LocalBinaryPattern3D(
          level: level, radius: settings.sphereRadius, subdivision: settings.sphereSubdivision)
        try body(level == 0 ? "lbp-3D-k" : "lbp-3D-m\(level)", .f64(try filter.precise(image)))
      }
    }
  }

  /// The sum over the axes of the second derivative there, smoothed along the others, in the order and with the
  /// rounding to 32 bits of ITK `LaplacianRecursiveGaussianImageFilter`, times σ².
  private func laplacian(_ image: Volume<Float>, _ sigma: Double) throws(ImageError) -> Volume<Float> {
    var sum = Volume<Float>(image.geometry, repeating: 0)
    for axis in 0..<3 {
      var orders = SIMD3<Int>(0, 0, 0)
      orders[axis] = 2
      let part = try RecursiveGaussian(sigma: .mm(sigma), orders: orders, acrossScale: true)(image)
      let scale = 1.0 / (image.geometry.spacing[axis] * image.geometry.spacing[axis])
      sum.withMutableVoxels { sum in
        part.withVoxels { part in
          for i in 0..<sum.count { sum[i] = Float(Double(sum[i]) + Double(part[i]) * scale) }
        }
      }
    }
    return sum
  }

  private var pointwiseName: String { rawValue.lowercased() }

  private func pointwise(_ image: AnyVolume) -> Volume<Double> {
    var x = image.values()
    let most = x.reduce(0) { max($0, abs($1)) }
    switch self {
    case .square:
      let c = 1 / most.squareRoot()
      for i in x.indices { x[i] = (c * x[i]) * (c * x[i]) }
    case .squareRoot:
      for i in x.indices where x[i] != 0 {
        x[i] = x[i] > 0 ? (x[i] * most).squareRoot() : -(-x[i] * most).squareRoot()
      }
    case .logarithm:
      for i in x.indices where x[i] != 0 { x[i] = x[i] > 0 ? log(x[i] + 1) : -log(-(x[i] - 1)) }
      let scale = most / x.reduce(0) { max($0, abs($1)) }
      for i in x.indices { x[i] *= scale }
    default:
      let c = log(most) / most
      for i in x.indices { x[i] = exp(c * x[i]) }
    }
    return Volume<Double>(image.geometry) { out in _ = out.update(fromContentsOf: x) }
  }

  /// √ of the sum of squared central differences; the edge voxel is held outside the image.
  ///
  /// - Source: ITK `GradientMagnitudeImageFilter`.
  private func gradientMagnitude(_ image: AnyVolume, inMillimetres: Bool) -> Volume<Float> {
    let values = image.values(), size = image.size, spacing = image.geometry.spacing
    let scale = inMillimetres ? SIMD3(1 / spacing.x, 1 / spacing.y, 1 / spacing.z) : SIMD3(1, 1, 1)
    return Volume<Float>(image.geometry) { out in
      values.withUnsafeBufferPointer { values in
        nonisolated(unsafe) let (v, to) = (values.baseAddress!, out.baseAddress!)
        parallelFor(size.rows * size.slices, grain: max(1, (1 << 14) / size.columns)) { lines in
          for line in lines {
            let y = line % size.rows, z = line / size.rows
            let (y0, y1) = (max(y - 1, 0), min(y + 1, size.rows - 1))
            let (z0, z1) = (max(z - 1, 0), min(z + 1, size.slices - 1))
            for x in 0..<size.columns {
              let (x0, x1) = (max(x - 1, 0), min(x + 1, size.columns - 1))
              let dx = (0.5 * scale.x) * v[size.offset(x1, y, z)] - (0.5 * scale.x) * v[size.offset(x0, y, z)]
              let dy = (0.5 * scale.y) * v[size.offset(x, y1, z)] - (0.5 * scale.y) * v[size.offset(x, y0, z)]
              let dz = (0.5 * scale.z) * v[size.offset(x, y, z1)] - (0.5 * scale.z) * v[size.offset(x, y, z0)]
              to[line &* size.columns &+ x] = Float((dx * dx + dy * dy + dz * dz).squareRoot())
            }
          }
        }
      }
    }
  }

  /// Local binary patterns of the planes across the chosen axis, in the image's own type.
  private func patterns(_ image: AnyVolume, _ settings: PyRadiomicsSettings) throws(ImageError) -> AnyVolume {
    guard let method = LocalBinaryPattern.Method(rawValue: settings.patternMethod) else {
      throw ImageError(
        .unsupported, "lbp2DMethod is \(settings.patternMethod)", hint: "default, ror and uniform are supported")
    }
    let filter = LocalBinaryPattern(
      samples: settings.patternSamples, radius: settings.patternRadius, method: method)
    let axis = settings.planeAxis
    guard axis != 2 else { return try filter(image).converted(to: image.kind) }
    // NumPy swaps the axis with that of the slices.
    let order = axis == 0 ? [2, 1, 0] : [0, 2, 1], size = image.size
    let values = image.values(), map = PyRadiomicsRegion.exchange(size, order)
    let turned = Size(columns: size[order[0]], rows: size[order[1]], slices: size[order[2]])
    let moved = Volume<Double>(Geometry(size: turned)) { out in for (i, k) in map.enumerated() { out[i] = values[k] } }
    let found = try filter(.f64(moved)).values()
    let back = Volume<Double>(image.geometry) { out in for (i, k) in map.enumerated() { out[k] = found[i] } }
    return AnyVolume.f64(back).converted(to: image.kind)
  }
}
