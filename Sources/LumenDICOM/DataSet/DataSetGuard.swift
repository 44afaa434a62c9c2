// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCodecs
import LumenCore

/// Refuses files that are not DICOM, and data sets whose sequences are nested so deeply that a recursive parser would run
/// out of stack, or that have so many elements that it would run out of memory.
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

  private var file: FileWindow
  private let isInflated: Bool
  private let mostElements: Int
  private var elements = 0
  /// An element of the File Meta Information that claims more bytes than are left.
  private var longClaim: (tag: Tag, length: Int, left: Int)?
  /// Where the deflated part of the file begins.
  private var deflated: Int?
  /// Pixel data of the outermost data set; the offset table of compressed ones counts as a fragment.
  private var pixels: (offset: Int, content: PixelLocation.Content)?

  /// - Returns: where native little-endian or compressed pixels lie, when the walk came upon them.
  /// - Throws: `notFound`, `io`; `limitExceeded` when sequences are nested deeper than ``deepest`` or there are too many
  ///   elements, `malformed` when it is not a DICOM file or its File Meta Information claims more bytes than it has.
  @discardableResult static func check(_ path: String, _ limits: Limits) throws(ImageError) -> PixelLocation? {
    let (fd, size) = try Files.open(path, limits: limits)
    defer { close(fd) }
    var file = FileWindow(fd, size: size), info = stat()
    guard fstat(fd, &info) == 0 else { throw ImageError(.io, "cannot be read", place: path) }
    guard let head = file.bytes(0, min(DICOMFile.headBytes, file.size)), DICOMFile.isDICOM(Array(head)) else {
      throw ImageError(.malformed, "is not a DICOM file", place: path)
    }
    var walker = DataSetGuard(file, isInflated: false, limits)
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
        var inner = DataSetGuard(FileWindow(try whole.get()), isInflated: true, limits)
        try inner.check(path)
      } catch { throw error.place == nil ? error.at(path) : error }
      return nil
    }
    guard let (offset, content) = walker.pixels, !walker.file.isBig else { return nil }
    switch content {
    case .native(let bytes):
      guard offset + bytes <= walker.file.size else { return nil }
      return PixelLocation(offset: offset, content: content, file: FileStamp(info))
    case .fragments(let items):
      return PixelLocation(offset: offset, content: .fragments(items - 1), file: FileStamp(info))
    }
  }

  private init(_ file: FileWindow, isInflated: Bool, _ limits: Limits) {
    self.file = file
    self.isInflated = isInflated
    mostElements = limits.elements
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

  private mutating func depthIsSane() -> Bool {
    var at = 0, isDeflated = false
    // A data set that was deflated has neither preamble nor File Meta Information.
    if isInflated { return elementsAreSane(0) }
    if let magic = file.bytes(128, 4), magic.elementsEqual([0x44, 0x49, 0x43, 0x4D]) { at = 132 }
    // File Meta Information is explicit little-endian and flat.
    while let group = file.word16(at), group == 2, let element = file.word16(at + 2) {
      guard let (length, header) = file.explicitLength(at) ?? file.word32(at + 4).map({ ($0, 8) }) else { return true }
      if at + header + length > file.size {
        longClaim = (Tag(UInt16(group), UInt16(element)), length, file.size - at - header)
        return true
      }
      if element == 0x10, let uid = file.bytes(at + header, min(length, 64)) {
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
    if let raw = file.bytes(at, 2) { file.isBig = raw[raw.startIndex] == 0 && raw[raw.startIndex + 1] != 0 }
    // Ends of the open sequences and items; Int.max where the length is undefined.
    var ends: [Int] = [], isFragments = false
    while at < file.size {
      elements += 1
      if elements > mostElements { return true }
      while let end = ends.last, at >= end { ends.removeLast() }
      guard let group = file.word16(at), let element = file.word16(at + 2), let plain = file.word32(at + 4) else {
        return true
      }
      if group == 0xFFFE {
        at += 8
        switch element {
        case 0xE000 where isFragments:
          if case .fragments(let items) = pixels?.content { pixels?.content = .fragments(items + 1) }
          at += plain
        case 0xE000: ends.append(plain == 0xFFFF_FFFF ? .max : at + plain)
        case 0xE00D, 0xE0DD:
          isFragments = false
          if ends.last == .max { ends.removeLast() }
        default: return true
        }
      } else {
        let (length, header) = file.explicitLength(at) ?? (plain, 8)
        at += header
        let isSequence = file.word16(at) == 0xFFFE && file.word16(at + 2) == 0xE000
        if length == 0xFFFF_FFFF {
          isFragments = group == 0x7FE0
          if isFragments && element == 0x0010 && ends.isEmpty { pixels = (at, .fragments(0)) }
          ends.append(.max)
        } else if isSequence && group != 0x7FE0 {
          ends.append(at + length)
        } else {
          if group == 0x7FE0 && element >= 0x0008 && element <= 0x0010 && ends.isEmpty {
            pixels = (at, .native(bytes: length))
          }
          at += length
        }
      }
      if ends.count > 2 * Self.deepest { return false }
    }
    return true
  }
}
