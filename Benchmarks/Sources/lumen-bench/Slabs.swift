// SPDX-License-Identifier: Apache-2.0
import Foundation
import Lumen

/// A 2048³ UInt8 volume, computed as it is read, Gaussian-filtered slab by slab within a budget of memory.
///
/// Prints the time, the most memory the process had resident, and the mean of the result beside that of the input.
func slabs(side: Int, budget: Int, _ threads: Int) throws {
  Parallel.width = threads
  let geometry = Geometry(size: Size(columns: side, rows: side, slices: side))
  var before = 0.0, after = 0.0
  let start = ContinuousClock.now
  try filterInSlabs(
    [Gaussian(sigma: .mm(2))], geometry: geometry, kind: .uint8, budget: budget,
    read: { slices throws(ImageError) in
      let part = geometry.slices(slices)
      return .u8(
        Volume(part) { out in
          nonisolated(unsafe) let to = out.baseAddress!
          parallelFor(slices.count * side, grain: 64) { rows in
            for row in rows {
              let (z, y) = (slices.lowerBound + row / side, row % side)
              var state = UInt32(truncatingIfNeeded: z &* side &+ y) &* 2_654_435_761
              for x in 0..<side {
                state = state &* 1_664_525 &+ 1_013_904_223
                to[row * side + x] = UInt8(truncatingIfNeeded: (x ^ y ^ z) & 127) &+ UInt8(state >> 25)
              }
            }
          }
        })
    },
    write: { slices, image throws(ImageError) in
      guard case .f32(let smooth) = image else { throw ImageError(.invalidParameter, "expected 32-bit float") }
      let plane = side * side
      after += smooth.withVoxels { v in
        nonisolated(unsafe) let p = v.baseAddress!
        return parallelReduce(v.count, block: plane, 0.0) { r in
          var sum = SIMD16<Float>(repeating: 0), total = 0.0
          for i in stride(from: r.lowerBound, to: r.upperBound - 15, by: 16) {
            sum += load16(p + i)
            if i & 0xFFF == 0 {
              total += Double(sum.sum())
              sum = SIMD16(repeating: 0)
            }
          }
          return total + Double(sum.sum())
        } combine: {
          $0 += $1
        }
      }
      before += Double(slices.count)
    })
  let seconds = (ContinuousClock.now - start) / .seconds(1)
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  let voxels = Double(side) * Double(side) * Double(side)
  print(
    "{\"item\":\"gaussian.slabs\",\"side\":\(side),\"threads\":\(threads),\"budget_mib\":\(budget >> 20),"
      + "\"seconds\":\(seconds),\"peak_rss_mib\":\(usage.ru_maxrss >> 10),\"slices\":\(Int(before)),"
      + "\"mean\":\(after / voxels)}")
}
