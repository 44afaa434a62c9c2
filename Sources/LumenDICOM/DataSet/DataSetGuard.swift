// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCodecs
import LumenCore

/// Refuses data sets whose sequences are nested so deeply that a recursive parser would run out of stack, or that have so
/// many elements that it would run out of memory.
///
/// Walks the headers of a file's elements without recursion and without reading their values. It knows no dictionary:
/// whatever starts with an item is taken for a sequence. Where it cannot follow, it stops; what is wrong there is the
/// parser's to report. Deflated data sets are inflated for the walk, within the limits.
///
/// - Source: PS3.5 7.1, 7.5.
struct DataSetGuard {
  /// Levels of nesting; the deepest of the standard's own objects have about ten.
  static let deepest = 64

  /// Bytes of a deflated data set at most: it is inflated into memory.
  static let mostInflated = 1 << 30

  private let fd: Int32
  private let size: Int
  private let mostElements: Int
  private var elements = 0
  /// An element of the File Meta Information that claims more bytes than are left.
  private var longClaim: (tag: Tag, length: Int, left: Int)?
  /// Where the deflated part of the file begins.
  private var deflated: Int?
  private var window = [UInt8](repeating: 0, count: 1 << 16)
  private var windowStart = 0, windowCount = 0
  private var isBig = false
  /// Offset and bytes of native pixel data of the outermost data set.
  private var pixels: (offset: Int, length: Int)?

  /// - Returns: where native little-endian pixels lie, when the walk came upon them.
  /// - Throws: `limitExceeded` when sequences are nested deeper than ``deepest`` or there are too many elements,
  ///   `malformed` when the File Meta Information claims more bytes than the file has.
  @discardableResult static func check(_ path: String, _ limits: Limits) throws(ImageError) -> PixelLocation? {
    let fd = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard fd >= 0 else { return nil }
    defer { close(fd) }
    var info = stat()
    guard fstat(fd, &info) == 0 else { return nil }
    guard Int(info.st_size) <= limits.fileBytes else {
      throw ImageError(.limitExceeded, "has \(info.st_size) bytes, the limit is \(limits.fileBytes)", place: path)
    }
    var walker = DataSetGuard(fd: fd, size: Int(info.st_size), limits)
    try walker.check(path)
    if let start = walker.deflated {
      let packed = try Files.read(path, limits: limits)
      do throws(ImageError) {
        let whole = packed.withUnsafeBytes { b in
          Result { () throws(ImageError) in
            try Deflate.inflated(
              UnsafeRawBufferPointer(rebasing: b[min(start, b.count)...]), limit: min(limits.fileBytes, mostInflated))
          }
        }
        var inner = DataSetGuard(try whole.get(), limits)
        try inner.check(path)
      } catch { throw error.place == nil ? error.at(path) : error }
      return nil
    }
    guard let (offset, length) = walker.pixels, !walker.isBig, offset + length <= walker.size else { return nil }
    return PixelLocation(offset: offset, length: length, file: FileStamp(info))
  }

  private init(fd: Int32, size: Int, _ limits: Limits) {
    self.fd = fd
    self.size = size
    mostElements = limits.elements
  }

  /// A data set in memory, without File Meta Information.
  private init(_ bytes: [UInt8], _ limits: Limits) {
    fd = -1
    size = bytes.count
    mostElements = limits.elements
    window = bytes
    windowCount = bytes.count
  }

  private mutating func check(_ path: String) throws(ImageError) {
    guard depthIsSane() else {
      throw ImageError(.limitExceeded, "sequences are nested more than \(Self.deepest) deep", place: path)
    }
    if let claim = longClaim {
      throw ImageError(
        .malformed,
        "File Meta Information \(claim.tag) claims \(claim.length) bytes, the file has \(max(0, claim.left)) more",
        place: path, hint: "the transfer was probably cut; fetch the instance again")
    }
    guard elements <= mostElements else {
      throw ImageError(.limitExceeded, "has more than \(mostElements) elements", place: path)
    }
  }

