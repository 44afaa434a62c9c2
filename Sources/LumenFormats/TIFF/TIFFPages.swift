// SPDX-License-Identifier: Apache-2.0
import CTIFF
import Glibc
import LumenCodecs
import LumenCore

/// The pages of a TIFF file one after another, decoded when they are read.
final class TIFFPages: ByteStream {
  /// What the samples of a page become.
  struct Kind: Equatable {
    var type: SampleType
    var components = 1
    var isColour = false
  }

  private let file: PinnedBytes
  private let image: OpaquePointer
  private let limits: Limits
  /// Numbers of the pages that count, in the file.
  private var numbers: [UInt32] = []
  /// The first page and what it becomes.
  private(set) var first: (page: lumen_tiff_page, kind: Kind)
  /// The description of the first page, "" without one.
  private(set) var description = ""
  /// Positions in which the pages are read, when it is not the file's order.
  var order: [UInt32]?

  private var next = 0
  private var page: [UInt8] = []
  private var at = 0

  var count: Int { numbers.count }
  let isCompressed = false
  private var pageBytes: Int {
    Int(first.page.columns) * Int(first.page.rows) * first.kind.components * first.kind.type.bytes
  }
  var most: Int { (numbers.count - next).multipliedSaturating(pageBytes) + page.count - at }

  init(_ bytes: [UInt8], limits: Limits) throws(ImageError) {
    file = PinnedBytes(bytes)
    self.limits = limits
    var message = Message()
    let pinned = file.buffer
    guard
      let image = message.fill({
        lumen_tiff_open(pinned.baseAddress, pinned.count, max(limits.decodedBytes, 1 << 24), $0)
      })
    else { throw ImageError(.malformed, "TIFF: \(message.text)", hint: "the file is damaged or cut; fetch it again") }
    self.image = image
    first = (lumen_tiff_page(), Kind(type: .uint8))
    try survey()
  }

  deinit { lumen_tiff_close(image) }

  /// Reads the tags of every page and checks that the pages make one volume.
  private func survey() throws(ImageError) {
    var number: UInt32 = 0
    while try go(number) {
      var page = try tags(number)
      let isCopy = page.subfile & 5 != 0 && !numbers.isEmpty
      if !isCopy {
        let kind = try check(&page, number)
        if numbers.isEmpty {
          first = (page, kind)
          if let text = page.description {
            let bytes = UnsafeBufferPointer(start: text, count: strnlen(text, 4096))
            description = String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
          }
        } else {
          guard page.columns == first.page.columns, page.rows == first.page.rows, kind == first.kind else {
            throw ImageError(
              .unsupported,
              "TIFF page \(number + 1) has \(page.columns) × \(page.rows) \(kind.type.rawValue) × \(kind.components), "
                + "the first \(first.page.columns) × \(first.page.rows) \(first.kind.type.rawValue) × "
                + "\(first.kind.components)",
              hint: "split the file into files of equal pages")
          }
        }
        numbers.append(number)
      }
      number += 1
      guard number <= limits.dimension else {
        throw ImageError(.limitExceeded, "TIFF file of more than \(limits.dimension) pages")
      }
    }
    // The lengths of the strips are checked by libtiff; this bounds what a small file can ask for.
    let total = numbers.count.multipliedSaturating(pageBytes),
      bound = file.buffer.count.multipliedSaturating(limits.expansion)
    guard total <= bound else {
      throw ImageError(
        .limitExceeded,
        "TIFF: \(numbers.count) pages of \(first.page.columns) × \(first.page.rows) need \(total) bytes, "
          + "more than \(limits.expansion) times the \(file.buffer.count) bytes of the file")
    }
  }

  private func go(_ number: UInt32) throws(ImageError) -> Bool {
    var message = Message()
    switch message.fill({ lumen_tiff_go(image, number, $0) }) {
    case 0: return true
    case 1: return false
    default: throw ImageError(.malformed, "TIFF page \(number + 1): \(message.text)")
    }
  }

  private func tags(_ number: UInt32) throws(ImageError) -> lumen_tiff_page {
    var message = Message()
    var page = lumen_tiff_page()
    guard message.fill({ lumen_tiff_tags(image, &page, $0) }) == 0 else {
      throw ImageError(.malformed, "TIFF page \(number + 1): \(message.text.isEmpty ? "no size" : message.text)")
    }
    return page
  }

