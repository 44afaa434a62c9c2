// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What a file stores a sample as.
enum SampleType: String {
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

  var bytes: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }
}

/// How the samples of a file lie: components fastest, then columns, rows, slices, then one volume after another.
struct SampleLayout {
  var format: ImageFormat
  var type: SampleType
  /// Whether the bytes of a number lie against the machine's order.
  var isSwapped = false
  /// The grid of one volume.
  var geometry: Geometry
  /// Numbers a voxel.
  var components = 1
  /// Whether the components are red, green, blue and perhaps alpha.
  var isColour = false
  /// Volumes after one another.
  var chunks = 1
  /// value = slope · stored + intercept, when values are to be scaled.
  var scaling: (slope: Double, intercept: Double)?

  /// Volumes that can be read one by one: every component of every chunk.
  var volumes: Int { components * chunks }
  /// Bytes of all components of one volume.
  var chunkBytes: Int { geometry.size.count * components * type.bytes }

  /// The shape, held against the limits before anything is allocated.
  ///
  /// - Parameters:
  ///   - size: voxels along the axes of one volume.
  ///   - chunks: lengths of the further axes.
  static func check(
    size: [Int], components: Int, chunks: [Int], type: SampleType, limits: Limits
  ) throws(ImageError) -> (size: Size, chunks: Int) {
    let n = size + Array(repeating: 1, count: max(0, 3 - size.count))
    guard components >= 1, components <= limits.dimension else {
      throw ImageError(
        components < 1 ? .malformed : .limitExceeded,
        "\(components) components a voxel, expected 1 … \(limits.dimension)")
    }
    _ = try limits.checkedBytes(
      columns: n[0], rows: n[1], slices: n[2], bytesPerVoxel: type.bytes.multipliedSaturating(components))
    var product = 1
    for length in chunks {
      guard length >= 1 else { throw ImageError(.malformed, "an axis has \(length) volumes, expected at least 1") }
      product = product.multipliedSaturating(length)
    }
    guard product <= limits.dimension else {
      throw ImageError(.limitExceeded, "\(product) volumes, the limit is \(limits.dimension)")
    }
    return (Size(columns: n[0], rows: n[1], slices: n[2]), product)
  }
}

extension Geometry {
  /// Largest cosine between two axes of a grid that counts as rectangular (0.06°).
  static let perpendicular = 1e-3

  /// A geometry from the steps along the index axes and the first position, LPS mm.
  ///
  /// - Parameter source: what stated them, for errors: "NIfTI sform".
  init(axes: [SIMD3<Double>], origin: SIMD3<Double>, size: Size, source: String) throws(ImageError) {
    var axes = axes
    // A picture of one slice may leave its third axis empty.
    if size.slices == 1, dot(axes[2], axes[2]) == 0 {
      let normal = cross(axes[0], axes[1])
      let length = dot(normal, normal).squareRoot()
      if length > 0 { axes[2] = normal / length }
    }
    let lengths = axes.map { dot($0, $0).squareRoot() }
    guard lengths.allSatisfy({ $0.isFinite && $0 > 0 }), dot(origin, origin).isFinite else {
      throw ImageError(
        .malformed,
        "\(source) has the voxel sizes \(lengths[0]), \(lengths[1]), \(lengths[2]) and the origin "
          + "\(origin.x), \(origin.y), \(origin.z); expected positive sizes and finite numbers",
        hint: "set the geometry with the tool that wrote the file")
    }
    let unit = (0..<3).map { axes[$0] / lengths[$0] }
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
      let cosine = abs(dot(unit[i], unit[j]))
      guard cosine <= Self.perpendicular else {
        throw ImageError(
          .unsupported,
          "\(source) is sheared: the cosine between axes \(i) and \(j) is \(cosine), expected 0",
          hint: "resample it to a rectangular grid first")
      }
    }
    self.init(
      size: size, spacing: SIMD3(lengths[0], lengths[1], lengths[2]), origin: origin,
      direction: Direction(x: unit[0], y: unit[1], z: unit[2]))
  }

  /// A geometry from the columns and the translation of a voxel-to-RAS matrix.
  init(ras axes: [SIMD3<Double>], origin: SIMD3<Double>, size: Size, source: String) throws(ImageError) {
    let flip = SIMD3<Double>(-1, -1, 1)
    try self.init(axes: axes.map { $0.flipped(flip) }, origin: origin.flipped(flip), size: size, source: source)
  }

  /// Columns of the voxel-to-RAS matrix, then its translation.
  var ras: [SIMD3<Double>] {
    let flip = SIMD3<Double>(-1, -1, 1)
    return (0..<3).map { (direction[$0] * spacing[$0]).flipped(flip) } + [origin.flipped(flip)]
  }

  /// Steps along the index axes, LPS mm.
  var axes: [SIMD3<Double>] { (0..<3).map { direction[$0] * spacing[$0] } }
}

extension SIMD3<Double> {
  /// Signs changed, without making negative zeros.
  func flipped(_ signs: SIMD3<Double>) -> SIMD3<Double> { self * signs + SIMD3(0, 0, 0) }
}
