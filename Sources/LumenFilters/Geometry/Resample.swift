// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The image on a grid of another spacing.
///
///     value(k) = Σᵢ w(x − i) · voxel(i),  x = start + k · s′ / s along each axis
///
/// - Shape: any columns × rows × slices → the size that ``grid(for:)`` says, on the same axes; origin and spacing true to
///   the positions. An axis of one voxel is left alone: a slice is a 2-D image. The stored type stays.
/// - Units: spacing in millimetres; 0 keeps an axis as it is.
/// - Range: what lies beyond the first and last voxel centre has the value there. Integers saturate. NaN and infinity
///   spread to every voxel whose taps touch them, with the cubic spline to all.
/// - Accuracy: positions in double precision, values in single (double for 32-bit integers and float64): within 1e-6 of
///   the range. Integers are the nearest, ties to even. The same bits for any number of threads.
/// - Cost: O(voxels of the result · taps); the cubic spline one volume of float32 (or float64) for its coefficients.
/// - Throws: `invalidParameter` for a spacing that is negative or not finite, or a result beyond 65 536 voxels along an
///   axis; `limitExceeded` beyond ``Limits``.
/// - Source: IBSI 1 reference manual, interpolation; oracles SciPy `affine_transform`, SimpleITK `Resample`.
public struct Resample: Filter {
  /// Distance of voxel centres along each axis without one of its own; 0 mm keeps the axis.
  public var spacing = Length.mm(1)
  /// Distance along columns, rows and slices where it differs; 0 mm for ``spacing``.
  public var columnSpacing = Length.mm(0), rowSpacing = Length.mm(0), sliceSpacing = Length.mm(0)
  /// How a value between voxels is made.
  public var interpolation = Interpolation.linear
  /// Where the new grid lies on the old one.
  public var alignment = GridAlignment.centre
  /// Keep the slices, resample each for itself.
  public var planar = false
  /// Round to whole numbers, as IBSI asks for CT; integers are always.
  public var rounded = false
  /// A result stored as 32-bit float whatever the input.
  public var asFloat = false

  /// 1 mm, trilinear, aligned by the centres.
  public init() {}

  /// The same spacing along every axis.
  public init(
    spacing: Length, interpolation: Interpolation = .linear, alignment: GridAlignment = .centre, planar: Bool = false,
    rounded: Bool = false, asFloat: Bool = false
  ) {
    self.spacing = spacing
    self.interpolation = interpolation
    self.alignment = alignment
    self.planar = planar
    self.rounded = rounded
    self.asFloat = asFloat
  }

  /// A spacing for each axis, mm; 0 keeps one.
  public init(
    spacing: SIMD3<Double>, interpolation: Interpolation = .linear, alignment: GridAlignment = .centre,
    rounded: Bool = false, asFloat: Bool = false
  ) {
    self.init(
      spacing: .mm(0), interpolation: interpolation, alignment: alignment, rounded: rounded, asFloat: asFloat)
    columnSpacing = .mm(spacing.x)
    rowSpacing = .mm(spacing.y)
    sliceSpacing = .mm(spacing.z)
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "resample", summary: "resampling to another voxel spacing",
    source: "IBSI 1 interpolation grids; cubic B-spline: Unser 1999; Lanczos: Duchon 1979",
    parameters: [
      Parameter(\.spacing, "spacing", .mm(0) ... .mm(100), "distance of voxel centres; 0 keeps an axis"),
      Parameter(\.interpolation, "interpolation", "how a value between voxels is made"),
      Parameter(\.alignment, "alignment", "where the new grid lies on the old one"),
      Parameter(\.planar, "planar", "keep the slices, resample each for itself"),
      Parameter(\.rounded, "rounded", "round to whole numbers, as IBSI asks for CT"),
      Parameter(\.asFloat, "float", "store the result as 32-bit float whatever the input"),
      Parameter(\.columnSpacing, "x", .mm(0) ... .mm(100), "distance along columns; 0 for spacing"),
      Parameter(\.rowSpacing, "y", .mm(0) ... .mm(100), "distance along rows; 0 for spacing"),
      Parameter(\.sliceSpacing, "z", .mm(0) ... .mm(100), "distance along slices; 0 for spacing"),
    ])

