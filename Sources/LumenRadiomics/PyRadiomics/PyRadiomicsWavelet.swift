// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The undecimated wavelet transform as PyRadiomics has PyWavelets do it: always the filters of the first level, without
/// zeros between their values, periodic, an axis of odd length continued by its first voxel.
///
/// IBSI spreads the filters with each level instead and mirrors the image.
///
/// - Source: PyRadiomics 3.0.1 `_swt3`; PyWavelets 1.8 `swtn`, summed in its order. 32-bit images stay in 32 bits.
struct PyRadiomicsWavelet {
  private let filters: PyRadiomicsWaveletFilters
  /// Axes to be filtered, in order: the letters of a sub-band.
  let axes: [Int]

  init(_ filters: PyRadiomicsWaveletFilters, axes: [Int]) {
    self.filters = filters
    self.axes = axes
  }

  /// Named sub-bands of every level asked for, the approximation last.
  func subbands<T: Voxel & BinaryFloatingPoint>(
    _ image: Volume<T>, start: Int, levels: Int
  ) -> [(name: String, volume: Volume<T>)] {
    let size = image.size
    let even = Size(
      columns: size.columns + size.columns % 2, rows: size.rows + size.rows % 2, slices: size.slices + size.slices % 2)
    var data = image.withVoxels { v in
      var padded: [T] = []
      padded.reserveCapacity(even.count)
      for z in 0..<even.slices {
        for y in 0..<even.rows {
          for x in 0..<even.columns { padded.append(v[size.offset(x % size.columns, y % size.rows, z % size.slices)]) }
        }
      }
      return padded
    }
    func cut(_ values: [T]) -> Volume<T> {
      Volume<T>(image.geometry) { out in
        var i = 0
        for z in 0..<size.slices {
          for y in 0..<size.rows {
            for x in 0..<size.columns {
              out[i] = values[even.offset(x, y, z)]
              i += 1
            }
          }
        }
      }
    }
    for _ in 0..<start { data = split(data, even, only: true)[0].values }
    var found: [(name: String, volume: Volume<T>)] = []
    for level in 1...max(levels, 1) {
      let bands = split(data, even, only: false)
      let prefix = level == 1 ? "wavelet-" : "wavelet\(level)-"
      for band in bands.dropFirst() { found.append((prefix + band.name, cut(band.values))) }
      data = bands[0].values
    }
    let letters = String(repeating: "L", count: axes.count)
    found.append(((levels <= 1 ? "wavelet-" : "wavelet\(levels)-") + letters, cut(data)))
    return found
  }

  /// All sub-bands of one level, LLL first; or only that one.
  private func split<T: Voxel & BinaryFloatingPoint>(
    _ data: [T], _ size: Size, only: Bool
  ) -> [(name: String, values: [T])] {
    var bands = [(name: "", values: data)]
    for axis in axes {
      bands = bands.flatMap { band in
        let low = (name: band.name + "L", values: filtered(band.values, size, axis, filters.lowPass))
        return only
          ? [low] : [low, (name: band.name + "H", values: filtered(band.values, size, axis, filters.highPass))]
      }
    }
    return bands
  }

  private func filtered<T: Voxel & BinaryFloatingPoint>(
    _ data: [T], _ size: Size, _ axis: Int, _ filter: [Double]
  ) -> [T] {
    let n = size[axis], step = [1, size.columns, size.plane][axis], others = (0..<3).filter { $0 != axis }
    let strides = [1, size.columns, size.plane], half = filter.count / 2
    let root = 2.0.squareRoot()
    let h = filter.map { filters.isCoiflet && T.kind == .float32 ? T($0 / root) * T(root) : T($0) }
    return [T](unsafeUninitializedCapacity: data.count) { out, count in
      count = data.count
      data.withUnsafeBufferPointer { data in
        h.withUnsafeBufferPointer { h in
          nonisolated(unsafe) let (src, dst, h) = (data.baseAddress!, out.baseAddress!, h)
          parallelFor(data.count / n, grain: max(1, (1 << 13) / n)) { lines in
            for line in lines {
              let a = line % size[others[0]], b = line / size[others[0]]
              let start = a * strides[others[0]] + b * strides[others[1]]
              for o in 0..<n { (dst + start + o &* step).initialize(to: Self.value(src + start, step, n, h, o + half)) }
            }
          }
        }
      }
    }
  }

  /// Σⱼ h(j)·x(i − j), indices taken around; where i lies beyond the end, what comes from the start is added first.
  @inline(__always)
  private static func value<T: BinaryFloatingPoint>(
    _ x: UnsafePointer<T>, _ step: Int, _ n: Int, _ h: UnsafeBufferPointer<T>, _ i: Int
  ) -> T {
    var sum: T = 0
    if i < n {
      for j in 0..<h.count {
        var k = (i &- j) % n
        if k < 0 { k &+= n }
        sum += h[j] * x[k &* step]
      }
      return sum
    }
    var j = 0
    while i - j >= n && j < h.count {
      var k = 0
      while k < n && i - j >= n && j < h.count {
        sum += (i - n - j < h.count ? h[i - n - j] : 0) * x[k &* step]
        k += 1
        j += 1
      }
    }
    while j < h.count {
      var k = (i &- j) % n
      if k < 0 { k &+= n }
      sum += h[j] * x[k &* step]
      j += 1
    }
    return sum
  }
}
