// SPDX-License-Identifier: Apache-2.0
import CSIMD
public import LumenCore

/// Gaussian smoothing, separable, in physical units.
///
///     g(k) ∝ exp(−k² / 2σ²),  |k| ≤ ⌊cutoff·σ + ½⌋,  Σg = 1,  σ in voxels of each axis
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone: a slice is a 2-D image.
/// - Units: σ in millimetres, divided by the spacing of each axis.
/// - Range: NaN and infinity spread to every voxel whose kernel touches them.
/// - Accuracy: within 2e-6 of the largest magnitude of the input from the double-precision sum; the same bits for any
///   number of threads.
/// - Cost: O(voxels · cutoff · σ / spacing) per axis; no scratch volume.
/// - Throws: `invalidParameter` for σ or cutoff that are not positive and finite, or a kernel beyond 10 000 voxels.
/// - Source: sampled Gaussian; oracle SciPy `gaussian_filter` (cutoff is its `truncate`). Boundary names as in IBSI 2.
public struct Gaussian: Filter {
  /// Standard deviation of the kernel.
  public var sigma = Length.mm(1)
  /// Where the kernel ends, in standard deviations.
  public var cutoff = 4.0
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// σ = 1 mm.
  public init() {}
  /// A smoothing of this width.
  public init(sigma: Length, boundary: BoundaryCondition = .mirror, cutoff: Double = 4) {
    self.sigma = sigma
    self.cutoff = cutoff
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "gaussian", summary: "Gaussian smoothing", source: "sampled Gaussian; IBSI 2 boundary conditions",
    parameters: [
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the kernel"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
      Parameter(\.cutoff, "cutoff", 0.5...10, "where the kernel ends, in standard deviations"),
    ])

