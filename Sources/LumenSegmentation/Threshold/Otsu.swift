// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Which side of a threshold is the region.
public enum Side: String, Sendable, CaseIterable {
  /// Values above the threshold.
  case above
  /// Values up to the threshold.
  case below
}

/// Otsu's threshold: the cut of the histogram that separates two classes best.
///
///     t = argmax ω₀(t) ω₁(t) (μ₀(t) − μ₁(t))²
///
/// The histogram has `bins` equal bins between the extremes of the finite voxels; the threshold is the centre of the
/// last bin of the lower class. Voxels that are not finite are outside the region.
///
/// - Throws: `invalidParameter` when all finite voxels have one value.
/// - Cost: two sweeps of the image.
/// - Source: Otsu, IEEE Trans. SMC 1979;9:62-66; oracle scikit-image `threshold_otsu`.
public struct Otsu: Segmentation {
  /// Histogram bins.
  public var bins = 256
  /// Side of the threshold that is the region.
  public var side = Side.above

  /// 256 bins, the brighter side.
  public init() {}
  /// A threshold with its histogram and side.
  public init(bins: Int = 256, side: Side = .above) {
    self.bins = bins
    self.side = side
  }

  /// Its line in the catalogue.
  public static let catalogue = Entry<Self>(
    "otsu", summary: "Otsu's threshold", source: "Otsu 1979",
    parameters: [
      Parameter(\.bins, "bins", 2...65_536, "histogram bins between the extremes"),
      Parameter(\.side, "side", "side of the threshold that is the region"),
    ])

  /// The threshold of an image.
  public func threshold(_ image: AnyVolume) throws(ImageError) -> Double {
    guard (2...65_536).contains(bins) else {
      throw ImageError(.invalidParameter, "bins is \(bins), expected 2 … 65536")
    }
    let range = image.valueRange
    guard range.maximum > range.minimum else {
      throw ImageError(
        .invalidParameter, "the image has no two different finite values, a threshold cannot be found",
        hint: "is the series empty or padded?")
    }
    let width = (range.maximum - range.minimum) / Double(bins)
    let histogram = image.accept(HistogramVisitor(lower: range.minimum, width: width, bins: bins))
    let centre = { (bin: Int) in range.minimum + (Double(bin) + 0.5) * width }
    let total = histogram.reduce(0, +)
    let sum = histogram.indices.reduce(0.0) { $0 + Double(histogram[$1]) * centre($1) }
    var best = -1.0, cut = 0, count = 0, partial = 0.0
    for bin in 0..<bins - 1 {
      count += histogram[bin]
      partial += Double(histogram[bin]) * centre(bin)
      if count == 0 || count == total { continue }
      let difference = partial / Double(count) - (sum - partial) / Double(total - count)
      let between = Double(count) * Double(total - count) * difference * difference
      if between > best {
        best = between
        cut = bin
      }
    }
    return centre(cut)
  }

  /// The region on one side of the threshold.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> Mask {
    let t = try threshold(image)
    switch side {
    case .above: return image.accept(InsideVisitor(lower: t.nextUp, upper: .greatestFiniteMagnitude))
    case .below: return image.accept(InsideVisitor(lower: -.greatestFiniteMagnitude, upper: t))
    }
  }
}

private struct HistogramVisitor: AnyVolume.Visitor {
  typealias Failure = Never
  let lower: Double, width: Double, bins: Int

  func visit<Element: Voxel>(_ volume: Volume<Element>) -> [Int] {
    volume.withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      return parallelReduce(voxels.count, block: 1 << 18, [Int](repeating: 0, count: bins)) { range in
        var counts = [Int](repeating: 0, count: bins)
        counts.withUnsafeMutableBufferPointer { counts in
          for i in range {
            let v = p[i].doubleValue
            guard v.isFinite else { continue }
            counts[min(bins - 1, Int((v - lower) / width))] &+= 1
          }
        }
        return counts
      } combine: { total, part in
        for i in part.indices { total[i] &+= part[i] }
      }
    }
  }
}
