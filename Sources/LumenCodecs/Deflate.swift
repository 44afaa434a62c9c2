// SPDX-License-Identifier: Apache-2.0
import CZlib
public import LumenCore

/// Raw deflate streams.
///
/// - Source: RFC 1951.
public enum Deflate {
  /// Inflates into a buffer that the stream has to fill exactly; bytes after the stream's end are padding.
  ///
  /// - Throws: `malformed` for damaged or cut data, and for a stream of another length.
  public static func inflate(
    _ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) {
    guard bytes.count < 1 << 31, out.count < 1 << 31 else {
      throw ImageError(.limitExceeded, "a deflated frame of \(out.count) bytes, the limit is 2 GiB")
    }
    // Not a local variable: zlib holds the address of its stream.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw ImageError(.io, "zlib cannot start: out of memory or another version")
    }
    defer { inflateEnd(stream) }
    // One byte more than wanted shows a stream that goes on.
    var beyond: UInt8 = 0
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(bytes.count)
    stream.pointee.next_out = out.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(out.count)
    var result = CZlib.inflate(stream, Z_FINISH)
    let missing = Int(stream.pointee.avail_out)
    if result != Z_STREAM_END && missing == 0 {
      result = withUnsafeMutablePointer(to: &beyond) { p in
        stream.pointee.next_out = p
        stream.pointee.avail_out = 1
        return CZlib.inflate(stream, Z_FINISH)
      }
      if stream.pointee.avail_out == 0 {
        throw ImageError(.malformed, "deflated data are longer than \(out.count) bytes")
      }
    }
    guard result == Z_STREAM_END, missing == 0 else {
      throw ImageError(
        .malformed, "deflated data are damaged or cut: \(out.count - missing) of \(out.count) bytes",
        hint: "fetch the file again")
    }
  }

  /// Inflates what there is, of unknown length: of a damaged or cut stream what comes before the damage.
  ///
  /// - Throws: `limitExceeded` beyond `limit` bytes.
  public static func inflated(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(ImageError) -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw ImageError(.io, "zlib cannot start: out of memory or another version")
    }
    defer { inflateEnd(stream) }
    var out: [UInt8] = [], block = [UInt8](repeating: 0, count: 1 << 18), given = 0, result = Z_OK
    while result == Z_OK {
      let part = min(bytes.count - given, 1 << 30)
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.advanced(by: given).assumingMemoryBound(to: UInt8.self))
      stream.pointee.avail_in = UInt32(part)
      let made = block.withUnsafeMutableBufferPointer { b in
        stream.pointee.next_out = b.baseAddress
        stream.pointee.avail_out = UInt32(b.count)
        result = CZlib.inflate(stream, Z_NO_FLUSH)
        return b.count - Int(stream.pointee.avail_out)
      }
      given += part - Int(stream.pointee.avail_in)
      guard out.count + made <= limit else {
        throw ImageError(.limitExceeded, "deflated data are longer than the limit of \(limit) bytes")
      }
      out += block[..<made]
    }
    return out
  }
}
