// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Canny's edges of each slice: thin lines of locally strongest gradient, kept where they lead to a strong one.
///
/// 1. The slice is smoothed by a Gaussian; gradient G by Sobel's operator (unscaled), its length m = |G|.
/// 2. A voxel with m ≥ low is a candidate when m is not below the values one step along ±G, interpolated between the
///    two nearest neighbours. Voxels of the slice's border are none.
/// 3. Candidates that are 8-connected to one with m ≥ high are edges.
///
/// - Shape: any columns × rows × slices → same geometry, unsigned 8-bit, 1 on an edge.
/// - Units: σ in millimetres, divided by the spacing of each axis; thresholds in units of Sobel's unscaled operator.
/// - Range: NaN is no edge.
/// - Cost: that of a Gaussian and a Sobel filter; three volumes of scratch.
/// - Throws: `invalidParameter` for σ that is not positive and finite, or thresholds that are not 0 ≤ low ≤ high.
/// - Source: Canny 1986; as scikit-image `canny`.
public struct Canny: Filter {
  /// Standard deviation of the Gaussian.
  public var sigma = Length.mm(1)
  /// Least gradient of an edge.
  public var low = 100.0
  /// Gradient that an edge reaches somewhere.
  public var high = 200.0
  /// Values assumed outside the image when it is smoothed.
  public var boundary = BoundaryCondition.mirror

  /// σ = 1 mm, thresholds 100 and 200.
  public init() {}
  /// An edge detector.
  public init(sigma: Length, low: Double, high: Double, boundary: BoundaryCondition = .mirror) {
    self.sigma = sigma
    self.low = low
    self.high = high
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "canny", summary: "thin edges of each slice", source: "Canny 1986",
    parameters: [
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the Gaussian"),
      Parameter(\.low, "low", 0...1e9, "least gradient of an edge"),
      Parameter(\.high, "high", 0...1e9, "gradient that an edge reaches somewhere"),
      Parameter(\.boundary, "boundary", "values assumed outside the image when it is smoothed"),
    ])

  /// The edges.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .u8(try self(image.float)) }

  /// The edges.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<UInt8> {
    let width = try GaussianWidth(sigma, planar: true, in: volume.geometry)
    guard low >= 0, high >= low, high.isFinite else {
      throw ImageError(
        .invalidParameter, "low is \(shortest(low)) and high is \(shortest(high)), expected 0 ≤ low ≤ high")
    }
    let smooth = SeparableConvolution(channels: [[width.term([:])]], boundary: boundary)(volume)
    let along = Kernel([1.0, 0, -1]), across = Kernel([1.0, 2, 1])
    let sobel = SeparableConvolution(
      channels: [[.init(along, across)], [.init(across, along)]], boundary: .mirror)
    var gx = smooth
    let gy = Volume<Float>(volume.geometry) { out in
      gx = Volume<Float>(volume.geometry) { first in
        nonisolated(unsafe) let (x, y) = (first.baseAddress, out.baseAddress)
        sobel.forEachRow(smooth) { channels, offset, count in
          guard let x, let y else { return }
          (x + offset).update(from: channels[0], count: count)
          (y + offset).update(from: channels[1], count: count)
        }
      }
    }
    var edges = candidates(gx, gy)
    Self.keepLinked(&edges)
    return edges
  }

  /// The smoothed image and its derivatives.
  public func scratch(_ geometry: Geometry) -> Int { geometry.bytes(ofFloats: 3) }

  /// The slice itself.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { 0 }

  /// 2 for candidates that reach the high threshold, 1 for others, 0 elsewhere.
  private func candidates(_ gx: Volume<Float>, _ gy: Volume<Float>) -> Volume<UInt8> {
    let size = gx.size, (nx, ny) = (size.columns, size.rows), (low, high) = (Float(low), Float(high))
    return Volume(gx.geometry) { out in
      gx.withVoxels { gx in
        gy.withVoxels { gy in
          nonisolated(unsafe) let (gx, gy, out) = (gx, gy, out)
          parallelFor(ny * size.slices, grain: max(1, (1 << 14) / nx)) { rows in
            for row in rows {
              let start = row &* nx, y = row % ny
              for x in 0..<nx {
                let i = start &+ x
                out[i] = 0
                if x == 0 || y == 0 || x == nx &- 1 || y == ny &- 1 { continue }
                let (a, b) = (gx[i], gy[i]), m = (a * a + b * b).squareRoot()
                guard m > 0, m >= low else { continue }
                // The neighbour along the larger component, and the one diagonal to it.
                let dx = a < 0 ? -1 : 1, dy = b < 0 ? -nx : nx
                let isSteep = abs(b) > abs(a), straight = isSteep ? dy : dx
                let w = isSteep ? abs(a) / abs(b) : abs(b) / abs(a)
                var isLargest = true
                for side in [1, -1] {
                  let s = i &+ side &* straight, d = i &+ side &* (dx &+ dy)
                  let ms = (gx[s] * gx[s] + gy[s] * gy[s]).squareRoot()
                  let md = (gx[d] * gx[d] + gy[d] * gy[d]).squareRoot()
                  if !(md * w + ms * (1 - w) <= m) { isLargest = false }
                }
                if isLargest { out[i] = m >= high ? 2 : 1 }
              }
            }
          }
        }
      }
    }
  }

  /// Marks what is 8-connected to a 2 with 1, everything else with 0, slice by slice.
  private static func keepLinked(_ edges: inout Volume<UInt8>) {
    let size = edges.size, nx = size.columns, plane = size.plane
    edges.withMutableVoxels { voxels in
      nonisolated(unsafe) let voxels = voxels
      parallelFor(size.slices) { slices in
        var open: [Int] = []
        for slice in slices {
          let range = slice &* plane..<(slice &+ 1) &* plane
          for i in range where voxels[i] == 2 {
            voxels[i] = 3
            open.append(i)
            while let at = open.popLast() {
              // No candidate lies on the border, so every neighbour is inside the slice.
              for dy in [-nx, 0, nx] {
                for dx in -1...1 where voxels[at &+ dy &+ dx] == 1 || voxels[at &+ dy &+ dx] == 2 {
                  voxels[at &+ dy &+ dx] = 3
                  open.append(at &+ dy &+ dx)
                }
              }
            }
          }
          for i in range { voxels[i] = voxels[i] == 3 ? 1 : 0 }
        }
      }
    }
  }
}
