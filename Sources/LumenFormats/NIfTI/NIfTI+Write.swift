// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
public import LumenCore

extension NIfTI {
  /// Writes a volume whole or not at all: gzip-compressed when the name ends in `.gz`.
  ///
  /// - Throws: `invalidParameter` for a name that ends in neither `.nii` nor `.nii.gz`; `io`.
  public static func write(_ volume: AnyVolume, to path: String) throws(ImageError) {
    let name = path.lowercased()
    guard name.hasSuffix(".nii") || name.hasSuffix(".nii.gz") else {
      throw ImageError(.invalidParameter, "the name ends in neither .nii nor .nii.gz", place: path)
    }
    try SliceWriter.write(to: path, volume.geometry) { writer throws(ImageError) in try writer.append(volume) }
  }

  /// The bytes of a NIfTI-1 file, or of NIfTI-2 when a side exceeds 32767 voxels: little-endian, sform and qform set.
  ///
  /// The bytes depend on the volume only: no time, no name; gzip bytes also on the version of zlib.
  ///
  /// - Accuracy: NIfTI-1 stores the geometry in single precision.
  public static func encode(_ volume: AnyVolume, gzip: Bool) -> [UInt8] {
    var bytes = header(volume.geometry, volume.kind)
    bytes.reserveCapacity(bytes.count + volume.size.count * volume.kind.bytes)
    volume.withStoredBytes { bytes.append(contentsOf: $0) }  // memory order is file order
    return gzip ? Gzip.compress(bytes) : bytes
  }

  /// Everything before the voxels.
  static func header(_ geometry: Geometry, _ kind: VoxelKind) -> [UInt8] {
    let size = geometry.size
    let layout: NIfTIHeader.Layout = max(size.columns, size.rows, size.slices) > Int(Int16.max) ? .two : .one
    var bytes = [UInt8](repeating: 0, count: layout.firstVoxel)
    func put(_ offset: Int, _ value: UInt64, _ count: Int) {
      for i in 0..<count { bytes[offset + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
    }
    func put(_ offset: Int, _ value: Int, _ count: Int) { put(offset, UInt64(bitPattern: Int64(value)), count) }
    func put(_ offset: Int, _ index: Int, _ value: Double) {
      let at = offset + index * layout.realBytes
      if layout.realBytes == 4 { put(at, UInt64(Float(value).bitPattern), 4) } else { put(at, value.bitPattern, 8) }
    }
    let one = layout.bytes == 348
    put(0, layout.bytes, 4)
    if one { bytes[38] = UInt8(ascii: "r") }
    for (i, byte) in (one ? [UInt8]("n+1\0".utf8) : [UInt8]("n+2\0\r\n\u{1A}\n".utf8)).enumerated() {
      bytes[layout.magic + i] = byte
    }
    for (i, n) in [3, size.columns, size.rows, size.slices, 1, 1, 1, 1].enumerated() {
      put(layout.dim + i * layout.dimBytes, n, layout.dimBytes)
    }
    let datatype =
      switch kind {
      case .uint8: 2
      case .int8: 256
      case .uint16: 512
      case .int16: 4
      case .uint32: 768
      case .int32: 8
      case .float32: 16
      case .float64: 64
      }
    put(layout.datatype, datatype, 2)
    put(layout.bitpix, kind.bytes * 8, 2)
    if one { put(layout.voxOffset, 0, Double(layout.firstVoxel)) } else { put(layout.voxOffset, layout.firstVoxel, 8) }
    put(layout.slope, 0, 1.0)
    put(layout.units, 2, one ? 1 : 4)  // millimetres

    let ras = geometry.ras
    let (quaternion, qfac) = rotation(ras)
    put(layout.qformCode, 1, layout.codeBytes)  // scanner coordinates
    put(layout.sformCode, 1, layout.codeBytes)
    put(layout.pixdim, 0, qfac)
    for axis in 0..<3 {
      put(layout.pixdim, axis + 1, geometry.spacing[axis])
      put(layout.quaternion, axis, quaternion[axis])
      put(layout.qoffset, axis, ras[3][axis])
      for column in 0..<4 { put(layout.srow, 4 * axis + column, ras[column][axis]) }
    }
    return bytes
  }

  /// Quaternion (b, c, d) with a ≥ 0 of the rotation nearest to the axes, and qfac: −1 when they are left-handed.
  ///
  /// - Source: nifti1_io.c, `nifti_mat44_to_quatern`; the axes are made perpendicular from the first to the third.
  static func rotation(_ ras: [SIMD3<Double>]) -> (SIMD3<Double>, qfac: Double) {
    func unit(_ v: SIMD3<Double>) -> SIMD3<Double> { v / dot(v, v).squareRoot() }
    let x = unit(ras[0])
    let y = unit(ras[1] - x * dot(ras[1], x))
    let z = cross(x, y)
    let qfac: Double = dot(z, ras[2]) < 0 ? -1 : 1
    // Elements of the matrix with columns x, y, z; the largest of a, b, c, d is computed first.
    let trace = x.x + y.y + z.z
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    if trace > 0 {
      a = (1 + trace).squareRoot() / 2
      (b, c, d) = ((y.z - z.y) / (4 * a), (z.x - x.z) / (4 * a), (x.y - y.x) / (4 * a))
    } else if x.x >= y.y && x.x >= z.z {
      b = (1 + x.x - y.y - z.z).squareRoot() / 2
      (a, c, d) = ((y.z - z.y) / (4 * b), (y.x + x.y) / (4 * b), (z.x + x.z) / (4 * b))
    } else if y.y >= z.z {
      c = (1 + y.y - x.x - z.z).squareRoot() / 2
      (a, b, d) = ((z.x - x.z) / (4 * c), (y.x + x.y) / (4 * c), (z.y + y.z) / (4 * c))
    } else {
      d = (1 + z.z - x.x - y.y).squareRoot() / 2
      (a, b, c) = ((x.y - y.x) / (4 * d), (z.x + x.z) / (4 * d), (z.y + y.z) / (4 * d))
    }
    return (SIMD3(b, c, d) * (a < 0 ? -1 : 1), qfac)
  }
}
