// SPDX-License-Identifier: Apache-2.0
import CSIMD
public import LumenCore

/// Kuwahara's smoothing: every voxel becomes the mean of the most even part of its surroundings, so that edges stay.
///
///     out(p) = mean of the box of (r + 1)ⁿ voxels with the smallest variance, of the 2ⁿ that have p as a corner
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float. Four boxes in a slice, eight in a volume.
/// - Units: radius in voxels of each axis, whatever their spacing.
/// - Range: boxes with NaN or infinity are left out; a voxel that has no other is NaN. Of equal variances the box
///   before the voxel wins, along columns first.
/// - Accuracy: sums in double precision, exact for integers of 16 bits; the same bits for any number of threads.
/// - Cost: 2·(r + 1) additions an axis and voxel; scratch of 2·(r + 1) slices of a tile of 16 × 256 voxels with its
///   surroundings (14 MB a thread at radius 20).
/// - Throws: `invalidParameter` for a radius outside 1 … 20.
/// - Source: Kuwahara et al. 1976, four quadrants; eight octants in three dimensions.
public struct Kuwahara: Filter {
  /// Voxels of a box beside its corner.
  public var radius = 2
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// Boxes of 3 × 3 × 3.
  public init() {}
  /// Boxes of (radius + 1) voxels along each axis.
  public init(radius: Int, planar: Bool = false, boundary: BoundaryCondition = .mirror) {
    self.radius = radius
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "kuwahara", summary: "mean of the most even quadrant around each voxel", source: "Kuwahara et al. 1976",
    parameters: [
      Parameter(\.radius, "radius", 1...20, "voxels of a box beside its corner"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The smoothed image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The smoothed image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try require(radius, in: 1...20, "radius")
    let size = volume.size
    // An axis of one voxel is left alone.
    let reach = (0..<3).map { size[$0] == 1 || planar && $0 == 2 ? 0 : radius }
    // Sums of squares of what is left without the middle of the range lose fewer digits.
    let range = AnyVolume.f32(volume).valueRange,
      middle = range.count > 0 ? ((range.minimum + range.maximum) / 2).rounded() : 0
    return Volume(volume.geometry) { out in
      volume.withVoxels { voxels in
        guard let source = voxels.baseAddress, let target = out.baseAddress else { return }
        QuadrantMeans(size: size, boundary: boundary, x: reach[0], y: reach[1], z: reach[2], middle: middle)
          .run(source, target)
      }
    }
  }

  /// The radius, or none for single slices.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    planar || geometry.size.slices == 1 ? 0 : boundary == .periodic ? nil : radius
  }
}

/// The work on the image, tile by tile through all slices.
private struct QuadrantMeans: Sendable {
  let size: Size, boundary: BoundaryCondition
  /// The radius along each axis.
  let x: Int, y: Int, z: Int
  let middle: Double

  private typealias Lanes = SIMD8<Double>

  func run(_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
    let width = min(size.columns, 256), height = min(size.rows, 16)
    let across = (size.columns + width - 1) / width, down = (size.rows + height - 1) / height
    // Slices beside a cut are summed twice.
    let through = z == 0 ? size.slices : max(1, min(size.slices / max(16, 4 * z), 8))
    let depth = (size.slices + through - 1) / through
    // Box sums begin at every voxel of the tile and up to the radius before it; a register may reach beyond.
    let stride = roundUp(width + x) + 8, lines = height + y, part = stride * lines
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(across * down * through) { items in
      withScratch(of: Float.self, roundUp(width + 2 * x) + 16) { row in
        // Sums along columns of a slice's rows; then of slices; then of boxes; of values and of squares.
        withScratch(of: Double.self, 2 * stride * (lines + y) + 4 * (z + 1) * part) { alongX in
          let slices = alongX + 2 * stride * (lines + y), boxes = slices + 2 * (z + 1) * part
          for item in items {
            let left = item % across &* width, top = item / across % down &* height
            let first = item / (across &* down) &* depth, last = min(size.slices, first &+ depth)
            let n = min(width, size.columns &- left), m = min(height, size.rows &- top)
            for slice in first &- z..<last &+ z {
              let ring = (slice &- first &+ z) % (z &+ 1)
              sumSlice(
                source, slice, left, top, n, m, row, alongX, stride, lines &+ y, slices + 2 &* ring &* part, part)
              // The box that begins at slice − z is whole now.
              let begin = slice &- z
              if begin < first &- z { continue }
              let box = boxes + 2 &* ((begin &- first &+ z) % (z &+ 1)) &* part
              for i in 0..<2 {
                for k in 0...z {
                  let from = slices + (2 &* ((begin &+ k &- first &+ z) % (z &+ 1)) &+ i) &* part
                  add(from, box + i &* part, part, isFirst: k == 0)
                }
              }
              if begin < first { continue }
              let before = boxes + 2 &* ((begin &- z &- first &+ z) % (z &+ 1)) &* part
              for j in 0..<m {
                choose(before, box, part, stride, j, n, target + size.offset(left, top &+ j, begin))
              }
            }
          }
        }
      }
    }
  }

