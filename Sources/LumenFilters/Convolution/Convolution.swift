// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Convolution with any given kernel.
///
///     out(p) = Σₖ w(k)·image(p − k);  correlation: image(p + k),  k from the kernel's centre
///
/// - Shape: any columns × rows × slices → same geometry. A kernel of one slice filters each slice for itself.
/// - Units: voxels, whatever their spacing; the weights as they are given.
/// - Range: NaN and infinity spread to every voxel whose kernel touches them.
/// - Accuracy: single precision, within 1e-6 · Σ|w| · the largest magnitude of the input; the same bits for any number
///   of threads.
/// - Cost: O(voxels · weights); scratch of a tile of 16 × 256 voxels with its surroundings.
/// - Throws: `invalidParameter` for a kernel of several slices on an image of one.
/// - Source: definition; oracle SciPy `convolve` and `correlate`. Boundary names as in IBSI 2.
public struct Convolution: Filter {
  /// The weights.
  public var kernel = DenseKernel.identity
  /// Do not turn the kernel round: correlation.
  public var correlate = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// A kernel that changes nothing.
  public init() {}
  /// A convolution or correlation with a kernel.
  public init(_ kernel: DenseKernel, correlate: Bool = false, boundary: BoundaryCondition = .mirror) {
    self.kernel = kernel
    self.correlate = correlate
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "convolve", summary: "convolution with a given kernel", source: "definition; oracle SciPy convolve",
    parameters: [
      Parameter(
        text: \.kernel, "kernel", "odd numbers of weights, at most 99 along an axis: \"1 2 1; 2 4 2; 1 2 1\"",
        "weights: columns apart by spaces, rows by ;, slices by |"),
      Parameter(\.correlate, "correlate", "do not turn the kernel round"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The filtered image, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The filtered image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let sum = try sum(volume.geometry)
    return Volume(volume.geometry) { out in
      volume.withVoxels { sum.run($0.baseAddress, out.baseAddress) }
    }
  }

  /// The filtered image written over another volume of the same size, whose memory is reused when it is not shared.
  public func callAsFunction(_ volume: Volume<Float>, into result: inout Volume<Float>) throws(ImageError) {
    let sum = try sum(volume.geometry)
    try requireSize(of: result.geometry, volume.geometry)
    result = result.with(volume.geometry)
    result.withMutableVoxels { out in volume.withVoxels { sum.run($0.baseAddress, out.baseAddress) } }
  }

  /// The slices within the kernel.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    kernel.slices == 1 ? 0 : boundary == .periodic ? nil : kernel.slices / 2
  }

  private func sum(_ geometry: Geometry) throws(ImageError) -> DenseSum {
    guard kernel.slices == 1 || geometry.size.slices > 1 else {
      throw ImageError(
        .invalidParameter, "kernel has \(kernel.slices) slices, expected 1 for an image of one slice")
    }
    return DenseSum(
      size: geometry.size, boundary: boundary, columns: kernel.columns, rows: kernel.rows, slices: kernel.slices,
      weights: correlate ? kernel.weights : kernel.weights.reversed())
  }
}

/// The weights of a convolution: odd numbers of columns, rows and slices.
public struct DenseKernel: LosslessStringConvertible, Sendable, Hashable {
  /// Columns fastest, then rows, then slices.
  public let weights: [Float]
  /// Weights along each axis.
  public let columns: Int, rows: Int, slices: Int

  /// One weight of 1.
  static let identity = DenseKernel(checked: [1], 1, 1, 1)

  private init(checked weights: [Float], _ columns: Int, _ rows: Int, _ slices: Int) {
    (self.weights, self.columns, self.rows, self.slices) = (weights, columns, rows, slices)
  }

  /// Weights in rows.
  ///
  /// - Throws: `invalidParameter` unless their numbers along the axes are odd, 1 … 99, and fit, and all are finite.
  public init(_ weights: [Float], columns: Int, rows: Int, slices: Int = 1) throws(ImageError) {
    for (name, n) in [("columns", columns), ("rows", rows), ("slices", slices)] {
      guard (1...99).contains(n), n % 2 == 1 else {
        throw ImageError(.invalidParameter, "kernel has \(n) \(name), expected an odd number of 1 … 99")
      }
    }
    guard weights.count == columns * rows * slices else {
      throw ImageError(
        .invalidParameter, "kernel has \(weights.count) weights, expected \(columns) × \(rows) × \(slices)")
    }
    guard weights.allSatisfy(\.isFinite) else {
      throw ImageError(.invalidParameter, "kernel has a weight that is not a finite number")
    }
    self.init(checked: weights, columns, rows, slices)
  }

  /// Columns apart by spaces, rows by ";", slices by "|"; nil unless their numbers are odd and the same everywhere.
  public init?(_ description: String) {
    let slices = description.split(separator: "|", omittingEmptySubsequences: false).map { slice in
      slice.split(separator: ";", omittingEmptySubsequences: false).map { $0.split(separator: " ") }
    }
    let (rows, columns) = (slices[0].count, slices[0][0].count)
    guard slices.allSatisfy({ $0.count == rows && $0.allSatisfy { $0.count == columns } }) else { return nil }
    let words = slices.joined().joined(), weights = words.compactMap { Float($0) }
    guard weights.count == words.count else { return nil }
    do { try self.init(weights, columns: columns, rows: rows, slices: slices.count) } catch { return nil }
  }

  /// "1 2 1; 2 4 2; 1 2 1".
  public var description: String {
    (0..<slices).map { z in
      (0..<rows).map { y in
        weights[(z * rows + y) * columns..<(z * rows + y + 1) * columns].map { shortWeight($0) }.joined(separator: " ")
      }.joined(separator: "; ")
    }.joined(separator: " | ")
  }
}

/// The shortest decimal that reads back as the same weight.
private func shortWeight(_ w: Float) -> String {
  let text = "\(w)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
