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
  private var fd: Int32 = -1
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
    fd = Glibc.open(header.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var status = stat()
    var locator: PixelLocator?
    if fd >= 0, fstat(fd, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      do { locator = try PixelLocator(fd, size: Int(status.st_size), header.transferSyntax) } catch {
        close(fd)
        throw error
      }
    }
    guard info.encapsulated != 0 else {
      (fragmentLengths, offsetTable) = ([], [])
      // Values of another byte order go through the parser.
      if let pixels = locator?.pixels, pixels.length == length, header.transferSyntax != .explicitVRBigEndian,
        pixels.offset + length <= Int(status.st_size)
      {
        offsets = [pixels.offset]
      }
      return
    }
    if let pixels = locator?.pixels, pixels.length == nil, let items = locator?.items(pixels.offset),
      items.count == Int(info.fragments) + 1
    {
      fragmentLengths = items.dropFirst().map(\.count)
      offsets = items.dropFirst().map(\.lowerBound)
      offsetTable = Self.table(fd, locator?.extendedOffsets, items[0], frames: header.frames)
      return
    }
    let fragments = handle.fragments
    fragmentLengths = fragments.map(\.count)
    items = fragments.map(\.item)
    offsetTable = []
  }

  /// Pixels that were located when their file was scanned; nil when it has changed since.
  init?(at place: PixelLocation, of header: InstanceHeader) {
    handle = nil
    swapsWords = false
    fd = Glibc.open(header.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var status = stat()
    guard fd >= 0, fstat(fd, &status) == 0, FileStamp(status) == place.file else { return nil }
    switch place.content {
    case .native(let bytes):
      (isEncapsulated, length, fragmentLengths, offsetTable) = (false, bytes, [], [])
      offsets = [place.offset]
    case .fragments(let count):
      (isEncapsulated, length) = (true, 0)
      guard var locator = try? PixelLocator(fd, size: Int(status.st_size), header.transferSyntax),
        locator.pixels?.offset == place.offset, let items = locator.items(place.offset), items.count == count + 1
      else { return nil }
      fragmentLengths = items.dropFirst().map(\.count)
      offsets = items.dropFirst().map(\.lowerBound)
      offsetTable = Self.table(fd, locator.extendedOffsets, items[0], frames: header.frames)
    }
  }

  deinit { if fd >= 0 { close(fd) } }

  /// The extended offset table, else the basic one; empty when neither has an offset for every frame.
  private static func table(
    _ fd: Int32, _ extended: PixelLocator.Value?, _ basic: Range<Int>, frames: Int
  ) -> [Int] {
    let offsets = table(fd, extended, entry: 8, frames: frames)
    let value = PixelLocator.Value(offset: basic.lowerBound, length: basic.count)
    return offsets.isEmpty ? table(fd, value, entry: 4, frames: frames) : offsets
  }

  /// Offsets as stored; empty when the table has not one for every frame.
  private static func table(_ fd: Int32, _ value: PixelLocator.Value?, entry: Int, frames: Int) -> [Int] {
    guard let value, let length = value.length, frames > 0, length / entry >= frames, length <= 1 << 26 else {
      return []
    }
    var bytes = [UInt8](repeating: 0, count: frames * entry)
    guard (try? bytes.withUnsafeMutableBytes({ try read(fd, value.offset, $0) })) != nil else { return [] }
    return (0..<frames).map { i in
      var offset: UInt64 = 0
      for b in (0..<entry).reversed() { offset = offset << 8 | UInt64(bytes[i * entry + b]) }
      return Int(clamping: offset)
    }
  }

  private static func read(
    _ fd: Int32, _ offset: Int, _ out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) {
    var done = 0
    while done < out.count {
      let n = pread(fd, out.baseAddress.map { $0 + done }, out.count - done, off_t(offset + done))
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else {
        throw ImageError(
          n < 0 ? .io : .malformed, "pixel data cannot be read: \(done) of \(out.count) bytes are there",
          hint: "the file was cut while it was read")
      }
      done += n
    }
  }

  /// Native bytes of a range, in this machine's byte order.
  func native(_ offset: Int, _ out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    guard offset >= 0, offset + out.count <= length else {
      throw ImageError(
        .malformed, "Pixel Data has \(length) bytes, \(offset + out.count) are wanted",
        hint: "the transfer was probably cut; fetch the instance again")
    }
    if let start = offsets.first { return try Self.read(fd, start + offset, out) }
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
    if offsets.isEmpty { return Array(try fragments(index..<index + 1).prefix(count)) }
    var bytes = [UInt8](repeating: 0, count: min(count, fragmentLengths[index]))
    let start = offsets[index]
    let result = bytes.withUnsafeMutableBytes { b in Result { () throws(ImageError) in try Self.read(fd, start, b) } }
    try result.get()
    return bytes
  }

  private func fragment(_ index: Int, _ out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    if !offsets.isEmpty { return try Self.read(fd, offsets[index], out) }
    let done = turn.withLock { _ in
      cdcm_fragment_bytes(items[index], out.baseAddress, UInt64(out.count))
    }
    guard done != 0 else { throw ImageError(.malformed, "compressed fragment \(index + 1) cannot be read") }
  }
}
