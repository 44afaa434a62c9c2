// SPDX-License-Identifier: Apache-2.0
import CISAL
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
  private let takesZlib: Bool
  /// What inflates; nil until the first bytes tell which header there is.
  private var stream: OpaquePointer?
  /// Compressed bytes that were read.
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  /// Those of them that were not inflated yet.
  private var waiting = 0..<0
  private var drained = false
  private var ended = false
  /// Decompressed bytes so far.
  public private(set) var produced = 0

  /// A reader of the bytes that `source` gives.
  ///
  /// - Parameter zlib: whether a zlib header is taken as well.
  public init(zlib: Bool = false, from source: @escaping Source) {
    self.source = source
    takesZlib = zlib
  }

  deinit {
    lumen_inflate_close(stream)
    input.deallocate()
  }

  /// Moves the waiting bytes to the front and fills up behind them.
  private func refill() throws(ImageError) {
    guard !drained, let base = input.baseAddress else { return }
    let kept = waiting.count
    if kept > 0 { memmove(base, base + waiting.lowerBound, kept) }
    let n = try source(UnsafeMutableRawBufferPointer(rebasing: input[kept...]))
    drained = n < input.count - kept
    waiting = 0..<kept + n
  }

  /// Whether a gzip member begins with what is waiting.
  private var isMember: Bool {
    waiting.count >= 2 && input[waiting.lowerBound] == 0x1F && input[waiting.lowerBound + 1] == 0x8B
  }

  /// Fills as much of the buffer as the stream has; fewer bytes only at its end.
  ///
  /// - Throws: `malformed` for damaged data, a wrong checksum or a stream that is cut.
  public func read(into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
    var filled = 0
    while filled < out.count && !ended {
      if waiting.isEmpty { try refill() }
      if stream == nil { stream = lumen_inflate_open(takesZlib && !isMember ? 1 : 0) }
      guard let stream else { throw ImageError(.io, "there is no memory to inflate with") }
      let offered = waiting.count, space = min(out.count - filled, 1 << 30)
      var room = lumen_inflate_room(
        in: input.baseAddress.map { ($0 + waiting.lowerBound).assumingMemoryBound(to: UInt8.self) },
        in_count: UInt32(offered),
        out: out.baseAddress.map { ($0 + filled).assumingMemoryBound(to: UInt8.self) }, out_count: UInt32(space))
      let result = lumen_inflate_step(stream, &room)
      let made = space - Int(room.out_count)
      waiting = waiting.upperBound - Int(room.in_count)..<waiting.upperBound
      filled += made
      produced += made
      switch result {
      case 0 where made > 0 || waiting.count < offered: continue
      case 0 where drained:
        throw ImageError(
          .malformed, "the gzip stream is cut after \(produced) decompressed bytes",
          hint: "the transfer was probably cut; fetch the file again")
      case 0: try refill()
      case 1: try nextMember()
      default:
        throw ImageError(
          .malformed,
          "gzip data are damaged after \(produced) decompressed bytes: \(String(cString: lumen_inflate_text(result)))",
          hint: "fetch the file again")
      }
    }
    return filled
  }

  /// Goes on with the member that follows, if one does; other bytes after a member are ignored, as gzip does.
  private func nextMember() throws(ImageError) {
    if waiting.count < 2 { try refill() }
    if isMember { lumen_inflate_reset(stream) } else { ended = true }
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
    let reader = GzipReader { out throws(ImageError) in
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
