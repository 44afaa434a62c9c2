// SPDX-License-Identifier: Apache-2.0
import CZlib
public import LumenCore

/// A gzip or zlib stream read piece by piece into memory that the caller has bounded; concatenated gzip members are one
/// stream.
///
/// - Source: RFC 1952, RFC 1950.
public final class GzipReader {
  private let stream: UnsafeMutablePointer<z_stream>
  private let bytes: UnsafeBufferPointer<UInt8>
  private var fed = 0
  private var ended = false
  /// Decompressed bytes so far.
  public private(set) var produced = 0

  /// A reader of bytes that outlive it.
  ///
  /// - Parameter zlib: whether a zlib header is taken as well.
  public init(_ bytes: UnsafeBufferPointer<UInt8>, zlib: Bool = false) throws(ImageError) {
    self.bytes = bytes
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard inflateInit2_(stream, 15 + (zlib ? 32 : 16), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw ImageError(.io, "zlib cannot start: out of memory or another version")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills as much of the buffer as the stream has; fewer bytes only at its end.
  ///
  /// - Throws: `malformed` for damaged data, a wrong checksum or a stream that is cut.
  public func read(into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
    var filled = 0
    while filled < out.count && !ended {
      let room = min(out.count - filled, 1 << 30)
      if stream.pointee.avail_in == 0 {
        let n = min(bytes.count - fed, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress.map { $0 + fed })
        stream.pointee.avail_in = UInt32(n)
        fed += n
      }
      stream.pointee.next_out = out.baseAddress.map { ($0 + filled).assumingMemoryBound(to: UInt8.self) }
      stream.pointee.avail_out = UInt32(room)
      let result = inflate(stream, Z_NO_FLUSH)
      let n = room - Int(stream.pointee.avail_out)
      filled += n
      produced += n
      switch result {
      case Z_OK: continue
      case Z_STREAM_END: try nextMember()
      case Z_BUF_ERROR where stream.pointee.avail_in == 0 && fed == bytes.count:
        throw ImageError(
          .malformed, "the gzip stream is cut after \(produced) decompressed bytes",
          hint: "the transfer was probably cut; fetch the file again")
      case Z_MEM_ERROR: throw ImageError(.io, "zlib is out of memory")
      default:
        let text = stream.pointee.msg.map { String(cString: $0) } ?? "error \(result)"
        throw ImageError(
          .malformed, "gzip data are damaged after \(produced) decompressed bytes: \(text)",
          hint: "fetch the file again")
      }
    }
    return filled
  }

  /// Goes on with the member that follows, if one does; other bytes after a member are ignored, as gzip does.
  private func nextMember() throws(ImageError) {
    let at = fed - Int(stream.pointee.avail_in)
    guard at + 2 <= bytes.count, bytes[at] == 0x1F, bytes[at + 1] == 0x8B else {
      ended = true
      return
    }
    guard inflateReset(stream) == Z_OK else { throw ImageError(.io, "zlib cannot go on") }
  }

  /// Reads to the end so that the checksum is verified; at most `most` bytes may still come.
  public func finish(most: Int) throws(ImageError) {
    var left = most
    var scratch = [UInt8](repeating: 0, count: 1 << 14)
    while !ended {
      let n = try scratch.withUnsafeMutableBufferPointer { b throws(ImageError) in
        try read(into: UnsafeMutableRawBufferPointer(b))
      }
      left -= n
      if left < 0 {
        throw ImageError(.malformed, "the gzip stream goes on for more than \(most) bytes after the image")
      }
    }
  }
}

/// Gzip members as a whole.
///
/// - Source: RFC 1952.
public enum Gzip {
  /// The first bytes inside a gzip stream, fewer when it is shorter.
  public static func head(_ bytes: [UInt8], _ count: Int) throws(ImageError) -> [UInt8] {
    try bytes.withUnsafeBufferPointer { b throws(ImageError) in
      let reader = try GzipReader(b)
      var out = [UInt8](repeating: 0, count: count)
      let n = try out.withUnsafeMutableBufferPointer { o throws(ImageError) in
        try reader.read(into: UnsafeMutableRawBufferPointer(o))
      }
      return Array(out.prefix(n))
    }
  }

  /// Compresses in parallel into one gzip member: blocks of 1 MiB, each primed with the 32 KiB before it.
  ///
  /// The bytes depend on the input and the version of zlib only, not on threads or time (mtime is 0).
  public static func compress(_ bytes: [UInt8], level: Int32 = 4) -> [UInt8] {
    let block = 1 << 20, window = 1 << 15
    let blocks = max(1, (bytes.count + block - 1) / block)
    var parts = [(data: [UInt8], crc: UInt)](repeating: ([], 0), count: blocks)
    bytes.withUnsafeBufferPointer { source in
      parts.withUnsafeMutableBufferPointer { slots in
        nonisolated(unsafe) let (source, slots) = (source, slots)
        parallelFor(blocks) { range in
          for b in range {
            let piece = b * block..<min(bytes.count, (b + 1) * block)
            slots[b] = deflate(
              UnsafeBufferPointer(rebasing: source[piece]),
              after: UnsafeBufferPointer(rebasing: source[max(0, piece.lowerBound - window)..<piece.lowerBound]),
              last: b == blocks - 1, level: level)
          }
        }
      }
    }
    var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    out.reserveCapacity(18 + parts.reduce(0) { $0 + $1.data.count })
    var crc = crc32(0, nil, 0)
    for (b, part) in parts.enumerated() {
      out += part.data
      crc = crc32_combine(crc, part.crc, min(block, bytes.count - b * block))
    }
    for shift in stride(from: 0, to: 32, by: 8) { out.append(UInt8(truncatingIfNeeded: crc >> UInt(shift))) }
    for shift in stride(from: 0, to: 32, by: 8) { out.append(UInt8(truncatingIfNeeded: bytes.count >> shift)) }
    return out
  }

  private static func deflate(
    _ piece: UnsafeBufferPointer<UInt8>, after dictionary: UnsafeBufferPointer<UInt8>, last: Bool, level: Int32
  ) -> (data: [UInt8], crc: UInt) {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let ready = deflateInit2_(
      stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(ready == Z_OK, "zlib compresses with constant parameters")
    defer { deflateEnd(stream) }
    if let base = dictionary.baseAddress, dictionary.count > 0 {
      deflateSetDictionary(stream, base, UInt32(dictionary.count))
    }
    let bound = Int(deflateBound(stream, UInt(piece.count))) + 64
    let data = [UInt8](unsafeUninitializedCapacity: bound) { out, count in
      stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.baseAddress)
      stream.pointee.avail_in = UInt32(piece.count)
      stream.pointee.next_out = out.baseAddress
      stream.pointee.avail_out = UInt32(bound)
      let result = CZlib.deflate(stream, last ? Z_FINISH : Z_SYNC_FLUSH)
      precondition(result == (last ? Z_STREAM_END : Z_OK), "the bound of zlib holds")
      count = bound - Int(stream.pointee.avail_out)
    }
    let crc = crc32(0, piece.baseAddress, UInt32(piece.count))
    return (data, UInt(crc))
  }
}