  /// What a page becomes, its size held against the limits.
  private func check(_ page: inout lumen_tiff_page, _ number: UInt32) throws(ImageError) -> Kind {
    let place = "TIFF page \(number + 1)"
    guard page.is_configured != 0 else {
      throw ImageError(
        .unsupported, "\(place) is compressed by method \(page.compression), which this libtiff does not read",
        hint: "write it with another compression")
    }
    let bits = Int(page.bits), samples = Int(page.samples)
    let isColour: Bool
    switch page.photometric {
    case 0, 1: isColour = false
    case 2: isColour = true
    case 3:
      guard page.palette.0 != nil, samples == 1, [1, 2, 4, 8, 16].contains(bits), page.format == 1 else {
        throw ImageError(.malformed, "\(place) names palette entries of \(bits) bits × \(samples) without a palette")
      }
      isColour = true
    default:
      let known: [UInt32: String] = [4: "a mask", 5: "CMYK", 6: "YCbCr", 8: "CIELAB", 32803: "a colour filter array"]
      throw ImageError(
        .unsupported, "\(place) has the colours \(known[page.photometric] ?? "\(page.photometric)")",
        hint: "convert it to RGB or grey")
    }
    let isPalette = page.photometric == 3
    let type: SampleType
    switch (page.format, bits) {
    case (1, 1...8), (4, 1...8): type = .uint8
    case (1, 9...16), (4, 9...16): type = .uint16
    case (1, 17...32), (4, 17...32): type = .uint32
    case (1, 64), (4, 64): type = .uint64
    case (2, 8): type = .int8
    case (2, 16): type = .int16
    case (2, 32): type = .int32
    case (2, 64): type = .int64
    case (3, 16), (3, 32): type = .float32
    case (3, 64): type = .float64
    default:
      throw ImageError(
        .unsupported, "\(place) has samples of \(bits) bits in format \(page.format)",
        hint: "unsigned integers of 1 to 32 bits, signed ones of 8 to 64, floats of 16, 32 and 64 are read")
    }
    guard samples >= 1, isColour && !isPalette ? samples >= 3 : true else {
      throw ImageError(.malformed, "\(place) has \(samples) samples a pixel for RGB")
    }
    if isColour && !isPalette && ![8, 16].contains(bits) || isColour && page.format != 1 {
      throw ImageError(.unsupported, "\(place) has colours of \(bits) bits in format \(page.format), 8 and 16 are read")
    }
    if page.is_separate != 0 && bits % 8 != 0 {
      throw ImageError(.unsupported, "\(place) has separate planes of \(bits) bits")
    }
    let components = isColour ? (isPalette ? 3 : samples) : samples
    _ = try limits.checkedBytes(
      columns: Int(page.columns), rows: Int(page.rows), slices: 1, bytesPerVoxel: components * type.bytes * 2)
    let stored = Int(page.columns).multipliedSaturating(bits * (page.is_separate != 0 ? 1 : samples))
    guard page.row_bytes == UInt64((stored + 7) / 8) else {
      throw ImageError(.unsupported, "\(place) has rows of \(page.row_bytes) bytes, expected \((stored + 7) / 8)")
    }
    let bound = min(limits.decodedBytes, file.buffer.count.multipliedSaturating(limits.expansion))
    guard page.block_bytes <= UInt64(bound) else {
      throw ImageError(.limitExceeded, "\(place) has tiles of \(page.block_bytes) bytes, the limit is \(bound)")
    }
    return Kind(type: isPalette ? (isWide(page) ? .uint16 : .uint8) : type, components: components, isColour: isColour)
  }

  /// Whether a palette uses 16 bits; many writers leave the low byte empty or repeat the high one.
  private func isWide(_ page: lumen_tiff_page) -> Bool {
    let entries = 1 << Int(page.bits)
    for table in [page.palette.0, page.palette.1, page.palette.2] {
      guard let table else { continue }
      for i in 0..<entries where table[i] & 0xFF != 0 && table[i] & 0xFF != table[i] >> 8 { return true }
    }
    return false
  }

  // MARK: Samples

