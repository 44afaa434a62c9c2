// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Tube-likeness from the Hessian's eigenvalues, the largest over a range of scales.
///
///     Frangi, |λ₁| ≤ |λ₂| ≤ |λ₃|:  (1 − exp(−R_A²/2α²)) · exp(−R_B²/2β²) · (1 − exp(−S²/2c²))
///       R_A = |λ₂|/|λ₃|,  R_B = |λ₁|/√|λ₂λ₃|,  S² = Σλ²;  0 where λ₂ or λ₃ > 0.  In a slice without R_A, R_B = |λ₁|/|λ₂|
///     Sato, λ₁ ≥ λ₂ ≥ λ₃:  λc · exp(−λ₁² / 2(αλc)²),  λc = −λ₂,  α = ½ for λ₁ ≤ 0, else 2;  0 where λc ≤ 0
///       In a slice λc = −λ₂ of two, without the exponential
///
/// For dark tubes all signs change.
///
/// - Shape: any columns × rows × slices with two axes of more than one voxel → same geometry.
/// - Units: scales in millimetres, divided by the spacing of each axis; Sato's result in units of the image.
/// - Range: Frangi 0 … 1; NaN gives 0, a constant image 0 with any boundary but zero.
/// - Accuracy: within 1e-4 of the range of the result; the same bits for any number of threads.
/// - Cost: for each scale that of the Hessian's eigenvalues, twice where c is found; two volumes.
/// - Throws: `invalidParameter` for lengths, numbers or counts out of range, or an image of a single row.
/// - Source: Frangi et al. 1998; Sato et al. 1998.
public struct Vesselness: Filter {
  /// Whose measure.
  public enum Measure: String, Sendable, CaseIterable {
    case frangi, sato
  }

  /// Whose measure.
  public var measure = Measure.frangi
  /// Smallest standard deviation.
  public var smallest = Length.mm(1)
  /// Largest standard deviation.
  public var largest = Length.mm(1)
  /// Number of scales, in equal ratios from the smallest to the largest.
  public var scales = 1
  /// Whether tubes are darker than their surroundings.
  public var dark = false
  /// Frangi's α, sensitivity to plates.
  public var alpha = 0.5
  /// Frangi's β, sensitivity to blobs.
  public var beta = 0.5
  /// Frangi's c, sensitivity to noise, in units of the image; 0 for half of the largest S of the scale.
  public var structure = 0.0
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror
  /// Where the kernel ends, in standard deviations.
  public var cutoff = 4.0

  /// Frangi's measure of bright tubes at σ = 1 mm.
  public init() {}
  /// A measure over a range of scales.
  public init(_ measure: Measure, smallest: Length, largest: Length, scales: Int, dark: Bool = false) {
    self.measure = measure
    self.smallest = smallest
    self.largest = largest
    self.scales = scales
    self.dark = dark
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "vesselness", summary: "tube-likeness from the Hessian's eigenvalues",
    source: "Frangi et al. 1998; Sato et al. 1998",
    parameters: [
      Parameter(\.measure, "measure", "whose measure"),
      Parameter(\.smallest, "smallest", .mm(0.05) ... .mm(200), "smallest standard deviation"),
      Parameter(\.largest, "largest", .mm(0.05) ... .mm(200), "largest standard deviation"),
      Parameter(\.scales, "scales", 1...32, "number of scales, in equal ratios"),
      Parameter(\.dark, "dark", "tubes are darker than their surroundings"),
      Parameter(\.alpha, "alpha", 0.01...100, "Frangi's sensitivity to plates"),
      Parameter(\.beta, "beta", 0.01...100, "Frangi's sensitivity to blobs"),
      Parameter(\.structure, "structure", 0...1e9, "Frangi's c; 0 for half of the largest norm of the scale"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
      Parameter(\.cutoff, "cutoff", 0.5...10, "where the kernel ends, in standard deviations"),
    ])

  /// The measure, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The measure.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let hessians = try hessians(volume.geometry)
    // The derivatives of a constant image are what the kernels' cut ends leave of it, which must not be found to be
    // tubes.
    let range = AnyVolume.f32(volume).valueRange, largest = max(range.maximum.magnitude, range.minimum.magnitude)
    if boundary != .zero, range.count == volume.count, range.maximum - range.minimum <= 1e-6 * largest {
      return Volume(volume.geometry, repeating: 0)
    }
    var result: Volume<Float>?
    for hessian in hessians {
      let rate = rate(planar: hessian.dimensions == 2, noise: c(hessian, volume))
      guard let before = result else {
        result = hessian.map(volume) { e, _ in rate(e) }
        continue
      }
      result = before.withVoxels { voxels in
        nonisolated(unsafe) let best = voxels
        return hessian.map(volume) { e, i in max(best[i], rate(e)) }
      }
    }
    return result ?? volume
  }