  /// The smoothed image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The smoothed image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let kernels = try kernels(for: volume.geometry)
    return Volume(volume.geometry) { out in volume.withVoxels { run(kernels, volume.size, $0, out) } }
  }

  /// The smoothed image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    let kernels = try kernels(for: volume.geometry)
    try requireSize(of: result.geometry, volume.geometry)
    result = result.with(volume.geometry)
    result.withMutableVoxels { out in volume.withVoxels { run(kernels, volume.size, $0, out) } }
  }

  /// The kernel of each axis.
  func kernels(for geometry: Geometry) throws(ImageError) -> [SymmetricKernel] {
    let σ = sigma.millimetres
    guard σ > 0, σ.isFinite else {
      throw ImageError(
        .invalidParameter, "sigma is \(sigma), expected more than 0mm",
        hint: "the catalogue's range is \(Self.catalogue.parameters[0].range)")
    }
    guard cutoff > 0, cutoff.isFinite else {
      throw ImageError(.invalidParameter, "cutoff is \(shortest(cutoff)), expected more than 0 (usual: 4)")
    }
    var kernels: [SymmetricKernel] = []
    for (axis, name) in ["columns", "rows", "slices"].enumerated() {
      let voxels = σ / geometry.spacing[axis], radius = cutoff * voxels + 0.5
      if geometry.size[axis] == 1 {
        kernels.append(.identity)
        continue
      }
      guard voxels > 0, radius <= 10_000 else {
        throw ImageError(
          .invalidParameter,
          "sigma \(sigma) with cutoff \(shortest(cutoff)) spans \(shortest(radius)) voxels along \(name), at most 10000",
          hint: "is the spacing of \(shortest(geometry.spacing[axis])) mm right?")
      }
      kernels.append(SymmetricKernel(gaussian: voxels, radius: Int(radius)))
    }
    return kernels
  }

  private func run(
    _ kernels: [SymmetricKernel], _ size: Size, _ from: UnsafeBufferPointer<Float>,
    _ to: UnsafeMutableBufferPointer<Float>
  ) {
    guard let source = from.baseAddress, let target = to.baseAddress else { return }
    smoothSlices(kernels[0], kernels[1], size, source, target)
    if kernels[2].radius > 0 { smoothAcrossSlices(kernels[2], size, target) }
  }

  /// Columns and rows of every slice, `source` → `target`.
  ///
  /// A band of rows is filtered along x into a scratch that holds it and its surroundings; each pair of output rows
  /// follows as soon as its last row is there, so the rows being summed stay in the first-level cache.
  private func smoothSlices(
    _ kx: SymmetricKernel, _ ky: SymmetricKernel, _ size: Size, _ source: UnsafePointer<Float>,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let (nx, ny) = (size.columns, size.rows), (rx, ry) = (kx.radius, ky.radius)
    let height = min(ny, max(128, 4 * ry)), bands = (ny + height - 1) / height
    let width = roundUp(nx)
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(size.slices * bands, grain: max(1, (1 << 16) / (nx * height))) { items in
      withScratch(of: Float.self, (width + 16) * (height + 2 * ry) + width + 2 * rx + 16) { scratch in
        let stride = width + 16, padded = scratch + stride * (height + 2 * ry) + rx
        kx.weights.withUnsafeBufferPointer { wx in
          ky.weights.withUnsafeBufferPointer { wy in
            guard let wx = wx.baseAddress, let wy = wy.baseAddress else { return }
            for item in items {
              let slice = item / bands &* size.plane, first = item % bands &* height
              let rows = min(height, ny &- first)
              // Scratch row v holds image row first − ry + v.
              var done = 0
              for v in 0..<rows &+ 2 &* ry {
                let line = scratch + v &* stride
                if let y = boundary.index(first &- ry &+ v, count: ny) {
                  let row = source + (slice &+ y &* nx)
                  prefetch(row + 2 &* nx, nx)
                  pad(row, nx, padded, rx)
                  sumAlongRow(padded, wx, rx, line, nx)
                } else {
                  line.update(repeating: 0, count: width)
                }
                if v >= done &+ 2 &* ry &+ 1 {
                  let out = target + (slice &+ (first &+ done) &* nx)
                  sumAcrossRows(
                    scratch + (done &+ ry) &* stride, stride: stride, wy, ry, out, out + nx, nx)
                  done &+= 2
                }
              }
              if done < rows {
                let out = target + (slice &+ (first &+ done) &* nx)
                sumAcrossRows(scratch + (done &+ ry) &* stride, stride: stride, wy, ry, out, nx)
              }
            }
          }
        }
      }
    }
  }

  /// Along z in place: the same stretch of a row from every slice is gathered into a scratch and summed from there.
  private func smoothAcrossSlices(_ kz: SymmetricKernel, _ size: Size, _ voxels: UnsafeMutablePointer<Float>) {
    let (nx, nz, r) = (size.columns, size.slices, kz.radius), plane = size.plane
    // A stretch is long enough for the prefetcher and short enough that all slices of it fit the second-level cache.
    let length = min(roundUp(nx), max(64, (1 << 16) / (nz + 2 * r) / 16 * 16)), stretches = (nx + length - 1) / length
    nonisolated(unsafe) let voxels = voxels
    parallelFor(size.rows * stretches, grain: max(1, (1 << 16) / (length * nz))) { items in
      withScratch(of: Float.self, (length + 16) * (nz + 2 * r)) { scratch in
        let stride = length + 16
        kz.weights.withUnsafeBufferPointer { w in
          guard let w = w.baseAddress else { return }
          for item in items {
            let x = item % stretches &* length, n = min(length, nx &- x)
            let column = voxels + (item / stretches &* nx &+ x)
            for v in 0..<nz &+ 2 &* r {
              let line = scratch + v &* stride
              if let z = boundary.index(v &- r, count: nz) {
                line.update(from: column + z &* plane, count: n)
              } else {
                line.update(repeating: 0, count: n)
              }
            }
            var z = 0
            while z &+ 1 < nz {
              let out = column + z &* plane
              prefetch(out + length, length)
              prefetch(out + (plane &+ length), length)
              sumAcrossRows(scratch + (z &+ r) &* stride, stride: stride, w, r, out, out + plane, n)
              z &+= 2
            }
            if z < nz { sumAcrossRows(scratch + (z &+ r) &* stride, stride: stride, w, r, column + z &* plane, n) }
          }
        }
      }
    }
  }

  /// Asks for the cache lines of a row that is soon read.
  @inline(__always)
  private func prefetch(_ row: UnsafePointer<Float>, _ n: Int) {
    var x = 0
    while x < n {
      v_prefetch(row + x)
      x &+= 16
    }
  }

  /// Copies a row between its two margins and fills them.
  @inline(__always)
  private func pad(_ row: UnsafePointer<Float>, _ n: Int, _ padded: UnsafeMutablePointer<Float>, _ radius: Int) {
    padded.update(from: row, count: n)
    var k = 1
    while k <= radius {
      padded[-k] = boundary.index(-k, count: n).map { row[$0] } ?? 0
      padded[n &- 1 &+ k] = boundary.index(n &- 1 &+ k, count: n).map { row[$0] } ?? 0
      k &+= 1
    }
  }
}

extension Volume<Float> {
  /// The image smoothed by a Gaussian.
  public func gaussian(sigma: Length, boundary: BoundaryCondition = .mirror) throws(ImageError) -> Self {
    try Gaussian(sigma: sigma, boundary: boundary)(self)
  }
}

extension AnyVolume {
  /// The image smoothed by a Gaussian, as 32-bit float.
  public func gaussian(sigma: Length, boundary: BoundaryCondition = .mirror) throws(ImageError) -> AnyVolume {
    try Gaussian(sigma: sigma, boundary: boundary)(self)
  }
}
