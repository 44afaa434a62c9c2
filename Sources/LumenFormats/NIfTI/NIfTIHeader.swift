// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The header of a NIfTI-1 or NIfTI-2 file, read with its own byte order.
///
/// - Source: nifti1.h (2007), nifti2.h (2012) of the NIfTI Data Format Working Group.
struct NIfTIHeader {
  enum Version { case one, two, analyze }

  /// Where the fields of a version lie.
  struct Layout {
    var bytes, magic, datatype, bitpix, dim, pixdim, voxOffset, slope, intercept, units: Int
    var qformCode, sformCode, quaternion, qoffset, srow: Int
    /// Bytes of a dimension, of a real number, of a form code.
    var dimBytes, realBytes, codeBytes: Int
    /// Bytes before the first voxel of a single file without extensions.
    var firstVoxel: Int { bytes + 4 }

    static let one = Layout(
      bytes: 348, magic: 344, datatype: 70, bitpix: 72, dim: 40, pixdim: 76, voxOffset: 108, slope: 112,
      intercept: 116, units: 123, qformCode: 252, sformCode: 254, quaternion: 256, qoffset: 268, srow: 280,
      dimBytes: 2, realBytes: 4, codeBytes: 2)
    static let two = Layout(
      bytes: 540, magic: 4, datatype: 12, bitpix: 14, dim: 16, pixdim: 104, voxOffset: 168, slope: 176,
      intercept: 184, units: 500, qformCode: 344, sformCode: 348, quaternion: 352, qoffset: 376, srow: 400,
      dimBytes: 8, realBytes: 8, codeBytes: 4)
  }

  /// Stored types that hold one number a voxel.
  enum Datatype: Int {
    case uint8 = 2, int16 = 4, int32 = 8, float32 = 16, float64 = 64
    case int8 = 256, uint16 = 512, uint32 = 768, int64 = 1024, uint64 = 1280
    var bytes: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .float32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }

  let layout: Layout
  let swapped: Bool
  let size: Size
  let datatype: Datatype
  /// Offset of the first voxel.
  let voxOffset: Int
  /// Slope and intercept when values are to be scaled.
  let scaling: (slope: Double, intercept: Double)?
  let geometry: Geometry

  /// The version that the first bytes announce, nil for another file.
  static func version(_ head: [UInt8]) -> Version? {
    guard head.count >= 348 else { return nil }
    let first = Array(head[0..<4])
    if first == [92, 1, 0, 0] || first == [0, 0, 1, 92] {
      let magic = Array(head[344..<348])
      if magic == Array("n+1\0".utf8) || magic == Array("ni1\0".utf8) { return .one }
      return head[38] == UInt8(ascii: "r") ? .analyze : nil
    }
    if first == [28, 2, 0, 0] || first == [0, 0, 2, 28] {
      let magic = Array(head[4..<8])
      return magic == Array("n+2\0".utf8) || magic == Array("ni2\0".utf8) ? .two : nil
    }
    return nil
  }

