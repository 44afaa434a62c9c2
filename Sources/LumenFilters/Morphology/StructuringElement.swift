// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The neighbourhood of a morphological operation: a symmetric shape around each voxel.
///
///     ball:  (dx·sx)² + (dy·sy)² + (dz·sz)² ≤ r²
///     box:   |dx·sx| ≤ r, |dy·sy| ≤ r, |dz·sz| ≤ r
///     cross: the voxels of the box on the three axes
///
/// - Shape: axes of one voxel are left alone, so that the ball is a disc in a slice.
/// - Units: `radius` in millimetres, so that s is the spacing; or `voxels`, and s = 1.
public struct StructuringElement: Sendable, Equatable {
  /// The form of a neighbourhood.
  public enum Shape: String, Sendable, CaseIterable {
    /// An ellipsoid in voxels where the spacing is anisotropic.
    case ball
    /// A cuboid along the axes.
    case box
    /// Three crossing lines; with one voxel the neighbours across faces.
    case cross
  }

  /// The form.
  public var shape = Shape.ball
  /// How far it reaches, where `voxels` is 0.
  public var radius = Length.mm(2)
  /// How far it reaches along every axis whatever the spacing; 0: `radius` holds.
  public var voxels = 0

  /// A shape in the patient.
  public init(_ shape: Shape = .ball, radius: Length = .mm(2)) {
    self.shape = shape
    self.radius = radius
  }

  /// A shape in voxels; 0 is the voxel itself.
  public init(_ shape: Shape = .ball, voxels: Int) {
    self.shape = shape
    self.voxels = voxels
    radius = .mm(0)
  }

  /// Voxels of a row that belong to the neighbourhood: dx = −reach … reach.
  public struct Line: Sendable, Equatable {
    /// Rows from the centre.
    public let dy: Int
    /// Slices from the centre.
    public let dz: Int
    /// Voxels on each side.
    public let reach: Int

    /// A line of a neighbourhood.
    public init(dy: Int, dz: Int, reach: Int) {
      self.dy = dy
      self.dz = dz
      self.reach = reach
    }
  }

  /// Most voxels on each side.
  static let limit = 250

  /// The neighbourhood on a grid, line by line; what reaches beyond a whole image is cut off.
  ///
  /// - Throws: `invalidParameter` for a radius outside 0 … 100 mm, `voxels` outside 0 … 250, or a radius of more than
  ///   250 voxels along an axis.
  public func lines(on geometry: Geometry, planar: Bool = false) throws(ImageError) -> [Line] {
    let half = try halfWidths(on: geometry, planar: planar)
    let s = voxels > 0 ? SIMD3(1, 1, 1) : geometry.spacing
    let r = (voxels > 0 ? Double(voxels) : radius.millimetres) * (1 + 1e-12)
    var lines: [Line] = []
    for dz in -half.z...half.z {
      for dy in -half.y...half.y {
        switch shape {
        case .box: lines.append(Line(dy: dy, dz: dz, reach: half.x))
        case .cross:
          if dy == 0 && dz == 0 {
            lines.append(Line(dy: 0, dz: 0, reach: half.x))
          } else if dy == 0 || dz == 0 {
            lines.append(Line(dy: dy, dz: dz, reach: 0))
          }
        case .ball:
          let (y, z) = (Double(dy) * s.y, Double(dz) * s.z)
          let left = r * r - y * y - z * z
          if dy != 0 || dz != 0, !(left >= 0) { continue }
          let reach = max(0, left).squareRoot() / s.x
          lines.append(Line(dy: dy, dz: dz, reach: reach < Double(half.x) ? Int(reach) : half.x))
        }
      }
    }
    return lines
  }

  /// Voxels on each side of the centre along columns, rows and slices.
  func halfWidths(on geometry: Geometry, planar: Bool) throws(ImageError) -> (x: Int, y: Int, z: Int) {
    guard (0...Self.limit).contains(voxels) else {
      throw ImageError(.invalidParameter, "voxels is \(voxels), expected 0 … \(Self.limit)")
    }
    guard radius.millimetres >= 0, radius.millimetres <= 100 else {
      throw ImageError(.invalidParameter, "radius is \(radius), expected 0mm … 100mm")
    }
    var half = [0, 0, 0]
    for (axis, name) in ["columns", "rows", "slices"].enumerated() {
      let n = geometry.size[axis]
      if n == 1 || (planar && axis == 2) { continue }
      let reach =
        voxels > 0 ? Double(voxels) : (radius.millimetres * (1 + 1e-12) / geometry.spacing[axis]).rounded(.down)
      let most = min(n, Self.limit + 1)
      half[axis] = reach < Double(most) ? (reach > 0 ? Int(reach) : 0) : most
      guard half[axis] <= Self.limit else {
        throw ImageError(
          .invalidParameter,
          "radius \(radius) spans \(shortest(reach)) voxels along \(name), at most \(Self.limit)",
          hint: "is the spacing of \(shortest(geometry.spacing[axis])) mm right?")
      }
    }
    return (half[0], half[1], half[2])
  }

  /// How many slices on each side `steps` operations with this element depend on; nil where slices are periodic.
  func reach(_ geometry: Geometry, planar: Bool, boundary: BoundaryCondition, steps: Int) throws(ImageError) -> Int? {
    let z = try halfWidths(on: geometry, planar: planar).z
    return z > 0 && boundary == .periodic ? nil : z * steps
  }
}
