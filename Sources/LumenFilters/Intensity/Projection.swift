// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Projection along an axis: the largest, smallest or mean value of each line of voxels (maximum intensity projection).
///
/// - Shape: any columns × rows × slices → one voxel along the axis, as long as all of them, around their middle.
/// - Range: maximum and minimum skip NaN (a line of nothing else gives −∞ and ∞); the mean spreads it.
/// - Accuracy: maximum and minimum exact, in the stored type; the mean summed in double precision, as 32-bit float.
/// - Cost: one pass over the image, also for all three axes together.
/// - Source: definition; oracle SimpleITK `MaximumProjection`.
public struct Projection: Filter {
  /// An axis of the voxel grid.
  public enum Axis: String, Sendable, CaseIterable {
    case x, y, z
  }
  /// What stands for a line of voxels.
  public enum Statistic: String, Sendable, CaseIterable {
    case maximum, minimum, mean
  }

  /// The axis along which the lines run.
  public var axis = Axis.z
  /// What stands for a line.
  public var statistic = Statistic.maximum

  /// The maximum along z.
  public init() {}
  /// A statistic along an axis.
  public init(along axis: Axis, statistic: Statistic = .maximum) {
    self.axis = axis
    self.statistic = statistic
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "projection", summary: "largest, smallest or mean value along an axis", source: "definition",
    parameters: [
      Parameter(\.axis, "axis", "axis along which the lines run"),
      Parameter(\.statistic, "statistic", "what stands for a line"),
    ])

  /// The projection, stored as the input is; the mean as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    image.projections(statistic, along: [axis])[0]
  }
}

extension AnyVolume {
  /// Projections along several axes in one pass over the image, in the order of `axes`.
  public func projections(
    _ statistic: Projection.Statistic, along axes: [Projection.Axis] = Projection.Axis.allCases
  ) -> [AnyVolume] {
    switch self {
    case .u8(let v): v.projections(statistic, axes)
    case .i8(let v): v.projections(statistic, axes)
    case .u16(let v): v.projections(statistic, axes)
    case .i16(let v): v.projections(statistic, axes)
    case .u32(let v): v.projections(statistic, axes)
    case .i32(let v): v.projections(statistic, axes)
    case .f32(let v): v.projections(statistic, axes)
    case .f64(let v): v.projections(statistic, axes)
    }
  }
}

/// How the values of a line come together.
private protocol Gathering: SendableMetatype {
  associatedtype Value: Voxel
  associatedtype Sum: Voxel
  static var start: Sum { get }
  static func add(_ sum: Sum, _ value: Value) -> Sum
  static func join(_ a: Sum, _ b: Sum) -> Sum
}
private enum Largest<T: Voxel>: Gathering {
  static var start: T { T.rounding(-Double.infinity) }
  @inline(__always) static func add(_ sum: T, _ value: T) -> T { value > sum ? value : sum }
  @inline(__always) static func join(_ a: T, _ b: T) -> T { b > a ? b : a }
}
private enum Smallest<T: Voxel>: Gathering {
  static var start: T { T.rounding(Double.infinity) }
  @inline(__always) static func add(_ sum: T, _ value: T) -> T { value < sum ? value : sum }
  @inline(__always) static func join(_ a: T, _ b: T) -> T { b < a ? b : a }
}
private enum Total<T: Voxel>: Gathering {
  static var start: Double { 0 }
  @inline(__always) static func add(_ sum: Double, _ value: T) -> Double { sum + value.doubleValue }
  @inline(__always) static func join(_ a: Double, _ b: Double) -> Double { a + b }
}

extension Volume {
  fileprivate func projections(_ statistic: Projection.Statistic, _ axes: [Projection.Axis]) -> [AnyVolume] {
    switch statistic {
    case .maximum: return gathered(Largest<Element>.self, axes).map { Element.erase($0) }
    case .minimum: return gathered(Smallest<Element>.self, axes).map { Element.erase($0) }
    case .mean:
      let sums = gathered(Total<Element>.self, axes)
      return zip(axes, sums).map { axis, sum in
        let n = Double(axis == .x ? size.columns : axis == .y ? size.rows : size.slices)
        return .f32(sum.map { Float($0 / n) })
      }
    }
  }

