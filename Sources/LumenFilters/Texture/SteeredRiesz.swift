// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Riesz transform along the image's own directions: the structure tensor of the first-order responses turns the filter
/// at every voxel, so that the result does not depend on how the image lies.
///
///     J = g(σ) ∗ (Rₐ · R_b),  Rₐ the first-order Riesz transform along axis a;  u₁, u₂, u₃ the eigenvectors of J by
///     descending eigenvalue, each towards its side where Σ uₐ·Rₐ ≥ 0
///     R(w) = (−i)ᴸ · √(L! / l₁! l₂! l₃!) · Πₖ (uₖ·w / |w|)^lₖ = Σₙ c(n, u) · Rⁿ(w),   L = l₁ + l₂ + l₃
///
/// The sum goes over all orders n of length L of the transform along the axes, whose responses are combined at every
/// voxel. With a level, all of it is of the Simoncelli band of that level; to take it of another band, run that filter
/// before.
///
/// - Shape: any columns × rows × slices → same geometry. One slice, or each when planar, is filtered as a 2-D image.
/// - Units: σ in millimetres, divided by the spacing of each axis; frequencies are of voxels.
/// - Range: NaN and infinity would reach every voxel, so they are refused. Where two eigenvalues are equal, any pair of
///   directions in their plane is as good; where the tensor is zero, the axes of the image are taken.
/// - Accuracy: within 1e-4 of the largest magnitude of the input where the eigenvalues differ by more than 1e-3 of the
///   largest; the same bits for any number of threads.
/// - Cost: one Fourier transform forwards, one backwards for each of (L+1)(L+2)/2 orders (L+1 in a slice), whose volumes
///   are kept, and six Gaussians.
/// - Throws: `invalidParameter` for orders outside 0 … 6, all of them 0 or more than 6 together, a third one for a slice,
///   a level outside 0 … 10, σ that is not positive and finite, or voxels that are not finite.
/// - Source: IBSI 2 reference manual, Riesz transform, alignment by the structure tensor; Unser and Van De Ville 2010
///   (steering); Chenouard and Unser 2012 (structure tensor of the first order).
public struct SteeredRiesz: Filter {
  /// Order along the direction of the largest eigenvalue: across edges.
  public var first = 0
  /// Order along the direction of the middle eigenvalue.
  public var second = 2
  /// Order along the direction of the smallest eigenvalue.
  public var third = 0
  /// Standard deviation of the Gaussian that averages the structure tensor.
  public var sigma = Length.mm(1)
  /// Level of the Simoncelli band; 0 for all frequencies.
  public var level = 0
  /// Filters each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// The second order along the second direction, steered over 1 mm.
  public init() {}
  /// A transform of these orders along the image's directions.
  public init(
    first: Int, second: Int, third: Int, sigma: Length, level: Int = 0, planar: Bool = false,
    boundary: BoundaryCondition = .mirror
  ) {
    self.first = first
    self.second = second
    self.third = third
    self.sigma = sigma
    self.level = level
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "steered-riesz", summary: "Riesz transform along the image's own directions",
    source: "IBSI 2, Riesz transform, alignment by the structure tensor",
    parameters: [
      Parameter(\.first, "first", 0...6, "order along the direction of the structure tensor's largest eigenvalue"),
      Parameter(\.second, "second", 0...6, "order along the direction of the middle eigenvalue"),
      Parameter(\.third, "third", 0...6, "order along the direction of the smallest eigenvalue"),
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the structure tensor's average"),
      Parameter(\.level, "level", 0...10, "level of the Simoncelli band; 0: all frequencies"),
      Parameter(\.planar, "planar", "each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The transform, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// None when planar, else the whole volume.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { planar ? 0 : nil }

  /// The responses, the tensor and the padded spectra.
  public func scratch(_ geometry: Geometry) -> Int {
    let flat = planar || geometry.size.slices == 1
    return geometry.bytes(ofFloats: Self.orders(first + second + third, flat: flat).count + 28)
  }

  /// The transform.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let flat = planar || volume.size.slices == 1
    for (name, order) in [("first", first), ("second", second), ("third", third)] {
      let most = flat && name == "third" ? 0 : 6
      guard 0...most ~= order else {
        throw ImageError(
          .invalidParameter,
          "\(name) is \(order), expected 0\(most == 0 ? " because a slice has two directions" : " … 6")")
      }
    }
    let total = first + second + third
    guard 1...6 ~= total else {
      throw ImageError(.invalidParameter, "first, second and third are \(total) together, expected 1 … 6")
    }
    guard 0...10 ~= level else { throw ImageError(.invalidParameter, "level is \(level), expected 0 … 10") }
    try requireFinite(volume, Self.catalogue.name)
    let width = try GaussianWidth(sigma, planar: planar, in: volume.geometry)
    let average = SeparableConvolution(channels: [[width.term([:])]], boundary: boundary)

    let wavelet = RadialWavelet(
      level: level, planar: flat, boundary: boundary, margin: level == 0 ? 32 : 16 << level)
    let axes = flat ? [[1, 0, 0], [0, 1, 0]] : [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    let orders = Self.orders(total, flat: flat)
    var gradient: [Volume<Float>] = [], responses: [Volume<Float>] = []
    wavelet.forEachOrder(total == 1 ? axes : axes + orders, of: volume) {
      if gradient.count < axes.count { gradient.append($0) } else { responses.append($0) }
    }
    if total == 1 { responses = gradient }
    let pairs = flat ? [(0, 0), (1, 1), (0, 1)] : [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)]
    let tensor = pairs.map { a, b in average(product(gradient[a], gradient[b])) }
    return combined(responses, orders, gradient, tensor)
  }

  /// Every order of a length, along the axes.
  private static func orders(_ total: Int, flat: Bool) -> [[Int]] {
    (0...total).reversed().flatMap { x in
      flat ? [[x, total - x, 0]] : (0...total - x).reversed().map { y in [x, y, total - x - y] }
    }
  }

  private func product(_ a: Volume<Float>, _ b: Volume<Float>) -> Volume<Float> {
    Volume(a.geometry) { out in
      a.withVoxels { a in
        b.withVoxels { b in
          nonisolated(unsafe) let (a, b, out) = (a, b, out)
          parallelFor(out.count, grain: 1 << 16) { range in for i in range { out[i] = a[i] * b[i] } }
        }
      }
    }
  }

  /// The responses along the axes, combined to those along the directions of every voxel.
  private func combined(
    _ responses: [Volume<Float>], _ orders: [[Int]], _ gradient: [Volume<Float>], _ tensor: [Volume<Float>]
  ) -> Volume<Float> {
    func addresses(_ volumes: [Volume<Float>]) -> [UnsafePointer<Float>] {
      volumes.compactMap { v in v.withVoxels { $0.baseAddress } }
    }
    nonisolated(unsafe) let (r, g, j) = (addresses(responses), addresses(gradient), addresses(tensor))
    let power = [first, second, third], total = first + second + third, flat = g.count == 2
    // The weight of a response by its order of columns and rows: 1 / √(L! / n!), with √(L! / l!) of the result before it.
    let weights = orders.map { n in
      (n.map(factorial).reduce(1, *) / power.map(factorial).reduce(1, *)).squareRoot()
    }
    let places = orders.map { n in n[0] * (total + 1) + n[1] }
    return Volume(responses[0].geometry) { out in
      nonisolated(unsafe) let out = out
      withExtendedLifetime((responses, gradient, tensor)) {
        parallelFor(out.count, grain: 1 << 10) { range in
          // Coefficients of the product of the linear forms so far, by the powers of columns and rows.
          var polynomial = [Double](repeating: 0, count: (total + 1) * (total + 1))
          for i in range {
            var u =
              flat
              ? Self.directions(Double(j[0][i]), Double(j[1][i]), Double(j[2][i]))
              : symmetricEigenvectors(
                Double(j[0][i]), Double(j[1][i]), Double(j[2][i]), Double(j[3][i]), Double(j[4][i]), Double(j[5][i]))
            let slope = SIMD3(Double(g[0][i]), Double(g[1][i]), flat ? 0 : Double(g[2][i]))
            for k in 0..<3 where (u[k] * slope).sum() < 0 { u[k] = -u[k] }
            Self.multiply(u, power, total, &polynomial)
            var sum = 0.0
            for n in 0..<r.count { sum += weights[n] * polynomial[places[n]] * Double(r[n][i]) }
            out[i] = Float(sum)
          }
        }
      }
    }
  }

  /// Πₖ (uₖ · w)^lₖ as a polynomial in w: entry x · (L + 1) + y is the coefficient of w₁ˣ w₂ʸ w₃^(degree − x − y).
  private static func multiply(_ u: Frame, _ power: [Int], _ total: Int, _ p: inout [Double]) {
    for i in p.indices { p[i] = 0 }
    p[0] = 1
    var degree = 0
    for k in 0..<3 {
      for _ in 0..<power[k] {
        degree += 1
        // From the highest powers down, so that what is read is not yet written.
        for x in (0...degree).reversed() {
          for y in (0...degree - x).reversed() {
            let at = x * (total + 1) + y
            var c = x + y < degree ? u[k].z * p[at] : 0
            if x > 0 { c += u[k].x * p[at - total - 1] }
            if y > 0 { c += u[k].y * p[at - 1] }
            p[at] = c
          }
        }
      }
    }
  }

  /// The eigenvectors of a symmetric 2 × 2 matrix by descending eigenvalue, and the third axis.
  private static func directions(_ xx: Double, _ yy: Double, _ xy: Double) -> Frame {
    let half = (xx - yy) / 2, root = (half * half + xy * xy).squareRoot()
    // Of two forms of the vector the one without cancellation.
    var v = half >= 0 ? SIMD3(half + root, xy, 0) : SIMD3(xy, root - half, 0)
    let length = (v * v).sum().squareRoot()
    v = length > 0 ? v / length : [1, 0, 0]
    return Frame(first: v, second: [-v.y, v.x, 0], third: [0, 0, 1])
  }
}

private func factorial(_ n: Int) -> Double { n < 2 ? 1 : Double(n) * factorial(n - 1) }
