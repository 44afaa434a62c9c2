// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Runs filters one after another over a volume that need not fit into memory, slab by slab.
///
/// Every slab is read with as many slices on both sides as the chain reaches, filtered, and its inner slices
/// written: the same bits as filtering the whole volume. Slabs have one height, so that their memory is reused.
///
/// - Parameters:
///   - geometry: of the whole volume.
///   - kind: the stored type that `read` gives.
///   - budget: bytes that the voxels of a slab and of its filtering may take: two slabs as read, a filter's input, result
///     and scratch, and the slices to be written.
///   - read: the slices of a range, on their part of the grid (``LumenCore/Geometry/slices(_:)``).
///   - write: the filtered slices of a range; called in ascending order, each slice once.
/// - Cost: the reached slices are read and filtered again for every slab.
/// - Throws: `invalidParameter` naming the filter that depends on the whole volume or changes the grid; `limitExceeded`
///   with the least budget when it is too small; what `read` and `write` throw.
public func filterInSlabs(
  _ chain: [any Filter], geometry: Geometry, kind: VoxelKind, budget: Int,
  read: (Range<Int>) throws(ImageError) -> AnyVolume, write: (Range<Int>, AnyVolume) throws(ImageError) -> Void
) throws(ImageError) {
  let reach = try chain.reach(geometry)
  let plan = try SlabPlan(geometry, kind, reach: reach, budget: budget) { chain.scratch($0) }
  for slab in plan.slabs {
    let part = geometry.slices(slab.read)
    var image = try read(slab.read)
    guard image.kind == kind, image.size == part.size else {
      throw ImageError(
        .invalidParameter,
        "slices \(slab.read) are \(image.size) as \(image.kind.rawValue), expected \(part.size) as \(kind.rawValue)")
    }
    image = image.with(part)
    for filter in chain {
      do { image = try filter(image) } catch { throw error.at(filter.name) }
      guard image.geometry == part else {
        throw ImageError(
          .invalidParameter, "\(filter.name) changes the grid of the image", hint: "filter the whole volume at once")
      }
    }
    let first = slab.read.lowerBound
    let inner = image.slices(slab.write.lowerBound - first..<slab.write.upperBound - first)
    try write(slab.write, inner.with(geometry.slices(slab.write)))
  }
}

extension [any Filter] {
  /// How many slices on each side a slice of the chain's result depends on.
  ///
  /// - Throws: `invalidParameter` naming the first filter that depends on the whole volume.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int {
    var sum = 0
    for filter in self {
      guard let reach = try filter.reach(geometry) else {
        throw ImageError(
          .invalidParameter, "\(filter.name) depends on the whole volume, it cannot be filtered in slabs",
          hint: "leave it out, choose another boundary condition, or allow the memory for the whole volume")
      }
      sum += Swift.min(reach, geometry.size.slices)
    }
    return Swift.min(sum, geometry.size.slices)
  }

  /// Bytes that the voxels take when the whole volume is filtered at once: the volume as read, a filter's input, result
  /// and scratch.
  public func memory(_ geometry: Geometry, _ kind: VoxelKind) -> Int {
    let (bytes, overflow) = geometry.size.count.multipliedReportingOverflow(
      by: kind.bytes + 2 * Swift.max(4, kind.bytes))
    let (sum, tooMuch) = bytes.addingReportingOverflow(scratch(geometry))
    return overflow || tooMuch ? .max : sum
  }

  /// The most scratch that a filter of the chain takes.
  fileprivate func scratch(_ geometry: Geometry) -> Int { map { $0.scratch(geometry) }.max() ?? 0 }
}

extension Filter {
  /// Its name in the catalogue.
  fileprivate var name: String { Self.catalogue.name }
}

extension AnyVolume {
  /// Some of the slices; the volume itself when they are all of them.
  fileprivate func slices(_ range: Range<Int>) -> AnyVolume {
    range == 0..<size.slices ? self : accept(Slices(range: range))
  }

  private struct Slices: Visitor {
    typealias Failure = Never
    let range: Range<Int>

    func visit<Element: Voxel>(_ volume: Volume<Element>) -> AnyVolume {
      let s = volume.size
      return Element.erase(volume.cropped(columns: 0..<s.columns, rows: 0..<s.rows, slices: range))
    }
  }
}

/// Which slices are read and which written, slab after slab.
struct SlabPlan {
  let slabs: [(read: Range<Int>, write: Range<Int>)]

  init(
    _ geometry: Geometry, _ kind: VoxelKind, reach: Int, budget: Int, scratch: (Geometry) -> Int
  ) throws(ImageError) {
    let n = geometry.size.slices
    // The slab as read and the one before it; a filter's input and result, and the slices to be written, which are 32-bit
    // float or of the stored type.
    let slice = geometry.size.plane * (2 * kind.bytes + 3 * max(4, kind.bytes))
    func bytes(_ height: Int) -> Int {
      let (sum, overflow) = (height * slice).addingReportingOverflow(scratch(geometry.slices(0..<height)))
      return overflow ? .max : sum
    }
    // A slab of one slice would be a 2-D image, which filters treat otherwise than a slice of a volume.
    let least = min(n, max(2, 2 * reach + 1))
    guard bytes(least) <= budget else {
      throw ImageError(
        .limitExceeded, "the budget is \(budget) bytes, but \(least) slices at once take \(bytes(least)) bytes")
    }
    var height = least, most = n
    while height < most {
      let middle = (height + most + 1) / 2
      if bytes(middle) <= budget { height = middle } else { most = middle - 1 }
    }
    var slabs: [(read: Range<Int>, write: Range<Int>)] = [], done = 0
    while done < n {
      // The first and the last slab lie at the border and need no surroundings there.
      let start = min(max(0, done - reach), n - height), end = start + height
      let to = end == n ? n : end - reach
      slabs.append((start..<end, done..<to))
      done = to
    }
    self.slabs = slabs
  }
}