  /// The slices within the largest kernel; the whole volume where Frangi's c is found in it.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    if measure == .frangi && structure == 0 { return nil }
    var most = 0
    for hessian in try hessians(geometry) {
      guard let reach = hessian.reach else { return nil }
      most = max(most, reach)
    }
    return most
  }

  private func hessians(_ geometry: Geometry) throws(ImageError) -> [Hessian] {
    guard (1...32).contains(scales) else {
      throw ImageError(.invalidParameter, "scales is \(scales), expected 1 … 32")
    }
    for (name, value) in [("alpha", alpha), ("beta", beta)] {
      guard value > 0, value.isFinite else {
        throw ImageError(.invalidParameter, "\(name) is \(shortest(value)), expected more than 0")
      }
    }
    guard structure >= 0, structure.isFinite else {
      throw ImageError(.invalidParameter, "structure is \(shortest(structure)), expected 0 or more")
    }
    guard largest >= smallest else {
      throw ImageError(.invalidParameter, "largest is \(largest), expected at least smallest, which is \(smallest)")
    }
    var hessians: [Hessian] = []
    for i in 0..<scales {
      let at = scales == 1 ? 0 : Double(i) / Double(scales - 1)
      let sigma = smallest.millimetres * pow(largest.millimetres / smallest.millimetres, at)
      hessians.append(
        try Hessian(
          .mm(sigma), cutoff: cutoff, boundary: boundary, planar: planar, in: geometry,
          name: i == 0 ? "smallest" : "largest"))
    }
    return hessians
  }

  /// Frangi's c: half of the largest norm of the Hessian unless it is given.
  private func c(_ hessian: Hessian, _ volume: Volume<Float>) -> Double {
    if measure != .frangi || structure > 0 { return structure }
    let squares = hessian.map(volume) { e, _ in Float((e * e).sum()) }
    let most = squares.withVoxels { voxels in
      nonisolated(unsafe) let s = voxels
      return parallelReduce(s.count, block: 1 << 16, Float(0)) { range in
        range.reduce(Float(0)) { s[$1] > $0 ? s[$1] : $0 }
      } combine: {
        $0 = max($0, $1)
      }
    }
    return Double(most).squareRoot() / 2
  }

  /// The measure of a voxel from its eigenvalues, largest first.
  private func rate(planar: Bool, noise c: Double) -> @Sendable (SIMD3<Double>) -> Float {
    let a = 2 * alpha * alpha, b = 2 * beta * beta, s = 2 * c * c, dark = dark
    switch measure {
    case .sato:
      return { e in
        // Bright tubes: the sign of dark ones is changed, and with it the order.
        let l = !dark ? e : planar ? SIMD3(-e.y, -e.x, 0) : SIMD3(-e.z, -e.y, -e.x)
        let λc = -l.y
        guard λc > 0, λc.isFinite, l.x.isFinite else { return 0 }
        if planar { return Float(λc) }
        let width = (l.x <= 0 ? 0.5 : 2) * λc
        return Float(λc * exp(-l.x * l.x / (2 * width * width)))
      }
    case .frangi:
      return { e in
        let e = dark ? -e : e
        let norm = (e * e).sum()
        guard norm > 0, norm.isFinite, s > 0 else { return 0 }
        let structure = 1 - exp(-norm / s)
        if planar {
          let (small, large) = abs(e.x) <= abs(e.y) ? (e.x, e.y) : (e.y, e.x)
          if large > 0 { return 0 }
          let blob = small / large
          return Float(exp(-blob * blob / b) * structure)
        }
        // By magnitude: the values are in order, so the largest magnitude is at one of the ends.
        let (λ3, rest) = abs(e.x) > abs(e.z) ? (e.x, SIMD2(e.y, e.z)) : (e.z, SIMD2(e.x, e.y))
        let (λ1, λ2) = abs(rest.x) <= abs(rest.y) ? (rest.x, rest.y) : (rest.y, rest.x)
        if λ2 > 0 || λ3 > 0 || λ2 == 0 { return 0 }
        let plate = λ2 / λ3, blob = λ1 * λ1 / (λ2 * λ3)
        return Float((1 - exp(-plate * plate / a)) * exp(-blob / b) * structure)
      }
    }
  }
}
