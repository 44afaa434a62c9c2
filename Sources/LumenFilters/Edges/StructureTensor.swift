// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// What the structure tensor says about a neighbourhood: how strong its edges are and how much they agree.
///
///     J = g(ρ) ∗ (∇ₐ · ∇_b),  ∇ₐ = ∂ₐ g(σ) ∗ image / sₐ,  λ₁ ≥ λ₂ ≥ λ₃ the eigenvalues of J
///     coherence = ((λ₁ − λ₂) / (λ₁ + λ₂))²
///
/// - Shape: any columns × rows × slices with two axes of more than one voxel → same geometry.
/// - Units: σ and ρ in millimetres, divided by the spacing of each axis; eigenvalues per mm².
/// - Range: coherence 0 … 1, 0 where there is no gradient; NaN and infinity spread as far as both kernels.
/// - Accuracy: eigenvalues within 1e-5 of the largest; the same bits for any number of threads.
/// - Cost: eight passes for the gradient, three for each of six products; seven volumes of scratch, four for a slice.
/// - Throws: `invalidParameter` for lengths that are not positive and finite, a kernel beyond 10 000 voxels, or an image
///   of a single row.
/// - Source: Förstner and Gülch 1987; coherence of Jähne 1993.
public struct StructureTensor: Filter {
  /// What is made of the tensor.
  public enum Measure: String, Sendable, CaseIterable {
    case largest, middle, smallest, coherence
  }

  /// What is made of the tensor.
  public var measure = Measure.largest
  /// Standard deviation of the Gaussian whose derivatives are the gradient.
  public var sigma = Length.mm(1)
  /// Standard deviation of the Gaussian that averages the tensor.
  public var integration = Length.mm(2)
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// The largest eigenvalue, gradient at 1 mm, averaged over 2 mm.
  public init() {}
  /// A measure at these scales.
  public init(
    _ measure: Measure, sigma: Length, integration: Length, planar: Bool = false,
    boundary: BoundaryCondition = .mirror
  ) {
    self.measure = measure
    self.sigma = sigma
    self.integration = integration
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "structure-tensor", summary: "strength or agreement of the edges around a voxel",
    source: "Förstner and Gülch 1987; Jähne 1993",
    parameters: [
      Parameter(\.measure, "measure", "what is made of the tensor"),
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the gradient's Gaussian"),
      Parameter(\.integration, "integration", .mm(0.05) ... .mm(200), "standard deviation of the average"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The measure, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The measure.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let (gradient, average, dimensions) = try parts(volume.geometry)
    // Order: xx, yy, zz, xy, xz, yz; or of a slice xx, yy, xy.
    let pairs = dimensions == 2 ? [(0, 0), (1, 1), (0, 1)] : [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)]
    var products = pairs.map { _ in Volume<Float>(volume.geometry) { _ in } }
    let addresses = products.indices.map { i in products[i].withMutableVoxels { $0.baseAddress } }
    nonisolated(unsafe) let targets = addresses
    withExtendedLifetime(products) {
      gradient.forEachRow(volume) { c, offset, count in
        for ((a, b), target) in zip(pairs, targets) {
          guard let out = target.map({ $0 + offset }) else { continue }
          let (p, q) = (c[a], c[b])
          for x in 0..<count { out[x] = p[x] * q[x] }
        }
      }
    }
    for i in products.indices { products[i] = average(products[i]) }
    return measured(products, dimensions)
  }

  /// The products, one of them before and after the average, and what measures them.
  public func scratch(_ geometry: Geometry) -> Int { geometry.bytes(ofFloats: 8) }

  /// The slices within both kernels.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    let (gradient, average, _) = try parts(geometry)
    guard let a = gradient.reach, let b = average.reach else { return nil }
    return a + b
  }

  private func parts(_ geometry: Geometry) throws(ImageError) -> (SeparableConvolution, SeparableConvolution, Int) {
    let inner = try GaussianWidth(sigma, planar: planar, in: geometry)
    let outer = try GaussianWidth(integration, planar: planar, in: geometry, name: "integration")
    let axes = inner.activeAxes
    guard axes.count >= 2 else {
      throw ImageError(
        .invalidParameter, "the image is \(geometry.size) voxels, expected at least two axes of more than one")
    }
    let gradient = SeparableConvolution(
      channels: axes.map { [inner.term([$0: 1], scaledBy: 1 / geometry.spacing[$0])] }, boundary: boundary)
    return (gradient, SeparableConvolution(channels: [[outer.term([:])]], boundary: boundary), axes.count)
  }

  /// The measure of every voxel.
  private func measured(_ products: [Volume<Float>], _ dimensions: Int) -> Volume<Float> {
    let measure = measure
    let addresses = products.map { v in v.withVoxels { $0.baseAddress } }
    nonisolated(unsafe) let j = addresses
    return Volume(products[0].geometry) { out in
      nonisolated(unsafe) let out = out
      withExtendedLifetime(products) {
        parallelFor(out.count, grain: 1 << 12) { range in
          let p = j.compactMap { $0 }
          guard p.count == j.count else { return }
          for i in range {
            let e: SIMD3<Double>
            if dimensions == 2 {
              let two = eigenvalues(Double(p[0][i]), Double(p[1][i]), Double(p[2][i]))
              e = SIMD3(two.x, two.y, two.y)
            } else {
              e = eigenvalues(
                Double(p[0][i]), Double(p[1][i]), Double(p[2][i]), Double(p[3][i]), Double(p[4][i]), Double(p[5][i]))
            }
            switch measure {
            case .largest: out[i] = Float(e.x)
            case .middle: out[i] = Float(e.y)
            case .smallest: out[i] = Float(e.z)
            case .coherence:
              let sum = e.x + e.y, ratio = sum == 0 ? 0 : (e.x - e.y) / sum
              out[i] = Float(ratio * ratio)
            }
          }
        }
      }
    }
  }
}