  /// `count` bytes at `offset`; nil beyond the end.
  private mutating func bytes(_ offset: Int, _ count: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, offset + count <= size else { return nil }
    if offset < windowStart || offset + count > windowStart + windowCount {
      windowStart = offset
      let start = offset
      // Most elements are small: a short read unless the walk is dense.
      windowCount = window.withUnsafeMutableBytes { max(0, pread(fd, $0.baseAddress!, $0.count, off_t(start))) }
      guard count <= windowCount else { return nil }
    }
    let at = offset - windowStart
    return window[at..<at + count]
  }

  private mutating func word16(_ offset: Int) -> Int? {
    guard let b = bytes(offset, 2) else { return nil }
    let (x, y) = (Int(b[b.startIndex]), Int(b[b.startIndex + 1]))
    return isBig ? x << 8 | y : y << 8 | x
  }

  private mutating func word32(_ offset: Int) -> Int? {
    guard let a = word16(offset), let b = word16(offset + 2) else { return nil }
    return isBig ? a << 16 | b : b << 16 | a
  }

  private mutating func depthIsSane() -> Bool {
    var at = 0, isDeflated = false
    // A data set that was deflated has neither preamble nor File Meta Information.
    if fd < 0 { return elementsAreSane(0) }
    if let magic = bytes(128, 4), magic.elementsEqual([0x44, 0x49, 0x43, 0x4D]) { at = 132 }
    // File Meta Information is explicit little-endian and flat.
    while let group = word16(at), group == 2, let element = word16(at + 2) {
      guard let (length, header) = explicitLength(at) ?? word32(at + 4).map({ ($0, 8) }) else { return true }
      if at + header + length > size {
        longClaim = (Tag(UInt16(group), UInt16(element)), length, size - at - header)
        return true
      }
      if element == 0x10, let uid = bytes(at + header, min(length, 64)) {
        let text = String(decoding: uid.prefix { $0 > 32 }, as: UTF8.self)
        if text == TransferSyntax.deflatedExplicitVRLittleEndian.rawValue { isDeflated = true }
      }
      at += header + length
    }
    if isDeflated {
      deflated = at
      return true
    }
    return elementsAreSane(at)
  }

  private mutating func elementsAreSane(_ start: Int) -> Bool {
    var at = start
    if let raw = bytes(at, 2) { isBig = raw[raw.startIndex] == 0 && raw[raw.startIndex + 1] != 0 }
    // Ends of the open sequences and items; Int.max where the length is undefined.
    var ends: [Int] = [], isFragments = false
    while at < size {
      elements += 1
      if elements > mostElements { return true }
      while let end = ends.last, at >= end { ends.removeLast() }
      guard let group = word16(at), let element = word16(at + 2), let plain = word32(at + 4) else { return true }
      if group == 0xFFFE {
        at += 8
        switch element {
        case 0xE000 where isFragments: at += plain
        case 0xE000: ends.append(plain == 0xFFFF_FFFF ? .max : at + plain)
        case 0xE00D, 0xE0DD:
          isFragments = false
          if ends.last == .max { ends.removeLast() }
        default: return true
        }
      } else {
        let (length, header) = explicitLength(at) ?? (plain, 8)
        at += header
        let isSequence = word16(at) == 0xFFFE && word16(at + 2) == 0xE000
        if length == 0xFFFF_FFFF {
          ends.append(.max)
          isFragments = group == 0x7FE0
        } else if isSequence && group != 0x7FE0 {
          ends.append(at + length)
        } else {
          if group == 0x7FE0 && element >= 0x0008 && element <= 0x0010 && ends.isEmpty { pixels = (at, length) }
          at += length
        }
      }
      if ends.count > 2 * Self.deepest { return false }
    }
    return true
  }

  /// Length and header bytes of an element with explicit VR; nil where there is none.
  private mutating func explicitLength(_ at: Int) -> (length: Int, header: Int)? {
    guard let vr = bytes(at + 4, 2), vr.allSatisfy({ (65...90).contains($0) }) else { return nil }
    let name = String(decoding: vr, as: UTF8.self)
    if ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"].contains(name) {
      return word32(at + 8).map { ($0, 12) }
    }
    return word16(at + 6).map { ($0, 8) }
  }
}
