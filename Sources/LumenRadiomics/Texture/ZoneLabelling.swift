// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Memory of the block pool behind a pointer.
final class Buffer<Element: Voxel>: @unchecked Sendable {
  private var storage: Volume<Element>
  let base: UnsafeMutablePointer<Element>

  /// Not initialised.
  init(_ count: Int) {
    storage = Volume(Geometry(size: Size(columns: max(1, count), rows: 1))) { _ in }
    base = storage.withMutableVoxels { $0.baseAddress! }
  }
}

/// Finds zones: linked voxels of one grey level, 26-connected, or 8-connected within slices.
///
/// Voxels are visited in memory order. A voxel joins the zones of its equal neighbours that come before it; where two of
/// those touch each other they were joined already, so a table gives the least set of neighbours for each pattern, mostly
/// one. Parts of the volume are labelled each by itself, then joined along their borders.
///
/// - Source: union-find in scan order; least sets as in the decision trees of Wu, Otoo, Suzuki, Pattern Anal. Applic.
///   12 (2009) 117-135.
final class ZoneLabelling<Level: TextureLevel>: @unchecked Sendable {
  private let grid: LevelGrid<Level>
  private let planar: Bool
  /// Directions as far as the grid has them: number and distance in memory.
  private let steps: [(bit: Int, step: Int)]
  private let distance: Buffer<UInt16>?
  /// First label of each slice: the number of voxels before it.
  private let starts: [Int]
  /// Label of every place of the grid.
  private let labels: Buffer<UInt32>
  /// By label: its parent (itself for the zone's own), voxels, level, least distance.
  private let parents: Buffer<UInt32>, sizes: Buffer<UInt32>, levels: Buffer<UInt16>, distances: Buffer<UInt16>
  /// One past the last label of every slice.
  private let ends: Buffer<UInt32>

  /// - Parameters:
  ///   - starts: voxels inside the region before each slice; one more than slices.
  ///   - distance: of every place of the grid to the border of the region.
  init(_ grid: LevelGrid<Level>, planar: Bool, starts: [Int], distance: Buffer<UInt16>?) {
    self.grid = grid
    self.planar = planar
    self.starts = starts
    self.distance = distance
    steps = (planar ? Offset.inPlane : Offset.directions).enumerated().filter { $1.fits(grid.size) }
      .map { ($0, grid.step($1)) }
    let n = starts.last ?? 0
    labels = Buffer(grid.voxels.count)
    parents = Buffer(n)
    sizes = Buffer(n)
    levels = Buffer(n)
    distances = Buffer(distance == nil ? 1 : n)
    ends = Buffer(grid.size.slices)
    for z in 0..<grid.size.slices { ends.base[z] = UInt32(starts[z]) }
  }

  /// Labels consecutive slices.
  final class Part {
    private let all: ZoneLabelling
    private let firstSlice: Int
    private var slice = 0
    private var next: UInt32 = 0

    init(_ all: ZoneLabelling, slices: Range<Int>) {
      self.all = all
      firstSlice = slices.lowerBound
      next = UInt32(all.starts[slices.lowerBound])
    }

    func begin(slice z: Int) {
      slice = z
      next = UInt32(all.starts[z])
    }

    func end(slice z: Int) { all.ends.base[z] = next }

