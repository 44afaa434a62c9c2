// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// White Gaussian noise added to an image.
///
///     result(i) = image(i) + level · Φ⁻¹(u(seed, i)),  u uniform in (0, 1), a function of seed and voxel number
///
/// - Shape: any columns × rows × slices → same geometry; stored as 64-bit float where the image has 32-bit integers or
///   64-bit floats, else as 32-bit float.
/// - Units: `level` is a standard deviation in the image's unit.
/// - Accuracy: the same bits for any number of threads and any box.
/// - Cost: about 10 ns a voxel.
/// - Throws: `invalidParameter` for a level that is negative or not finite.
/// - Source: Zwanenburg et al., Sci Rep 2019;9:614, noise addition; quantiles of Wichura 1988.
public struct NoiseAddition: Sendable, Equatable {
  /// Voxels from a first one to before a last one along each axis.
  public typealias Box = (columns: Range<Int>, rows: Range<Int>, slices: Range<Int>)

  /// Standard deviation of the noise.
  public var level: Double
  /// Seed of the random numbers.
  public var seed: UInt64

  /// Noise of a standard deviation.
  public init(level: Double, seed: UInt64) {
    self.level = level
    self.seed = seed
  }

  /// The noisy image.
  ///
  /// - Parameter box: the only voxels that need noise; the others stay as they are. Nil: all. It lies in the image.
  public func callAsFunction(_ image: AnyVolume, within box: Box? = nil) throws(ImageError) -> AnyVolume {
    guard level >= 0, level.isFinite else {
      throw ImageError(.invalidParameter, "the noise level is \(shortest(level)), expected a finite number from 0")
    }
    let size = image.size
    let box = box ?? (columns: 0..<size.columns, rows: 0..<size.rows, slices: 0..<size.slices)
    guard box.columns.clamped(to: 0..<size.columns) == box.columns, box.rows.clamped(to: 0..<size.rows) == box.rows,
      box.slices.clamped(to: 0..<size.slices) == box.slices
    else {
      throw ImageError(.invalidParameter, "the box of the noise lies outside the image of \(size) voxels")
    }
    switch image.kind {
    case .uint32, .int32, .float64:
      guard case .f64(var volume) = image.converted(to: .float64) else { return image }
      add(to: &volume, box)
      return .f64(volume)
    default:
      var volume = image.float
      add(to: &volume, box)
      return .f32(volume)
    }
  }

  private func add<T: Voxel & BinaryFloatingPoint>(to volume: inout Volume<T>, _ box: Box) {
    let size = volume.size, level = level, seed = seed
    let (columns, rows, slices) = box
    guard level > 0, !columns.isEmpty, !rows.isEmpty else { return }
    volume.withMutableVoxels { voxels in
      guard let base = voxels.baseAddress else { return }
      nonisolated(unsafe) let out = base
      parallelFor(rows.count * slices.count, grain: max(1, 8192 / columns.count)) { range in
        for n in range {
          let start = size.offset(
            columns.lowerBound, rows.lowerBound + n % rows.count, slices.lowerBound + n / rows.count)
          var random = SplitMix64(seed: seed, skipping: UInt64(start))
          for i in start..<start &+ columns.count { out[i] = T(Double(out[i]) + level * random.normal()) }
        }
      }
    }
  }
}
