// SPDX-License-Identifier: Apache-2.0

/// Extremes, mean and standard deviation of the finite voxels of an image; NaN when there are none.
///
/// - Accuracy: of 8- and 16-bit images exact but for the last rounding (integer sums); of others summed in blocks of
///   fixed size in double precision. The same bits for any number of threads.
public struct ValueRange: Sendable, Equatable {
  /// Smallest finite value.
  public var minimum = Double.nan
  /// Largest finite value.
  public var maximum = Double.nan
  /// Mean of the finite values.
  public var mean = Double.nan
  /// Population standard deviation of the finite values: √(Σ(v − mean)² / n).
  public var deviation = Double.nan
  /// Number of finite values.
  public var count = 0
}

extension AnyVolume {
  /// Extremes, mean and standard deviation of the finite voxels.
  public var valueRange: ValueRange { valueRange(above: -.infinity) }

  /// The same of the finite voxels above a threshold.
  public func valueRange(above threshold: Double) -> ValueRange {
    let all = threshold == -.infinity
    return switch self {
    case .u8(let v) where all: v.integerRange()
    case .i8(let v) where all: v.integerRange()
    case .u16(let v) where all: v.integerRange()
    case .i16(let v) where all: v.integerRange()
    case .u8(let v): v.realRange(above: threshold)
    case .i8(let v): v.realRange(above: threshold)
    case .u16(let v): v.realRange(above: threshold)
    case .i16(let v): v.realRange(above: threshold)
    case .u32(let v): v.realRange(above: threshold)
    case .i32(let v): v.realRange(above: threshold)
    case .f32(let v): v.realRange(above: threshold)
    case .f64(let v): v.realRange(above: threshold)
    }
  }
}

/// Sums of one block of integers, exact.
private struct IntegerSums: Sendable {
  var low = Int32.max, high = Int32.min, sum: Int64 = 0, squares: UInt64 = 0
}

extension Volume where Element: FixedWidthInteger {
  /// At most 16 bits: every sum fits an integer.
  fileprivate func integerRange() -> ValueRange {
    let total = withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      // 2¹⁴ values of 16 bits sum up within 32; the squares are summed as two halves.
      return parallelReduce(voxels.count, block: 1 << 14, IntegerSums()) { range in
        var low = Element.max, high = Element.min
        var sum: Int32 = 0, fine: UInt32 = 0, coarse: UInt32 = 0
        for i in range {
          let v = p[i], wide = Int32(truncatingIfNeeded: v), square = UInt32(bitPattern: wide &* wide)
          low = v < low ? v : low
          high = v > high ? v : high
          sum &+= wide
          fine &+= square & 0xffff
          coarse &+= square &>> 16
        }
        return IntegerSums(
          low: Int32(truncatingIfNeeded: low), high: Int32(truncatingIfNeeded: high), sum: Int64(sum),
          squares: UInt64(fine) &+ UInt64(coarse) &<< 16)
      } combine: { a, b in
        a.low = min(a.low, b.low)
        a.high = max(a.high, b.high)
        a.sum &+= b.sum
        a.squares &+= b.squares
      }
    }
    // n·Σv² − (Σv)² in 128 bits: no cancellation.
    let n = UInt64(count), sum = total.sum.magnitude
    let a = n.multipliedFullWidth(by: total.squares), b = sum.multipliedFullWidth(by: sum)
    let (low, borrow) = a.low.subtractingReportingOverflow(b.low)
    let spread = Double(a.high - b.high - (borrow ? 1 : 0)) * 0x1p64 + Double(low)
    return ValueRange(
      minimum: Double(total.low), maximum: Double(total.high), mean: Double(total.sum) / Double(n),
      deviation: spread.squareRoot() / Double(n), count: count)
  }
}

/// Sums of one block of reals: deviations are from the block's own mean.
private struct RealSums: Sendable {
  var low = Double.infinity, high = -Double.infinity, sum = 0.0, spread = 0.0, count = 0.0
}

extension Volume {
  fileprivate func realRange(above threshold: Double) -> ValueRange {
    let total = withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      return parallelReduce(voxels.count, block: 1 << 12, RealSums()) { range in
        blockSums(p + range.lowerBound, range.count, threshold)
      } combine: { a, b in
        a.low = b.low < a.low ? b.low : a.low
        a.high = b.high > a.high ? b.high : a.high
        if b.count == 0 { return }
        if a.count > 0 {
          // Chan, Golub, LeVeque 1979: spreads of two parts about their common mean.
          let apart = b.sum / b.count - a.sum / a.count
          a.spread += b.spread + apart * apart * a.count * b.count / (a.count + b.count)
        } else {
          a.spread = b.spread
        }
        a.sum += b.sum
        a.count += b.count
      }
    }
    guard total.count > 0 else { return ValueRange() }
    return ValueRange(
      minimum: total.low, maximum: total.high, mean: total.sum / total.count,
      deviation: (total.spread / total.count).squareRoot(), count: Int(total.count))
  }
}

/// Eight lanes, so that the sums do not wait for one another.
@inline(__always)
private func blockSums<T: Voxel>(_ p: UnsafePointer<T>, _ n: Int, _ threshold: Double) -> RealSums {
  typealias Lanes = SIMD8<Double>
  let largest = Lanes(repeating: .greatestFiniteMagnitude), above = Lanes(repeating: threshold)
  let one = Lanes(repeating: 1), zero = Lanes(repeating: 0)
  var low = Lanes(repeating: .infinity), high = Lanes(repeating: -.infinity)
  var sum = zero, count = zero
  var i = 0
  while i < n {
    let v = lanes(p, i, n)
    let out = (v .> above) .& (v .<= largest) .& (v .>= -largest)
    low = low.replacing(with: v, where: out .& (v .< low))
    high = high.replacing(with: v, where: out .& (v .> high))
    sum += zero.replacing(with: v, where: out)
    count += zero.replacing(with: one, where: out)
    i &+= 8
  }
  var result = RealSums(low: low.min(), high: high.max(), sum: sum.sum(), count: count.sum())
  if result.count == 0 { return result }
  let mean = Lanes(repeating: result.sum / result.count)
  var spread = zero
  i = 0
  while i < n {
    let v = lanes(p, i, n), d = v - mean
    let out = (v .> above) .& (v .<= largest) .& (v .>= -largest)
    spread += zero.replacing(with: d * d, where: out)
    i &+= 8
  }
  result.spread = spread.sum()
  return result
}

/// Eight voxels as doubles, NaN after the last.
@inline(__always)
private func lanes<T: Voxel>(_ p: UnsafePointer<T>, _ i: Int, _ n: Int) -> SIMD8<Double> {
  if i &+ 8 <= n {
    let q = p + i
    return SIMD8(
      q[0].doubleValue, q[1].doubleValue, q[2].doubleValue, q[3].doubleValue, q[4].doubleValue, q[5].doubleValue,
      q[6].doubleValue, q[7].doubleValue)
  }
  var v = SIMD8<Double>(repeating: .nan)
  for k in 0..<n &- i { v[k] = p[i &+ k].doubleValue }
  return v
}
