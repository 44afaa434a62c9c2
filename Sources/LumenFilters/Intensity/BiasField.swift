// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Correction of a slowly varying gain, as of the coils of a magnetic resonance scanner (N4).
///
///     log v = log u + log b;  repeat: u ← log v − B,  r ← u − E(u),  B ← B + smooth(r);  out = v / exp B
///
/// E sharpens the histogram of u by Wiener deconvolution with a Gaussian; smooth is a cubic B-spline approximation of
/// the residual, whose control points are doubled from level to level.
///
/// - Shape: any columns × rows × slices → same geometry, 32-bit float. The spline's domain is the whole image.
/// - Units: the width of the Gaussian in logarithms of intensity.
/// - Range: estimated from the finite voxels that are positive and above the threshold; every voxel is divided.
/// - Accuracy: double precision; the corrected image within 1e-3 of its range from SimpleITK's, which computes in single.
/// - Cost: about 60 operations a voxel and iteration; two volumes of scratch.
/// - Throws: `invalidParameter` for parameters out of range or an image without two different positive voxels.
/// - Source: Tustison et al. 2010; oracle SimpleITK `N4BiasFieldCorrection`.
public struct BiasField: Filter {
  /// Fitting levels: each has twice the spans of the one before.
  public var levels = 4
  /// Most iterations of a level.
  public var iterations = 50
  /// Control points of the first level along each axis.
  public var controlPoints = 4
  /// A level ends when the field's coefficient of variation changes by less.
  public var convergence = 0.001
  /// Full width at half maximum of the Gaussian that blurs the histogram.
  public var width = 0.15
  /// Noise of the Wiener deconvolution.
  public var noise = 0.01
  /// Bins of the histogram.
  public var bins = 200
  /// The field is estimated from every n-th voxel along each axis.
  public var shrink = 1
  /// The field is estimated from the voxels above this.
  public var above = 0.0

  /// Four levels of 50 iterations.
  public init() {}
  /// Levels and iterations, and the voxels from which the field is estimated.
  public init(levels: Int = 4, iterations: Int = 50, shrink: Int = 1, above: Double = 0) {
    self.levels = levels
    self.iterations = iterations
    self.shrink = shrink
    self.above = above
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "bias-field", summary: "correction of a slowly varying gain (N4)", source: "Tustison et al. 2010",
    parameters: [
      Parameter(\.shrink, "shrink", 1...64, "the field is estimated from every n-th voxel along each axis"),
      Parameter(\.above, "above", -1e30...1e30, "the field is estimated from positive voxels above this"),
      Parameter(\.levels, "levels", 1...8, "fitting levels, each with twice the spans"),
      Parameter(\.iterations, "iterations", 1...1000, "most iterations of a level"),
      Parameter(\.convergence, "convergence", 0...1, "a level ends when the field changes by less"),
      Parameter(\.controlPoints, "control-points", 4...32, "control points of the first level along each axis"),
      Parameter(\.width, "width", 0.01...10, "full width at half maximum of the histogram's blur"),
      Parameter(\.noise, "noise", 1e-9...10, "noise of the Wiener deconvolution"),
      Parameter(\.bins, "bins", 16...4096, "bins of the histogram"),
    ])

  /// The corrected image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    .f32(try self(image.float))
  }

  /// The corrected image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let log = try logField(volume)
    return Volume<Float>(volume.geometry) { out in
      volume.withVoxels { voxels in
        log.withVoxels { log in
          nonisolated(unsafe) let (v, b, to) = (voxels.baseAddress!, log.baseAddress!, out.baseAddress!)
          parallelFor(out.count, grain: 1 << 14) { range in for i in range { to[i] = v[i] / exp(b[i]) } }
        }
      }
    }
  }

  /// The logarithm of the gain, on the image's grid.
  public func logField(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try checkParameters()
    let thin = thinned(volume)
    // Voxels that take no part are NaN.
    let input = Volume<Float>(thin.geometry) { out in
      thin.withVoxels { voxels in
        nonisolated(unsafe) let (v, to) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(out.count, grain: 1 << 14) { range in
          for i in range { to[i] = v[i] > 0 && v[i].isFinite && Double(v[i]) > above ? log(v[i]) : .nan }
        }
      }
    }
    let range = AnyVolume.f32(input).valueRange
    guard range.count > 1, range.minimum < range.maximum else {
      throw ImageError(
        .invalidParameter,
        "the image has \(range.count) voxels above \(shortest(max(above, 0))) and no range among them")
    }
    var lattice = BiasLattice(size: input.size, controlPoints: controlPoints)
    var field = Volume<Float>(input.geometry, repeating: 0)
    for level in 0..<levels {
      if level > 0 { lattice.refine() }
      for _ in 0..<iterations {
        guard let sharpening = HistogramSharpening(input, field, bins: bins, width: width, noise: noise) else { break }
        lattice.add(fitOf: input, field, sharpening)
        // Below 1e-7 the field, stored in single precision, no longer changes.
        if lattice.evaluate(into: &field, where: input) <= max(convergence, 1e-7) { break }
      }
    }
    if shrink == 1 { return field }
    var whole = Volume<Float>(volume.geometry, repeating: 0)
    lattice.resize(volume.size)
    _ = lattice.evaluate(into: &whole, where: nil)
    return whole
  }

  private func checkParameters() throws(ImageError) {
    let whole = [
      ("shrink", shrink, 1...64), ("levels", levels, 1...8), ("iterations", iterations, 1...1000),
      ("control-points", controlPoints, 4...32), ("bins", bins, 16...4096),
    ]
    for (name, value, range) in whole where !range.contains(value) {
      throw ImageError(
        .invalidParameter, "\(name) is \(value), expected \(range.lowerBound) … \(range.upperBound)")
    }
    let real = [("width", width, 0.01...10), ("noise", noise, 1e-9...10), ("convergence", convergence, 0...1)]
    for (name, value, range) in real where !range.contains(value) {
      throw ImageError(
        .invalidParameter,
        "\(name) is \(shortest(value)), expected \(shortest(range.lowerBound)) … \(shortest(range.upperBound))")
    }
    try requireFinite(above, "above")
  }

  /// Every `shrink`-th voxel, from the middle of the first block.
  private func thinned(_ volume: Volume<Float>) -> Volume<Float> {
    if shrink == 1 { return volume }
    let s = volume.size
    @Sendable func count(_ n: Int) -> Int { max(n / shrink, 1) }
    @Sendable func index(_ i: Int, _ n: Int) -> Int { n < shrink ? n / 2 : i * shrink + shrink / 2 }
    let small = Size(columns: count(s.columns), rows: count(s.rows), slices: count(s.slices))
    return Volume<Float>(Geometry(size: small)) { out in
      volume.withVoxels { v in
        nonisolated(unsafe) let (v, to) = (v.baseAddress!, out.baseAddress!)
        parallelFor(small.slices * small.rows, grain: 16) { lines in
          for line in lines {
            let y = index(line % small.rows, s.rows), z = index(line / small.rows, s.slices)
            for x in 0..<small.columns { to[line &* small.columns &+ x] = v[s.offset(index(x, s.columns), y, z)] }
          }
        }
      }
    }
  }
}
