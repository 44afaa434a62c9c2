// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Anisotropic diffusion: intensities flow where the image is flat and stop at edges.
///
///     gradient:  ∂I/∂t = ∇·(c(|∇I|) ∇I)              curvature:  ∂I/∂t = |∇I| ∇·(c(|∇I|) ∇I/|∇I|)
///     c(g) = exp(−g² / 2K²),  K² = conductance² · mean |∇I|², found anew before every iteration
///
/// Curvature evolves the level sets of the image: slower, and without sharpening the edges that it keeps.
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float. One slice is filtered as a 2-D image.
/// - Units: gradients per millimetre of the spacing; the time step in mm². Outside lies the edge voxel.
/// - Range: NaN and infinity are refused: the mean gradient would be no number.
/// - Accuracy: exponentials within 2e-7; the mean gradient in double precision; the same bits for any number of threads.
/// - Cost: per iteration three fluxes a voxel, each shared by its two voxels; two volumes of scratch.
/// - Throws: `invalidParameter` for a time step or conductance that is not positive and finite, iterations outside
///   1 … 1000, or voxels that are not finite. Steps beyond spacing² / 2ⁿ⁺¹ in n dimensions become unstable.
/// - Source: Perona & Malik 1990; Whitaker & Xue 2001 (curvature); discretised as ITK's
///   `GradientAnisotropicDiffusionImageFilter` and `CurvatureAnisotropicDiffusionImageFilter`.
public struct AnisotropicDiffusion: Filter {
  /// The equation.
  public enum Scheme: String, Sendable, CaseIterable {
    /// Perona and Malik's: divergence of the damped gradient.
    case gradient
    /// Modified curvature diffusion: level sets move by their damped curvature.
    case curvature
  }

  /// Which equation.
  public var scheme = Scheme.gradient
  /// Number of time steps.
  public var iterations = 5
  /// Length of a step.
  public var timeStep = 0.0625
  /// Edges of `conductance` times the root mean square gradient are damped to e^−½.
  public var conductance = 3.0
  /// Filter each slice for itself.
  public var planar = false

  /// Five steps of 0.0625 with conductance 3.
  public init() {}
  /// Some steps of an equation.
  public init(
    _ scheme: Scheme, iterations: Int = 5, timeStep: Double = 0.0625, conductance: Double = 3, planar: Bool = false
  ) {
    self.scheme = scheme
    self.iterations = iterations
    self.timeStep = timeStep
    self.conductance = conductance
    self.planar = planar
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "anisotropic-diffusion", summary: "diffusion that stops at edges",
    source: "Perona & Malik 1990; Whitaker & Xue 2001",
    parameters: [
      Parameter(\.scheme, "scheme", "the equation"),
      Parameter(\.iterations, "iterations", 1...1000, "number of time steps"),
      Parameter(\.timeStep, "time-step", 1e-6...10, "length of a step"),
      Parameter(\.conductance, "conductance", 1e-3...1000, "edges to keep, in root mean square gradients"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
    ])

  /// The smoothed image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The smoothed image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try require(iterations, in: 1...1000, "iterations")
    try requirePositive(timeStep, "time-step")
    try requirePositive(conductance, "conductance")
    try requireFinite(volume, Self.catalogue.name)
    for axis in 0..<3 where volume.size[axis] > 1 { try requirePositive(volume.geometry.spacing[axis], "spacing") }
    if planar && volume.size.slices > 1 { return try volume.mapSlices { v throws(ImageError) in try self(v) } }
    return run(volume)
  }

  /// Two padded volumes and the border around them.
  public func scratch(_ geometry: Geometry) -> Int { geometry.bytes(ofFloats: 3) }

  /// The neighbours in every direction, slice by slice; the mean gradient depends on the whole volume.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { planar || geometry.size.slices == 1 ? 0 : nil }

  private func run(_ volume: Volume<Float>) -> Volume<Float> {
    let grid = DiffusionGrid(volume.geometry)
    var one = grid.padded(volume), two = Volume<Float>(one.geometry, repeating: 0)
    for _ in 0..<iterations {
      one.withVoxels { from in
        two.withMutableVoxels { to in
          let from = from.baseAddress! + DiffusionGrid.margin, to = to.baseAddress! + DiffusionGrid.margin
          let k = grid.meanSquaredGradient(from) * conductance * conductance * 2
          // Exponents are binary.
          let damping = SIMD16<Float>(repeating: Float(-1 / (k * M_LN2)))
          let step = SIMD16<Float>(repeating: k == 0 ? 0 : Float(timeStep))
          switch scheme {
          case .gradient: grid.advance(GradientDiffusion(damping: damping, step: step), from, to)
          case .curvature: grid.advance(CurvatureDiffusion(damping: damping, step: step, scale: grid.scale), from, to)
          }
        }
      }
      swap(&one, &two)
    }
    return grid.cropped(one, volume.geometry)
  }
}