  /// Reads and checks a header of 348 bytes or more (540 for NIfTI-2).
  init(_ head: [UInt8], limits: Limits) throws(ImageError) {
    guard let version = Self.version(head) else {
      throw ImageError(
        .malformed, head.count < 348 ? "NIfTI header has \(head.count) bytes, expected 348" : "no NIfTI header found",
        hint: "the file is no NIfTI file, or cut")
    }
    guard version != .analyze else { throw ImageFormat.analyze.notRead }
    layout = version == .one ? .one : .two
    guard head.count >= layout.bytes else {
      throw ImageError(.malformed, "NIfTI-2 header has \(head.count) bytes, expected 540", hint: "the file is cut")
    }
    swapped = head[0] == 0
    let fields = Fields(head, swapped: swapped, layout: layout)
    guard head[layout.magic + 1] == UInt8(ascii: "+") else {
      throw ImageError(
        .unsupported, "NIfTI header of a .hdr and .img pair", hint: "convert the pair to one .nii file")
    }
    size = try fields.size(limits)

    let code = Int(fields.integer(layout.datatype, 2))
    guard let type = Datatype(rawValue: code) else {
      let known = [
        1: "1-bit", 32: "complex", 128: "RGB", 1536: "128-bit float", 1792: "complex", 2048: "complex", 2304: "RGBA",
      ]
      throw ImageError(
        known[code] == nil ? .malformed : .unsupported, "NIfTI datatype \(code)\(known[code].map { " (\($0))" } ?? "")",
        hint: "integers of 8 to 64 bits, float32 and float64 are read")
    }
    datatype = type
    let bits = fields.integer(layout.bitpix, 2)
    guard bits == 0 || bits == Int64(type.bytes * 8) else {
      throw ImageError(.malformed, "NIfTI bitpix is \(bits), expected \(type.bytes * 8) for datatype \(code)")
    }
    _ = try limits.checkedBytes(
      columns: size.columns, rows: size.rows, slices: size.slices, bytesPerVoxel: type.bytes)

    let offset = version == .one ? fields.real(layout.voxOffset) : Double(fields.integer(layout.voxOffset, 8))
    guard offset >= Double(layout.firstVoxel), offset <= Double(limits.fileBytes), offset == offset.rounded() else {
      throw ImageError(
        .malformed, "NIfTI vox_offset is \(offset), expected a whole number from \(layout.firstVoxel)")
    }
    voxOffset = Int(offset)

    let (slope, intercept) = (fields.real(layout.slope), fields.real(layout.intercept))
    if slope == 0 || !slope.isFinite || (slope == 1 && intercept == 0) {
      scaling = nil
    } else {
      guard intercept.isFinite else {
        throw ImageError(.malformed, "NIfTI scl_inter is \(intercept) while scl_slope is \(slope)")
      }
      scaling = (slope, intercept)
    }
    geometry = try fields.geometry(size)
  }
}

/// Typed access to header bytes whose number was checked.
private struct Fields {
  let head: [UInt8], swapped: Bool, layout: NIfTIHeader.Layout

  init(_ head: [UInt8], swapped: Bool, layout: NIfTIHeader.Layout) {
    (self.head, self.swapped, self.layout) = (head, swapped, layout)
  }

