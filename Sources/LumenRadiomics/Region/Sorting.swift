// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Finite numbers in ascending order: least significant digit radix sort, 11 bits a pass.
///
/// - Cost: three passes where all are 32-bit floats (as the intensities of most images), else six; a pass over digits that
///   are all equal is skipped. Memory: the keys twice and, before or after, the numbers.
func radixSorted(_ values: consuming [Double]) -> [Double] {
  if values.count < 1 << 10 { return values.sorted() }
  var isSingle: UInt8 = 0
  for i in 0..<values.count { isSingle |= Double(Float(values[i])) == values[i] ? 0 : 1 }
  // Flips negative numbers whole and the sign of the others: then unsigned order is numeric order.
  if isSingle == 0 {
    return sorted(values) { value -> UInt32 in
      let b = Float(value == 0 ? 0 : value).bitPattern
      return b >> 31 == 0 ? b | 1 << 31 : ~b
    } value: {
      Double(Float(bitPattern: $0 >> 31 == 1 ? $0 & ~(1 << 31) : ~$0))
    }
  }
  return sorted(values) { value -> UInt64 in
    let b = (value == 0 ? 0 : value).bitPattern
    return b >> 63 == 0 ? b | 1 << 63 : ~b
  } value: {
    Double(bitPattern: $0 >> 63 == 1 ? $0 & ~(1 << 63) : ~$0)
  }
}

@inline(__always)
private func sorted<Key: FixedWidthInteger & UnsignedInteger>(
  _ values: consuming [Double], key: (Double) -> Key, value: (Key) -> Double
) -> [Double] {
  let n = values.count, bits = 11, bins = 1 << bits, passes = (Key.bitWidth + bits - 1) / bits
  let words = Key.bitWidth / 32, one = Buffer<UInt32>(n * words), counts = Buffer<UInt32>(passes * bins)
  var from = UnsafeMutableRawPointer(one.base).bindMemory(to: Key.self, capacity: n)
  counts.base.update(repeating: 0, count: passes * bins)
  values.withUnsafeBufferPointer { values in
    for i in 0..<n {
      let k = key(values[i])
      from[i] = k
      for pass in 0..<passes {
        counts.base[pass &* bins &+ Int(truncatingIfNeeded: k >> Key(pass &* bits)) & (bins &- 1)] &+= 1
      }
    }
  }
  values = []
  let other = Buffer<UInt32>(n * words)
  var to = UnsafeMutableRawPointer(other.base).bindMemory(to: Key.self, capacity: n)
  for pass in 0..<passes {
    let shift = Key(pass * bits), starts = counts.base + pass * bins
    let used = Int(truncatingIfNeeded: from[0] >> shift) & (bins - 1)
    if starts[used] == n { continue }
    var sum: UInt32 = 0
    for digit in 0..<bins { (starts[digit], sum) = (sum, sum &+ starts[digit]) }
    for i in 0..<n {
      let k = from[i], digit = Int(truncatingIfNeeded: k >> shift) & (bins &- 1)
      to[Int(starts[digit])] = k
      starts[digit] &+= 1
    }
    swap(&from, &to)
  }
  return withExtendedLifetime((one, other, counts)) {
    [Double](unsafeUninitializedCapacity: n) { out, count in
      adviseHugePages(out.baseAddress, count: n)
      for i in 0..<n { (out.baseAddress! + i).initialize(to: value(from[i])) }
      count = n
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
