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
/// one. Parts of the volume are labelled each by itself, then joined along their borders. The labels of places are kept
/// for two slices a part and, for the joint, for its first; what a label stands for is kept for all.
///
/// - Source: union-find in scan order; least sets as in the decision trees of Wu, Otoo, Suzuki, Pattern Anal. Applic.
///   12 (2009) 117-135.
final class ZoneLabelling<Level: TextureLevel>: @unchecked Sendable {
  private let grid: LevelGrid<Level>
  private let planar: Bool
  /// Directions as far as the grid has them: number and distance in memory.
  private let steps: [(bit: Int, step: Int)]
  private let distance: Buffer<UInt16>?
  /// Consecutive slices each.
  private let parts: [Range<Int>]
  /// Labels of the places of three slices a part: see ``labels(_:_:)``.
  private let labels: Buffer<UInt32>
  /// By label: its parent (itself for the zone's own), voxels, level, least distance.
  private let parents: Buffer<UInt32>, sizes: Buffer<UInt32>, levels: Buffer<UInt16>, distances: Buffer<UInt16>
  /// First label of each slice and one past its last.
  private let firsts: Buffer<UInt32>, ends: Buffer<UInt32>
  /// First label of each part: the number of voxels before it.
  private let starts: [UInt32]

  /// - Parameters:
  ///   - parts: consecutive slices each; together those that are labelled.
  ///   - starts: voxels inside the region before each slice; one more than slices.
  ///   - distance: of every place of the grid to the border of the region.
  init(
    _ grid: LevelGrid<Level>, planar: Bool, parts: [Range<Int>], starts: [Int], distance: Buffer<UInt16>?
  ) {
    self.grid = grid
    self.planar = planar
    self.parts = parts
    self.distance = distance
    self.starts = parts.map { UInt32(starts[$0.lowerBound]) }
    steps = (planar ? Offset.inPlane : Offset.directions).enumerated().filter { $1.fits(grid.size) }
      .map { ($0, grid.step($1)) }
    let n = starts.last ?? 0
    labels = Buffer(3 * parts.count * grid.plane)
    parents = Buffer(n)
    sizes = Buffer(n)
    levels = Buffer(n)
    distances = Buffer(distance == nil ? 1 : n)
    firsts = Buffer(grid.size.slices)
    ends = Buffer(grid.size.slices)
    firsts.base.update(repeating: 0, count: grid.size.slices)
    ends.base.update(repeating: 0, count: grid.size.slices)
  }

  /// The labels of a slice of a part: those of the first stay, the others take turns in two places.
  private func labels(_ part: Int, slice z: Int) -> UnsafeMutablePointer<UInt32> {
    let after = z - parts[part].lowerBound
    return labels.base + (3 * part + (after == 0 ? 2 : after & 1)) * grid.plane
  }

  /// Labels the slices of one part.
  final class Part {
    private let all: ZoneLabelling
    private let index: Int
    private var slice = 0
    private var next: UInt32

    init(_ all: ZoneLabelling, _ index: Int) {
      self.all = all
      self.index = index
      next = all.starts[index]
    }

    func begin(slice z: Int) {
      slice = z
      all.firsts.base[z] = next
    }

    func end(slice z: Int) { all.ends.base[z] = next }

    /// Labels a segment of n places that begins at a place of the slice.
    func label(_ c: UnsafePointer<Level>, at: Int, _ n: Int, _ s: SegmentScratch<Level>) {
      let bits = s.bits, hasBefore = slice > all.parts[index].lowerBound
      bits.update(repeating: 0, count: n)
      for (bit, step) in all.steps where hasBefore || bit < Offset.inPlane.count {
        let (before, one) = (c - step, UInt16(1) << UInt16(bit))
        for x in 0..<n { bits[x] |= before[x] == c[x] ? one : 0 }
      }
      let current = all.labels(index, slice: slice), labels = current + at
      // What the distance of the slice before is among the labels less what it is among the levels.
      let moved = hasBefore ? current - all.labels(index, slice: slice - 1) - all.grid.plane : 0
      let (parents, sizes, levels) = (all.parents.base, all.sizes.base, all.levels.base)
      let distances = all.distances.base
      let given = all.distance.map { $0.base + all.grid.first + slice * all.grid.plane + at }
      var fresh = next
      leastSets.withUnsafeBufferPointer { leastSets in
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 16) { stepOf in
          stepOf.initialize(repeating: 0)
          for (bit, step) in all.steps { stepOf[bit] = bit < Offset.inPlane.count ? step : step + moved }
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

  /// Joins the zones of all parts across their borders.
  func joinParts() {
    if planar { return }
    grid.voxels.withVoxels { voxels in
      let length = (grid.size.rows - 1) * grid.row + grid.size.columns
      for part in parts.indices.dropFirst() {
        let z = parts[part].lowerBound, v = voxels.baseAddress! + grid.first + z * grid.plane
        let here = labels(part, slice: z), before = labels(part - 1, slice: z - 1)
        for (bit, step) in steps where bit >= Offset.inPlane.count {
          for i in 0..<length where v[i] != 0 && v[i] == v[i &- step] {
            _ = join(root(here[i]), root(before[i &- step &+ grid.plane]))
          }
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
      for l in Int(firsts.base[z])..<Int(ends.base[z]) where p[l] == UInt32(truncatingIfNeeded: l) {
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
