// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// One aligned block of voxels, owned by the volumes that share it and given back to the pool by the last of them.
@usableFromInline
final class Storage<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  @usableFromInline let count: Int

  @usableFromInline init(count: Int) {
    self.count = count
    base = BlockPool.shared.take(count * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: count)
  }

  deinit { BlockPool.shared.give(base, count * MemoryLayout<Element>.stride) }

  @usableFromInline func copy() -> Storage {
    let new = Storage(count: count)
    new.base.update(from: base, count: count)
    return new
  }
}

/// A 2-D or 3-D image of one pixel type with its geometry: the pixel buffer that everything works on.
///
/// - Shape: columns fastest, then rows, then slices, contiguous, at least 64-byte aligned. A 2-D image has one slice.
/// - Cost: value semantics with copy-on-write; blocks of 1 MiB and more are recycled by ``BlockPool``.
public struct Volume<Element: Voxel>: Sendable {
  @usableFromInline var grid: Geometry
  @usableFromInline var storage: Storage<Element>

  /// A volume whose voxels `initialize` writes, all of them.
  @inlinable public init<E: Error>(
    _ geometry: Geometry, initialize: (UnsafeMutableBufferPointer<Element>) throws(E) -> Void
  ) throws(E) {
    grid = geometry
    storage = Storage(count: geometry.size.count)
    try initialize(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
  }

  /// A volume with one value everywhere.
  @inlinable public init(_ geometry: Geometry, repeating value: Element) {
    self.init(geometry) { $0.update(repeating: value) }
  }

  /// A volume from voxels in memory order.
  ///
  /// - Throws: `invalidParameter` when their number is not that of the geometry.
  @inlinable public init(_ geometry: Geometry, voxels: some Collection<Element>) throws(ImageError) {
    guard voxels.count == geometry.size.count else {
      throw ImageError(.invalidParameter, "\(voxels.count) voxels given for a size of \(geometry.size)")
    }
    self.init(geometry) { out in
      var i = 0
      for v in voxels {
        out[i] = v
        i += 1
      }
    }
  }

  /// Size, spacing, origin and direction.
  @inlinable public var geometry: Geometry { grid }
  /// Voxels along each axis.
  @inlinable public var size: Size { geometry.size }
  /// Number of voxels.
  @inlinable public var count: Int { storage.count }

  /// One voxel; for tests and small look-ups, kernels use ``withVoxels(_:)``.
  public subscript(column: Int, row: Int, slice: Int = 0) -> Element {
    get {
      let s = geometry.size
      precondition(
        0..<s.columns ~= column && 0..<s.rows ~= row && 0..<s.slices ~= slice, "voxel index outside the volume")
      return storage.base[s.offset(column, row, slice)]
    }
    set {
      let s = geometry.size
      precondition(
        0..<s.columns ~= column && 0..<s.rows ~= row && 0..<s.slices ~= slice, "voxel index outside the volume")
      withMutableVoxels { $0[s.offset(column, row, slice)] = newValue }
    }
  }

  /// Reads the voxels in memory order.
  @inlinable public func withVoxels<R: ~Copyable, E: Error>(
    _ body: (UnsafeBufferPointer<Element>) throws(E) -> R
  ) throws(E) -> R {
    try withExtendedLifetime(storage) { () throws(E) -> R in
      try body(UnsafeBufferPointer(start: storage.base, count: storage.count))
    }
  }

  /// Changes the voxels in place; copies them first when another volume shares them.
  @inlinable public mutating func withMutableVoxels<R: ~Copyable, E: Error>(
    _ body: (UnsafeMutableBufferPointer<Element>) throws(E) -> R
  ) throws(E) -> R {
    if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
    return try body(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
  }

  /// The same voxels on another grid of the same size: for readers that learn the geometry later.
  public func with(_ geometry: Geometry) -> Volume {
    precondition(geometry.size == size, "a new geometry keeps the size")
    var copy = self
    copy.grid = geometry
    return copy
  }

  /// Every voxel mapped to another type; parallel.
  @inlinable public func map<T: Voxel>(_ transform: @Sendable (Element) -> T) -> Volume<T> {
    Volume<T>(geometry) { out in
      withVoxels { voxels in
        nonisolated(unsafe) let (src, dst) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(voxels.count, grain: 1 << 16) { range in
          for i in range { dst[i] = transform(src[i]) }
        }
      }
    }
  }

  /// The box of voxels `columns × rows × slices`, with its origin moved along.
  @inlinable public func cropped(columns: Range<Int>, rows: Range<Int>, slices: Range<Int>) -> Volume {
    let s = size
    precondition(
      columns.lowerBound >= 0 && columns.upperBound <= s.columns && rows.lowerBound >= 0 && rows.upperBound <= s.rows
        && slices.lowerBound >= 0 && slices.upperBound <= s.slices, "the box lies outside the volume")
    var g = geometry
    g.size = Size(columns: columns.count, rows: rows.count, slices: slices.count)
    g.origin = geometry.position(
      of: SIMD3(Double(columns.lowerBound), Double(rows.lowerBound), Double(slices.lowerBound)))
    return Volume(g) { out in
      withVoxels { src in
        var to = out.baseAddress!
        for z in slices {
          for y in rows {
            to.update(from: src.baseAddress! + s.offset(columns.lowerBound, y, z), count: columns.count)
            to += columns.count
          }
        }
      }
    }
  }
}

extension Volume: Equatable {
  /// Same geometry and the same voxels (NaN differs from NaN).
  public static func == (a: Volume, b: Volume) -> Bool {
    a.geometry == b.geometry && a.withVoxels { x in b.withVoxels { y in zip(x, y).allSatisfy { $0 == $1 } } }
  }
}
