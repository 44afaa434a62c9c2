// SPDX-License-Identifier: Apache-2.0
import CJPEGXL
import LumenCore

/// JPEG XL, decoded by libjxl: grey and RGB pictures of up to 16 bits, lossless, lossy and recompressed JPEG.
///
/// - Source: ISO/IEC 18181-1.
enum JPEGXL {
  static func header(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> CodestreamHeader {
    var shape = lumen_jxl_shape(), message = Message()
    let failed = message.fill {
      lumen_jxl_header(
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, 64 << 20, &shape, $0)
    }
    guard failed == 0 else { throw Codestream.jpegXL.failure(message.text) }
    guard shape.is_float == 0, 1...16 ~= shape.bits else {
      throw ImageError(
        .unsupported, "JPEG XL with \(shape.bits) bits a \(shape.is_float != 0 ? "float " : "")sample is not read")
    }
    guard shape.is_animated == 0, shape.alphas == 0 else {
      throw ImageError(
        .unsupported, "JPEG XL with \(shape.alphas == 0 ? "several frames" : "transparency") is not read")
    }
    return CodestreamHeader(
      codec: .jpegXL, columns: Int(shape.columns), rows: Int(shape.rows), components: Int(shape.colours),
      bits: Int(shape.bits), colour: shape.colours == 1 ? .grey : .rgb)
  }

  static func decode(
    _ bytes: UnsafeRawBufferPointer, _ header: CodestreamHeader, into out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) {
    var shape = lumen_jxl_shape(
      columns: UInt32(header.columns), rows: UInt32(header.rows), colours: UInt32(header.components), alphas: 0,
      bits: UInt32(header.bits), is_float: 0, is_animated: 0)
    // libjxl works on single precision in three channels, with borders and a few copies.
    let memory = 256 << 20 + 64 * header.columns * header.rows * 3
    var message = Message()
    let failed = message.fill {
      lumen_jxl_decode(
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, memory, &shape, out.baseAddress, $0)
    }
    guard failed == 0 else { throw Codestream.jpegXL.failure(message.text) }
    if header.bits == 8 || header.bits == 16 { return }
    // The library stretches values over the whole type; rounding brings the stored ones back exactly.
    let top = UInt32(1) << UInt32(header.bits) - 1
    if header.bits < 8 {
      for i in out.indices { out[i] = UInt8((UInt32(out[i]) * top + 127) / 255) }
    } else {
      let words = out.assumingMemoryBound(to: UInt16.self)
      for i in words.indices { words[i] = UInt16((UInt32(words[i]) * top + 32_767) / 65_535) }
    }
  }
}
