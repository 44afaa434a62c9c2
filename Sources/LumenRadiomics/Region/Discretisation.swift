// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// How intensities become grey levels 1 … Ng.
///
/// - Range: at most 65535 levels.
/// - Source: IBSI 1 reference manual, intensity discretisation.
public enum Discretisation: Sendable, Equatable {
  /// Intensities are grey levels already: whole numbers from 1. Ng is the highest.
  case none
  /// n bins over the region's range (K15C):
  ///
  ///     level = ⌊n · (x − min) / (max − min)⌋ + 1  for x < max,  n for x = max
  case fixedBinNumber(Int)
  /// Bins of width w from a lower bound (Q3RU): that given here, or else the lower end of the resegmentation range, or
  /// else the region's minimum. Ng is the highest level in the region.
  ///
  ///     level = ⌊(x − bound) / w⌋ + 1
  case fixedBinSize(Double, lowerBound: Double? = nil)

  static let maximumLevels = 65_535

  func check(_ name: String) throws(ImageError) {
    switch self {
    case .none: break
    case .fixedBinNumber(let n):
      guard 1...Self.maximumLevels ~= n else {
        throw ImageError(.invalidParameter, "\(name) has \(n) bins, expected 1 … \(Self.maximumLevels)")
      }
    case .fixedBinSize(let width, let lower):
      guard width > 0 && width.isFinite && lower?.isFinite ?? true else {
        throw ImageError(.invalidParameter, "\(name) has bins of width \(width), expected a positive number")
      }
    }
  }

  /// The bins for intensities from `minimum` to `maximum`.
  ///
  /// - Throws: `invalidParameter` when the lower bound lies above the minimum; `limitExceeded` when the intensities span
  ///   so much that it is no number.
  func bins(
    _ minimum: Double, _ maximum: Double, _ range: ClosedRange<Double>?
  ) throws(ImageError) -> Bins {
    switch self {
    case .none: return Bins(lower: 1, width: 1, scale: 1, last: maximum)
    case .fixedBinNumber(let n):
      let width = maximum - minimum
      guard (Double(n) * width).isFinite else {
        throw ImageError(
          .limitExceeded, "the intensities span \(shortest(minimum)) … \(shortest(maximum)), too much for \(n) bins")
      }
      return Bins(lower: minimum, width: width > 0 ? width : 1, scale: Double(n), last: Double(n))
    case .fixedBinSize(let width, let given):
      var lower = given ?? range?.lowerBound ?? minimum
      if !lower.isFinite { lower = minimum }
      guard lower <= minimum else {
        throw ImageError(
          .invalidParameter,
          "the lower bound of the bins is \(shortest(lower)), the region's minimum \(shortest(minimum))",
          hint: "give a lower bound below it, or resegment the region to the same range")
      }
      let bins = Bins(lower: lower, width: width, scale: 1, last: .infinity)
      return Bins(lower: lower, width: width, scale: 1, last: bins.level(maximum))
    }
  }

  /// Grey levels of intensities.
  ///
  /// - Throws: `invalidParameter` for ``none`` when an intensity is no whole number from 1; `limitExceeded` for more
  ///   than 65535 levels.
  func levels(of intensities: [Double], in range: ClosedRange<Double>?) throws(ImageError) -> GreyLevels {
    guard !intensities.isEmpty else { return GreyLevels() }
    let (minimum, maximum) = extremes(intensities)
    if self == .none, let bad = firstThatIsNoLevel(intensities) {
      throw ImageError(
        .invalidParameter, "an intensity is \(shortest(bad)), expected whole numbers from 1 without discretisation",
        hint: "choose a fixed bin number or a fixed bin size")
    }
    let bins = try bins(minimum, maximum, range)
    guard bins.last <= Double(Self.maximumLevels) else {
      throw ImageError(
        .limitExceeded, "the region has \(shortest(bins.last)) grey levels, the limit is \(Self.maximumLevels)",
        hint: "choose wider or fewer bins")
    }
    let levels = [UInt16](unsafeUninitializedCapacity: intensities.count) { out, n in
      n = intensities.count
      adviseHugePages(out.baseAddress, count: n)
      nonisolated(unsafe) let to = out
      intensities.withUnsafeBufferPointer { buffer in
        nonisolated(unsafe) let x = buffer
        // Whole numbers below 2⁵² stand in the lowest bits once that is added: a conversion that vectors do.
        parallelFor(n, grain: 1 << 14) { range in
          for i in range { to[i] = UInt16(truncatingIfNeeded: (bins.level(x[i]) + 0x1p52).bitPattern) }
        }
      }
    }
    return GreyLevels(levels: levels, counts: Self.histogram(levels, Int(bins.last)))
  }

  /// Voxels of levels 1 … n.
  private static func histogram(_ levels: [UInt16], _ n: Int) -> [Int] {
    // Four tables by turns: voxels of one level do not wait for each other.
    let side = n + 1
    var tables = [Int](repeating: 0, count: 4 * side)
    tables.withUnsafeMutableBufferPointer { tables in
      levels.withUnsafeBufferPointer { levels in
        var i = 0
        while i &+ 4 <= levels.count {
          for k in 0..<4 { tables[k &* side &+ Int(levels[i &+ k])] &+= 1 }
          i &+= 4
        }
        while i < levels.count {
          tables[Int(levels[i])] &+= 1
          i &+= 1
        }
      }
    }
    return (1..<side).map { tables[$0] + tables[side + $0] + tables[2 * side + $0] + tables[3 * side + $0] }
  }
}

/// The least and the greatest of some numbers.
func extremes(_ x: [Double]) -> (Double, Double) {
  x.withUnsafeBufferPointer { x in
    var low = SIMD8(repeating: Double.infinity), high = -low, i = 0
    if let p = x.baseAddress {
      while i &+ 8 <= x.count {
        let v = UnsafeRawPointer(p + i).loadUnaligned(as: SIMD8<Double>.self)
        low.replace(with: v, where: v .< low)
        high.replace(with: v, where: v .> high)
        i &+= 8
      }
    }
    var (least, greatest) = (low.min(), high.max())
    while i < x.count {
      least = min(least, x[i])
      greatest = max(greatest, x[i])
      i &+= 1
    }
    return (least, greatest)
  }
}

/// The first that is no whole number from 1.
private func firstThatIsNoLevel(_ x: [Double]) -> Double? {
  x.withUnsafeBufferPointer { x in
    var bad: UInt8 = 0
    for v in x { bad |= v >= 1 && v == v.rounded(.down) ? 0 : 1 }
    return bad == 0 ? nil : x.first { !($0 >= 1 && $0 == $0.rounded()) }
  }
}

/// Bins of equal width: level = min(⌊scale · (x − lower) / width⌋ + 1, last).
struct Bins: Sendable {
  let lower: Double, width: Double, scale: Double, last: Double

  @inline(__always) func level(_ x: Double) -> Double {
    let level = (scale * (x - lower) / width).rounded(.down) + 1
    return level < last ? level : last
  }
}

/// The grey level of every voxel of the intensity mask, in memory order, and their histogram.
struct GreyLevels: Sendable {
  var levels: [UInt16] = []
  /// Voxels of levels 1 … Ng.
  var counts: [Int] = []
  /// Ng: the highest level that can occur, empty ones included.
  var count: Int { counts.count }
}
