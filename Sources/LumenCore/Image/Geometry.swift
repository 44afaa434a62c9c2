// SPDX-License-Identifier: Apache-2.0

/// Number of voxels along each axis: columns fastest, then rows, then slices. A 2-D image has one slice.
public struct Size: Sendable, Hashable, CustomStringConvertible {
  /// Voxels along x (fastest).
  public var columns: Int
  /// Voxels along y.
  public var rows: Int
  /// Voxels along z (slowest).
  public var slices: Int

  /// A size; every number is at least 1.
  public init(columns: Int, rows: Int, slices: Int = 1) {
    precondition(columns > 0 && rows > 0 && slices > 0, "a size has at least one voxel along each axis")
    self.columns = columns
    self.rows = rows
    self.slices = slices
  }

  /// Number of voxels.
  @inlinable public var count: Int { columns * rows * slices }
  /// Voxels of one slice.
  @inlinable public var plane: Int { columns * rows }
  /// Number along axis 0 (columns), 1 (rows) or 2 (slices).
  @inlinable public subscript(axis: Int) -> Int { axis == 0 ? columns : axis == 1 ? rows : slices }
  /// Offset of a voxel from the first.
  @inlinable public func offset(_ column: Int, _ row: Int, _ slice: Int) -> Int {
    (slice &* rows &+ row) &* columns &+ column
  }
  /// "128 × 128 × 40".
  public var description: String { "\(columns) × \(rows) × \(slices)" }
}

/// Columns of a 3 × 3 matrix of direction cosines: unit vectors of the column, row and slice axes in LPS.
public struct Direction: Sendable, Hashable {
  /// Unit vector along increasing column index.
  public var x: SIMD3<Double>
  /// Unit vector along increasing row index.
  public var y: SIMD3<Double>
  /// Unit vector along increasing slice index.
  public var z: SIMD3<Double>

  /// Three unit vectors.
  public init(x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// Index axes along L, P, S.
  public static let identity = Direction(x: [1, 0, 0], y: [0, 1, 0], z: [0, 0, 1])
  /// Axis 0, 1 or 2.
  public subscript(axis: Int) -> SIMD3<Double> { axis == 0 ? x : axis == 1 ? y : z }
}

/// Where the voxels lie in the patient: size, spacing, origin and direction in LPS millimetres, as ITK defines them.
///
///     position = origin + direction · (spacing ∘ index)
///
/// - Units: millimetres; the origin is the centre of voxel (0, 0, 0). L, P and S increase to the patient's left, back and head.
/// - Source: PS3.3 C.7.6.2.1.1; ITK `ImageBase`.
public struct Geometry: Sendable, Hashable {
  /// Voxels along each axis.
  public var size: Size
  /// Distance of voxel centres along columns, rows and slices, mm; positive.
  public var spacing: SIMD3<Double>
  /// Position of the centre of the first voxel, LPS mm.
  public var origin: SIMD3<Double>
  /// Unit vectors of the three index axes.
  public var direction: Direction

  /// A geometry; spacing must be positive and finite.
  public init(
    size: Size, spacing: SIMD3<Double> = [1, 1, 1], origin: SIMD3<Double> = [0, 0, 0],
    direction: Direction = .identity
  ) {
    self.size = size
    self.spacing = spacing
    self.origin = origin
    self.direction = direction
  }

  /// Volume of one voxel, mm³.
  public var voxelVolume: Double { spacing.x * spacing.y * spacing.z }

  /// Position (LPS mm) of a continuous index (column, row, slice).
  public func position(of index: SIMD3<Double>) -> SIMD3<Double> {
    let s = spacing * index
    return origin + direction.x * s.x + direction.y * s.y + direction.z * s.z
  }

  /// Continuous index (column, row, slice) of a position; NaN where the axes do not span space.
  public func index(of position: SIMD3<Double>) -> SIMD3<Double> {
    let d = position - origin
    let (x, y, z) = (direction.x, direction.y, direction.z)
    let det = dot(x, cross(y, z))
    guard abs(det) > 1e-9 else { return SIMD3(repeating: .nan) }
    return SIMD3(dot(d, cross(y, z)), dot(d, cross(z, x)), dot(d, cross(x, y))) / det / spacing
  }

  /// Why two geometries do not describe the same grid: which property, which axis and by how many mm; nil when they do.
  ///
  /// Two grids agree when their sizes are equal and every corner voxel lies within `tolerance` mm of its counterpart.
  public func difference(from other: Geometry, tolerance: Double = 1e-3) -> String? {
    if size != other.size { return "size is \(size), expected \(other.size)" }
    for (axis, name) in ["columns", "rows", "slices"].enumerated() where size[axis] > 1 {
      let off = abs(spacing[axis] - other.spacing[axis]) * Double(size[axis] - 1)
      if !(off <= tolerance) {
        return
          "spacing along \(name) is \(spacing[axis]) mm, expected \(other.spacing[axis]) mm (\(off) mm over the axis)"
      }
    }
    let shift = origin - other.origin
    if !(dot(shift, shift).squareRoot() <= tolerance) {
      return "origin is off by (\(shift.x), \(shift.y), \(shift.z)) mm"
    }
    for (axis, name) in ["column", "row", "slice"].enumerated() where size[axis] > 1 {
      let d = direction[axis] - other.direction[axis]
      let off = dot(d, d).squareRoot() * spacing[axis] * Double(size[axis] - 1)
      if !(off <= tolerance) { return "the \(name) axis points elsewhere: \(off) mm off at its end" }
    }
    return nil
  }

  /// Throws `invalidParameter` unless `other` describes the same grid.
  public func requireSame(as other: Geometry, _ what: String = "the second image") throws(ImageError) {
    if let difference = other.difference(from: self) {
      throw ImageError(
        .invalidParameter, "\(what) lies on another grid: \(difference)",
        hint: "resample it to the image's geometry first")
    }
  }
}

/// Scalar product.
@inlinable public func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { a.x * b.x + a.y * b.y + a.z * b.z }

/// Vector product.
@inlinable public func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

extension Geometry {
  /// Bytes of some volumes of 32-bit floats; the largest number there is when it does not fit.
  public func bytes(ofFloats volumes: Int) -> Int {
    let (bytes, overflow) = size.count.multipliedReportingOverflow(by: 4 * volumes)
    return overflow ? .max : bytes
  }

  /// The grid of some of the slices.
  public func slices(_ range: Range<Int>) -> Geometry {
    precondition(range.lowerBound >= 0 && range.upperBound <= size.slices, "slices outside the grid")
    var part = self
    part.size = Size(columns: size.columns, rows: size.rows, slices: range.count)
    part.origin = position(of: [0, 0, Double(range.lowerBound)])
    return part
  }
}
