// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// The bytes of a file: in memory, or in the file until they are asked for.
enum FileContents {
  case memory([UInt8])
  case file(String, count: Int, Limits)

  /// The bytes that a file has now.
  ///
  /// - Throws: `notFound`, `io`, or `limitExceeded` for a file larger than the limit.
  init(file path: String, limits: Limits) throws(ImageError) {
    let (descriptor, size) = try Files.open(path, limits: limits)
    close(descriptor)
    self = .file(path, count: size, limits)
  }

  var count: Int {
    switch self {
    case .memory(let bytes): bytes.count
    case .file(_, let count, _): count
    }
  }

  /// The bytes from an offset on, as they are asked for.
  func stream(from offset: Int = 0) throws(ImageError) -> any ByteStream {
    switch self {
    case .memory(let bytes): return MemoryStream(bytes, from: offset)
    case .file(let path, _, let limits):
      let stream = try FileStream(path, limits: limits)
      _ = stream.skip(offset)
      return stream
    }
  }

  /// All bytes from an offset on.
  func bytes(from offset: Int = 0) throws(ImageError) -> ArraySlice<UInt8> {
    switch self {
    case .memory(let bytes): return bytes[min(max(0, offset), bytes.count)...]
    case .file(let path, _, let limits):
      let bytes = try Files.read(path, limits: limits)
      return bytes[min(max(0, offset), bytes.count)...]
    }
  }

  /// As many of the first bytes as a header of text and its last line may have.
  func head(_ limits: Limits) throws(ImageError) -> [UInt8] {
    switch self {
    case .memory(let bytes): return bytes
    case .file: return try stream().bytes(limits.textBytes.multipliedSaturating(2) &+ 2)
    }
  }

  /// The offset after a number of lines; nil with the lines that there are when they are fewer.
  func offset(after lines: Int, from start: Int) throws(ImageError) -> (offset: Int?, found: Int) {
    guard lines > 0 else { return (min(start, count), 0) }
    let stream = try stream(from: start)
    var at = min(start, count), found = 0
    while true {
      let piece = try stream.bytes(1 << 16)
      if piece.isEmpty { return (nil, found) }
      for (i, byte) in piece.enumerated() where byte == 0x0A {
        found += 1
        if found == lines { return (at + i + 1, found) }
      }
      at += piece.count
    }
  }
}
