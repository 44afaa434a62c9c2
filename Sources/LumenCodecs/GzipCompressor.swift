// SPDX-License-Identifier: Apache-2.0
import CZlib
import LumenCore

/// Compresses bytes that come piece by piece, in parallel, into one gzip member: blocks of 1 MiB, each primed with the
/// 32 KiB before it.
///
/// The compressed bytes depend on the input and the version of zlib only, not on the pieces, threads or time (mtime is 0).
///
/// - Source: RFC 1952.
public struct GzipCompressor {
  private static let block = 1 << 20, window = 1 << 15
  /// Blocks that are compressed at a time.
  private static let most = 16

  private let level: Int32
  /// What was compressed last, at most ``window`` bytes, and behind it what was not yet.
  private var held: [UInt8] = []
  private var before = 0
  private var started = false
  private var crc = crc32(0, nil, 0)
  private var total = 0

  /// A compressor of zlib's level 1 … 9.
  public init(level: Int32 = 4) { self.level = level }

  /// Takes bytes; gives the compressed ones that are ready.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var out: [UInt8] = [], at = 0
    while at < bytes.count {
      let piece = min(bytes.count - at, before + Self.most * Self.block + 1 - held.count)
      held.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[at..<at + piece]))
      at += piece
      // A block is compressed when bytes follow it: the last one ends the stream.
      if held.count - before > Self.most * Self.block { compress(Self.most, last: false, into: &out) }
    }
    return out
  }

  /// The rest of the compressed bytes.
  public mutating func finish() -> [UInt8] {
    var out: [UInt8] = []
    compress(max(1, (held.count - before + Self.block - 1) / Self.block), last: true, into: &out)
    for shift in stride(from: 0, to: 32, by: 8) { out.append(UInt8(truncatingIfNeeded: crc >> UInt(shift))) }
    for shift in stride(from: 0, to: 32, by: 8) { out.append(UInt8(truncatingIfNeeded: total >> shift)) }
    return out
  }

  /// Compresses the first blocks of what is held.
  private mutating func compress(_ blocks: Int, last: Bool, into out: inout [UInt8]) {
    if !started { out += [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] }
    started = true
    let first = before, end = min(held.count, first + blocks * Self.block), level = level
    var parts = [(data: [UInt8], crc: UInt)](repeating: ([], 0), count: blocks)
    held.withUnsafeBufferPointer { source in
      parts.withUnsafeMutableBufferPointer { slots in
        nonisolated(unsafe) let (source, slots) = (source, slots)
        parallelFor(blocks) { range in
          for b in range {
            let start = first + b * Self.block, piece = start..<min(end, start + Self.block)
            slots[b] = Self.deflate(
              UnsafeBufferPointer(rebasing: source[piece]),
              after: UnsafeBufferPointer(rebasing: source[max(0, start - Self.window)..<start]),
              last: last && b == blocks - 1, level: level)
          }
        }
      }
    }
    for (b, part) in parts.enumerated() {
      out += part.data
      crc = crc32_combine(crc, part.crc, min(Self.block, end - first - b * Self.block))
    }
    total += end - first
    let kept = max(0, end - Self.window)
    held.removeSubrange(..<kept)
    before = end - kept
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