  func read(into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
    var filled = 0
    while filled < out.count {
      if at == page.count {
        guard next < numbers.count else { break }
        page = try decoded(numbers[order.map { Int($0[next]) } ?? next])
        at = 0
        next += 1
      }
      let n = min(out.count - filled, page.count - at)
      page.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: out[filled..<filled + n])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[at..<at + n]))
      }
      at += n
      filled += n
    }
    return filled
  }

  /// Whole pages are passed over without being decoded.
  func skip(_ count: Int) throws(ImageError) -> Int {
    let left = min(count, page.count - at)
    at += left
    let pages = min((count - left) / max(1, pageBytes), numbers.count - next)
    next += pages
    return left + pages * pageBytes
  }

  /// The samples of a page, interleaved, in host order and whole bytes.
  private func decoded(_ number: UInt32) throws(ImageError) -> [UInt8] {
    guard try go(number) else { throw ImageError(.malformed, "TIFF page \(number + 1) is gone") }
    var tags = try tags(number)
    let kind = try check(&tags, number)
    guard kind == first.kind else { throw ImageError(.malformed, "TIFF page \(number + 1) changed") }
    let planes = tags.is_separate != 0 ? Int(tags.samples) : 1
    let size = Int(tags.row_bytes) * Int(tags.rows) * planes
    var message = Message()
    var failed: Int32 = 0
    let raw = [UInt8](unsafeUninitializedCapacity: size) { out, count in
      failed = message.fill { lumen_tiff_read(image, &tags, out.baseAddress, size, $0) }
      count = failed == 0 ? size : 0
    }
    guard failed == 0 else {
      throw ImageError(
        .malformed, "TIFF page \(number + 1): \(message.text)", hint: "the file is damaged or cut; fetch it again")
    }
    if tags.photometric == 3 { return try coloured(raw, tags, number, wide: kind.type == .uint16) }
    let bits = Int(tags.bits)
    if tags.format == 3 && bits == 16 { return floats(raw) }
    return bits == kind.type.bytes * 8 ? raw : unpacked(raw, tags, kind.type.bytes)
  }

  /// Samples of any number of bits, most significant first, in whole bytes.
  private func unpacked(_ raw: [UInt8], _ tags: lumen_tiff_page, _ width: Int) -> [UInt8] {
    let (bits, row) = (Int(tags.bits), Int(tags.row_bytes))
    let inRow = Int(tags.columns) * Int(tags.samples), total = inRow * Int(tags.rows)
    // libtiff swaps 24-bit numbers to host order as it does wider ones.
    let isTriple = bits == 24
    return [UInt8](unsafeUninitializedCapacity: total * width) { out, count in
      var to = 0
      for y in 0..<Int(tags.rows) {
        var bit = y * row * 8
        for _ in 0..<inRow {
          var value: UInt32 = 0
          if isTriple {
            let at = bit / 8
            value = UInt32(raw[at]) | UInt32(raw[at + 1]) << 8 | UInt32(raw[at + 2]) << 16
            bit += 24
          } else {
            var left = bits
            while left > 0 {
              let take = min(left, 8 - bit % 8)
              let byte = UInt32(raw[bit / 8]) >> UInt32(8 - bit % 8 - take)
              value = value << UInt32(take) | byte & (1 << UInt32(take) - 1)
              bit += take
              left -= take
            }
          }
          for k in 0..<width {
            out[to] = UInt8(truncatingIfNeeded: value >> UInt32(8 * k))
            to += 1
          }
        }
      }
      count = total * width
    }
  }

  /// Half floats as float32; every half is one exactly.
  private func floats(_ raw: [UInt8]) -> [UInt8] {
    raw.withUnsafeBytes { source in
      [UInt8](unsafeUninitializedCapacity: raw.count * 2) { out, count in
        for i in 0..<raw.count / 2 {
          let half = source.loadUnaligned(fromByteOffset: 2 &* i, as: UInt16.self)
          let bits = single(half).bitPattern
          for k in 0..<4 { out[4 &* i &+ k] = UInt8(truncatingIfNeeded: bits >> UInt32(8 * k)) }
        }
        count = raw.count / 2 * 4
      }
    }
  }

  private func single(_ half: UInt16) -> Float {
    let sign: Float = half & 0x8000 == 0 ? 1 : -1
    let exponent = Int(half >> 10 & 31), fraction = Float(half & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction * 0x1p-10) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }

  /// The colours that palette entries name, 8 bits where the palette uses no more.
  private func coloured(
    _ raw: [UInt8], _ tags: lumen_tiff_page, _ number: UInt32, wide: Bool
  ) throws(ImageError) -> [UInt8] {
    guard let red = tags.palette.0, let green = tags.palette.1, let blue = tags.palette.2 else {
      throw ImageError(.malformed, "TIFF page \(number + 1) has no palette")
    }
    let width = tags.bits > 8 ? 2 : 1
    let indices = Int(tags.bits) == width * 8 ? raw : unpacked(raw, tags, width)
    let total = indices.count / width
    return [UInt8](unsafeUninitializedCapacity: total * 3 * (wide ? 2 : 1)) { out, count in
      var to = 0
      for i in 0..<total {
        // An index has as many bits as the palette has entries for.
        let index = width == 1 ? Int(indices[i]) : Int(indices[2 * i]) | Int(indices[2 * i + 1]) << 8
        for table in [red, green, blue] {
          if wide {
            out[to] = UInt8(truncatingIfNeeded: table[index])
            to += 1
          }
          out[to] = UInt8(truncatingIfNeeded: table[index] >> 8)
          to += 1
        }
      }
      count = to
    }
  }
}