  func bits(_ offset: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(head[offset + $1]) << UInt64(8 * (swapped ? count - 1 - $1 : $1)) }
  }

  func integer(_ offset: Int, _ count: Int) -> Int64 {
    let shift = UInt64(64 - 8 * count)
    return Int64(bitPattern: bits(offset, count) << shift) >> Int64(shift)
  }

  /// Number `index` of an array of reals.
  func real(_ offset: Int, _ index: Int = 0) -> Double {
    let at = offset + index * layout.realBytes
    return layout.realBytes == 4
      ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits(at, 4)))) : Double(bitPattern: bits(at, 8))
  }

  func size(_ limits: Limits) throws(ImageError) -> Size {
    func dim(_ i: Int) -> Int64 { integer(layout.dim + i * layout.dimBytes, layout.dimBytes) }
    let axes = dim(0)
    guard 1...7 ~= axes else { throw ImageError(.malformed, "NIfTI dim[0] is \(axes), expected 1 … 7") }
    var n = [1, 1, 1]
    for i in 1...Int(axes) {
      let value = dim(i)
      guard value >= 1 else { throw ImageError(.malformed, "NIfTI dim[\(i)] is \(value), expected at least 1") }
      if i <= 3 {
        guard value <= Int64(limits.dimension) else {
          throw ImageError(.limitExceeded, "NIfTI dim[\(i)] is \(value), the limit is \(limits.dimension)")
        }
        n[i - 1] = Int(value)
      } else if value > 1 {
        throw ImageError(
          .unsupported, "NIfTI file with \(value) \(i == 4 ? "volumes (time points)" : "values along dimension \(i)")",
          hint: "split it into files of one volume each")
      }
    }
    return Size(columns: n[0], rows: n[1], slices: n[2])
  }

  /// Sform, else qform, else voxel sizes along R, A, S: turned from RAS into LPS millimetres.
  func geometry(_ size: Size) throws(ImageError) -> Geometry {
    let sform = integer(layout.sformCode, layout.codeBytes), qform = integer(layout.qformCode, layout.codeBytes)
    var axes: [SIMD3<Double>]
    var origin: SIMD3<Double>
    let source: String
    if sform > 0 {
      source = "sform"
      func row(_ r: Int) -> [Double] { (0..<4).map { real(layout.srow, 4 * r + $0) } }
      let (x, y, z) = (row(0), row(1), row(2))
      axes = (0..<3).map { SIMD3(x[$0], y[$0], z[$0]) }
      origin = SIMD3(x[3], y[3], z[3])
    } else {
      source = qform > 0 ? "qform" : "pixdim"
      var step = SIMD3<Double>(1, 1, 1)
      for axis in 0..<3 {
        let value = real(layout.pixdim, axis + 1)
        if value > 0 && value.isFinite {
          step[axis] = value
        } else if size[axis] > 1 {
          throw ImageError(
            .malformed, "NIfTI pixdim[\(axis + 1)] is \(value), expected a positive voxel size",
            hint: "set the voxel size with the tool that wrote the file")
        }
      }
      let rotation = qform > 0 ? try quaternionAxes() : [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
      axes = (0..<3).map { rotation[$0] * step[$0] }
      origin = qform > 0 ? SIMD3(real(layout.qoffset, 0), real(layout.qoffset, 1), real(layout.qoffset, 2)) : .zero
    }
    let unit: Double =
      switch integer(layout.units, layout.codeBytes == 2 ? 1 : 4) & 7 {
      case 1: 1000
      case 3: 0.001
      default: 1
      }
    return try Geometry(ras: axes.map { $0 * unit }, origin: origin * unit, size: size, source: source)
  }

  /// Columns of the rotation matrix of the unit quaternion (a, b, c, d); the third is turned when qfac is −1.
  ///
  ///     a = √(1 − b² − c² − d²)
  func quaternionAxes() throws(ImageError) -> [SIMD3<Double>] {
    var (b, c, d) = (real(layout.quaternion, 0), real(layout.quaternion, 1), real(layout.quaternion, 2))
    let norm = b * b + c * c + d * d
    guard norm.isFinite, norm < 1.001 else {
      throw ImageError(.malformed, "NIfTI quaternion has the squared length \(norm), expected at most 1")
    }
    var a = 0.0
    if 1 - norm < 1e-7 {
      // A half turn: rounding may have left the length above 1.
      let scale = 1 / norm.squareRoot()
      (b, c, d) = (b * scale, c * scale, d * scale)
    } else {
      a = (1 - norm).squareRoot()
    }
    let qfac: Double = real(layout.pixdim, 0) < 0 ? -1 : 1
    return [
      [a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)],
      [2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)],
      qfac * [2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - c * c - b * b],
    ]
  }
}

extension Geometry {
  /// Largest cosine between two axes of a grid that counts as rectangular (0.06°).
  static let perpendicular = 1e-3

  /// A geometry from the columns and the translation of a voxel-to-RAS matrix.
  init(ras axes: [SIMD3<Double>], origin: SIMD3<Double>, size: Size, source: String) throws(ImageError) {
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
        "NIfTI \(source) has the voxel sizes \(lengths[0]), \(lengths[1]), \(lengths[2]); expected positive numbers",
        hint: "set the geometry with the tool that wrote the file")
    }
    let unit = (0..<3).map { axes[$0] / lengths[$0] }
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
      let cosine = abs(dot(unit[i], unit[j]))
      guard cosine <= Self.perpendicular else {
        throw ImageError(
          .unsupported,
          "NIfTI \(source) is sheared: the cosine between axes \(i) and \(j) is \(cosine), expected 0",
          hint: "resample it to a rectangular grid first")
      }
    }
    let flip = SIMD3<Double>(-1, -1, 1)
    self.init(
      size: size, spacing: SIMD3(lengths[0], lengths[1], lengths[2]), origin: origin.flipped(flip),
      direction: Direction(x: unit[0].flipped(flip), y: unit[1].flipped(flip), z: unit[2].flipped(flip)))
  }

  /// Columns of the voxel-to-RAS matrix, then its translation.
  var ras: [SIMD3<Double>] {
    let flip = SIMD3<Double>(-1, -1, 1)
    return (0..<3).map { (direction[$0] * spacing[$0]).flipped(flip) } + [origin.flipped(flip)]
  }
}

extension SIMD3<Double> {
  /// Signs changed, without making negative zeros.
  func flipped(_ signs: SIMD3<Double>) -> SIMD3<Double> { self * signs + SIMD3(0, 0, 0) }
}
