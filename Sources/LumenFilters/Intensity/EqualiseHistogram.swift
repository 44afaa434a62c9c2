// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Histogram equalisation: every voxel becomes the share of voxels that are not brighter.
///
///     out = C(v),  C: cumulative histogram / number of voxels
///
/// 8- and 16-bit images have one bin for each integer. Others have equal bins between minimum and maximum; C is linear
/// between their centres and constant beyond the first and the last.
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float, 0 … 1.
/// - Range: NaN and infinity are not counted; NaN stays, infinity becomes the value of the nearest end. A constant
///   image becomes 1.
/// - Accuracy: counts exact, share in double precision, rounded once.
/// - Cost: two passes; of 32-bit images three.
/// - Throws: `invalidParameter` for bins outside 2 … 65536.
/// - Source: scikit-image `equalize_hist`.
public struct EqualiseHistogram: Filter {
  /// Bins of images of 32 and more bits a voxel.
  public var bins = 256

  /// 256 bins.
  public init() {}
  /// Bins of images of 32 and more bits a voxel.
  public init(bins: Int) { self.bins = bins }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "equalise-histogram", summary: "histogram equalisation", source: "scikit-image equalize_hist",
    parameters: [Parameter(\.bins, "bins", 2...65536, "bins of images of 32 and more bits a voxel")])

  /// The equalised image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    guard 2...65536 ~= bins else { throw ImageError(.invalidParameter, "bins is \(bins), expected 2 … 65536") }
    return switch image {
    case .u8(let v): .f32(byValue(v))
    case .i8(let v): .f32(byValue(v))
    case .u16(let v): .f32(byValue(v))
    case .i16(let v): .f32(byValue(v))
    case .u32, .i32, .f32, .f64: .f32(byBin(image))
    }
  }

  private func byValue<T: Voxel & FixedWidthInteger>(_ volume: Volume<T>) -> Volume<Float> {
    let counts = volume.valueCounts()
    var shares = [Float](repeating: 0, count: counts.count), sum = 0
    for value in Int(T.min)...Int(T.max) {
      let bits = value & (counts.count - 1)
      sum += counts[bits]
      shares[bits] = Float(Double(sum) / Double(volume.count))
    }
    return shares.withUnsafeBufferPointer { volume.applying(LookUp(table: $0.baseAddress!)) }
  }

  private func byBin(_ image: AnyVolume) -> Volume<Float> {
    let range = image.valueRange
    guard range.count > 0 else { return image.float }
    // NumPy's histogram widens a range of one value by a half on both sides.
    let constant = range.minimum == range.maximum
    let bins = EqualBins(
      count: bins, low: constant ? range.minimum - 0.5 : range.minimum,
      high: constant ? range.maximum + 0.5 : range.maximum)
    guard bins.width > 0, bins.width.isFinite else { return image.mapped(Linear(origin: 0, scale: 0, lower: 1)) }
    var sum = 0
    let shares = image.accept(bins).map { n in
      sum += n
      return Double(sum) / Double(range.count)
    }
    return shares.withUnsafeBufferPointer { image.mapped(Cumulative(shares: $0.baseAddress!, bins: bins)) }
  }
}

/// Bins of equal width; counts the finite voxels of each.
private struct EqualBins: AnyVolume.Visitor, Sendable {
  typealias Failure = Never
  let count: Int, low: Double, high: Double, width: Double

  init(count: Int, low: Double, high: Double) {
    (self.count, self.low, self.high) = (count, low, high)
    width = high / Double(count) - low / Double(count)
  }

  /// Where bin k begins; the last edge is the end itself.
  private func edge(_ k: Int) -> Double { k == count ? high : low + Double(k) * width }

  /// The bin whose edges hold a finite value, however the division rounds.
  private func index(_ v: Double) -> Int {
    let k = Int(min(max((v - low) / width, 0), Double(count - 1)))
    if k > 0, v < edge(k) { return k - 1 }
    return k < count - 1 && v >= edge(k + 1) ? k + 1 : k
  }

  func visit<T: Voxel>(_ volume: Volume<T>) -> [Int] {
    volume.withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      let block = max(1 << 19, voxels.count / 64 + 1)
      return parallelReduce(voxels.count, block: block, [Int](repeating: 0, count: count)) { range in
        var counts = [Int](repeating: 0, count: count)
        counts.withUnsafeMutableBufferPointer { counts in
          for i in range {
            let v = p[i].doubleValue
            if v.isFinite { counts[index(v)] &+= 1 }
          }
        }
        return counts
      } combine: { a, b in
        for k in a.indices { a[k] += b[k] }
      }
    }
  }
}

/// The cumulative histogram, linear between the centres of bins.
private struct Cumulative: PointFunction, @unchecked Sendable {
  let shares: UnsafePointer<Double>, bins: EqualBins

  func callAsFunction(_ v: Double) -> Float {
    if v.isNaN { return Float(v) }
    let x = min(max((v - bins.low) / bins.width - 0.5, 0), Double(bins.count - 1)), k = Int(x)
    return Float(k + 1 < bins.count ? shares[k] + (shares[k + 1] - shares[k]) * (x - Double(k)) : shares[k])
  }
}
