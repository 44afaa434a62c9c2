// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Rows of an image with what its boundary condition puts around it.
struct PaddedRows: Sendable {
  let size: Size, boundary: BoundaryCondition

  /// Columns `columns` of a row; both may lie outside.
  @inline(__always)
  func read(
    _ source: UnsafePointer<Float>, _ y: Int, _ z: Int, columns: Range<Int>, into line: UnsafeMutablePointer<Float>
  ) {
    let nx = size.columns, first = columns.lowerBound
    guard let y = boundary.index(y, count: size.rows), let z = boundary.index(z, count: size.slices) else {
      return line.update(repeating: 0, count: columns.count)
    }
    let row = source + size.offset(0, y, z)
    let inside = max(0, first)..<min(nx, columns.upperBound)
    for i in first..<inside.lowerBound { line[i &- first] = boundary.index(i, count: nx).map { row[$0] } ?? 0 }
    (line + (inside.lowerBound &- first)).update(from: row + inside.lowerBound, count: inside.count)
    for i in inside.upperBound..<columns.upperBound {
      line[i &- first] = boundary.index(i, count: nx).map { row[$0] } ?? 0
    }
  }
}

/// Stores the first `count` of sixteen floats, all of them when `count` is larger.
@inline(__always)
func storeLeading(_ v: SIMD16<Float>, _ p: UnsafeMutablePointer<Float>, _ count: Int) {
  if count >= 16 { return store16(v, p) }
  for i in 0..<count { p[i] = v[i] }
}

extension Volume<Float> {
  /// Every slice filtered for itself.
  func mapSlices(_ filter: (Volume<Float>) throws(ImageError) -> Volume<Float>) throws(ImageError) -> Volume<Float> {
    try Volume(geometry) { out throws(ImageError) in
      for z in 0..<size.slices {
        let slice = try filter(cropped(columns: 0..<size.columns, rows: 0..<size.rows, slices: z..<z + 1))
        slice.withVoxels { (out.baseAddress! + z * size.plane).update(from: $0.baseAddress!, count: size.plane) }
      }
    }
  }
}

/// Throws unless a parameter is a positive, finite number.
func requirePositive(_ value: Double, _ name: String) throws(ImageError) {
  guard value > 0, value.isFinite else {
    throw ImageError(.invalidParameter, "\(name) is \(shortest(value)), expected more than 0 and finite")
  }
}

/// Throws unless a parameter lies in its range.
func require(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws(ImageError) {
  guard range.contains(value) else {
    throw ImageError(.invalidParameter, "\(name) is \(value), expected \(range.lowerBound) … \(range.upperBound)")
  }
}
