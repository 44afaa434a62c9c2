// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
public import LumenCore

/// NIfTI-1 and NIfTI-2 volumes in one file, plain or gzip-compressed.
///
/// - Shape: up to three dimensions; a fourth must have length 1.
/// - Units: metres and micrometres become millimetres; an unknown unit counts as millimetres. RAS becomes LPS.
/// - Range: integers stay as stored unless scl_slope and scl_inter change them; then 8 and 16-bit integers and float32
///   become float32, wider types float64. 64-bit integers become the first of int32, uint32 and float64
///   that holds every voxel exactly.
/// - Source: nifti1.h, nifti2.h; geometry from sform, else qform, else pixdim along R, A and S (the header's method 1).
public enum NIfTI {
  /// Decodes a file; gzip is recognised by its first bytes.
  ///
  /// - Throws: `malformed` for contradictions and cut files, `unsupported` for several volumes, colour, complex numbers
  ///   and sheared grids, `limitExceeded` before the voxels are allocated.
  public static func read(_ bytes: [UInt8], limits: Limits = .standard) throws(ImageError) -> AnyVolume {
    try bytes.withUnsafeBufferPointer { file throws(ImageError) in
      let source = try Source(file)
      var head = try source.bytes(348)
      if NIfTIHeader.version(head) == .two { head += try source.bytes(540 - 348) }
      let header = try NIfTIHeader(head, limits: limits)
      // What the file can hold at most, before the voxels are allocated.
      let voxels = header.size.count * header.datatype.bytes
      let end = header.voxOffset + voxels
      let gzip = source.reader != nil
      let most = gzip ? file.count.multipliedSaturating(limits.expansion) : file.count
      guard end <= most else {
        throw gzip
          ? ImageError(
            .limitExceeded,
            "NIfTI: \(header.size) voxels need \(end) bytes, "
              + "more than \(limits.expansion) times the \(file.count) bytes of the gzip file"
          )
          : ImageError(
            .malformed, "NIfTI: \(header.size) voxels end at byte \(end), the file has \(file.count) bytes",
            hint: "the transfer was probably cut; fetch the file again")
      }
      try source.skip(header.voxOffset - head.count)
      let volume = try source.volume(header)
      try source.reader?.finish(most: 1 << 20)
      return volume
    }
  }
}

/// The bytes of a NIfTI file in order, decompressed when they are gzip.
private final class Source {
  let file: UnsafeBufferPointer<UInt8>
  let reader: GzipReader?
  private var at = 0

  init(_ file: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    self.file = file
    reader = file.count >= 2 && file[0] == 0x1F && file[1] == 0x8B ? try GzipReader(file) : nil
  }

  /// Fills as much as there is.
  func take(_ out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
    if let reader { return try reader.read(into: out) }
    let n = min(out.count, file.count - at)
    out.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(file)[at..<at + n]))
    at += n
    return n
  }

  /// Fills the whole buffer.
  func fill(_ out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    let n = try take(out)
    guard n == out.count else {
      throw ImageError(
        .malformed, "NIfTI: \(out.count) bytes of voxels expected, \(n) found",
        hint: "the transfer was probably cut; fetch the file again")
    }
  }

  /// Up to `count` bytes.
  func bytes(_ count: Int) throws(ImageError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: count)
    let n = try out.withUnsafeMutableBufferPointer { b throws(ImageError) in
      try take(UnsafeMutableRawBufferPointer(b))
    }
    return Array(out.prefix(n))
  }

  /// Passes over header extensions.
  func skip(_ count: Int) throws(ImageError) {
    var left = count
    while left > 0 {
      let n = try bytes(min(left, 1 << 16)).count
      guard n > 0 else { throw ImageError(.malformed, "NIfTI: the file ends before the first voxel") }
      left -= n
    }
  }

  func volume(_ header: NIfTIHeader) throws(ImageError) -> AnyVolume {
    switch header.datatype {
    case .uint8: try scaled(stored(header, UInt8.self) { $0 }, header)
    case .int8: try scaled(stored(header, Int8.self) { $0 }, header)
    case .uint16: try scaled(stored(header, UInt16.self) { $0.byteSwapped }, header)
    case .int16: try scaled(stored(header, Int16.self) { $0.byteSwapped }, header)
    case .uint32: try scaled(stored(header, UInt32.self) { $0.byteSwapped }, header)
    case .int32: try scaled(stored(header, Int32.self) { $0.byteSwapped }, header)
    case .float32: try scaled(stored(header, Float.self) { Float(bitPattern: $0.bitPattern.byteSwapped) }, header)
    case .float64: try scaled(stored(header, Double.self) { Double(bitPattern: $0.bitPattern.byteSwapped) }, header)
    case .int64: try wide(header, Int64.self)
    case .uint64: try wide(header, UInt64.self)
    }
  }

  /// The voxels as they lie in the file, in host order.
  func stored<T: Voxel>(
    _ header: NIfTIHeader, _: T.Type, swap: @Sendable (T) -> T
  ) throws(ImageError) -> Volume<T> {
    try Volume<T>(header.geometry) { out throws(ImageError) in
      try fill(UnsafeMutableRawBufferPointer(out))
      guard header.swapped, T.kind.bytes > 1 else { return }
      nonisolated(unsafe) let voxels = out
      parallelFor(out.count, grain: 1 << 16) { range in
        for i in range { voxels[i] = swap(voxels[i]) }
      }
    }
  }

  /// slope · stored + intercept in double precision, kept in the type that the stored one calls for.
  func scaled<T: Voxel>(_ volume: Volume<T>, _ header: NIfTIHeader) -> AnyVolume {
    guard let (slope, intercept) = header.scaling else { return T.erase(volume) }
    switch header.datatype {
    case .uint8, .int8, .uint16, .int16, .float32:
      return .f32(volume.map { Float($0.doubleValue * slope + intercept) })
    default:
      return .f64(volume.map { $0.doubleValue * slope + intercept })
    }
  }

  /// 64-bit integers in a narrower type that holds them all.
  func wide<T: FixedWidthInteger & BitwiseCopyable>(_ header: NIfTIHeader, _: T.Type) throws(ImageError) -> AnyVolume {
    let count = header.size.count
    let memory = UnsafeMutableBufferPointer<T>.allocate(capacity: count)
    defer { memory.deallocate() }
    try fill(UnsafeMutableRawBufferPointer(memory))
    if header.swapped { for i in 0..<count { memory[i] = memory[i].byteSwapped } }
    var (low, high) = (T.max, T.min)
    for value in memory {
      low = min(low, value)
      high = max(high, value)
    }
    if header.scaling == nil {
      if low >= Int32.min && high <= Int32.max {
        return .i32(Volume(header.geometry) { for i in 0..<count { $0[i] = Int32(truncatingIfNeeded: memory[i]) } })
      }
      if low >= 0 && high <= UInt32.max {
        return .u32(Volume(header.geometry) { for i in 0..<count { $0[i] = UInt32(truncatingIfNeeded: memory[i]) } })
      }
    }
    guard let least = Int64(exactly: low), let most = Int64(exactly: high), least >= -(1 << 53), most <= 1 << 53 else {
      throw ImageError(
        .unsupported, "NIfTI: 64-bit integers from \(low) to \(high) do not fit a double exactly",
        hint: "store them in 32 bits")
    }
    return scaled(Volume<Double>(header.geometry) { for i in 0..<count { $0[i] = Double(memory[i]) } }, header)
  }
}
