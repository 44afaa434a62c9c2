// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Local binary pattern of every slice: which samples on a circle are at least as bright as its centre.
///
///     b[i] = [ v(x + R·cos φ[i], y − R·sin φ[i]) ≥ v(x, y) ],  φ[i] = 2πi / P,  bilinear between voxels
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float; the slices' columns and rows are the plane.
/// - Units: the radius in voxels, whatever their spacing.
/// - Range: zero outside the slice. Comparisons with NaN count as darker. The variance is 0 where all samples are equal,
///   where scikit-image gives NaN.
/// - Accuracy: exact; the variance within 1e-12 of the samples' mean square.
/// - Cost: four loads a sample and voxel; scratch of one padded slice in double precision.
/// - Throws: `invalidParameter` for samples outside 1 … 24 or a radius outside 0.1 … 100.
/// - Source: Ojala, Pietikäinen & Mäenpää 2002, in the definition of scikit-image `local_binary_pattern`, which
///   PyRadiomics uses (there 8 samples, radius 1, uniform).
public struct LocalBinaryPattern: Filter {
  /// What number stands for a pattern.
  public enum Method: String, Sendable, CaseIterable {
    /// Σ b[i]·2ⁱ.
    case plain = "default"
    /// The smallest number that a rotation of the pattern gives.
    case rotated = "ror"
    /// Σ b[i] of patterns with at most two changes between neighbours, P + 1 for all others.
    case uniform
    /// Uniform patterns numbered with their rotation.
    case oriented = "nri-uniform"
    /// No pattern but the variance of the samples, Σ v² / P − (Σ v / P)²: how much contrast there is.
    case variance = "var"
  }

  /// Samples on the circle, P.
  public var samples = 8
  /// Radius of the circle in voxels, R.
  public var radius = 1.0
  /// What number stands for a pattern.
  public var method = Method.uniform

  /// 8 samples at radius 1, uniform patterns.
  public init() {}
  /// Samples on a circle.
  public init(samples: Int = 8, radius: Double = 1, method: Method = .uniform) {
    self.samples = samples
    self.radius = radius
    self.method = method
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "local-binary-pattern", summary: "local binary pattern of every slice",
    source: "Ojala et al. 2002, as scikit-image local_binary_pattern",
    parameters: [
      Parameter(\.samples, "samples", 1...24, "samples on the circle"),
      Parameter(\.radius, "radius", 0.1...100, "radius of the circle in voxels"),
      Parameter(\.method, "method", "what number stands for a pattern"),
    ])

  /// No slice depends on another.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { 0 }

