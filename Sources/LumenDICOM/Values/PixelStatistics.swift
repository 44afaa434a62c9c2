// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Extremes and mean of the pixels of one file.
public struct PixelStatistics: Sendable, Equatable, Codable {
  /// Smallest value.
  public let min: Double
  /// Largest value.
  public let max: Double
  /// Mean of all values that are numbers.
  public let mean: Double
}

extension DICOMFile {
  /// Extremes and mean of all frames after the Modality LUT, or Rescale Slope and Intercept of each frame.
  ///
  /// - Units: those of the modality; stored values where the file has neither table nor slope. Of colour the samples as
  ///   they are decoded. Dose Grid Scaling and Real World Values are not applied. Sums are in double precision.
  /// - Throws: as ``storedPixels(_:limits:)``; `malformed` for a damaged table or a slope of 0.
  /// - Source: PS3.3 C.11.1.
  public static func statistics(_ path: String, limits: Limits = .standard) throws(ImageError) -> PixelStatistics {
    let (header, pixels) = try storedPixels(path, limits: limits)
    switch pixels {
    case .grey(let volume):
      let maps: [ValueMap]
      do throws(ImageError) { maps = try header.modalityMaps(limits) } catch { throw error.at(path) }
      return volume.accept(Statistics(maps: maps))
    case .colour(let images):
      var low = UInt16.max, high = UInt16.min, sum = 0.0, count = 0
      for image in images {
        var own: UInt64 = 0
        for s in image.samples {
          low = Swift.min(low, s)
          high = Swift.max(high, s)
          own += UInt64(s)
        }
        sum += Double(own)
        count += image.samples.count
      }
      return count == 0
        ? PixelStatistics(min: .nan, max: .nan, mean: .nan)
        : PixelStatistics(min: Double(low), max: Double(high), mean: sum / Double(count))
    }
  }
}

private struct Statistics: AnyVolume.Visitor {
  typealias Failure = Never
  let maps: [ValueMap]

  private struct Part: Sendable {
    var low = Double.infinity, high = -Double.infinity, sum = 0.0, count = 0
  }

  func visit<Element: Voxel>(_ volume: Volume<Element>) -> PixelStatistics {
    let plane = volume.size.plane
    let total = volume.withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      return parallelReduce(volume.size.slices, block: 1, Part()) { slices in
        var part = Part()
        for z in slices {
          let map = maps.count == 1 ? maps[0] : z < maps.count ? maps[z] : .identity
          for i in z * plane..<(z + 1) * plane {
            let v = map.value(p[i].doubleValue)
            guard v.isFinite else { continue }
            part.low = v < part.low ? v : part.low
            part.high = v > part.high ? v : part.high
            part.sum += v
            part.count &+= 1
          }
        }
        return part
      } combine: { a, b in
        a.low = Swift.min(a.low, b.low)
        a.high = Swift.max(a.high, b.high)
        a.sum += b.sum
        a.count += b.count
      }
    }
    return total.count == 0
      ? PixelStatistics(min: .nan, max: .nan, mean: .nan)
      : PixelStatistics(min: total.low, max: total.high, mean: total.sum / Double(total.count))
  }
}
