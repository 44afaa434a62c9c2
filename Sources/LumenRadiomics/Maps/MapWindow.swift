// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Measures the neighbourhoods of a row one after another; what it keeps between them depends on the voxels of the
/// neighbourhood alone, never on the way it came.
protocol MapWindow: SendableMetatype {
  /// The planes `x` … of the row (y, z) that are counted.
  var planes: Range<Int> { get set }
  /// A new row begins; nothing is counted.
  mutating func begin(_ y: Int, _ z: Int)
  /// The plane after the last joins.
  mutating func enter(_ x: Int)
  /// The first plane leaves.
  mutating func leave(_ x: Int)
  /// The features of the neighbourhood around x.
  mutating func measure(_ x: Int, into features: UnsafeMutablePointer<Double>)
}

extension MapWindow {
  /// Slides along a row of the box and writes feature f of the n-th centre to `out[f · stride + n]`.
  mutating func slide(
    _ y: Int, _ z: Int, over grid: MapGrid, _ centres: UnsafePointer<UInt8>, features: Int, stride: Int,
    out: UnsafeMutablePointer<Float>
  ) {
    let row = z &* grid.size.rows &+ y, reach = grid.reach.x
    var next = grid.rowStarts[row]
    if grid.rowStarts[row + 1] == next { return }
    begin(y, z)
    planes = 0..<0
    let centre = centres + row &* grid.size.columns
    withUnsafeTemporaryAllocation(of: Double.self, capacity: features) { buffer in
      let values = buffer.baseAddress!
      for x in 0..<grid.size.columns where centre[x] != 0 {
        let wanted = max(0, x - reach)..<min(grid.size.columns, x + reach + 1)
        while !planes.isEmpty && planes.lowerBound < wanted.lowerBound {
          leave(planes.lowerBound)
          planes = planes.lowerBound + 1..<planes.upperBound
        }
        if planes.isEmpty { planes = wanted.lowerBound..<wanted.lowerBound }
        while planes.upperBound < wanted.upperBound {
          enter(planes.upperBound)
          planes = planes.lowerBound..<planes.upperBound + 1
        }
        measure(x, into: values)
        for f in 0..<features { out[f &* stride &+ next] = Float(values[f]) }
        next &+= 1
      }
    }
    while !planes.isEmpty {
      leave(planes.lowerBound)
      planes = planes.lowerBound + 1..<planes.upperBound
    }
  }
}
