// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The rows (or slices) that a stretch of output rows needs, in the order of need, and which place of a small store
/// holds each: a row that the boundary condition asks for again is not made again, and a place whose row is no longer
/// needed is used for the next one.
///
/// Step v stands for row `first − radius + v` of the image, continued beyond its ends.
struct SampleWindow {
  /// The row of the image at each step; meaningless where there is none.
  private(set) var source: [Int] = []
  /// The place that holds it; nil for the zeros outside the image.
  private(set) var place: [Int?] = []
  /// Whether the row has to be made at this step.
  private(set) var isNew: [Bool] = []
  /// Number of places needed.
  private(set) var places = 0

  /// - Parameters:
  ///   - block: how many output rows are made at once, as soon as the last row they need is there.
  init(first: Int, count: Int, radius: Int, block: Int, of rows: Int, _ boundary: BoundaryCondition) {
    let steps = count + 2 * radius
    var held: [Int: Int] = [:], lastStep: [Int] = [], free: [Int] = []
    var released = 0
    source.reserveCapacity(steps)
    place.reserveCapacity(steps)
    isNew.reserveCapacity(steps)
    for v in 0..<steps {
      // Places that only finished blocks needed.
      let done = max(0, (v - 2 * radius) / block * block)
      while released < done {
        if let p = place[released], lastStep[p] == released {
          held[source[released]] = nil
          free.append(p)
        }
        released += 1
      }
      guard let row = boundary.index(first - radius + v, count: rows) else {
        source.append(0)
        place.append(nil)
        isNew.append(false)
        continue
      }
      source.append(row)
      if let p = held[row] {
        lastStep[p] = v
        place.append(p)
        isNew.append(false)
        continue
      }
      let p: Int
      if let last = free.popLast() {
        p = last
        lastStep[p] = v
      } else {
        p = places
        places += 1
        lastStep.append(v)
      }
      held[row] = p
      place.append(p)
      isNew.append(true)
    }
  }
}
