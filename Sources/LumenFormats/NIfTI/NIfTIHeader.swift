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

  /// What a datatype code stores: the samples' type and how many make a voxel.
  struct Datatype {
    var type: SampleType
    var components = 1

    /// The code's meaning; nil for a type that is not read.
    init?(code: Int) {
      switch code {
      case 2: type = .uint8
      case 4: type = .int16
      case 8: type = .int32
      case 16: type = .float32
      case 64: type = .float64
      case 256: type = .int8
      case 512: type = .uint16
      case 768: type = .uint32
      case 1024: type = .int64
      case 1280: type = .uint64
      case 128: (type, components) = (.uint8, 3)  // RGB
      case 2304: (type, components) = (.uint8, 4)  // RGBA
      default: return nil
      }
    }
  }

  let layout: Layout
  /// Whether the voxels are in a file of their own.
  let isPair: Bool
  /// Offset of the first voxel.
  let voxOffset: Int
  let samples: SampleLayout

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
    let swapped = head[0] == 0
    let fields = Fields(head, swapped: swapped, layout: layout)
    isPair = head[layout.magic + 1] != UInt8(ascii: "+")

    let code = Int(fields.integer(layout.datatype, 2))
    guard let datatype = Datatype(code: code) else {
      let known = [
        1: "1-bit", 32: "complex", 1536: "128-bit float", 1792: "complex", 2048: "complex",
      ]
      throw ImageError(
        known[code] == nil ? .malformed : .unsupported, "NIfTI datatype \(code)\(known[code].map { " (\($0))" } ?? "")",
        hint: "integers of 8 to 64 bits, float32, float64, RGB and RGBA are read")
    }
    let bits = fields.integer(layout.bitpix, 2), expected = Int64(datatype.type.bytes * datatype.components * 8)
    guard bits == 0 || bits == expected else {
      throw ImageError(.malformed, "NIfTI bitpix is \(bits), expected \(expected) for datatype \(code)")
    }
    let (size, chunks) = try fields.size(datatype, limits)

    let offset = version == .one ? fields.real(layout.voxOffset) : Double(fields.integer(layout.voxOffset, 8))
    let least = isPair ? 0 : layout.firstVoxel
    guard offset >= Double(least), offset <= Double(limits.fileBytes), offset == offset.rounded() else {
      throw ImageError(.malformed, "NIfTI vox_offset is \(offset), expected a whole number from \(least)")
    }
    voxOffset = Int(offset)

    let (slope, intercept) = (fields.real(layout.slope), fields.real(layout.intercept))
    var scaling: (slope: Double, intercept: Double)?
    if slope != 0 && slope.isFinite && (slope != 1 || intercept != 0) && datatype.components == 1 {
      guard intercept.isFinite else {
        throw ImageError(.malformed, "NIfTI scl_inter is \(intercept) while scl_slope is \(slope)")
      }
      scaling = (slope, intercept)
    }
    samples = SampleLayout(
      format: .nifti, type: datatype.type, isSwapped: swapped, geometry: try fields.geometry(size),
      components: datatype.components, isColour: datatype.components > 1, chunks: chunks, scaling: scaling)
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

  func size(
    _ datatype: NIfTIHeader.Datatype, _ limits: Limits
  ) throws(ImageError) -> (size: Size, chunks: Int) {
    func dim(_ i: Int) -> Int64 { integer(layout.dim + i * layout.dimBytes, layout.dimBytes) }
    let axes = dim(0)
    guard 1...7 ~= axes else { throw ImageError(.malformed, "NIfTI dim[0] is \(axes), expected 1 … 7") }
    var n: [Int] = []
    for i in 1...Int(axes) {
      let value = dim(i)
      guard value >= 1 else { throw ImageError(.malformed, "NIfTI dim[\(i)] is \(value), expected at least 1") }
      guard value <= Int64(limits.dimension) else {
        throw ImageError(.limitExceeded, "NIfTI dim[\(i)] is \(value), the limit is \(limits.dimension)")
      }
      n.append(Int(value))
    }
    return try SampleLayout.check(
      size: Array(n.prefix(3)), components: datatype.components, chunks: Array(n.dropFirst(3)), type: datatype.type,
      limits: limits)
  }

  /// Sform, else qform, else voxel sizes along R, A, S: turned from RAS into LPS millimetres.
  func geometry(_ size: Size) throws(ImageError) -> Geometry {
    let sform = integer(layout.sformCode, layout.codeBytes), qform = integer(layout.qformCode, layout.codeBytes)
    var axes: [SIMD3<Double>]
    var origin: SIMD3<Double>
    let source: String
    if sform > 0 {
      source = "NIfTI sform"
      func row(_ r: Int) -> [Double] { (0..<4).map { real(layout.srow, 4 * r + $0) } }
      let (x, y, z) = (row(0), row(1), row(2))
      axes = (0..<3).map { SIMD3(x[$0], y[$0], z[$0]) }
      origin = SIMD3(x[3], y[3], z[3])
    } else {
      source = qform > 0 ? "NIfTI qform" : "NIfTI pixdim"
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
