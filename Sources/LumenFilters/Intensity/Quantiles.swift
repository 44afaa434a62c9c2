// SPDX-License-Identifier: Apache-2.0
import LumenCore

extension AnyVolume {
  /// Percentiles of the finite voxels above a threshold; empty when there are none.
  ///
  ///     h = (n − 1)·p / 100,  value = a[⌊h⌋] + (h − ⌊h⌋)·(a[⌊h⌋ + 1] − a[⌊h⌋]),  a: the sorted voxels
  ///
  /// Nothing is sorted: 8- and 16-bit images count their values, others the upper half of each voxel's bits, then the
  /// lower half in the few places where a percentile lies. These are taken as 32-bit floats.
  /// Source: NumPy `percentile`, method linear.
  func percentiles(_ percents: [Double], above threshold: Double) -> [Double] {
    let sorted: OrderStatistics
    switch self {
    case .u8(let v): sorted = OrderStatistics(v, above: threshold)
    case .i8(let v): sorted = OrderStatistics(v, above: threshold)
    case .u16(let v): sorted = OrderStatistics(v, above: threshold)
    case .i16(let v): sorted = OrderStatistics(v, above: threshold)
    case .u32, .i32, .f32, .f64: sorted = OrderStatistics(float, above: threshold)
    }
    if sorted.count == 0 { return [] }
    let positions = percents.map { min(max($0, 0), 100) / 100 * Double(sorted.count - 1) }
    let ranks = Set(positions.flatMap { [Int($0), min(Int($0) + 1, sorted.count - 1)] })
    let values = sorted.values(at: ranks)
    return positions.map { h in
      let low = values[Int(h)] ?? 0, high = values[min(Int(h) + 1, sorted.count - 1)] ?? 0, t = h - h.rounded(.down)
      return t < 0.5 ? low + (high - low) * t : high - (high - low) * (1 - t)
    }
  }
}

/// Voxels by rank.
private struct OrderStatistics {
  /// How many voxels there are.
  let count: Int
  private let lookUp: (Set<Int>) -> [Int: Double]

  func values(at ranks: Set<Int>) -> [Int: Double] { lookUp(ranks) }

  init<T: Voxel & FixedWidthInteger>(_ volume: Volume<T>, above threshold: Double) {
    let counts = volume.valueCounts()
    let inOrder = (Int(T.min)...Int(T.max)).lazy.filter { Double($0) > threshold }
      .map { (value: $0, count: counts[$0 & (counts.count - 1)]) }
    count = inOrder.reduce(0) { $0 + $1.count }
    lookUp = { ranks in
      var result: [Int: Double] = [:], sum = 0, wanted = ranks.sorted()[...]
      for (value, n) in inOrder {
        sum += n
        while let rank = wanted.first, rank < sum { result[wanted.removeFirst()] = Double(value) }
      }
      return result
    }
  }

  init(_ volume: Volume<Float>, above threshold: Double) {
    let upper = volume.keyCounts(above: threshold, slots: nil, slotCount: 1)
    count = upper.reduce(0, +)
    lookUp = { ranks in
      // The upper halves in which the ranks lie, each with the number of voxels below it.
      var slots = [Int32](repeating: -1, count: 1 << 16), places: [(rank: Int, slot: Int, upper: Int, below: Int)] = []
      var sum = 0, half = 0, used = 0
      for rank in ranks.sorted() {
        while sum + upper[half] <= rank {
          sum += upper[half]
          half += 1
        }
        if slots[half] < 0 {
          slots[half] = Int32(used)
          used += 1
        }
        places.append((rank, Int(slots[half]), half, sum))
      }
      let lower = volume.keyCounts(above: threshold, slots: slots, slotCount: used)
      var result: [Int: Double] = [:]
      for place in places {
        var sum = place.below, k = 0
        while sum + lower[place.slot << 16 + k] <= place.rank {
          sum += lower[place.slot << 16 + k]
          k += 1
        }
        result[place.rank] = Double(floatOfKey(UInt32(place.upper) << 16 | UInt32(k)))
      }
      return result
    }
  }
}

/// Unsigned integers in the order of finite floats.
@inline(__always)
private func keyOfFloat(_ v: Float) -> UInt32 {
  let bits = v.bitPattern
  return bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
}

private func floatOfKey(_ key: UInt32) -> Float {
  Float(bitPattern: key & 0x8000_0000 != 0 ? key & 0x7fff_ffff : ~key)
}

extension Volume<Float> {
  /// Counts of the upper halves of the keys of all finite voxels above a threshold or, with slots, of the lower halves
  /// of those whose upper half has a slot.
  fileprivate func keyCounts(above threshold: Double, slots: [Int32]?, slotCount: Int) -> [Int] {
    withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      let block = max(1 << 20, count / (2 * Parallel.width) + 1)
      return parallelReduce(count, block: block, [Int](repeating: 0, count: slotCount << 16)) { range in
        var counts = [Int](repeating: 0, count: slotCount << 16)
        counts.withUnsafeMutableBufferPointer { counts in
          for i in range {
            let v = p[i]
            guard v.isFinite, Double(v) > threshold else { continue }
            let key = keyOfFloat(v), upper = Int(key >> 16)
            if let slots {
              if slots[upper] >= 0 { counts[Int(slots[upper]) &<< 16 &+ Int(key & 0xffff)] &+= 1 }
            } else {
              counts[upper] &+= 1
            }
          }
        }
        return counts
      } combine: { a, b in
        for k in a.indices { a[k] += b[k] }
      }
    }
  }
}
