// SPDX-License-Identifier: Apache-2.0
import LumenCore

extension Series {
  /// Modality values of stored ones, slice by slice.
  func rescaled(_ stored: AnyVolume, _ slices: [Slice]) throws(ImageError) -> AnyVolume {
    let rescales = slices.map { instances[$0.instance].rescale(frame: $0.frame) }
    if let (z, _) = rescales.enumerated().first(where: { $0.element.x == 0 || !$0.element.x.isFinite }) {
      throw ImageError(
        .malformed, "Rescale Slope \(Tag.rescaleSlope) is \(rescales[z].x)", place: instances[slices[z].instance].path,
        hint: "read the stored values instead")
    }
    return stored.accept(Rescale(rescales: rescales))
  }
}

/// m = s · slope + intercept for every slice, in the smallest type that the standard's tools expect.
struct Rescale: AnyVolume.Visitor {
  typealias Failure = Never
  let rescales: [SIMD2<Double>]

  func visit<Element: Voxel>(_ volume: Volume<Element>) -> AnyVolume {
    if rescales.allSatisfy({ $0 == SIMD2(1, 0) }) { return Element.erase(volume) }
    let isInteger = Element.kind != .float32 && Element.kind != .float64
    let isWhole = rescales.allSatisfy { $0.x == $0.x.rounded() && $0.y == $0.y.rounded() }
    if isInteger && isWhole {
      let (low, high) = range(volume)
      if low >= -32_768 && high <= 32_767 { return .i16(apply(volume)) }
      if low >= 0 && high <= 65_535 { return .u16(apply(volume)) }
      if low >= -2_147_483_648 && high <= 2_147_483_647 { return .i32(apply(volume)) }
    }
    return .f32(apply(volume))
  }

  /// Smallest and largest modality value.
  private func range<Element: Voxel>(_ volume: Volume<Element>) -> (Double, Double) {
    let plane = volume.size.plane
    return volume.withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      return parallelReduce(rescales.count, block: 1, (Double.infinity, -Double.infinity)) { slices in
        var low = Double.infinity, high = -Double.infinity
        for z in slices {
          let slice = p + z * plane
          var least = slice[0], most = slice[0]
          for i in 0..<plane {
            least = slice[i] < least ? slice[i] : least
            most = slice[i] > most ? slice[i] : most
          }
          for v in [least, most] {
            let m = v.doubleValue * rescales[z].x + rescales[z].y
            low = min(low, m)
            high = max(high, m)
          }
        }
        return (low, high)
      } combine: { a, b in
        a = (min(a.0, b.0), max(a.1, b.1))
      }
    }
  }

  private func apply<Element: Voxel, Out: Voxel>(_ volume: Volume<Element>) -> Volume<Out> {
    let plane = volume.size.plane
    return Volume<Out>(volume.geometry) { out in
      volume.withVoxels { voxels in
        nonisolated(unsafe) let (source, target) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(rescales.count) { slices in
          for z in slices {
            let (slope, intercept) = (rescales[z].x, rescales[z].y)
            for i in z * plane..<(z + 1) * plane {
              target[i] = Out.rounding(source[i].doubleValue * slope + intercept)
            }
          }
        }
      }
    }
  }
}
