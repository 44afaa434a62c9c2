// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCodecs
import LumenCore

/// The sample bytes of a file in order, whatever holds them.
protocol ByteStream: AnyObject {
  /// The most bytes that can still come, judged by what is there and not by what a header says.
  var most: Int { get }
  /// Whether ``most`` is a bound on the ratio of decompression instead of the number of bytes.
  var isCompressed: Bool { get }
  /// Fills as much of the buffer as there is; fewer bytes only at the end.
  func read(into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int
  /// Passes over bytes; gives how many there were.
  func skip(_ count: Int) throws(ImageError) -> Int
  /// Verifies what follows the samples: the checksum of a compressed stream.
  func finish() throws(ImageError)
}

extension ByteStream {
  /// Up to `count` bytes.
  func bytes(_ count: Int) throws(ImageError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: min(count, most))
    let n = try out.withUnsafeMutableBufferPointer { b throws(ImageError) in
      try read(into: UnsafeMutableRawBufferPointer(b))
    }
    return Array(out.prefix(n))
  }

  func skip(_ count: Int) throws(ImageError) -> Int {
    var left = count
    while left > 0 {
      let n = try bytes(min(left, 1 << 16)).count
      if n == 0 { break }
      left -= n
    }
    return count - left
  }

  func finish() throws(ImageError) {}
}

/// Bytes in memory.
final class MemoryStream: ByteStream {
  private let bytes: [UInt8]
  private var at: Int
  let isCompressed = false
  var most: Int { bytes.count - at }

  /// The bytes from an offset on; none when it lies behind the end.
  init(_ bytes: [UInt8], from offset: Int = 0) {
    self.bytes = bytes
    at = min(max(offset, 0), bytes.count)
  }

  func read(into out: UnsafeMutableRawBufferPointer) -> Int {
    let n = min(out.count, bytes.count - at)
    bytes.withUnsafeBytes { out.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[at..<at + n])) }
    at += n
    return n
  }

  func skip(_ count: Int) -> Int {
    let n = min(max(count, 0), bytes.count - at)
    at += n
    return n
  }
}

/// Bytes of a file from its beginning, read where they are asked for.
final class FileStream: ByteStream {
  private let path: String
  private let fd: Int32
  private let size: Int
  private var at = 0
  let isCompressed = false
  var most: Int { size - at }

  /// - Throws: `notFound`, `io`, or `limitExceeded` for a file larger than the limit.
  init(_ path: String, limits: Limits) throws(ImageError) {
    self.path = path
    (fd, size) = try Files.open(path, limits: limits)
  }

  deinit { close(fd) }

  func read(into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
    let n = try Files.read(fd, into: UnsafeMutableRawBufferPointer(rebasing: out[..<min(out.count, most)]), at, path)
    at += n
    return n
  }

  func skip(_ count: Int) -> Int {
    let n = min(max(count, 0), most)
    at += n
    return n
  }
}

/// A copy of bytes whose address stays, for libraries that keep it.
final class PinnedBytes: Sendable {
  nonisolated(unsafe) let buffer: UnsafeBufferPointer<UInt8>

  init(_ bytes: some Collection<UInt8>) {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
    _ = copy.initialize(from: bytes)
    buffer = UnsafeBufferPointer(rebasing: copy[..<bytes.count])
  }

  deinit { buffer.deallocate() }
}

/// A gzip or zlib stream.
final class InflateStream: ByteStream {
  private let reader: GzipReader
  private let bound: Int
  let isCompressed = true
  var most: Int { bound - reader.produced }

  /// What the bytes of another stream decompress to.
  init(_ compressed: any ByteStream, zlib: Bool = false, limits: Limits) {
    bound = compressed.most.multipliedSaturating(limits.expansion)
    reader = GzipReader(zlib: zlib) { out throws(ImageError) in try compressed.read(into: out) }
  }

  func read(into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int { try reader.read(into: out) }

  func finish() throws(ImageError) { try reader.finish(most: 1 << 20) }
}

/// Equal shares of samples in several files, each opened when its turn comes.
final class FileSequence: ByteStream {
  private let paths: [String]
  private let share: Int
  private let open: (String) throws(ImageError) -> any ByteStream
  private var next = 0
  private var current: (any ByteStream)?
  private var left = 0
  private let total: Int
  private var given = 0
  let isCompressed: Bool
  var most: Int { total - given }

  /// - Parameters:
  ///   - share: bytes of samples in every file.
  ///   - expansion: the most bytes that come out of one byte of a file, 1 when it is not compressed.
  init(
    _ paths: [String], share: Int, expansion: Int, open: @escaping (String) throws(ImageError) -> any ByteStream
  ) throws(ImageError) {
    var sum = 0
    for path in paths {
      let most = try Files.length(path).multipliedSaturating(expansion)
      let (total, overflow) = sum.addingReportingOverflow(min(most, share))
      sum = overflow ? .max : total
    }
    (self.paths, self.share, self.open) = (paths, share, open)
    total = sum
    isCompressed = expansion > 1
  }

  func read(into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
    var filled = 0
    while filled < out.count {
      if left == 0 {
        try close()
        guard next < paths.count else { break }
        current = try open(paths[next])
        left = share
        next += 1
      }
      guard let current else { break }
      let want = min(left, out.count - filled)
      let n: Int
      do throws(ImageError) {
        n = try current.read(into: UnsafeMutableRawBufferPointer(rebasing: out[filled..<filled + want]))
      } catch {
        throw error.at(paths[next - 1])
      }
      guard n == want else {
        throw ImageError(
          .malformed, "\(share) bytes of samples expected, \(share - left + n) found", place: paths[next - 1],
          hint: "the transfer was probably cut; fetch the file again")
      }
      filled += n
      left -= n
    }
    given += filled
    return filled
  }

  private func close() throws(ImageError) {
    guard let stream = current else { return }
    current = nil
    do throws(ImageError) { try stream.finish() } catch { throw error.at(paths[next - 1]) }
  }

  func finish() throws(ImageError) { if left == 0 { try close() } }
}
