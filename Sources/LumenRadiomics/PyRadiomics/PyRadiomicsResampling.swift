// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Resampling as ITK does it to the last bit, because PyRadiomics cuts the result to the image's own type: a value just
/// below a whole number becomes the number below.
///
/// - Source: ITK 5.4 `ResampleImageFilter` (lines run linearly from the first voxel to the one behind the last),
///   `NearestNeighborInterpolateImageFunction`, `LinearInterpolateImageFunction`, `BSplineInterpolateImageFunction`;
///   the others: `PyRadiomicsInterpolation`.
struct PyRadiomicsResampling {
  enum Interpolator { case nearest, linear, spline, gaussian, labelGaussian, sinc(PyRadiomicsInterpolation.Window) }

  /// SimpleITK's names in the order of their numbers, from 1.
  static let interpolators: [(name: String, interpolator: Interpolator)] = [
    ("sitkNearestNeighbor", .nearest), ("sitkLinear", .linear), ("sitkBSpline", .spline),
    ("sitkGaussian", .gaussian), ("sitkLabelGaussian", .labelGaussian),
    ("sitkHammingWindowedSinc", .sinc(.hamming)), ("sitkCosineWindowedSinc", .sinc(.cosine)),
    ("sitkWelchWindowedSinc", .sinc(.welch)), ("sitkLanczosWindowedSinc", .sinc(.lanczos)),
    ("sitkBlackmanWindowedSinc", .sinc(.blackman)),
  ]

  let interpolator: Interpolator

  init(_ interpolator: Interpolator) { self.interpolator = interpolator }

  /// The image on another grid; 0 outside it.
  func callAsFunction<T: Voxel>(_ image: Volume<T>, on grid: Geometry) -> Volume<T> {
    let from = image.size, to = grid.size, source = image.geometry
    let coefficients =
      if case .spline = interpolator { SplineCoefficients64(image).values } else { nil as Volume<Double>? }
    return Volume<T>(grid) { out in
      image.withVoxels { voxels in
        func run(_ c: UnsafePointer<Double>?) {
          nonisolated(unsafe) let (src, dst, c) = (voxels.baseAddress!, out.baseAddress!, c)
          parallelFor(to.rows * to.slices, grain: max(1, 2048 / to.columns)) { lines in
            for line in lines {
              let y = Double(line % to.rows), z = Double(line / to.rows)
              let start = source.itkIndex(of: grid.itkPosition(of: SIMD3(0, y, z)))
              let end = source.itkIndex(of: grid.itkPosition(of: SIMD3(Double(to.columns), y, z)))
              for x in 0..<to.columns {
                let alpha = Double(x) / Double(to.columns)
                let p = start + alpha * (end - start)
                let inside =
                  p.x >= -0.5 && p.y >= -0.5 && p.z >= -0.5 && p.x < Double(from.columns) - 0.5
                  && p.y < Double(from.rows) - 0.5 && p.z < Double(from.slices) - 0.5
                guard inside else {
                  dst[line &* to.columns &+ x] = T.rounding(0)
                  continue
                }
                let value: Double
                switch interpolator {
                case .nearest:
                  let (i, j, k) = (
                    Int((p.x + 0.5).rounded(.down)), Int((p.y + 0.5).rounded(.down)),
                    Int((p.z + 0.5).rounded(.down))
                  )
                  dst[line &* to.columns &+ x] =
                    src[from.offset(min(i, from.columns - 1), min(j, from.rows - 1), min(k, from.slices - 1))]
                  continue
                case .linear: value = Self.linear(src, from, p)
                case .spline: value = c.map { Self.spline($0, from, p) } ?? 0
                case .gaussian: value = PyRadiomicsInterpolation.gaussian(src, from, p, isLabels: false)
                case .labelGaussian: value = PyRadiomicsInterpolation.gaussian(src, from, p, isLabels: true)
                case .sinc(let window): value = PyRadiomicsInterpolation.sinc(src, from, p, window)
                }
                dst[line &* to.columns &+ x] = cut(value)
              }
            }
          }
        }
        if let coefficients { coefficients.withVoxels { run($0.baseAddress) } } else { run(nil) }
      }
    }
  }

  /// Towards zero and within the type's range; floating point is rounded.
  private func cut<T: Voxel>(_ value: Double) -> T {
    T.kind == .float32 || T.kind == .float64 ? T.rounding(value) : T.rounding(value.rounded(.towardZero))
  }

  private static func linear<T: Voxel>(_ v: UnsafePointer<T>, _ size: Size, _ p: SIMD3<Double>) -> Double {
    let i = max(Int(p.x.rounded(.down)), 0), j = max(Int(p.y.rounded(.down)), 0), k = max(Int(p.z.rounded(.down)), 0)
    let dx = max(p.x - Double(i), 0), dy = max(p.y - Double(j), 0), dz = max(p.z - Double(k), 0)
    let (i1, j1, k1) = (min(i + 1, size.columns - 1), min(j + 1, size.rows - 1), min(k + 1, size.slices - 1))
    func line(_ j: Int, _ k: Int) -> Double {
      let a = v[size.offset(i, j, k)].doubleValue
      return dx <= 0 ? a : a + (v[size.offset(i1, j, k)].doubleValue - a) * dx
    }
    func plane(_ k: Int) -> Double {
      let a = line(j, k)
      return dy <= 0 ? a : a + (line(j1, k) - a) * dy
    }
    let a = plane(k)
    return dz <= 0 ? a : a + (plane(k1) - a) * dz
  }

