// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Voxels added around the image, which stays at its place in space.
///
/// - Shape: columns × rows × slices and what is added, the same stored type.
/// - Units: voxels on each side. With ``BoundaryCondition/zero`` they take ``value``.
/// - Accuracy: exact. Cost: one copy.
/// - Throws: `invalidParameter` for negative numbers or a value that the stored type does not hold; `limitExceeded`
///   beyond ``Limits``.
/// - Source: NumPy `pad` (mirror is its symmetric, nearest its edge, periodic its wrap); ITK `ConstantPadImageFilter`.
public struct Pad: Filter {
  /// Columns, rows and slices added before the first.
  public var before = SIMD3<Int>(0, 0, 0)
  /// Columns, rows and slices added after the last.
  public var after = SIMD3<Int>(0, 0, 0)
  /// What the added voxels hold.
  public var boundary = BoundaryCondition.zero
  /// Their value with ``BoundaryCondition/zero``.
  public var value = 0.0

  /// Nothing added.
  public init() {}
  /// Voxels before the first and after the last along each axis.
  public init(
    before: SIMD3<Int>, after: SIMD3<Int>, boundary: BoundaryCondition = .zero, value: Double = 0
  ) {
    self.before = before
    self.after = after
    self.boundary = boundary
    self.value = value
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "pad", summary: "voxels added around the image", source: "NumPy pad; ITK ConstantPadImageFilter",
    parameters: [
      Parameter(\.before.x, "x-before", 0...65_535, "columns before the first"),
      Parameter(\.after.x, "x-after", 0...65_535, "columns after the last"),
      Parameter(\.before.y, "y-before", 0...65_535, "rows before the first"),
      Parameter(\.after.y, "y-after", 0...65_535, "rows after the last"),
      Parameter(\.before.z, "z-before", 0...65_535, "slices before the first"),
      Parameter(\.after.z, "z-after", 0...65_535, "slices after the last"),
      Parameter(\.boundary, "boundary", "what they hold"),
      Parameter(\.value, "value", -1e9...1e9, "what they hold with boundary zero"),
    ])

  /// The padded image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    try requireHeld(value, by: image.kind, "value")
    for (axis, name) in ["x", "y", "z"].enumerated() {
      for (side, n) in [("before", before[axis]), ("after", after[axis])] where !(0...65_535).contains(n) {
        throw ImageError(.invalidParameter, "\(name)-\(side) is \(n), expected 0 … 65535")
      }
    }
    var grid = image.geometry
    let n = SIMD3(grid.size.columns, grid.size.rows, grid.size.slices) &+ before &+ after
    _ = try Limits.standard.checkedBytes(columns: n.x, rows: n.y, slices: n.z, bytesPerVoxel: image.kind.bytes)
    grid.size = Size(columns: n.x, rows: n.y, slices: n.z)
    grid.origin = image.geometry.position(of: SIMD3(-Double(before.x), -Double(before.y), -Double(before.z)))
    return image.accept(Frame(pad: self, grid: grid))
  }

  private struct Frame: AnyVolume.Visitor {
    typealias Failure = Never
    let pad: Pad, grid: Geometry

    func visit<T: Voxel>(_ volume: Volume<T>) -> AnyVolume {
      let from = volume.size, to = grid.size, value = T.rounding(pad.value)
      let (left, right) = (pad.before.x, pad.after.x)
      let columns = (Array(-left..<0) + Array(from.columns..<from.columns + right)).map {
        pad.boundary.index($0, count: from.columns)
      }
      return T.erase(
        Volume(grid) { out in
          volume.withVoxels { voxels in
            guard let first = voxels.baseAddress, let result = out.baseAddress else { return }
            nonisolated(unsafe) let (source, target) = (first, result)
            parallelFor(to.rows * to.slices, grain: max(1, (1 << 15) / to.columns)) { rows in
              for row in rows {
                let line = target + row &* to.columns
                guard let y = pad.boundary.index(row % to.rows &- pad.before.y, count: from.rows),
                  let z = pad.boundary.index(row / to.rows &- pad.before.z, count: from.slices)
                else {
                  line.update(repeating: value, count: to.columns)
                  continue
                }
                let p = source + from.offset(0, y, z)
                for k in 0..<left { line[k] = columns[k].map { p[$0] } ?? value }
                (line + left).update(from: p, count: from.columns)
                let end = line + (left &+ from.columns)
                for k in 0..<right { end[k] = columns[left &+ k].map { p[$0] } ?? value }
              }
            }
          }
        })
    }
  }
}
