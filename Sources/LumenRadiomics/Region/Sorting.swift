// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Finite numbers in ascending order: least significant digit radix sort, 11 bits a pass.
///
/// - Cost: six passes at most; a pass over digits that are all equal is skipped, so 16-bit integers take two or three.
func radixSorted(_ values: [Double]) -> [Double] {
  let n = values.count
  if n < 1 << 10 { return values.sorted() }
  let bits = 11, bins = 1 << bits, passes = 6
  // Flips negative numbers whole and the sign of the others: then unsigned order is numeric order.
  var keys = values.map { value -> UInt64 in
    let b = (value == 0 ? 0 : value).bitPattern
    return b >> 63 == 0 ? b | 1 << 63 : ~b
  }
  var counts = [Int](repeating: 0, count: passes * bins)
  for key in keys {
    for pass in 0..<passes {
      let digit = Int(truncatingIfNeeded: key >> UInt64(pass &* bits)) & (bins &- 1)
      counts[pass &* bins &+ digit] &+= 1
    }
  }
  var scratch = [UInt64](repeating: 0, count: n)
  for pass in 0..<passes {
    let shift = UInt64(pass * bits), digits = counts[pass * bins..<(pass + 1) * bins]
    if digits.contains(n) { continue }
    var starts: [Int] = [], sum = 0
    for c in digits {
      starts.append(sum)
      sum += c
    }
    starts.withUnsafeMutableBufferPointer { starts in
      scratch.withUnsafeMutableBufferPointer { out in
        for key in keys {
          let digit = Int(truncatingIfNeeded: key >> shift) & (bins &- 1)
          out[starts[digit]] = key
          starts[digit] &+= 1
        }
      }
    }
    swap(&keys, &scratch)
  }
  return keys.map { Double(bitPattern: $0 >> 63 == 1 ? $0 & ~(1 << 63) : ~$0) }
}

/// Σ f(x) by blocks of fixed size with four running sums each: the same bits for any number of threads.
@inline(__always)
func blockSum(_ x: [Double], in range: Range<Int>? = nil, _ f: @Sendable (Double) -> Double) -> Double {
  let range = range ?? 0..<x.count
  return x.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return 0 }
    nonisolated(unsafe) let p = base + range.lowerBound
    return parallelReduce(range.count, block: 1 << 15, 0.0) { block in
      var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
      var i = block.lowerBound
      while i &+ 4 <= block.upperBound {
        a += f(p[i])
        b += f(p[i &+ 1])
        c += f(p[i &+ 2])
        d += f(p[i &+ 3])
        i &+= 4
      }
      while i < block.upperBound {
        a += f(p[i])
        i &+= 1
      }
      return (a + b) + (c + d)
    } combine: {
      $0 += $1
    }
  }
}

/// Percentile with linear interpolation between order statistics: position (n − 1)·q / 100 counted from 0.
///
/// - Source: Hyndman and Fan 1996, definition 7 (NumPy's default); it reproduces the values of IBSI 1.
func percentile(_ q: Double, of n: Int, _ ordered: (Int) -> Double) -> Double {
  guard n > 0 else { return .nan }
  let position = Double(n - 1) * (q / 100)
  let below = Int(position)
  let low = ordered(below)
  if below + 1 >= n { return low }
  return low + (position - Double(below)) * (ordered(below + 1) - low)
}
