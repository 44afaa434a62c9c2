// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Gabor filter of the planes of a volume: how much a stripe pattern of one direction and wavelength is there.
///
///     h(x, y) = exp(−(R₁² + γ²R₂²) / 2σ²) · exp(2πi R₁ / λ)
///     R₁ = x cos θ + y sin θ,  R₂ = −x sin θ + y cos θ
///
/// The result is the modulus of h ∗ image, or its real or imaginary part; over angles θ, θ + step … once round it is
/// their mean or largest, over the three orthogonal planes their mean.
///
/// - Shape: any columns × rows × slices → same geometry. Planes (x, y) are (columns, rows), then (columns, slices)
///   and (rows, slices).
/// - Units: σ and λ in millimetres in the plane, anisotropic spacing honoured; θ and step in degrees.
/// - Range: NaN and infinity would reach whole tiles, so they are refused; responses beyond 1e18 overflow.
/// - Accuracy: within 2e-6 of the largest response of the double-precision sum; the same bits for any number of
///   threads.
/// - Cost: O(voxels · angles · log) by transforms of tiles; scratch 24 bytes a voxel of a tile for each thread, 400 MB
///   for the largest kernels, and 4 for each angle.
/// - Throws: `invalidParameter` for values out of range, voxels that are not finite, or a kernel radius beyond 1000
///   voxels, `limitExceeded` for kernels that need more than 1 GiB together.
/// - Source: IBSI 2 reference manual, Gabor filters; overlap-save convolution (Stockham 1966).
public struct Gabor: Filter {
  /// Which part of the complex response is the result.
  public enum Response: String, Sendable, CaseIterable { case modulus, real, imaginary }
  /// What is made of the responses at several angles.
  public enum Pooling: String, Sendable, CaseIterable { case mean, max }
  /// Which planes are filtered.
  public enum Planes: String, Sendable, CaseIterable {
    /// Each slice.
    case slices
    /// Slices and the two families of planes across them; the mean of the three.
    case orthogonal
  }