    /// Labels a segment of n places that begins at an index of the grid.
    func label(_ c: UnsafePointer<Level>, at: Int, _ n: Int, _ s: SegmentScratch<Level>) {
      let bits = s.bits
      bits.update(repeating: 0, count: n)
      for (bit, step) in all.steps where slice > firstSlice || bit < Offset.inPlane.count {
        let (before, one) = (c - step, UInt16(1) << UInt16(bit))
        for x in 0..<n { bits[x] |= before[x] == c[x] ? one : 0 }
      }
      let (labels, parents, sizes, levels) = (all.labels.base + at, all.parents.base, all.sizes.base, all.levels.base)
      let distances = all.distances.base
      let given = all.distance.map { $0.base + at }
      var fresh = next
      leastSets.withUnsafeBufferPointer { leastSets in
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 16) { stepOf in
          stepOf.initialize(repeating: 0)
          for (bit, step) in all.steps { stepOf[bit] = step }
          s.forEachInside { x in
            var set = leastSets[Int(bits[x])]
            if set == 0 {
              let l = Int(fresh)
              labels[x] = fresh
              parents[l] = fresh
              sizes[l] = 1
              levels[l] = UInt16(truncatingIfNeeded: c[x])
              if let given { distances[l] = given[x] }
              fresh &+= 1
              return
            }
            var root = all.root(labels[x &- stepOf[set.trailingZeroBitCount]])
            set &= set &- 1
            while set != 0 {
              root = all.join(root, all.root(labels[x &- stepOf[set.trailingZeroBitCount]]))
              set &= set &- 1
            }
            labels[x] = root
            sizes[Int(root)] &+= 1
            if let given { distances[Int(root)] = min(distances[Int(root)], given[x]) }
          }
        }
      }
      next = fresh
    }
  }

  @inline(__always) private func root(_ label: UInt32) -> UInt32 {
    let p = parents.base
    var l = label
    while p[Int(l)] != l {
      p[Int(l)] = p[Int(p[Int(l)])]
      l = p[Int(l)]
    }
    return l
  }

  /// Joins the zones of two roots; the lower label stays.
  @inline(__always) private func join(_ a: UInt32, _ b: UInt32) -> UInt32 {
    if a == b { return a }
    let (kept, gone) = (min(a, b), max(a, b))
    parents.base[Int(gone)] = kept
    sizes.base[Int(kept)] &+= sizes.base[Int(gone)]
    if distance != nil { distances.base[Int(kept)] = min(distances.base[Int(kept)], distances.base[Int(gone)]) }
    return kept
  }

  /// Joins the zones of two parts across the border before a slice.
  func joinAcross(slice z: Int) {
    if planar { return }
    grid.voxels.withVoxels { voxels in
      let length = (grid.size.rows - 1) * grid.row + grid.size.columns, first = grid.first + z * grid.plane
      let v = voxels.baseAddress!
      for (bit, step) in steps where bit >= Offset.inPlane.count {
        for i in first..<first + length where v[i] != 0 && v[i] == v[i &- step] {
          _ = join(root(labels.base[i]), root(labels.base[i &- step]))
        }
      }
    }
  }

  /// Calls `body` for the zones whose first voxel lies in these slices.
  @inline(__always) func forEachZone(
    _ slices: Range<Int>, _ body: (_ level: Int, _ size: Int, _ distance: Int) -> Void
  ) {
    let (p, sizes, levels, distances) = (parents.base, sizes.base, levels.base, distances.base)
    for z in slices {
      for l in starts[z]..<Int(ends.base[z]) where p[l] == UInt32(truncatingIfNeeded: l) {
        body(Int(levels[l]), Int(sizes[l]), distance == nil ? 0 : Int(distances[l]))
      }
    }
  }
}

/// For each set of equal earlier neighbours (bits in the order of ``Offset/directions``) one of each group that touches.
let leastSets: [UInt16] = {
  let touching: [UInt16] = Offset.directions.map { a in
    Offset.directions.enumerated().reduce(into: 0) { bits, other in
      let b = other.element
      if max(abs(a.x - b.x), abs(a.y - b.y), abs(a.z - b.z)) <= 1 { bits |= UInt16(1) << UInt16(other.offset) }
    }
  }
  return (0..<(1 << Offset.directions.count)).map { pattern -> UInt16 in
    var rest = UInt16(pattern), least: UInt16 = 0
    while rest != 0 {
      let lowest = rest & ~(rest &- 1)
      least |= lowest
      var group = lowest, grown = lowest
      while grown != 0 {
        let d = grown.trailingZeroBitCount
        grown &= grown &- 1
        let new = touching[d] & rest & ~group
        group |= new
        grown |= new
      }
      rest &= ~group
    }
    return least
  }
}()
