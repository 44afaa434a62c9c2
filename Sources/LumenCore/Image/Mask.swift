// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A region of interest: the voxels of a grid that belong to it.
///
/// - Shape: one byte a voxel, 0 outside and 1 inside, on the image's grid.
public struct Mask: Sendable, Equatable {
  /// 0 outside, 1 inside.
  public private(set) var voxels: Volume<UInt8>
  /// Of these voxels, shared with copies of them.
  private var known = KnownBox()

  /// A mask from voxels that are 0 or 1; every other value becomes 1.
  public init(_ voxels: Volume<UInt8>) {
    self.init(voxels) { from, to, n in
      for i in 0..<n { to[i] = from[i] != 0 ? 1 : 0 }
    }
  }

  /// The voxels with one value.
  init<T: Voxel>(_ volume: Volume<T>, equal value: T) {
    self.init(volume) { from, to, n in
      for i in 0..<n { to[i] = from[i] == value ? 1 : 0 }
    }
  }

  /// The voxels of an image that reach a value.
  public init(_ image: Volume<Float>, atLeast value: Float) {
    self.init(image) { from, to, n in
      for i in 0..<n { to[i] = from[i] >= value ? 1 : 0 }
    }
  }

  /// The voxels of which `write` makes 0 or 1, a row of n voxels at a time, with their box.
  private init<T: Voxel>(
    _ volume: Volume<T>, rows write: @Sendable (UnsafePointer<T>, UnsafeMutablePointer<UInt8>, _ n: Int) -> Void
  ) {
    let s = volume.size
    var found = BoxFinder(s)
    voxels = Volume<UInt8>(volume.geometry) { out in
      volume.withVoxels { voxels in
        nonisolated(unsafe) let (from, to) = (voxels.baseAddress!, out.baseAddress!)
        // The box costs nothing while the voxels lie in the cache.
        found = parallelReduce(s.rows * s.slices, block: 1 + (1 << 18) / s.columns, found) { rows in
          var box = BoxFinder(s)
          for row in rows {
            let first = row &* s.columns
            prefetch(UnsafeRawPointer(from + first) + prefetchDistance, bytes: s.columns &* MemoryLayout<T>.stride)
            write(from + first, to + first, s.columns)
            box.add(to + first, row: row)
          }
          return box
        } combine: {
          $0.formUnion($1)
        }
      }
    }
    known = KnownBox(found.box)
  }

  /// The mask whose voxels `initialize` writes: only 0 and 1.
  public init<E: Error>(
    _ geometry: Geometry, initialize: (UnsafeMutableBufferPointer<UInt8>) throws(E) -> Void
  ) throws(E) {
    voxels = try Volume(geometry, initialize: initialize)
  }

  /// The grid it lies on.
  public var geometry: Geometry { voxels.geometry }
  /// Voxels along each axis.
  public var size: Size { voxels.size }

  /// Number of voxels inside.
  public var count: Int {
    voxels.withVoxels { v in
      nonisolated(unsafe) let p = v.baseAddress!
      return parallelReduce(v.count, block: 1 << 18, 0) { range in
        var n = 0
        for i in range { n &+= Int(p[i]) }
        return n
      } combine: {
        $0 += $1
      }
    }
  }

  /// Volume of the region, mm³: voxel count times voxel volume.
  public var volume: Double { Double(count) * geometry.voxelVolume }

  /// The smallest box that holds the region; nil when it is empty.
  ///
  /// - Cost: reads every voxel the first time; the mask and its copies remember it.
  public var boundingBox: (columns: Range<Int>, rows: Range<Int>, slices: Range<Int>)? {
    known.box(or: findBoundingBox)
  }

  private func findBoundingBox() -> Box? {
    let s = size
    return voxels.withVoxels { v in
      nonisolated(unsafe) let p = v.baseAddress!
      return parallelReduce(s.rows * s.slices, block: 1 + (1 << 19) / s.columns, BoxFinder(s)) { rows in
        var box = BoxFinder(s)
        for row in rows { box.add(p + row &* s.columns, row: row) }
        return box
      } combine: {
        $0.formUnion($1)
      }.box
    }
  }

  /// The same grid and the same voxels.
  public static func == (a: Mask, b: Mask) -> Bool { a.voxels == b.voxels }

  /// The same voxels on another grid of the same size.
  public func with(_ geometry: Geometry) -> Mask {
    var copy = self
    copy.voxels = voxels.with(geometry)
    return copy
  }

  /// Changes the voxels in place; `body` keeps them 0 or 1.
  public mutating func withMutableVoxels<R>(_ body: (UnsafeMutableBufferPointer<UInt8>) -> R) -> R {
    known = KnownBox()
    return voxels.withMutableVoxels(body)
  }
}

private typealias Box = (columns: Range<Int>, rows: Range<Int>, slices: Range<Int>)

/// The smallest box around the voxels of some slices that are not 0.
private struct BoxFinder: Sendable {
  private let size: Size
  private var low: SIMD3<Int>, high = SIMD3(repeating: -1)

  init(_ size: Size) {
    self.size = size
    low = SIMD3(size.columns, size.rows, size.slices)
  }

  var box: Box? {
    high.x < 0 ? nil : (low.x..<high.x + 1, low.y..<high.y + 1, low.z..<high.z + 1)
  }

  mutating func formUnion(_ other: BoxFinder) {
    for k in 0..<3 { (low[k], high[k]) = (min(low[k], other.low[k]), max(high[k], other.high[k])) }
  }