  /// The box sums within a slice: `m` + y rows of `n` + x sums of values, and behind them of squares.
  private func sumSlice(
    _ source: UnsafePointer<Float>, _ slice: Int, _ left: Int, _ top: Int, _ n: Int, _ m: Int,
    _ row: UnsafeMutablePointer<Float>, _ alongX: UnsafeMutablePointer<Double>, _ stride: Int, _ height: Int,
    _ out: UnsafeMutablePointer<Double>, _ part: Int
  ) {
    let rows = PaddedRows(size: size, boundary: boundary), squares = stride &* height
    let middle = Lanes(repeating: middle)
    for j in 0..<m &+ 2 &* y {
      rows.read(source, top &+ j &- y, slice, columns: left &- x..<left &+ n &+ x, into: row)
      let to = alongX + j &* stride
      var c = 0
      while c < n &+ x {
        var sum = Lanes.zero, square = Lanes.zero
        for k in 0...x {
          let v = v_widen(v_load_f32x8(row + (c &+ k))) - middle
          sum += v
          square += v * v
        }
        store(sum, to + c)
        store(square, to + (squares &+ c))
        c &+= 8
      }
    }
    for i in 0..<2 {
      for j in 0..<m &+ y {
        let from = alongX + (i &* squares &+ j &* stride), to = out + (i &* part &+ j &* stride)
        for k in 0...y { add(from + k &* stride, to, stride, isFirst: k == 0) }
      }
    }
  }

  /// out = or += from; a multiple of eight.
  @inline(__always)
  private func add(_ from: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>, _ n: Int, isFirst: Bool) {
    if isFirst { return out.update(from: from, count: n) }
    var i = 0
    while i < n {
      store(load(out + i) + load(from + i), out + i)
      i &+= 8
    }
  }

  /// A row of results: the mean of the box with the smallest n·Σv² − (Σv)².
  private func choose(
    _ before: UnsafePointer<Double>, _ box: UnsafePointer<Double>, _ part: Int, _ stride: Int, _ j: Int, _ n: Int,
    _ out: UnsafeMutablePointer<Float>
  ) {
    let voxels = Double((x &+ 1) &* (y &+ 1) &* (z &+ 1))
    var i = 0
    while i < n {
      var least = Lanes(repeating: .infinity), mean = Lanes(repeating: .nan)
      for quadrant in 0..<8 {
        // An axis that is left alone has one box.
        let (a, b, c) = (quadrant & 1, quadrant &>> 1 & 1, quadrant &>> 2)
        if a > x || b > y || c > z { continue }
        let p = (c == 0 ? before : box) + ((j &+ b &* y) &* stride &+ i &+ a &* x)
        let sum = load(p), spread = load(p + part) * voxels - sum * sum, better = spread .< least
        least.replace(with: spread, where: better)
        mean.replace(with: sum, where: better)
      }
      let value = v_narrow(mean / voxels + middle)
      for l in 0..<min(8, n &- i) { out[i &+ l] = value[l] }
      i &+= 8
    }
  }

  @inline(__always)
  private func load(_ p: UnsafePointer<Double>) -> Lanes { UnsafeRawPointer(p).loadUnaligned(as: Lanes.self) }
  @inline(__always)
  private func store(_ v: Lanes, _ p: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(p).storeBytes(of: v, as: Lanes.self)
  }
}
