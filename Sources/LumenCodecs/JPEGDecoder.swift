// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import CJPEG
import LumenCore

extension JPEGMarkers {
  /// Decodes: lossless of the plain kind here, DCT of 8 bits by libjpeg-turbo; all else by the IJG library of DCMTK.
  func decode(into out: UnsafeMutableRawBufferPointer, convertsYCC: Bool) throws(ImageError) {
    let header = try header()
    precondition(out.count == header.byteCount && (!convertsYCC || header.canConvertYCC), "a buffer for the image")
    if let complete = withEnd {
      let result = complete.withUnsafeBytes { b in
        Result { () throws(ImageError) in try decode(b, header, into: out, convertsYCC: convertsYCC) }
      }
      return try result.get()
    }
    try decode(bytes, header, into: out, convertsYCC: convertsYCC)
  }

  private func decode(
    _ bytes: UnsafeRawBufferPointer, _ header: CodestreamHeader, into out: UnsafeMutableRawBufferPointer,
    convertsYCC: Bool
  ) throws(ImageError) {
    if bits == 8 && !isLossless { return try turbo(bytes, into: out, convertsYCC: convertsYCC) }
    if isLossless, let plain = LosslessJPEG(self), plain.decode(bytes, into: out) { return }
    try ijg(bytes, into: out)
    if convertsYCC { YCbCr.toRGB(out.assumingMemoryBound(to: UInt16.self), bits: bits) }
  }

  /// Decodes by the IJG library.
  func ijg(_ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    guard let size = UInt32(exactly: out.count), let count = UInt32(exactly: bytes.count) else {
      throw ImageError(.limitExceeded, "JPEG of \(out.count) bytes, the limit is 4 GiB")
    }
    var error = cdcm_error()
    let done = cdcm_jpeg(
      bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count, Int32(bits), Int32(oddities), out.baseAddress,
      size, &error)
    guard done != 0 else {
      throw Codestream.jpeg.failure(
        withUnsafeBytes(of: error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
  }

  private func turbo(
    _ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer, convertsYCC: Bool
  ) throws(ImageError) {
    var info = lumen_jpeg_info(), message = Message(), handle: OpaquePointer?
    var result = message.fill {
      lumen_jpeg_open(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &handle, &info, $0)
    }
    guard let handle else { throw failure(result, message) }
    defer { lumen_jpeg_close(handle) }
    guard Int(info.columns) == columns, Int(info.rows) == rows, Int(info.components) == components.count else {
      throw ImageError(.malformed, "JPEG has a second frame header of another shape")
    }
    result = message.fill {
      lumen_jpeg_read(handle, convertsYCC ? 1 : 0, out.baseAddress?.assumingMemoryBound(to: UInt8.self), $0)
    }
    guard result == lumen_jpeg_ok else { throw failure(result, message) }
  }

  private func failure(_ result: Int32, _ message: Message) -> ImageError {
    result == Int32(lumen_jpeg_unsupported)
      ? ImageError(.unsupported, "JPEG: \(message.text)") : Codestream.jpeg.failure(message.text)
  }

  /// A copy with the end marker that a single-scan image lacks; nil where nothing is missing. What the scan itself
  /// lacks is then noticed by the decoder.
  private var withEnd: [UInt8]? { isSingleScan ? Self.withEnd(bytes) : nil }

  /// A copy that ends with an end marker; nil where the bytes do. Decoders may search for ever for a missing one.
  static func withEnd(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    var end = bytes.count
    while end > 2, bytes[end - 1] == 0 { end -= 1 }
    if end >= 2, bytes[end - 2] == 0xFF && bytes[end - 1] == 0xD9 { return nil }
    return Array(bytes) + [0xFF, 0xD9]
  }
}