  /// Standard deviation of the envelope along the wave.
  public var sigma = Length.mm(5)
  /// Wavelength of the stripes.
  public var wavelength = Length.mm(4)
  /// Aspect ratio: the envelope's standard deviation across the wave is σ/γ.
  public var gamma = 1.0
  /// Direction of the wave in degrees, from columns towards rows.
  public var theta = 0.0
  /// Angle between directions in degrees; 0 for one direction.
  public var step = 0.0
  /// What is made of several directions.
  public var pooling = Pooling.mean
  /// Which planes are filtered.
  public var planes = Planes.slices
  /// Which part of the response is the result.
  public var response = Response.modulus
  /// Half the kernel's width in voxels; 0: where the envelope falls below 1e-7.
  public var radius = 0
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// σ = 5 mm, λ = 4 mm, one direction.
  public init() {}
  /// A filter of this width, wavelength and direction, or of all directions a step apart.
  public init(
    sigma: Length, wavelength: Length, gamma: Double = 1, theta: Double = 0, step: Double = 0,
    pooling: Pooling = .mean, planes: Planes = .slices, response: Response = .modulus, radius: Int = 0,
    boundary: BoundaryCondition = .mirror
  ) {
    self.sigma = sigma
    self.wavelength = wavelength
    self.gamma = gamma
    self.theta = theta
    self.step = step
    self.pooling = pooling
    self.planes = planes
    self.response = response
    self.radius = radius
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "gabor", summary: "Gabor filter of planes", source: "IBSI 2, Gabor filters",
    parameters: [
      Parameter(\.sigma, "sigma", .mm(0.05) ... .mm(200), "standard deviation of the envelope along the wave"),
      Parameter(\.wavelength, "wavelength", .mm(0.05) ... .mm(1000), "wavelength of the stripes"),
      Parameter(\.gamma, "gamma", 0.05...20, "envelope along the wave over envelope across it"),
      Parameter(\.theta, "theta", -360...360, "direction in degrees, from columns towards rows"),
      Parameter(\.step, "step", 0...360, "degrees between directions once round; 0: one direction"),
      Parameter(\.pooling, "pooling", "what is made of several directions"),
      Parameter(\.planes, "planes", "slices, or the mean of the three orthogonal families of planes"),
      Parameter(\.response, "response", "part of the complex response"),
      Parameter(\.radius, "radius", 0...1000, "half the kernel's width in voxels; 0: where the envelope ends"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The response, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// Slices do not depend on each other unless planes across them are filtered.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { planes == .slices ? 0 : nil }

  /// The response.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    var result = Volume<Float>(volume.geometry) { _ in }
    try self(volume, into: &result)
    return result
  }

  /// The response written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    try requireSize(of: result.geometry, volume.geometry)
    try requireFinite(volume, Self.catalogue.name)
    let families = [(x: 0, y: 1, across: 2), (x: 0, y: 2, across: 1), (x: 1, y: 2, across: 0)]
    let used = planes == .slices || volume.size.slices == 1 ? Array(families.prefix(1)) : families
    let angles = try directions()
    var banks: [GaborBank] = []
    for axes in used { banks.append(try bank(angles, axes, volume.geometry)) }
    let scale = 1 / Float(used.count)
    result = result.with(volume.geometry)
    result.withMutableVoxels { to in
      volume.withVoxels { from in
        guard let from = from.baseAddress, let to = to.baseAddress else { return }
        for (i, bank) in banks.enumerated() {
          bank.run(from, groups: [angles.indices], to: [to], scale: scale, adds: i > 0)
        }
      }
    }
  }

  /// The response of every slice at each of these angles in degrees, without pooling: the image is transformed once.
  public func bank(_ volume: Volume<Float>, angles: [Double]) throws(ImageError) -> [Volume<Float>] {
    guard !angles.isEmpty, angles.allSatisfy(\.isFinite) else {
      throw ImageError(.invalidParameter, "angles are \(angles), expected at least one finite number of degrees")
    }
    try requireFinite(volume, Self.catalogue.name)
    let bank = try bank(angles, (0, 1, 2), volume.geometry)
    var results = angles.map { _ in Volume<Float>(volume.geometry) { _ in } }
    var targets: [UnsafeMutablePointer<Float>] = []
    for i in results.indices { results[i].withMutableVoxels { if let p = $0.baseAddress { targets.append(p) } } }
    volume.withVoxels { from in
      guard let from = from.baseAddress else { return }
      bank.run(from, groups: angles.indices.map { $0..<$0 + 1 }, to: targets, scale: 1, adds: false)
    }
    return results
  }

  /// The directions in degrees. Those of the second half turn give the same modulus and real part and are left out.
  private func directions() throws(ImageError) -> [Double] {
    guard theta.isFinite else { throw ImageError(.invalidParameter, "theta is \(shortest(theta)), expected degrees") }
    guard step == 0 || (step >= 0.5 && step <= 360) else {
      throw ImageError(.invalidParameter, "step is \(shortest(step)), expected 0 or 0.5 … 360 degrees")
    }
    if step == 0 { return [theta] }
    let count = Int((360 / step - 1e-9).rounded(.up))
    let halves = count % 2 == 0 && abs(Double(count) * step - 360) < 1e-9 && response != .imaginary
    return (0..<(halves ? count / 2 : count)).map { theta + Double($0) * step }
  }

  private func bank(
    _ angles: [Double], _ axes: (x: Int, y: Int, across: Int), _ geometry: Geometry
  ) throws(ImageError) -> GaborBank {
    let σ = sigma.millimetres, λ = wavelength.millimetres, γ = gamma
    for (name, value) in [("sigma", σ), ("wavelength", λ)] where !(value > 0 && value.isFinite) {
      throw ImageError(.invalidParameter, "\(name) is \(shortest(value))mm, expected more than 0mm")
    }
    guard γ > 0, γ.isFinite else {
      throw ImageError(.invalidParameter, "gamma is \(shortest(γ)), expected more than 0")
    }
    guard 0...1000 ~= radius else { throw ImageError(.invalidParameter, "radius is \(radius), expected 0 … 1000") }
    let (sx, sy) = (geometry.spacing[axes.x], geometry.spacing[axes.y])
    var reach = (x: radius, y: radius)
    if radius == 0 {
      for angle in angles {
        let (c, s) = (cos(angle * .pi / 180), sin(angle * .pi / 180))
        let x = 5.7 * σ * (c * c + s * s / (γ * γ)).squareRoot() / sx
        let y = 5.7 * σ * (s * s + c * c / (γ * γ)).squareRoot() / sy
        guard x <= 1000, y <= 1000 else {
          throw ImageError(
            .invalidParameter,
            "sigma \(sigma) with gamma \(shortest(γ)) needs a radius of \(shortest(max(x, y))) voxels, at most 1000",
            hint: "is the spacing right?")
        }
        reach = (max(reach.x, Int(x.rounded(.up))), max(reach.y, Int(y.rounded(.up))))
      }
    }
    // An axis of one voxel is left alone.
    if geometry.size[axes.x] == 1 { reach.x = 0 }
    if geometry.size[axes.y] == 1 { reach.y = 0 }
    let kernels = angles.map { angle -> @Sendable (Int, Int) -> (Double, Double) in
      let (c, s) = (cos(angle * .pi / 180), sin(angle * .pi / 180))
      return { i, j in
        let x = Double(i) * sx, y = Double(j) * sy, r1 = x * c + y * s, r2 = y * c - x * s
        let envelope = exp(-(r1 * r1 + γ * γ * r2 * r2) / (2 * σ * σ)), phase = 2 * .pi * r1 / λ
        return (envelope * cos(phase), envelope * sin(phase))
      }
    }
    let part: GaborBank.Part = response == .modulus ? .modulus : response == .real ? .real : .imaginary
    return try GaborBank(
      geometry.size, axes: axes, radius: reach, part: part, pooling: pooling == .mean ? .mean : .max,
      boundary: boundary, kernels: kernels)
  }
}
