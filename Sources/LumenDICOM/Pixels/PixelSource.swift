// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import Glibc
import LumenCore
import Synchronization

/// The bytes of a file's pixel data: from the file where they are located, from the parser where not.
///
/// Any number of threads may read at the same time; calls into the parser take turns.
final class PixelSource: @unchecked Sendable {
  /// Whether the pixels are stored as fragments.
  let isEncapsulated: Bool
  /// Bytes of native pixel data.
  let length: Int
  /// Bytes of every fragment, without the offset table.
  let fragmentLengths: [Int]
  /// Entries of the basic or extended offset table; empty where there is none.
  let offsetTable: [Int]

  /// The parsed file; nil where pixels were located when it was scanned.
  private let handle: DICOMHandle?
  private let turn = Mutex<Void>(())
  private let swapsWords: Bool
  /// The file that pixels are read from; nil where it cannot be opened.
  private let file: OpenFile?
  /// Offset of native data or fragments in the file; empty where the parser has to be asked.
  private var offsets: [Int] = []
  /// The parser's fragments where it has to be asked.
  private var items: [OpaquePointer] = []

  init(_ handle: DICOMHandle, _ header: InstanceHeader) throws(ImageError) {
    self.handle = handle
    let info = handle.pixelInfo
    isEncapsulated = info.encapsulated != 0
    length = Int(clamping: info.length)
    // DCMTK swaps the 16-bit words of OW; a 32-bit value has two of them.
    swapsWords =
      info.kind == 1 && header.bitsAllocated == 32 && header.transferSyntax == .explicitVRBigEndian
    file = OpenFile(header.path)
    var locator: PixelLocator?
    if let file { locator = try PixelLocator(file.descriptor, size: file.size, header.transferSyntax) }
    guard info.encapsulated != 0 else {
      (fragmentLengths, offsetTable) = ([], [])
      // Values of another byte order go through the parser.
      if let pixels = locator?.pixels, pixels.length == length, header.transferSyntax != .explicitVRBigEndian,
        let file, pixels.offset + length <= file.size
      {
        offsets = [pixels.offset]
      }
      return
    }
    if let file, let locator, let found = Self.fragments(file, locator, Int(info.fragments), header) {
      (fragmentLengths, offsets, offsetTable) = found
      return
    }
    let fragments = handle.fragments
    fragmentLengths = fragments.map(\.count)
    items = fragments.map(\.item)
    offsetTable = []
  }

  /// Pixels that were located when their file was scanned; nil when it has changed since, or what is found there does
  /// not agree.
  init?(at place: PixelLocation, of header: InstanceHeader) {
    guard let file = OpenFile(header.path), file.stamp == place.file else { return nil }
    self.file = file
    handle = nil
    swapsWords = false
    switch place.content {
    case .native(let bytes):
      (isEncapsulated, length, fragmentLengths, offsetTable) = (false, bytes, [], [])
      offsets = [place.offset]
    case .fragments(let count):
      (isEncapsulated, length) = (true, 0)
      guard let locator = try? PixelLocator(file.descriptor, size: file.size, header.transferSyntax),
        locator.pixels?.offset == place.offset, let found = Self.fragments(file, locator, count, header)
      else { return nil }
      (fragmentLengths, offsets, offsetTable) = found
    }
  }

  /// Lengths and places of fragments, and their extended offset table, else the basic one; nil when there is another
  /// number of them.
  private static func fragments(
    _ file: OpenFile, _ found: PixelLocator, _ count: Int, _ header: InstanceHeader
  ) -> (lengths: [Int], offsets: [Int], table: [Int])? {
    var locator = found
    guard let pixels = locator.pixels, pixels.length == nil, let items = locator.items(pixels.offset),
      items.count == count + 1
    else { return nil }
    let extended = table(file, locator.extendedOffsets, entry: 8, frames: header.frames)
    let basic = PixelLocator.Value(offset: items[0].lowerBound, length: items[0].count)
    return (
      items.dropFirst().map(\.count), items.dropFirst().map(\.lowerBound),
      extended.isEmpty ? table(file, basic, entry: 4, frames: header.frames) : extended
    )
  }

