// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// An order statistic of a cubic window: which of the sorted values, and the fastest way to it for type and size.
struct RankWindow: Sendable {
  let radius: Int, planar: Bool, boundary: BoundaryCondition
  /// Which of n sorted values, from 0.
  let rank: @Sendable (Int) -> Int

  /// Refuses a radius outside 1 … 50.
  init(
    radius: Int, planar: Bool, boundary: BoundaryCondition, rank: @escaping @Sendable (Int) -> Int
  ) throws(ImageError) {
    guard (1...50).contains(radius) else {
      throw ImageError(.invalidParameter, "radius is \(radius), expected 1 … 50")
    }
    self.radius = radius
    self.planar = planar
    self.boundary = boundary
    self.rank = rank
  }

  /// That of large windows, the only one that matters.
  func scratch(_ geometry: Geometry) -> Int {
    let depth = planar || geometry.size.slices == 1 ? 0 : radius
    return windowCount(depth) <= Self.tileLimit
      ? 0 : RankByBuckets<Double>.scratch(geometry.size, radius: radius, depth: depth)
  }

  func reach(_ geometry: Geometry) -> Int? {
    planar || geometry.size.slices == 1 ? 0 : boundary == .periodic ? nil : radius
  }

  func filtered(_ image: AnyVolume) -> AnyVolume {
    switch image {
    case .u8(let v): .u8(filtered(v))
    case .i8(let v): .i8(filtered(v))
    case .u16(let v): .u16(filtered(v))
    case .i16(let v): .i16(filtered(v))
    case .u32(let v): .u32(filtered(v))
    case .i32(let v): .i32(filtered(v))
    case .f32(let v): .f32(filtered(v))
    case .f64(let v): .f64(filtered(v))
    }
  }

  func filtered<T: RankKey>(_ volume: Volume<T>) -> Volume<T> {
    Volume(volume.geometry) { out in volume.withVoxels { run(T.self, volume.size, $0, out) } }
  }

  func filter<T: RankKey>(_ volume: Volume<T>, into result: inout Volume<T>) throws(ImageError) {
    try requireSize(of: result.geometry, volume.geometry)
    result = result.with(volume.geometry)
    result.withMutableVoxels { out in volume.withVoxels { run(T.self, volume.size, $0, out) } }
  }

  private func run<T: RankKey>(
    _ type: T.Type, _ size: Size, _ from: UnsafeBufferPointer<T>, _ to: UnsafeMutableBufferPointer<T>
  ) {
    guard let source = from.baseAddress, let target = to.baseAddress else { return }
    // A voxel and its key have the same size; only the bits are moved.
    source.withMemoryRebound(to: T.Key.self, capacity: from.count) { source in
      target.withMemoryRebound(to: T.Key.self, capacity: to.count) { target in
        run(T.self, size, source, target)
      }
    }
  }

  private func run<T: RankKey>(
    _ type: T.Type, _ size: Size, _ source: UnsafePointer<T.Key>, _ target: UnsafeMutablePointer<T.Key>
  ) {
    let depth = planar || size.slices == 1 ? 0 : radius
    let count = windowCount(depth)
    let k = min(max(rank(count), 0), count - 1), rows = RankRows<T>(size: size, boundary: boundary)
    let isMedian = k == count / 2, isExtreme = k == 0 || k == count - 1
    if isMedian, radius == 1 {
      MedianOfThree<T>(size: size, boundary: boundary, volumetric: depth > 0).run(source, target)
    } else if isMedian, radius == 2, depth == 0 {
      MedianOfFive(rows: rows).run(source, target)
    } else if isExtreme || (T.Key.bitWidth > 8 && count <= Self.searchLimit(T.Key.bitWidth, depth)) {
      RankByBits(rows: rows, radius: radius, depth: depth, rank: k).run(source, target)
    } else if T.Key.bitWidth == 8, count <= RankByColumns<T>.limit {
      RankByColumns(rows: rows, radius: radius, depth: depth, rank: k).run(source, target)
    } else if count <= Self.tileLimit {
      RankByTiles(rows: rows, radius: radius, depth: depth, rank: k).run(source, target)
    } else {
      RankByBuckets(rows: rows, radius: radius, depth: depth, rank: k).run(source, target)
    }
  }

  private func windowCount(_ depth: Int) -> Int { (2 * radius + 1) * (2 * radius + 1) * (2 * depth + 1) }

  /// Largest window whose histograms are kept a tile at a time: their work grows with the window, that of buckets hardly.
  private static let tileLimit = 512

  /// Largest window that is searched bit by bit: that work grows with window, bits and bytes, a histogram's with the
  /// columns that enter and leave.
  private static func searchLimit(_ bits: Int, _ depth: Int) -> Int {
    bits > 32 ? 9 : bits > 16 ? 27 : depth > 0 ? 125 : 49
  }
}