  /// The resampled image, stored as the input is unless ``asFloat``.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    if asFloat, image.kind != .float32 { return .f32(try self(image.float)) }
    let plan = try plan(for: image.geometry, bytes: image.kind.bytes)
    if interpolation == .cubicSpline, plan.geometry != image.geometry {
      try requireFinite(image, "cubic-spline interpolation")
    }
    switch image {
    case .u8(let v): return .u8(plan.run(v, Float.self, rounded: rounded))
    case .i8(let v): return .i8(plan.run(v, Float.self, rounded: rounded))
    case .u16(let v): return .u16(plan.run(v, Float.self, rounded: rounded))
    case .i16(let v): return .i16(plan.run(v, Float.self, rounded: rounded))
    case .u32(let v): return .u32(plan.run(v, Double.self, rounded: rounded))
    case .i32(let v): return .i32(plan.run(v, Double.self, rounded: rounded))
    case .f32(let v): return .f32(plan.run(v, Float.self, rounded: rounded))
    case .f64(let v): return .f64(plan.run(v, Double.self, rounded: rounded))
    }
  }

  /// The resampled image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let plan = try plan(for: volume.geometry, bytes: 4)
    if interpolation == .cubicSpline, plan.geometry != volume.geometry {
      try requireFinite(volume, "cubic-spline interpolation")
    }
    return plan.run(volume, Float.self, rounded: rounded)
  }

  /// The resampled image, rounded to integers.
  public func callAsFunction(_ volume: Volume<Int16>) throws(ImageError) -> Volume<Int16> {
    try plan(for: volume.geometry, bytes: 2).run(volume, Float.self, rounded: rounded)
  }

  /// The grid of the result.
  public func grid(for geometry: Geometry) throws(ImageError) -> Geometry {
    try axes(of: geometry, bytes: 1).geometry
  }

  func plan(for geometry: Geometry, bytes: Int) throws(ImageError) -> ResamplingPlan {
    let (grid, starts, steps) = try axes(of: geometry, bytes: bytes)
    let axes = (0..<3).map { axis in
      starts[axis] == 0 && steps[axis] == 1
        ? AxisSampling(keeping: geometry.size[axis])
        : AxisSampling(
          count: grid.size[axis], length: geometry.size[axis], start: starts[axis], step: steps[axis], interpolation)
    }
    return ResamplingPlan(geometry: grid, axes: axes, isSpline: interpolation == .cubicSpline)
  }

  /// The grid of the result, the image's index of its first voxel, and the steps from there.
  private func axes(
    of geometry: Geometry, bytes: Int
  ) throws(ImageError) -> (geometry: Geometry, starts: SIMD3<Double>, steps: SIMD3<Double>) {
    var counts = [geometry.size.columns, geometry.size.rows, geometry.size.slices]
    var starts = SIMD3<Double>(), steps = SIMD3<Double>(repeating: 1), grid = geometry
    let own = [("x", columnSpacing), ("y", rowSpacing), ("z", sliceSpacing)]
    for (name, length) in [("spacing", spacing)] + own {
      guard length.millimetres >= 0, length.millimetres.isFinite else {
        throw ImageError(.invalidParameter, "\(name) is \(length), expected at least 0mm")
      }
    }
    for axis in 0..<(planar ? 2 : 3) where counts[axis] > 1 {
      let wanted = own[axis].1 > .mm(0) ? own[axis].1 : spacing, s = geometry.spacing[axis]
      guard s > 0, s.isFinite else {
        throw ImageError(.invalidParameter, "the image's spacing is \(shortest(s)) mm, expected more than 0")
      }
      guard wanted > .mm(0), wanted.millimetres != s else { continue }
      let n = Double(counts[axis]), r = wanted.millimetres / s
      // A quotient that rounding has put a last bit beside a whole number is that number.
      let count = alignment == .firstVoxel ? ((n - 1) / r + 1e-6).rounded(.down) + 1 : (n / r - 1e-6).rounded(.up)
      // A ratio beyond any grid would lose the positions.
      guard count <= Double(Limits.standard.dimension), r < 1e9 else {
        throw ImageError(
          .invalidParameter,
          "spacing \(wanted) makes \(shortest(count)) voxels along \(["columns", "rows", "slices"][axis]), "
            + "at most \(Limits.standard.dimension)", hint: "is the spacing of \(shortest(s)) mm right?")
      }
      counts[axis] = max(1, Int(count))
      grid.spacing[axis] = wanted.millimetres
      steps[axis] = r
      switch alignment {
      case .centre: starts[axis] = (n - 1) / 2 - (max(1, count) - 1) / 2 * r
      case .firstVoxel: starts[axis] = 0
      case .corner:
        steps[axis] = n / Double(counts[axis])
        grid.spacing[axis] = steps[axis] * s
        starts[axis] = (steps[axis] - 1) / 2
      }
    }
    _ = try Limits.standard.checkedBytes(
      columns: counts[0], rows: counts[1], slices: counts[2], bytesPerVoxel: bytes)
    grid.size = Size(columns: counts[0], rows: counts[1], slices: counts[2])
    grid.origin = geometry.position(of: starts)
    return (grid, starts, steps)
  }
}

/// How every axis of a grid is sampled.
struct ResamplingPlan {
  let geometry: Geometry
  /// Columns, rows, slices.
  let axes: [AxisSampling]
  let isSpline: Bool

  func run<T: Voxel, W: Sample>(_ volume: Volume<T>, _ type: W.Type, rounded: Bool) -> Volume<T> {
    let splines = axes.map { isSpline && $0.taps > 1 }
    if splines.contains(true) {
      return sample(SplineCoefficients<W>(axes: splines)(volume), type, rounded: rounded)
    }
    return sample(volume, type, rounded: rounded)
  }

  func sample<S: Voxel, T: Voxel, W: Sample>(_ volume: Volume<S>, _ type: W.Type, rounded: Bool) -> Volume<T> {
    Volume<T>(geometry) { out in
      volume.withVoxels { voxels in
        guard let source = voxels.baseAddress, let target = out.baseAddress else { return }
        SeparableResampling<S, W, T>(x: axes[0], y: axes[1], z: axes[2], rounded: rounded)
          .run(source, volume.size, target)
      }
    }
  }
}

extension AnyVolume {
  /// The image resampled to voxels of the same spacing along every axis.
  public func resampled(
    to spacing: Length, interpolation: Interpolation = .linear, alignment: GridAlignment = .centre
  ) throws(ImageError) -> AnyVolume {
    try Resample(spacing: spacing, interpolation: interpolation, alignment: alignment)(self)
  }
}

extension Volume<Float> {
  /// The image resampled to voxels of the same spacing along every axis.
  public func resampled(
    to spacing: Length, interpolation: Interpolation = .linear, alignment: GridAlignment = .centre
  ) throws(ImageError) -> Self {
    try Resample(spacing: spacing, interpolation: interpolation, alignment: alignment)(self)
  }
}
