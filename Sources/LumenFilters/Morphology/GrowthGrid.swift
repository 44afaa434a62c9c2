// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The working memory of a reconstruction by dilation of keys: marker and mask with a border that never grows.
///
/// One sweep forwards and one backwards do most of the work; a queue of the voxels from which more can grow does the
/// rest (Vincent's hybrid algorithm). By erosion the keys are complemented.
struct GrowthGrid<T: GreyVoxel> {
  typealias Key = T.Key
  private let size: Size, brighter: Bool
  /// Keys from row to row and from slice to slice, and those before the first voxel.
  private let row: Int, slice: Int, first: Int
  private var marker: [Key], mask: [Key]
  /// Neighbours that come before a voxel; the others are opposite.
  private let before: [Int]

  init(_ size: Size, brighter: Bool, corners: Bool) {
    let deep = size.slices > 1
    self.size = size
    self.brighter = brighter
    row = size.columns + 2
    slice = row * (size.rows + 2)
    first = (deep ? slice : 0) + row + 1
    let count = slice * (deep ? size.slices + 2 : 1)
    marker = [Key](repeating: .min, count: count)
    mask = marker
    var before: [Int] = []
    for dz in (deep ? -1 : 0)...0 {
      for dy in -1...1 {
        for dx in -1...1 {
          let offset = dz * slice + dy * row + dx
          if offset < 0 && (corners || abs(dx) + abs(dy) + abs(dz) == 1) { before.append(offset) }
        }
      }
    }
    self.before = before
  }

  /// Grows a marker under a mask.
  mutating func grow(_ marker: UnsafeBufferPointer<T>, under mask: UnsafeBufferPointer<T>) {
    fill(&self.mask, mask)
    fill(&self.marker, marker)
    for i in self.marker.indices { self.marker[i] = min(self.marker[i], self.mask[i]) }
    let (size, row, slice, first, before) = (size, row, slice, first, before)
    self.mask.withUnsafeBufferPointer { mask in
      self.marker.withUnsafeMutableBufferPointer { marker in
        guard let f = mask.baseAddress, let m = marker.baseAddress else { return }
        for z in 0..<size.slices {
          for y in 0..<size.rows {
            let start = first &+ z &* slice &+ y &* row
            for p in start..<start &+ size.columns {
              var top = m[p]
              for offset in before { top = max(top, m[p &+ offset]) }
              m[p] = min(top, f[p])
            }
          }
        }
        var wave: [Int] = []
        for z in (0..<size.slices).reversed() {
          for y in (0..<size.rows).reversed() {
            let start = first &+ z &* slice &+ y &* row
            var p = start &+ size.columns &- 1
            while p >= start {
              var top = m[p]
              for offset in before { top = max(top, m[p &- offset]) }
              let value = min(top, f[p])
              m[p] = value
              for offset in before where m[p &- offset] < value && m[p &- offset] < f[p &- offset] {
                wave.append(p)
                break
              }
              p &-= 1
            }
          }
        }
        let around = before + before.map { -$0 }
        var next: [Int] = []
        while !wave.isEmpty {
          for p in wave {
            let value = m[p]
            for offset in around {
              let q = p &+ offset
              if m[q] < value && m[q] != f[q] {
                m[q] = min(value, f[q])
                next.append(q)
              }
            }
          }
          swap(&wave, &next)
          next.removeAll(keepingCapacity: true)
        }
      }
    }
  }

  /// Writes the voxels of the grown marker.
  func write(to out: UnsafeMutableBufferPointer<T>) {
    out.withMemoryRebound(to: Key.self) { out in
      var i = 0
      forEachRow { start in
        for x in 0..<size.columns {
          out[i] = voxel(marker[start + x])
          i += 1
        }
      }
    }
  }

  private func fill(_ keys: inout [Key], _ voxels: UnsafeBufferPointer<T>) {
    // NaN has the largest key; as the smallest it neither grows nor lets anything through, and is NaN again in the end.
    let missing = (T.kind == .float32 || T.kind == .float64) && brighter
    voxels.withMemoryRebound(to: Key.self) { voxels in
      var i = 0
      forEachRow { start in
        for x in 0..<size.columns {
          let key = key(voxels[i])
          keys[start + x] = missing && key == .max ? .min : key
          i += 1
        }
      }
    }
  }

  private func forEachRow(_ body: (Int) -> Void) {
    for z in 0..<size.slices { for y in 0..<size.rows { body(first + z * slice + y * row) } }
  }

  @inline(__always)
  private func key(_ bits: Key) -> Key {
    let key = T.keys(Key.Lanes(repeating: bits))[0]
    return brighter ? key : -1 - key
  }

  @inline(__always)
  private func voxel(_ key: Key) -> Key { T.voxels(Key.Lanes(repeating: brighter ? key : -1 - key))[0] }
}