  /// The grid with one voxel along an axis.
  private func flattened(_ axis: Projection.Axis) -> Geometry {
    var grid = geometry, size = size, middle = SIMD3<Double>(repeating: 0)
    let k = axis == .x ? 0 : axis == .y ? 1 : 2, n = size[k]
    switch axis {
    case .x: size.columns = 1
    case .y: size.rows = 1
    case .z: size.slices = 1
    }
    middle[k] = 0.5 * Double(n - 1)
    grid.origin = geometry.position(of: middle)
    grid.spacing[k] *= Double(n)
    grid.size = size
    return grid
  }

  /// Bands of rows are gathered for themselves: each owns its part of the projections along x and z, and has its own
  /// projection along y until the end. Their number is fixed, so that sums do not depend on the threads.
  private func gathered<G: Gathering>(_ how: G.Type, _ axes: [Projection.Axis]) -> [Volume<G.Sum>]
  where G.Value == Element {
    let (nx, ny, nz) = (size.columns, size.rows, size.slices), bands = min(ny, 8), plane = size.plane
    let bytes = nx * MemoryLayout<Element>.stride
    func target(_ axis: Projection.Axis) -> Volume<G.Sum>? {
      axes.contains(axis) ? Volume<G.Sum>(flattened(axis), repeating: G.start) : nil
    }
    var alongX = target(.x), alongY = target(.y), alongZ = target(.z)
    var parts = alongY == nil ? [] : [G.Sum](repeating: G.start, count: bands * nx * nz)
    withVoxels { voxels in
      parts.withUnsafeMutableBufferPointer { parts in
        nonisolated(unsafe) let source = voxels.baseAddress!
        nonisolated(unsafe) let toX = alongX?.withMutableVoxels { $0.baseAddress! }
        nonisolated(unsafe) let toZ = alongZ?.withMutableVoxels { $0.baseAddress! }
        nonisolated(unsafe) let toY = alongY == nil ? nil : parts.baseAddress
        parallelFor(bands, grain: max(1, (1 << 17) / (plane * nz / bands + 1))) { range in
          for band in range {
            for z in 0..<nz {
              for y in ny * band / bands..<ny * (band + 1) / bands {
                let row = source + (z &* plane &+ y &* nx)
                prefetch(UnsafeRawPointer(row) + prefetchDistance, bytes: bytes)
                if let toZ { gatherAcross(G.self, row, toZ + y &* nx, nx) }
                if let toY { gatherAcross(G.self, row, toY + (band &* nz &+ z) &* nx, nx) }
                if let toX { toX[z &* ny &+ y] = gatherAlong(G.self, row, nx) }
              }
            }
          }
        }
      }
    }
    alongY?.withMutableVoxels { out in
      for i in 0..<nx * nz {
        for band in 0..<bands { out[i] = G.join(out[i], parts[band * nx * nz + i]) }
      }
    }
    return axes.compactMap { $0 == .x ? alongX : $0 == .y ? alongY : alongZ }
  }
}

/// sums[x] += row[x].
@inline(__always)
private func gatherAcross<G: Gathering>(
  _ how: G.Type, _ row: UnsafePointer<G.Value>, _ sums: UnsafeMutablePointer<G.Sum>, _ n: Int
) {
  for x in 0..<n { sums[x] = G.add(sums[x], row[x]) }
}

/// The sum of a row, in 32 lanes.
@inline(__always)
private func gatherAlong<G: Gathering>(_ how: G.Type, _ row: UnsafePointer<G.Value>, _ n: Int) -> G.Sum {
  withUnsafeTemporaryAllocation(of: G.Sum.self, capacity: 32) { lanes in
    lanes.initialize(repeating: G.start)
    let p = lanes.baseAddress!
    var x = 0
    while x &+ 32 <= n {
      for k in 0..<32 { p[k] = G.add(p[k], row[x &+ k]) }
      x &+= 32
    }
    var k = 0
    while x < n {
      p[k] = G.add(p[k], row[x])
      x &+= 1
      k &+= 1
    }
    var sum = p[0]
    for k in 1..<32 { sum = G.join(sum, p[k]) }
    return sum
  }
}
