// SPDX-License-Identifier: Apache-2.0
import CJPEGLS
public import LumenCore

/// JPEG-LS, decoded and encoded by CharLS: 2 to 16 bits, lossless and near-lossless, every interleave mode, HP's colour
/// transforms.
///
/// - Source: ISO/IEC 14495-1.
public enum JPEGLS {
  static func decode(
    _ bytes: UnsafeRawBufferPointer, _ header: CodestreamHeader, into out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) {
    guard let complete = JPEGMarkers.withEnd(bytes) else { return try decodeEnded(bytes, header, into: out) }
    // Without an end marker the last pixels may be made up; with one, what follows it is padding.
    let hasEnd = stride(from: bytes.count - 2, through: 2, by: -1).contains {
      bytes[$0] == 0xFF && bytes[$0 + 1] == 0xD9
    }
    guard hasEnd else { throw Codestream.jpegLS.failure("the compressed data end before the image") }
    let result = complete.withUnsafeBytes { b in
      Result { () throws(ImageError) in try decodeEnded(b, header, into: out) }
    }
    try result.get()
  }

  private static func decodeEnded(
    _ bytes: UnsafeRawBufferPointer, _ header: CodestreamHeader, into out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) {
    var shape = lumen_jls_shape(header)
    var message = Message(), isPlanar: Int32 = 0
    let failed = message.fill {
      lumen_jls_decode(
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &shape, out.baseAddress, &isPlanar, $0)
    }
    guard failed == 0 else { throw Codestream.jpegLS.failure(message.text) }
    if isPlanar != 0 {
      Interleave.planes([UInt8](out), into: out, samples: header.components, bytesPerSample: header.bytesPerSample)
    }
  }

  /// Encodes interleaved samples without loss; the same bytes for the same samples.
  ///
  /// - Parameter samples: columns × rows × components of one byte (up to 8 bits) or two in this machine's order.
  /// - Throws: `invalidParameter` for a shape that the standard cannot hold, or samples of another size.
  public static func encode(
    _ samples: UnsafeRawBufferPointer, columns: Int, rows: Int, components: Int = 1, bits: Int
  ) throws(ImageError) -> [UInt8] {
    guard 1...65_535 ~= columns, 1...65_535 ~= rows, 1...4 ~= components, 2...16 ~= bits,
      samples.count == columns * rows * components * (bits > 8 ? 2 : 1)
    else {
      throw ImageError(
        .invalidParameter,
        "JPEG-LS of \(columns) × \(rows) pixels, \(components) components of \(bits) bits from \(samples.count) bytes")
    }
    var shape = lumen_jls_shape(
      CodestreamHeader(codec: .jpegLS, columns: columns, rows: rows, components: components, bits: bits))
    // CharLS estimates; noise with a long run of escapes may need more.
    var room = lumen_jls_bound(&shape)
    guard room > 0 else { throw ImageError(.invalidParameter, "JPEG-LS cannot hold \(columns) × \(rows) pixels") }
    var message = Message(), failed: Int32 = 0
    for _ in 0..<2 {
      let encoded = [UInt8](unsafeUninitializedCapacity: room) { out, count in
        var written = 0
        failed = message.fill {
          lumen_jls_encode(
            samples.baseAddress, samples.count, &shape, 0, out.baseAddress, room, &written, $0)
        }
        count = failed == 0 ? written : 0
      }
      if failed == 0 { return encoded }
      room = 2 * room + 4096
    }
    throw ImageError(.io, "JPEG-LS cannot be encoded: \(message.text)")
  }
}

extension lumen_jls_shape {
  init(_ header: CodestreamHeader) {
    self.init(
      columns: UInt32(header.columns), rows: UInt32(header.rows), components: UInt32(header.components),
      bits: UInt32(header.bits))
  }
}

/// Planes of samples to pixels of samples.
public enum Interleave {
  /// Puts plane after plane of equal size into pixels of `samples` samples.
  public static func planes(
    _ planes: [UInt8], into out: UnsafeMutableRawBufferPointer, samples: Int, bytesPerSample: Int
  ) {
    precondition(planes.count == out.count && samples > 0 && bytesPerSample > 0, "planes of the image's size")
    planes.withUnsafeBytes { source in
      switch bytesPerSample {
      case 1: spread(source.assumingMemoryBound(to: UInt8.self), out, samples)
      case 2: spread(source.assumingMemoryBound(to: UInt16.self), out, samples)
      case 4: spread(source.assumingMemoryBound(to: UInt32.self), out, samples)
      default: spread(source.assumingMemoryBound(to: UInt64.self), out, samples)
      }
    }
  }

  private static func spread<T: FixedWidthInteger>(
    _ source: UnsafeBufferPointer<T>, _ out: UnsafeMutableRawBufferPointer, _ samples: Int
  ) {
    let plane = source.count / samples
    let to = out.assumingMemoryBound(to: T.self)
    for s in 0..<samples {
      for p in 0..<plane { to[p &* samples &+ s] = source[s &* plane &+ p] }
    }
  }
}