  private static func spline(_ c: UnsafePointer<Double>, _ size: Size, _ p: SIMD3<Double>) -> Double {
    func support(_ x: Double, _ n: Int) -> (index: SIMD4<Int>, weight: SIMD4<Double>) {
      // ITK finds the first voxel in single precision.
      let first = Int(Float(x).rounded(.down)) - 1
      let w = x - Double(first + 1)
      let w3 = (1.0 / 6.0) * w * w * w
      let w0 = (1.0 / 6.0) + 0.5 * w * (w - 1.0) - w3
      let w2 = w + w0 - 2.0 * w3
      let w1 = 1.0 - w0 - w2 - w3
      var index = SIMD4<Int>()
      for k in 0..<4 where n > 1 {
        var i = first + k
        if i < 0 { i = -i }
        if i >= n - 1 { i = n - 1 - (i - (n - 1)) }
        index[k] = min(max(i, 0), n - 1)
      }
      return (index, SIMD4(w0, w1, w2, w3))
    }
    let (ix, wx) = support(p.x, size.columns), (iy, wy) = support(p.y, size.rows), (iz, wz) = support(p.z, size.slices)
    var sum = 0.0
    for k in 0..<4 {
      for j in 0..<4 {
        let row = c + size.offset(0, iy[j], iz[k])
        for i in 0..<4 { sum += wx[i] * wy[j] * wz[k] * row[ix[i]] }
      }
    }
    return sum
  }
}

/// Coefficients of the cubic B-spline through an image, in the order of operations of ITK's decomposition filter.
///
/// - Source: ITK 5.4 `BSplineDecompositionImageFilter`, tolerance 10⁻¹⁰; Unser 1999, box 2.
private struct SplineCoefficients64 {
  let values: Volume<Double>

  init<T: Voxel>(_ image: Volume<T>) {
    let size = image.size, strides = [1, size.columns, size.plane]
    values = Volume<Double>(image.geometry) { out in
      nonisolated(unsafe) let c = out.baseAddress!
      image.withVoxels { v in for i in 0..<v.count { c[i] = v[i].doubleValue } }
      for axis in 0..<3 where size[axis] > 1 {
        let n = size[axis], step = strides[axis], others = (0..<3).filter { $0 != axis }
        parallelFor(size.count / n, grain: max(1, (1 << 14) / n)) { lines in
          for line in lines {
            let a = line % size[others[0]], b = line / size[others[0]]
            Self.filter(c + a * strides[others[0]] + b * strides[others[1]], n, step)
          }
        }
      }
    }
  }

  private static func filter(_ s: UnsafeMutablePointer<Double>, _ n: Int, _ step: Int) {
    let z = 3.0.squareRoot() - 2.0
    let gain = 1.0 * (1.0 - z) * (1.0 - 1.0 / z)
    for k in 0..<n { s[k &* step] *= gain }
    let horizon = Int((log(1e-10) / log(abs(z))).rounded(.up))
    var zn = z
    if horizon < n {
      var sum = s[0]
      for k in 1..<horizon {
        sum += zn * s[k &* step]
        zn *= z
      }
      s[0] = sum
    } else {
      let iz = 1.0 / z
      var z2n = pow(z, Double(n - 1))
      var sum = s[0] + z2n * s[(n - 1) &* step]
      z2n *= z2n * iz
      for k in 1..<max(n - 1, 1) {
        sum += (zn + z2n) * s[k &* step]
        zn *= z
        z2n *= iz
      }
      s[0] = sum / (1.0 - zn * zn)
    }
    for k in 1..<n { s[k &* step] += z * s[(k - 1) &* step] }
    s[(n - 1) &* step] = (z / (z * z - 1.0)) * (z * s[(n - 2) &* step] + s[(n - 1) &* step])
    for k in stride(from: n - 2, through: 0, by: -1) {
      s[k &* step] = z * (s[(k + 1) &* step] - s[k &* step])
    }
  }
}

extension Geometry {
  /// Position of a continuous index, with the matrix product in ITK's order.
  func itkPosition(of i: SIMD3<Double>) -> SIMD3<Double> {
    origin + direction.x * spacing.x * i.x + direction.y * spacing.y * i.y + direction.z * spacing.z * i.z
  }

  /// Continuous index of a position through the inverse of direction · spacing, as ITK holds it.
  func itkIndex(of position: SIMD3<Double>) -> SIMD3<Double> {
    let d = position - origin
    if direction == .identity { return d * SIMD3(1 / spacing.x, 1 / spacing.y, 1 / spacing.z) }
    return index(of: position)
  }
}
