// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// ITK's interpolators of wide support, at a continuous index inside the image.
///
/// - Source: ITK 5.4 `WindowedSincInterpolateImageFunction` with radius 5, `GaussianInterpolateImageFunction` with σ 0.8
///   voxels and α 4, `LabelImageGaussianInterpolateImageFunction` with σ 1 voxel and α 1, as SimpleITK sets them.
enum PyRadiomicsInterpolation {
  /// What a sinc is multiplied by.
  enum Window {
    case hamming, cosine, welch, lanczos, blackman

    static let radius = 5

    func callAsFunction(_ x: Double) -> Double {
      let r = Double(Self.radius)
      switch self {
      case .hamming: return 0.54 + 0.46 * cos(x * .pi / r)
      case .cosine: return cos(x * .pi / (2 * r))
      case .welch: return 1 - x * x * (1 / (r * r))
      case .lanczos:
        let z = x * .pi / r
        return x == 0 ? 1 : sin(z) / z
      case .blackman: return 0.42 + 0.5 * cos(x * .pi / r) + 0.08 * cos(x * 2 * .pi / r)
      }
    }
  }

  static func sinc<T: Voxel>(
    _ v: UnsafePointer<T>, _ size: Size, _ p: SIMD3<Double>, _ window: Window
  ) -> Double {
    let reach = Window.radius, taps = 2 * reach
    func weights(_ distance: Double) -> SIMD16<Double> {
      var w = SIMD16<Double>()
      if distance == 0 {
        w[reach - 1] = 1
        return w
      }
      for i in 0..<taps {
        let x = distance + Double(reach - 1 - i), angle = .pi * x
        w[i] = window(x) * (x == 0 ? 1 : sin(angle) / angle)
      }
      return w
    }
    let base = p.rounded(.down)
    let (wx, wy, wz) = (weights(p.x - base.x), weights(p.y - base.y), weights(p.z - base.z))
    let (x0, y0, z0) = (Int(base.x) - reach + 1, Int(base.y) - reach + 1, Int(base.z) - reach + 1)
    var sum = 0.0
    for k in 0..<taps {
      let z = min(max(z0 + k, 0), size.slices - 1)
      for j in 0..<taps {
        let row = v + size.offset(0, min(max(y0 + j, 0), size.rows - 1), z)
        for i in 0..<taps {
          sum += row[min(max(x0 + i, 0), size.columns - 1)].doubleValue * wx[i] * wy[j] * wz[k]
        }
      }
    }
    return sum
  }

  /// The mean of the voxels within σ·α, each weighted by the Gaussian's integral over it; or for labels the value that
  /// weighs most.
  static func gaussian<T: Voxel>(
    _ v: UnsafePointer<T>, _ size: Size, _ p: SIMD3<Double>, isLabels: Bool
  ) -> Double {
    let (sigma, reach) = isLabels ? (1.0, 1.0) : (0.8, 3.2)
    func weights(_ x: Double, _ n: Int) -> (first: Int, values: SIMD16<Double>, count: Int) {
      let first = max(0, Int((x + 0.5 - reach).rounded(.down))), end = min(n, Int((x + 0.5 + reach).rounded(.up)))
      let scale = 1 / (2.0.squareRoot() * sigma)
      var t = (-0.5 - x + Double(first)) * scale, last = erf(t)
      var w = SIMD16<Double>()
      for i in 0..<max(0, end - first) {
        t += scale
        let now = erf(t)
        w[i] = now - last
        last = now
      }
      return (first, w, max(0, end - first))
    }
    let x = weights(p.x, size.columns), y = weights(p.y, size.rows), z = weights(p.z, size.slices)
    var sum = 0.0, total = 0.0, labels: [(value: Double, weight: Double)] = [], best = (value: 0.0, weight: 0.0)
    for k in 0..<z.count {
      for j in 0..<y.count {
        let row = v + size.offset(x.first, y.first + j, z.first + k)
        for i in 0..<x.count {
          let w = x.values[i] * y.values[j] * z.values[k], value = row[i].doubleValue
          guard isLabels else {
            sum += value * w
            total += w
            continue
          }
          let n = labels.firstIndex { $0.value == value } ?? labels.endIndex
          if n == labels.endIndex { labels.append((value, 0)) }
          labels[n].weight += w
          if labels[n].weight > best.weight { best = labels[n] }
        }
      }
    }
    return isLabels ? best.value : sum / total
  }
}