  /// Takes in one row; rows count through the slices.
  mutating func add(_ row: UnsafePointer<UInt8>, row index: Int) {
    // By vectors, without a test for each voxel: is anything before the box, in it, after it?
    let n = size.columns, end = max(high.x &+ 1, low.x)
    var (before, within, after): (UInt8, UInt8, UInt8) = (0, 0, 0)
    for x in 0..<low.x { before |= row[x] }
    for x in low.x..<end { within |= row[x] }
    for x in end..<n { after |= row[x] }
    if before | within | after == 0 { return }
    if after != 0 || before != 0 && high.x < 0 {
      var last = n &- 1
      while row[last] == 0 { last &-= 1 }
      high.x = last
    }
    if before != 0 {
      var first = 0
      while row[first] == 0 { first &+= 1 }
      low.x = first
    }
    let (z, y) = index.quotientAndRemainder(dividingBy: size.rows)
    low = SIMD3(low.x, min(low.y, y), min(low.z, z))
    high = SIMD3(high.x, max(high.y, y), max(high.z, z))
  }
}

/// The bounding box of voxels that do not change, found when it is first asked for.
private final class KnownBox: Sendable {
  private struct Found: Sendable {
    let box: Box?
  }
  private let found: Mutex<Found?>

  init() { found = Mutex(nil) }
  init(_ box: Box?) { found = Mutex(Found(box: box)) }

  func box(or find: () -> Box?) -> Box? {
    if let known = found.withLock({ $0 }) { return known.box }
    // Outside the lock: two callers at once find the same.
    let new = Found(box: find())
    found.withLock { $0 = new }
    return new.box
  }
}

/// Several regions on one grid: 0 is background, every other label one region, with optional names.
public struct LabelMap: Sendable, Equatable {
  /// 0 is background.
  public var voxels: Volume<UInt32>
  /// Names of labels, where known.
  public var names: [UInt32: String]

  /// A label map from its voxels.
  public init(_ voxels: Volume<UInt32>, names: [UInt32: String] = [:]) {
    self.voxels = voxels
    self.names = names
  }

  /// A label map of regions on one grid, numbered from 1 in their order.
  ///
  /// - Throws: `invalidParameter` for no regions, another grid, or regions that overlap (which two, in how many voxels).
  public init(_ regions: [(name: String, mask: Mask)]) throws(ImageError) {
    guard let grid = regions.first?.mask.geometry else { throw ImageError(.invalidParameter, "there are no regions") }
    var labels = Volume<UInt32>(grid, repeating: 0), names: [UInt32: String] = [:]
    for (n, region) in regions.enumerated() {
      try grid.requireSame(as: region.mask.geometry, "the region \"\(region.name)\"")
      names[UInt32(n + 1)] = region.name
      let overlap = region.mask.voxels.withVoxels { mask in
        labels.withMutableVoxels { out in
          var overlap: (other: UInt32, voxels: Int) = (0, 0)
          for i in 0..<mask.count where mask[i] != 0 {
            if out[i] != 0 { overlap = (out[i], overlap.voxels + 1) }
            out[i] = UInt32(n + 1)
          }
          return overlap
        }
      }
      if overlap.voxels > 0 {
        throw ImageError(
          .invalidParameter,
          "the regions \"\(names[overlap.other] ?? "")\" and \"\(region.name)\" overlap in \(overlap.voxels) voxels, which a label map cannot hold",
          hint: "write them one by one, or as a DICOM Segmentation (.dcm)")
      }
    }
    self.init(labels, names: names)
  }

  /// A label map from an image of whole numbers, as research tools write masks (NIfTI, PNG).
  ///
  /// - Throws: `invalidParameter` when a voxel is negative, fractional or not finite.
  public init(_ image: AnyVolume) throws(ImageError) {
    switch image {
    case .u8(let v): self.init(v.map { UInt32($0) })
    case .u16(let v): self.init(v.map { UInt32($0) })
    case .u32(let v): self.init(v)
    case .i8(let v):
      try self.init(v) {
        $0 >= 0
      } label: {
        UInt32(truncatingIfNeeded: $0)
      }
    case .i16(let v):
      try self.init(v) {
        $0 >= 0
      } label: {
        UInt32(truncatingIfNeeded: $0)
      }
    case .i32(let v):
      try self.init(v) {
        $0 >= 0
      } label: {
        UInt32(truncatingIfNeeded: $0)
      }
    case .f32(let v):
      try self.init(v) {
        $0 >= 0 && $0 < 4_294_967_296 && $0 == $0.rounded()
      } label: {
        UInt32($0)
      }
    case .f64(let v):
      try self.init(v) {
        $0 >= 0 && $0 <= 4_294_967_295 && $0 == $0.rounded()
      } label: {
        UInt32($0)
      }
    }
  }

  private init<T: Voxel>(
    _ image: Volume<T>, _ isLabel: @Sendable (T) -> Bool, label: @Sendable (T) -> UInt32
  ) throws(ImageError) {
    let isGood = image.withVoxels { v in
      nonisolated(unsafe) let p = v.baseAddress!
      return parallelReduce(v.count, block: 1 << 18, true) { range in
        var bad: UInt8 = 0
        for i in range { bad |= isLabel(p[i]) ? 0 : 1 }
        return bad == 0
      } combine: {
        $0 = $0 && $1
      }
    }
    if !isGood, let bad = image.withVoxels({ v in v.first { !isLabel($0) } }) {
      throw ImageError(
        .invalidParameter, "the mask holds \(bad.doubleValue), expected whole numbers from 0",
        hint: "is this an image instead of a mask?")
    }
    self.init(image.map(label))
  }

  /// The labels in use, ascending, without the background.
  public var labels: [UInt32] { voxels.labelsInUse }

  /// The region of one label.
  public func mask(_ label: UInt32) -> Mask {
    Mask(voxels, equal: label)
  }
}
