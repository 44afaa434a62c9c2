// SPDX-License-Identifier: Apache-2.0
import CZlib
import Glibc
public import LumenCore

/// A gzip or zlib stream read piece by piece into memory that the caller has bounded; concatenated gzip members are one
/// stream.
///
/// - Source: RFC 1952, RFC 1950.
public final class GzipReader {
  /// Fills as much of a buffer as there are compressed bytes; fewer only at their end.
  public typealias Source = (UnsafeMutableRawBufferPointer) throws(ImageError) -> Int

  private let source: Source
  private let stream: UnsafeMutablePointer<z_stream>
  /// Compressed bytes on their way to zlib.
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  private var drained = false
  private var ended = false
  /// Decompressed bytes so far.
  public private(set) var produced = 0

  /// A reader of the bytes that `source` gives.
  ///
  /// - Parameter zlib: whether a zlib header is taken as well.
  public init(zlib: Bool = false, from source: @escaping Source) throws(ImageError) {
    self.source = source
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard inflateInit2_(stream, 15 + (zlib ? 32 : 16), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw ImageError(.io, "zlib cannot start: out of memory or another version")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Compressed bytes that zlib has not taken yet.
  private var waiting: Int { Int(stream.pointee.avail_in) }

  /// Moves the waiting bytes to the front and fills up behind them.
  private func refill() throws(ImageError) {
    guard !drained, let base = input.baseAddress else { return }
    let kept = waiting
    if kept > 0 { memmove(base, stream.pointee.next_in, kept) }
    let n = try source(UnsafeMutableRawBufferPointer(rebasing: input[kept...]))
    drained = n < input.count - kept
    stream.pointee.next_in = base.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(kept + n)
  }

  /// Fills as much of the buffer as the stream has; fewer bytes only at its end.
  ///
  /// - Throws: `malformed` for damaged data, a wrong checksum or a stream that is cut.
  public func read(into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
    var filled = 0
    while filled < out.count && !ended {
      let room = min(out.count - filled, 1 << 30)
      if waiting == 0 { try refill() }
      stream.pointee.next_out = out.baseAddress.map { ($0 + filled).assumingMemoryBound(to: UInt8.self) }
      stream.pointee.avail_out = UInt32(room)
      let result = inflate(stream, Z_NO_FLUSH)
      let n = room - Int(stream.pointee.avail_out)
      filled += n
      produced += n
      switch result {
      case Z_OK: continue
      case Z_STREAM_END: try nextMember()
      case Z_BUF_ERROR where waiting == 0 && drained:
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
    if waiting < 2 { try refill() }
    guard waiting >= 2, let next = stream.pointee.next_in, next[0] == 0x1F, next[1] == 0x8B else {
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
    var at = 0
    let reader = try GzipReader { out throws(ImageError) in
      let n = min(out.count, bytes.count - at)
      bytes.withUnsafeBytes { out.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[at..<at + n])) }
      at += n
      return n
    }
    var out = [UInt8](repeating: 0, count: count)
    let n = try out.withUnsafeMutableBufferPointer { o throws(ImageError) in
      try reader.read(into: UnsafeMutableRawBufferPointer(o))
    }
    return Array(out.prefix(n))
  }

  /// Compresses into one gzip member (``GzipCompressor``).
  public static func compress(_ bytes: [UInt8], level: Int32 = 4) -> [UInt8] {
    var compressor = GzipCompressor(level: level)
    return bytes.withUnsafeBytes { compressor.add($0) } + compressor.finish()
  }
}
