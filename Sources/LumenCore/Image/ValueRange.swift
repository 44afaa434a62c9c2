// SPDX-License-Identifier: Apache-2.0

/// Extremes and mean of the finite voxels of an image; NaN when there are none.
public struct ValueRange: Sendable, Equatable {
  /// Smallest finite value.
  public var minimum = Double.nan
  /// Largest finite value.
  public var maximum = Double.nan
  /// Mean of the finite values; summed in blocks of fixed size, the same bits for any number of threads.
  public var mean = Double.nan
}

extension AnyVolume {
  /// Extremes and mean of the finite voxels.
  public var valueRange: ValueRange { accept(RangeVisitor()) }

  private struct RangeVisitor: Visitor {
    typealias Failure = Never
    struct Part: Sendable {
      var low = Double.infinity, high = -Double.infinity, sum = 0.0, count = 0
    }
    func visit<Element: Voxel>(_ volume: Volume<Element>) -> ValueRange {
      let total = volume.withVoxels { voxels in
        nonisolated(unsafe) let p = voxels.baseAddress!
        return parallelReduce(voxels.count, block: 1 << 16, Part()) { range in
          var part = Part()
          for i in range {
            let v = p[i].doubleValue
            guard v.isFinite else { continue }
            part.low = v < part.low ? v : part.low
            part.high = v > part.high ? v : part.high
            part.sum += v
            part.count &+= 1
          }
          return part
        } combine: { a, b in
          a.low = min(a.low, b.low)
          a.high = max(a.high, b.high)
          a.sum += b.sum
          a.count += b.count
        }
      }
      return total.count == 0
        ? ValueRange() : ValueRange(minimum: total.low, maximum: total.high, mean: total.sum / Double(total.count))
    }
  }
}
