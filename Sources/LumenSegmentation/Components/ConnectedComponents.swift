// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Which neighbours are connected.
public enum Connectivity: Int, Sendable, CaseIterable {
  /// Faces (4 in a slice).
  case six = 6
  /// Faces and edges (8 in a slice).
  case eighteen = 18
  /// Faces, edges and corners (8 in a slice).
  case twentySix = 26
}

/// The connected parts of a mask, numbered from 1 in memory order of their first voxels.
///
/// - Cost: one sweep over runs of voxels with union-find; memory proportional to the number of runs.
/// - Source: Rosenfeld & Pfaltz 1966, on runs; oracle SciPy `ndimage.label`.
public struct ConnectedComponents: Sendable {
  struct Run {
    var start: Int32, end: Int32
    var label: Int32
  }

  /// Voxels of each component; component n is at n − 1.
  public let sizes: [Int]
  let geometry: Geometry
  let runs: [Run]
  /// First run of each row; one more entry than rows.
  let rowStart: [Int]

  /// Finds the components of the voxels equal to `value` (1: the region, 0: the background).
  public init(_ mask: Mask, connectivity: Connectivity = .twentySix, of value: UInt8 = 1) {
    let size = mask.size
    geometry = mask.geometry
    var runs: [Run] = []
    var rowStart = [0]
    rowStart.reserveCapacity(size.rows * size.slices + 1)
    var parent: [Int32] = []

    func root(_ a: Int32) -> Int32 {
      var a = a
      while parent[Int(a)] != a {
        parent[Int(a)] = parent[Int(parent[Int(a)])]
        a = parent[Int(a)]
      }
      return a
    }
    func join(_ a: Int32, _ b: Int32) {
      let (x, y) = (root(a), root(b))
      if x < y { parent[Int(y)] = x } else if y < x { parent[Int(x)] = y }
    }
    /// Joins the runs from `first` on with those of an earlier row that overlap them, widened by `reach`.
    func connect(_ first: Int, _ row: Int, _ reach: Int32) {
      var j = rowStart[row]
      let last = rowStart[row + 1]
      for i in first..<runs.count {
        while j < last && runs[j].end + reach <= runs[i].start { j += 1 }
        var k = j
        while k < last && runs[k].start < runs[i].end + reach {
          join(runs[i].label, runs[k].label)
          k += 1
        }
      }
    }

    mask.voxels.withVoxels { voxels in
      for z in 0..<size.slices {
        for y in 0..<size.rows {
          let first = runs.count
          let row = UnsafeBufferPointer(rebasing: voxels[size.offset(0, y, z)..<size.offset(0, y, z) + size.columns])
          var x = 0
          while x < size.columns {
            if row[x] != value {
              x &+= 1
              continue
            }
            let start = x
            while x < size.columns && row[x] == value { x &+= 1 }
            let label = Int32(parent.count)
            parent.append(label)
            runs.append(Run(start: Int32(start), end: Int32(x), label: label))
          }
          rowStart.append(runs.count)
          if first == runs.count { continue }
          let here = z * size.rows + y
          let diagonal: Int32 = connectivity == .six ? 0 : 1
          if y > 0 { connect(first, here - 1, diagonal) }
          if z > 0 {
            connect(first, here - size.rows, diagonal)
            if connectivity != .six {
              let corner: Int32 = connectivity == .twentySix ? 1 : 0
              if y > 0 { connect(first, here - size.rows - 1, corner) }
              if y + 1 < size.rows { connect(first, here - size.rows + 1, corner) }
            }
          }
        }
      }
    }

    var number = [Int32](repeating: 0, count: parent.count)
    var sizes: [Int] = []
    for i in runs.indices {
      let r = Int(root(runs[i].label))
      if number[r] == 0 {
        sizes.append(0)
        number[r] = Int32(sizes.count)
      }
      runs[i].label = number[r]
      sizes[Int(number[r]) - 1] += Int(runs[i].end - runs[i].start)
    }
    self.runs = runs
    self.rowStart = rowStart
    self.sizes = sizes
  }

  /// The voxels of the components for which `isKept` holds.
  public func mask(where isKept: (_ component: Int) -> Bool) -> Mask {
    let kept = [false] + (0..<sizes.count).map { isKept($0 + 1) }
    return Mask(geometry) { out in
      out.update(repeating: 0)
      forEachRun { offset, run in
        if kept[Int(run.label)] { (out.baseAddress! + offset).update(repeating: 1, count: Int(run.end - run.start)) }
      }
    }
  }

  /// Every component under its number.
  public var labelMap: LabelMap {
    LabelMap(
      Volume(geometry) { out in
        out.update(repeating: 0)
        forEachRun { offset, run in
          (out.baseAddress! + offset).update(repeating: UInt32(run.label), count: Int(run.end - run.start))
        }
      })
  }

  /// Components with a voxel on the border of the image; in a 2-D image the border of the slice.
  var touchingBorder: Set<Int> {
    let s = geometry.size
    var found = Set<Int>()
    for row in 0..<s.rows * s.slices {
      let (y, z) = (row % s.rows, row / s.rows)
      let edge = y == 0 || y == s.rows - 1 || (s.slices > 1 && (z == 0 || z == s.slices - 1))
      for run in runs[rowStart[row]..<rowStart[row + 1]]
      where edge || run.start == 0 || Int(run.end) == s.columns { found.insert(Int(run.label)) }
    }
    return found
  }

  private func forEachRun(_ body: (_ offset: Int, _ run: Run) -> Void) {
    let columns = geometry.size.columns
    for row in 0..<rowStart.count - 1 {
      for run in runs[rowStart[row]..<rowStart[row + 1]] { body(row * columns + Int(run.start), run) }
    }
  }
}