  /// Offsets as stored; empty when the table has not one for every frame.
  private static func table(_ file: OpenFile, _ value: PixelLocator.Value?, entry: Int, frames: Int) -> [Int] {
    guard let value, let length = value.length, frames > 0, length / entry >= frames, length <= 1 << 26 else {
      return []
    }
    var bytes = [UInt8](repeating: 0, count: frames * entry)
    guard (try? bytes.withUnsafeMutableBytes({ try file.read(value.offset, $0) })) != nil else { return [] }
    return (0..<frames).map { i in
      var offset: UInt64 = 0
      for b in (0..<entry).reversed() { offset = offset << 8 | UInt64(bytes[i * entry + b]) }
      return Int(clamping: offset)
    }
  }

  /// Native bytes of a range, in this machine's byte order.
  func native(_ offset: Int, _ out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    guard offset >= 0, offset + out.count <= length else {
      throw ImageError(
        .malformed, "Pixel Data has \(length) bytes, \(offset + out.count) are wanted",
        hint: "the transfer was probably cut; fetch the instance again")
    }
    if let file, let start = offsets.first { return try file.read(start + offset, out) }
    guard let handle else { preconditionFailure("pixels that are not located have a parser") }
    var error = cdcm_error()
    let done = turn.withLock { _ in
      cdcm_native(handle.file, UInt64(offset), out.baseAddress, UInt64(out.count), &error)
    }
    guard done != 0 else {
      throw ImageError(.malformed, "Pixel Data cannot be read: \(DICOMHandle.text(error))")
    }
    if swapsWords {
      for i in stride(from: 0, to: out.count - 3, by: 4) {
        (out[i], out[i + 1], out[i + 2], out[i + 3]) = (out[i + 2], out[i + 3], out[i], out[i + 1])
      }
    }
  }

  /// The bytes of consecutive fragments, joined.
  func fragments(_ range: Range<Int>) throws(ImageError) -> [UInt8] {
    let total = fragmentLengths[range].reduce(0, +)
    var failure: ImageError?
    let bytes = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
      let room = UnsafeMutableRawBufferPointer(buffer)
      do throws(ImageError) {
        for i in range {
          let n = fragmentLengths[i]
          try fragment(i, UnsafeMutableRawBufferPointer(rebasing: room[count..<count + n]))
          count += n
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The first bytes of a fragment, fewer when it is shorter.
  func head(_ index: Int, _ count: Int) throws(ImageError) -> [UInt8] {
    guard let file, !offsets.isEmpty else { return Array(try fragments(index..<index + 1).prefix(count)) }
    var bytes = [UInt8](repeating: 0, count: min(count, fragmentLengths[index]))
    let start = offsets[index]
    let result = bytes.withUnsafeMutableBytes { b in Result { () throws(ImageError) in try file.read(start, b) } }
    try result.get()
    return bytes
  }

  private func fragment(_ index: Int, _ out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    if let file, !offsets.isEmpty { return try file.read(offsets[index], out) }
    let done = turn.withLock { _ in
      cdcm_fragment_bytes(items[index], out.baseAddress, UInt64(out.count))
    }
    guard done != 0 else { throw ImageError(.malformed, "compressed fragment \(index + 1) cannot be read") }
  }
}

/// A regular file that is closed with its last user.
private final class OpenFile {
  let descriptor: Int32
  let size: Int
  let stamp: FileStamp

  init?(_ path: String) {
    descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var status = stat()
    guard descriptor >= 0 else { return nil }
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return nil
    }
    size = Int(status.st_size)
    stamp = FileStamp(status)
  }

  deinit { close(descriptor) }

  /// Fills a buffer from an offset.
  func read(_ offset: Int, _ out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    var done = 0
    while done < out.count {
      let n = pread(descriptor, out.baseAddress.map { $0 + done }, out.count - done, off_t(offset + done))
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else {
        throw ImageError(
          n < 0 ? .io : .malformed, "pixel data cannot be read: \(done) of \(out.count) bytes are there",
          hint: "the file was cut while it was read")
      }
      done += n
    }
  }
}
