// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// How many voxels fall into each of equally wide bins.
///
///     counts[k] = #{ v : lower + k·width ≤ v < lower + (k + 1)·width }
///
/// - Range: NaN and voxels outside the bins are not counted; their number is ``outside``.
/// - Accuracy: exact; the bin of v is ⌊(v − lower) / width⌋ in double precision.
/// - Cost: one pass; four tables, so that equal neighbours do not wait for each other's counter.
/// - Source: definition; oracle NumPy `bincount`.
public struct Histogram: Sendable, Equatable {
  /// Where the first bin begins.
  public let lower: Double
  /// Width of a bin.
  public let width: Double
  /// Voxels in each bin.
  public let counts: [Int]
  /// Voxels in no bin.
  public let outside: Int

  /// The histogram of an image.
  ///
  /// - Throws: `invalidParameter` for a width that is not positive, bounds that are not finite, or a number of bins
  ///   outside 1 … 2²⁴.
  public init(of image: AnyVolume, bins: Int, from lower: Double, width: Double = 1) throws(ImageError) {
    guard 1...(1 << 24) ~= bins else {
      throw ImageError(.invalidParameter, "bins is \(bins), expected 1 … 16777216")
    }
    try requireFinite(lower, "from")
    guard width > 0, width.isFinite else {
      throw ImageError(.invalidParameter, "width is \(shortest(width)), expected more than 0")
    }
    self.lower = lower
    self.width = width
    let tally = Tally(bins: bins, lower: lower, width: width)
    counts =
      switch image {
      case .u8(let v): tally.fold(v)
      case .i8(let v): tally.fold(v)
      case .u16(let v): tally.fold(v)
      case .i16(let v): tally.fold(v)
      case .u32(let v): tally.count(v)
      case .i32(let v): tally.count(v)
      case .f32(let v): tally.count(v)
      case .f64(let v): tally.count(v)
      }
    outside = image.size.count - counts.reduce(0, +)
  }
}

/// The bins of a histogram, ready to count.
private struct Tally: Sendable {
  let bins: Int, lower: Double, width: Double

  /// The bin of a value; nil outside.
  @inline(__always)
  func bin(_ v: Double) -> Int? {
    let k = ((v - lower) / width).rounded(.down)
    return k >= 0 && k < Double(bins) ? Int(k) : nil
  }

  /// Counts of values, put into their bins.
  func fold<T: Voxel & FixedWidthInteger>(_ volume: Volume<T>) -> [Int] {
    var result = [Int](repeating: 0, count: bins)
    for (bits, n) in volume.valueCounts().enumerated() where n > 0 {
      if let k = bin(Double(T(truncatingIfNeeded: bits))) { result[k] += n }
    }
    return result
  }

  /// Every voxel into its bin.
  func count<T: Voxel>(_ volume: Volume<T>) -> [Int] {
    volume.withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      let block = max(1 << 20, voxels.count / 64 + 1)
      return parallelReduce(voxels.count, block: block, [Int](repeating: 0, count: bins)) { range in
        var counts = [Int](repeating: 0, count: bins)
        counts.withUnsafeMutableBufferPointer { counts in
          for i in range { if let k = bin(p[i].doubleValue) { counts[k] &+= 1 } }
        }
        return counts
      } combine: { a, b in
        for k in a.indices { a[k] += b[k] }
      }
    }
  }
}

extension Volume where Element: FixedWidthInteger {
  /// How often each value of an 8- or 16-bit type occurs, by its bits as unsigned.
  func valueCounts() -> [Int] {
    withVoxels { countValues($0.baseAddress!) }
  }

  private func countValues(_ p: UnsafePointer<Element>) -> [Int] {
    nonisolated(unsafe) let p = p
    // Counts are whole numbers: the parts may follow the threads. 32 bits hold a part's counts.
    let block = min(max(1 << 20, count / (2 * Parallel.width) / 8 * 8 + 8), 1 << 31)
    return parallelReduce(count, block: block, [Int](repeating: 0, count: 1 << Element.bitWidth)) { range in
      Self.countPart(p + range.lowerBound, range.count)
    } combine: { a, b in
      a.withUnsafeMutableBufferPointer { a in
        b.withUnsafeBufferPointer { b in for k in 0..<a.count { a[k] &+= b[k] } }
      }
    }
  }

  private static func countPart(_ p: UnsafePointer<Element>, _ n: Int) -> [Int] {
    let values = 1 << Element.bitWidth
    var result = [Int](repeating: 0, count: values)
    withScratch(of: UInt32.self, 4 * values) { t0 in
      let t1 = t0 + values, t2 = t1 + values, t3 = t2 + values
      let perWord = 8 / MemoryLayout<Element>.size
      let mask = UInt64(values - 1), bits = UInt64(Element.bitWidth)
      var i = 0
      while i &+ perWord <= n {
        var word = UnsafeRawPointer(p + i).loadUnaligned(as: UInt64.self)
        var k = 0
        while k < perWord {
          t0[Int(truncatingIfNeeded: word & mask)] &+= 1
          t1[Int(truncatingIfNeeded: (word &>> bits) & mask)] &+= 1
          t2[Int(truncatingIfNeeded: (word &>> (2 &* bits)) & mask)] &+= 1
          t3[Int(truncatingIfNeeded: (word &>> (3 &* bits)) & mask)] &+= 1
          word = bits == 8 ? word &>> 32 : 0
          k &+= 4
        }
        i &+= perWord
      }
      while i < n {
        t0[Int(truncatingIfNeeded: p[i]) & (values &- 1)] &+= 1
        i &+= 1
      }
      result.withUnsafeMutableBufferPointer { result in
        for k in 0..<values { result[k] = Int(t0[k]) &+ Int(t1[k]) &+ Int(t2[k]) &+ Int(t3[k]) }
      }
    }
    return result
  }
}