  /// The image of patterns, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    guard 1...24 ~= samples else {
      throw ImageError(.invalidParameter, "samples is \(samples), expected 1 … 24")
    }
    guard 0.1...100 ~= radius else {
      throw ImageError(.invalidParameter, "radius is \(shortest(radius)), expected 0.1 … 100 voxels")
    }
    return switch image {
    case .u8(let v): .f32(patterns(v))
    case .i8(let v): .f32(patterns(v))
    case .u16(let v): .f32(patterns(v))
    case .i16(let v): .f32(patterns(v))
    case .u32(let v): .f32(patterns(v))
    case .i32(let v): .f32(patterns(v))
    case .f32(let v): .f32(patterns(v))
    case .f64(let v): .f32(patterns(v))
    }
  }

  /// Where the samples lie: rows and columns from the centre, rounded to five digits as scikit-image does.
  private var circle: [(row: Double, column: Double)] {
    let r = Double(Float(radius))
    return (0..<samples).map { i in
      let φ = 2 * Double.pi * Double(i) / Double(samples)
      return (((-r * sin(φ)) * 1e5).rounded(.toNearestOrEven) / 1e5, (r * cos(φ) * 1e5).rounded(.toNearestOrEven) / 1e5)
    }
  }

  private func patterns<T: Voxel>(_ volume: Volume<T>) -> Volume<Float> {
    let size = volume.size, (nx, ny) = (size.columns, size.rows), circle = circle
    let margin = Int(radius.rounded(.up)) + 1, stride = nx + 2 * margin, height = ny + 2 * margin
    let codes = samples <= 12 && method != .variance ? (0..<1 << samples).map { code(UInt32($0)) } : []
    return Volume<Float>(volume.geometry) { out in
      volume.withVoxels { voxels in
        withScratch(of: Double.self, stride * height) { padded in
          for z in 0..<size.slices {
            nonisolated(unsafe) let (source, target) = (
              voxels.baseAddress! + z * size.plane, out.baseAddress! + z * size.plane
            )
            nonisolated(unsafe) let inner = padded + (margin * stride + margin)
            parallelFor(ny, grain: max(1, (1 << 16) / nx)) { rows in
              for y in rows { for x in 0..<nx { inner[y &* stride &+ x] = source[y &* nx &+ x].doubleValue } }
            }
            parallelFor(ny, grain: max(1, (1 << 12) / nx)) { rows in
              if method == .variance {
                return variances(rows, circle, inner, stride, nx) { target + $0 &* nx }
              }
              withScratch(of: UInt32.self, nx) { pattern in
                for y in rows {
                  pattern.update(repeating: 0, count: nx)
                  for (i, sample) in circle.enumerated() {
                    addSample(i, sample, inner, stride, y, pattern, nx)
                  }
                  let to = target + y &* nx
                  if codes.isEmpty {
                    for x in 0..<nx { to[x] = code(pattern[x]) }
                  } else {
                    for x in 0..<nx { to[x] = codes[Int(pattern[x])] }
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// The variances of the samples of some rows.
  private func variances(
    _ rows: Range<Int>, _ circle: [(row: Double, column: Double)], _ image: UnsafePointer<Double>, _ stride: Int,
    _ n: Int, _ target: (Int) -> UnsafeMutablePointer<Float>
  ) {
    withScratch(of: Double.self, 2 * n) { sums in
      let squares = sums + n, count = Double(circle.count)
      for y in rows {
        sums.update(repeating: 0, count: 2 &* n)
        for sample in circle {
          forEachSample(sample, image, stride, y, n) { x, v in
            sums[x] += v
            squares[x] += v * v
          }
        }
        let out = target(y)
        for x in 0..<n { out[x] = Float(max((squares[x] - sums[x] * sums[x] / count) / count, 0)) }
      }
    }
  }

  /// Sets bit i of the patterns of a row.
  @inline(__always)
  private func addSample(
    _ i: Int, _ sample: (row: Double, column: Double), _ image: UnsafePointer<Double>, _ stride: Int, _ y: Int,
    _ pattern: UnsafeMutablePointer<UInt32>, _ n: Int
  ) {
    let centre = image + y &* stride
    forEachSample(sample, image, stride, y, n) { x, v in
      pattern[x] |= (v - centre[x] >= 0 ? 1 : 0) &<< UInt32(truncatingIfNeeded: i)
    }
  }

  /// One sample of every voxel of a row. The fractions are those of the position itself, so that they round as
  /// scikit-image's do.
  @inline(__always)
  private func forEachSample(
    _ sample: (row: Double, column: Double), _ image: UnsafePointer<Double>, _ stride: Int, _ y: Int, _ n: Int,
    _ body: (Int, Double) -> Void
  ) {
    let row = Double(y) + sample.row, top = Int(row.rounded(.down)), bottom = Int(row.rounded(.up))
    let down = row - Double(top)
    let left = Int(sample.column.rounded(.down)), right = Int(sample.column.rounded(.up))
    let above = image + top &* stride, below = image + bottom &* stride
    for x in 0..<n {
      let across = (Double(x) + sample.column) - Double(x &+ left)
      let high = (1 - across) * above[x &+ left] + across * above[x &+ right]
      let low = (1 - across) * below[x &+ left] + across * below[x &+ right]
      body(x, (1 - down) * high + down * low)
    }
  }

  /// The number of a pattern.
  func code(_ pattern: UInt32) -> Float {
    let P = samples, bit = { (i: Int) in Int(pattern >> UInt32(i) & 1) }
    let ones = pattern.nonzeroBitCount
    // As scikit-image counts them: the last and the first sample are not compared.
    let changes = P > 1 ? (0..<P - 1).reduce(0) { $0 + (bit($1) == bit($1 + 1) ? 0 : 1) } : 0
    switch method {
    case .plain, .variance: return Float(pattern)
    case .rotated:
      var least = pattern, turned = pattern
      for _ in 1..<max(P, 2) {
        turned = turned >> 1 | (turned & 1) << UInt32(P - 1)
        least = min(least, turned)
      }
      return Float(least)
    case .uniform: return Float(changes <= 2 ? ones : P + 1)
    case .oriented:
      if changes > 2 { return Float(P * (P - 1) + 2) }
      if ones == 0 { return 0 }
      if ones == P { return Float(P * (P - 1) + 1) }
      let firstOne = pattern.trailingZeroBitCount, firstZero = (~pattern).trailingZeroBitCount
      return Float(1 + (ones - 1) * P + (firstOne == 0 ? ones - firstZero : P - firstOne))
    }
  }
}
