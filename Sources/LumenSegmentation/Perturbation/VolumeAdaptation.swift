// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenFilters

/// A region grown or shrunk to a fraction of its volume: whole shells of neighbours across faces, and of the last one as
/// many voxels, chosen at random, as the volume asks for.
///
///     |result| = ⌊(1 + fraction) · |mask|⌋
///
/// - Shape: the mask's grid. A region never grows beyond the grid, and keeps at least one voxel.
/// - Units: `fraction` of the volume: 0.2 adds a fifth, −0.2 takes a fifth away.
/// - Accuracy: the number of voxels is exact. The same voxels for any number of threads.
/// - Cost: a binary dilation or erosion a shell.
/// - Throws: `invalidParameter` for a fraction of −1 and less, above 10, or NaN.
/// - Source: Zwanenburg et al., Sci Rep 2019;9:614, volume adaptation; oracle MIRP 2.7 `fractional_volume_change`.
public struct VolumeAdaptation: Sendable, Equatable {
  /// Part of the volume that is added; taken away when it is negative.
  public var fraction: Double
  /// Change each slice for itself: shells of the four neighbours in the slice.
  public var planar = false
  /// Seed of the choice in the last shell.
  public var seed: UInt64

  /// A change by a fraction of the volume.
  public init(fraction: Double, planar: Bool = false, seed: UInt64) {
    self.fraction = fraction
    self.planar = planar
    self.seed = seed
  }

  /// The changed region.
  public func callAsFunction(_ mask: Mask) throws(ImageError) -> Mask {
    guard fraction > -1, fraction <= 10 else {
      throw ImageError(
        .invalidParameter, "the volume changes by \(shortest(fraction)), expected more than -1 and at most 10")
    }
    let count = mask.count
    // A product that rounding has put a last bit below a whole number is that number.
    let wanted = max(1, Int((Double(count) * (1 + fraction) + 1e-9).rounded(.down)))
    guard count > 0, wanted != count else { return mask }
    let element = StructuringElement(.cross, voxels: 1), grows = wanted > count
    var current = mask, size = count
    while true {
      let next =
        grows
        ? try Dilation(element, planar: planar)(current)
        : try Self.eroded(current, planar: planar)
      let nextSize = next.count
      if nextSize == size { return current }  // the grid is full
      if nextSize == wanted { return next }
      if grows ? nextSize > wanted : nextSize < wanted {
        return chosen(abs(wanted - size), of: next, from: current)
      }
      (current, size) = (next, nextSize)
    }
  }

  /// What has all its neighbours; those outside the grid count as missing.
  private static func eroded(_ mask: Mask, planar: Bool) throws(ImageError) -> Mask {
    var result = try Erosion(StructuringElement(.cross, voxels: 1), planar: planar)(mask)
    let s = mask.size
    result.withMutableVoxels { v in
      for z in 0..<s.slices {
        for y in 0..<s.rows {
          let row = s.offset(0, y, z)
          let edge =
            s.rows > 1 && (y == 0 || y == s.rows - 1)
            || !planar && s.slices > 1 && (z == 0 || z == s.slices - 1)
          if edge {
            for x in 0..<s.columns { v[row + x] = 0 }
          } else if s.columns > 1 {
            v[row] = 0
            v[row + s.columns - 1] = 0
          }
        }
      }
    }
    return result
  }

  /// `current` with `n` of the voxels in which `next` differs taken over from it.
  private func chosen(_ n: Int, of next: Mask, from current: Mask) -> Mask {
    var shell = current.voxels.withVoxels { a in
      next.voxels.withVoxels { b in a.indices.filter { a[$0] != b[$0] } }
    }
    var random = SplitMix64(seed: seed), result = current
    result.withMutableVoxels { v in
      for k in 0..<min(n, shell.count) {
        shell.swapAt(k, k + Int(random.next() % UInt64(shell.count - k)))
        v[shell[k]] = 1 - v[shell[k]]
      }
    }
    return result
  }
}
