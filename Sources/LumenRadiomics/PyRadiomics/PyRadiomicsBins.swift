// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// PyRadiomics' discretisation: edges as NumPy computes them in the image's own type, level = number of edges ≤ x.
///
///     fixed width w: edges min − (min mod w) + k·w, so multiples of w whatever the minimum
///     fixed count n: n + 1 edges from min to max, the last one moved up by 1
///
/// IBSI aligns bins of fixed width to the minimum or to the resegmentation range instead.
///
/// - Source: PyRadiomics 3.0.1 `getBinEdges`, `binImage`; NumPy 2 `arange`, `histogram_bin_edges`, `digitize`. Integers
///   are taken as wide enough, where NumPy 2 may overflow in 8 and 16 bits.
struct PyRadiomicsBins {
  /// Ascending.
  let edges: [Double]
  static let maximumLevels = 65_535

  /// For values from `minimum` to `maximum` of an image of this type.
  ///
  /// - Throws: `invalidParameter` for values that are not finite; `limitExceeded` for more than 65535 bins.
  init(_ minimum: Double, _ maximum: Double, _ kind: VoxelKind, _ settings: PyRadiomicsSettings) throws(ImageError) {
    guard minimum.isFinite, maximum.isFinite else {
      throw ImageError(
        .invalidParameter, "the region holds intensities that are not finite", hint: "bins need finite intensities")
    }
    if let count = settings.binCount {
      guard count <= Self.maximumLevels else {
        throw ImageError(.limitExceeded, "binCount is \(count), the limit is \(Self.maximumLevels)")
      }
      edges =
        kind == .float32
        ? Self.equal(Float(minimum), Float(maximum), count).map(Double.init) : Self.equal(minimum, maximum, count)
      return
    }
    let width = settings.binWidth.number ?? 25
    guard (maximum - minimum) / width < Double(Self.maximumLevels - 2) else {
      throw ImageError(
        .limitExceeded,
        "bins of width \(shortest(width)) make \((maximum - minimum) / width) grey levels, "
          + "the limit is \(Self.maximumLevels)", hint: "choose a wider binWidth or a binCount")
    }
    let (low, step, n): (Double, Double, Int)
    if kind == .float32 {
      let (lo, hi, w) = (Float(minimum), Float(maximum), Float(width))
      let first = lo - Self.modulo(lo, w), end = hi + Float(2 * width)
      low = Double(first)
      step = Double(first + w) - low
      n = Int(Double((end - first) / w).rounded(.up))
    } else {
      low = minimum - Self.modulo(minimum, width)
      step = (low + width) - low
      n = Int(((maximum + 2 * width - low) / width).rounded(.up))
    }
    edges = n == 1 ? [low - 0.5, low + 0.5] : (0..<max(n, 0)).map { low + Double($0) * step }
  }

  /// Python's remainder: of the sign of the divisor.
  private static func modulo<T: BinaryFloatingPoint>(_ x: T, _ w: T) -> T {
    let r = x.truncatingRemainder(dividingBy: w)
    return r == 0 ? 0 : (r < 0) != (w < 0) ? r + w : r
  }

  private static func equal<T: BinaryFloatingPoint>(_ minimum: T, _ maximum: T, _ count: Int) -> [T] {
    var (low, high) = (minimum, maximum)
    if low == high { (low, high) = (low - 0.5, high + 0.5) }
    let delta = high - low, step = delta / T(count)
    var edges = (0...count).map { i in step == 0 ? T(i) / T(count) * delta + low : T(i) * step + low }
    edges[count] = high + 1
    return edges
  }

  /// The level of a value: how many edges are not above it.
  func level(_ x: Double) -> Int {
    var (low, high) = (0, edges.count)
    while low < high {
      let middle = (low + high) / 2
      if edges[middle] <= x { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
