// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Lossless JPEG as scanners and archives write it: Huffman codes, one scan of all components, none subsampled, no point
/// transform. Twice the speed of the IJG library, which decodes all the rest and says what is wrong with damaged
/// streams: whatever is odd is left to it.
///
/// A row is decoded to differences first, then summed up by its predictor.
///
/// - Source: ISO/IEC 10918-1 annex H; B.2, C.2 and F.2.2 for markers and Huffman codes.
struct LosslessJPEG {
  private let bits: Int
  private let rows: Int
  private let rowSamples: Int
  private let components: Int
  private var predictor = 0
  /// Rows between restart markers.
  private var interval: Int
  private var codes = HuffmanDifferences()
  /// Where the coded data begin.
  private var start = 0

  /// Nil where the stream is not of the plain kind.
  init?(_ markers: JPEGMarkers) {
    guard markers.frame == 0xC3, markers.oddities == 0, markers.adobe ?? 0 == 0, 2...16 ~= markers.bits,
      markers.columns > 0, markers.rows > 0, Set(markers.components.map(\.id)).count == markers.components.count,
      markers.components.allSatisfy({ $0.horizontal == 1 && $0.vertical == 1 })
    else { return nil }
    bits = markers.bits
    rows = markers.rows
    components = markers.components.count
    rowSamples = markers.columns * components
    interval = rows
    let bytes = markers.bytes
    var at = 2, oddities = 0, last = at, tables = [UnsafeRawBufferPointer?](repeating: nil, count: 4)
    while let (marker, start, end) = JPEGMarkers.segment(bytes, &at, &oddities), start == last + 4 {
      last = end
      let content = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      switch marker {
      case 0xE0...0xEF, 0xFE: break
      case 0xC3: guard content.count == 6 + 3 * components else { return nil }
      case 0xC4: guard Self.readTables(content, &tables) else { return nil }
      case 0xDD:
        guard content.count == 2 else { return nil }
        let pixels = Int(content[0]) << 8 | Int(content[1])
        guard pixels % markers.columns == 0 else { return nil }
        interval = pixels == 0 ? rows : pixels / markers.columns
      case 0xDA:
        guard readScan(content, markers.components, tables) else { return nil }
        self.start = end
        return
      default: return nil
      }
    }
    return nil
  }

  /// Finds the definitions of Huffman tables.
  private static func readTables(_ content: UnsafeRawBufferPointer, _ tables: inout [UnsafeRawBufferPointer?]) -> Bool {
    var at = 0
    while at < content.count {
      guard content[at] < 4, at + 17 <= content.count else { return false }
      let total = content[at + 1..<at + 17].reduce(0) { $0 + Int($1) }, end = at + 17 + total
      guard total <= 256, end <= content.count else { return false }
      tables[Int(content[at])] = UnsafeRawBufferPointer(rebasing: content[at + 1..<end])
      at = end
    }
    return true
  }

  private mutating func readScan(
    _ content: UnsafeRawBufferPointer, _ frame: [JPEGMarkers.Component], _ tables: [UnsafeRawBufferPointer?]
  ) -> Bool {
    guard content.count == 4 + 2 * components, content[0] == components else { return false }
    for (i, component) in frame.enumerated() {
      let table = Int(content[2 + 2 * i] >> 4)
      guard content[1 + 2 * i] == component.id, table < 4, let definition = tables[table], codes.append(definition)
      else { return false }
    }
    predictor = Int(content[1 + 2 * components])
    // The end of the spectral selection, the point transform.
    return 1...7 ~= predictor && content[2 + 2 * components] == 0 && content[3 + 2 * components] == 0
  }

  /// Decodes to samples of one byte up to 8 bits, else of two; false where anything about the data is odd.
  func decode(_ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer) -> Bool {
    precondition(out.count == rows * rowSamples * (bits <= 8 ? 1 : 2) && start <= bytes.count, "a buffer for the image")
    guard bits <= 8 || Int(bitPattern: out.baseAddress) % 2 == 0 else { return false }
    return bits <= 8
      ? decode(bytes, out.assumingMemoryBound(to: UInt8.self)) : decode(bytes, out.assumingMemoryBound(to: UInt16.self))
  }

  private func decode<T: FixedWidthInteger & UnsignedInteger>(
    _ bytes: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<T>
  ) -> Bool {
    // No sample takes more than 32 bits, and the reader is less than 16 bytes ahead of them: a row that begins within the
    // data ends within the zeros behind them.
    var plain = UnstuffedBytes(capacity: bytes.count - start, zeros: 4 * rowSamples + 16)
    var at = start, row = 0
    return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: rowSamples) { differences in
      while row < rows {
        let last = min(row + interval, rows)
        guard let marker = plain.fill(bytes, &at) else { return false }
        guard marker == (last == rows ? 0xD9 : 0xD0 + UInt8((last / interval - 1) % 8)) else { return false }
        var coded = plain.reader
        for y in row..<last {
          guard coded.isWithin(plain.count), codes.read(&coded, differences),
            sum(differences, out, at: y * rowSamples, isFirst: y == row)
          else { return false }
        }
        guard coded.isAtEnd(plain.count) else { return false }
        row = last
      }
      return true
    }
  }

  /// Adds differences to what the predictor says of each sample, modulo 2^16; false where one has more bits than it may.
  private func sum<T: FixedWidthInteger & UnsignedInteger>(
    _ differences: UnsafeMutableBufferPointer<UInt16>, _ out: UnsafeMutableBufferPointer<T>, at row: Int, isFirst: Bool
  ) -> Bool {
    var all: UInt16 = 0
    for c in 0..<components {
      let first = isFirst ? 1 << UInt16(bits - 1) : UInt16(truncatingIfNeeded: out[row - rowSamples + c])
      all |= Self.sum(differences, out, row, from: c, by: components, first, isFirst ? 1 : predictor)
    }
    return Int(all) >> bits == 0
  }

  /// One component of a row; all bits that are set in its samples.
  @inline(__always) private static func sum<T: FixedWidthInteger & UnsignedInteger>(
    _ differences: UnsafeMutableBufferPointer<UInt16>, _ out: UnsafeMutableBufferPointer<T>, _ row: Int, from c: Int,
    by step: Int, _ first: UInt16, _ predictor: Int
  ) -> UInt16 {
    let count = differences.count
    var left = first &+ differences[c], all = left
    out[row + c] = T(truncatingIfNeeded: left)
    /// `predict` of the samples to the left, above, and above that to the left.
    func each(_ predict: (Int, Int, Int) -> Int) -> UInt16 {
      var i = c + step
      while i < count {
        let above = row + i - count
        let guess = predict(
          Int(left), Int(truncatingIfNeeded: out[above]), Int(truncatingIfNeeded: out[above - step]))
        left = UInt16(truncatingIfNeeded: guess &+ Int(differences[i]))
        all |= left
        out[row + i] = T(truncatingIfNeeded: left)
        i += step
      }
      return all
    }
    switch predictor {
    case 1:  // also of first rows, which have nothing above
      var i = c + step
      while i < count {
        left = left &+ differences[i]
        all |= left
        out[row + i] = T(truncatingIfNeeded: left)
        i += step
      }
      return all
    case 2: return each { _, b, _ in b }
    case 3: return each { _, _, c in c }
    case 4: return each { a, b, c in a &+ b &- c }
    case 5: return each { a, b, c in a &+ (b &- c) >> 1 }
    case 6: return each { a, b, c in b &+ (a &- c) >> 1 }
    default: return each { a, b, _ in (a &+ b) >> 1 }
    }
  }
}

/// Coded data up to the next marker, without the zeros that are stuffed behind 0xFF.
private struct UnstuffedBytes: ~Copyable {
  private let bytes: UnsafeMutableRawBufferPointer
  private let zeros: Int
  private(set) var count = 0

  init(capacity: Int, zeros: Int) {
    bytes = .allocate(byteCount: capacity + zeros, alignment: 8)
    self.zeros = zeros
  }

  deinit { bytes.deallocate() }

  var reader: BitReader { BitReader(UnsafeRawBufferPointer(bytes)) }

  /// Reads on from `at`, to behind the marker that is given; nil without one.
  mutating func fill(_ coded: UnsafeRawBufferPointer, _ at: inout Int) -> UInt8? {
    count = 0
    while let base = coded.baseAddress, let found = memchr(base + at, 0xFF, coded.count - at) {
      let stop = UnsafeRawPointer(found) - base
      guard stop + 1 < coded.count else { return nil }
      copy(coded[at..<stop])
      at = stop + 2
      if coded[stop + 1] == 0 {
        copy(coded[stop...stop])
      } else {
        UnsafeMutableRawBufferPointer(rebasing: bytes[count..<count + zeros]).initializeMemory(
          as: UInt8.self, repeating: 0)
        return coded[stop + 1]
      }
    }
    return nil
  }

  private mutating func copy(_ part: Slice<UnsafeRawBufferPointer>) {
    UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
    count += part.count
  }
}

/// Bits from the most significant on. The caller sees to it that there are enough bytes.
private struct BitReader {
  private let start: UnsafeRawPointer
  private var next: UnsafeRawPointer
  /// The next bits, `count` of them valid.
  var bits: UInt64 = 0
  private var count = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { preconditionFailure("room for zeros at least") }
    self.start = start
    next = start
  }

  private var taken: Int { 8 * (next - start) - count }

  /// Whether no more than all bits of so many bytes have been taken.
  func isWithin(_ bytes: Int) -> Bool { taken <= 8 * bytes }

  /// Whether less than a byte of so many is left.
  func isAtEnd(_ bytes: Int) -> Bool { isWithin(bytes) && 8 * bytes - taken < 8 }

  /// Makes 56 bits valid at least.
  @inline(__always) mutating func fill() {
    bits |= UInt64(bigEndian: next.loadUnaligned(as: UInt64.self)) &>> UInt64(truncatingIfNeeded: count)
    next += (63 &- count) &>> 3
    count |= 56
  }

  @inline(__always) mutating func drop(_ n: Int) {
    bits &<<= UInt64(truncatingIfNeeded: n)
    count &-= n
  }
}

/// Huffman codes of difference categories, a table for each component, with the differences of those that are short.
private struct HuffmanDifferences {
  /// Bits that are looked up at once.
  private static let reach = 12
  private static let beyond: UInt32 = 0xFF00

  /// What the next bits stand for, one component after the other: the difference in the upper half, then how many of its
  /// bits follow, then how many bits to drop. A code beyond reach has a mark.
  private var entries: [UInt32] = []
  private var codes: [Codes] = []

  private struct Codes {
    /// Behind the last code of each length, as 16 bits; the first code of the next.
    var ends = [Int](repeating: 0, count: 17)
    /// What is added to a code of each length to give the index of its category.
    var offsets = [Int](repeating: 0, count: 17)
    var categories: [UInt8]
  }

  /// Adds the table of the next component: how many codes there are of each length from 1 to 16, and their categories.
  /// False where the codes overlap or a category does not exist.
  mutating func append(_ definition: UnsafeRawBufferPointer) -> Bool {
    var next = Codes(categories: Array(definition[16...])), code = 0, index = 0
    guard next.categories.allSatisfy({ $0 <= 16 }) else { return false }
    let start = entries.count
    entries += repeatElement(Self.beyond, count: 1 << Self.reach)
    for (length, n) in zip(1...16, definition) {
      next.offsets[length] = index - code
      for category in next.categories[index..<index + Int(n)] {
        guard code < 1 << length else { return false }
        if length <= Self.reach { enter(start, code, length, Int(category)) }
        code += 1
      }
      index += Int(n)
      next.ends[length] = code << (16 - length)
      code <<= 1
    }
    codes.append(next)
    return true
  }

  private mutating func enter(_ start: Int, _ code: Int, _ length: Int, _ category: Int) {
    let free = Self.reach - length
    for rest in 0..<1 << free {
      let entry: UInt32 =
        if category == 16 {
          0x8000_0000 | UInt32(length)
        } else if category <= free {
          UInt32(Self.extend(UInt64(rest >> (free - category)), category)) << 16 | UInt32(length + category)
        } else {
          UInt32(category << 8 | length)
        }
      entries[start + (code << free | rest)] = entry
    }
  }

  /// The difference that so many bits of a category mean.
  @inline(__always) private static func extend(_ bits: UInt64, _ category: Int) -> UInt16 {
    guard category > 0 else { return 0 }
    let isNegative = bits >> UInt64(category - 1) == 0
    return UInt16(truncatingIfNeeded: isNegative ? Int(bits) - (1 << category) + 1 : Int(bits))
  }

  /// Decodes a row of interleaved components; false where the bits are no code.
  func read(_ coded: inout BitReader, _ row: UnsafeMutableBufferPointer<UInt16>) -> Bool {
    switch codes.count {
    case 1: read(&coded, row, 1)
    case 3: read(&coded, row, 3)
    default: read(&coded, row, codes.count)
    }
  }

  @inline(__always) private func read(
    _ coded: inout BitReader, _ row: UnsafeMutableBufferPointer<UInt16>, _ components: Int
  ) -> Bool {
    var reader = coded
    defer { coded = reader }
    return entries.withUnsafeBufferPointer { e in
      var i = 0
      while i < row.count {
        for c in 0..<components {
          guard let difference = difference(&reader, e, c) else { return false }
          row[i + c] = difference
        }
        i += components
      }
      return true
    }
  }

  @inline(__always) private func difference(
    _ coded: inout BitReader, _ entries: UnsafeBufferPointer<UInt32>, _ component: Int
  ) -> UInt16? {
    coded.fill()
    let entry = entries[component << Self.reach | Int(coded.bits &>> UInt64(64 - Self.reach))]
    guard entry & 0xFF00 != 0 else {
      coded.drop(Int(entry & 0xFF))
      return UInt16(truncatingIfNeeded: entry &>> 16)
    }
    return entry == Self.beyond
      ? longCode(&coded, component) : Self.rest(Int(entry &>> 8), Int(entry & 0xFF), &coded)
  }

  @inline(__always) private static func rest(_ category: Int, _ length: Int, _ coded: inout BitReader) -> UInt16 {
    coded.drop(length)
    if category == 16 { return 0x8000 }
    let value = category == 0 ? 0 : coded.bits >> UInt64(64 - category)
    coded.drop(category)
    return extend(value, category)
  }

  @inline(never) private func longCode(_ coded: inout BitReader, _ component: Int) -> UInt16? {
    let next = Int(coded.bits >> 48), codes = codes[component]
    guard let length = (Self.reach + 1...16).first(where: { next < codes.ends[$0] }) else { return nil }
    return Self.rest(Int(codes.categories[next >> (16 - length) + codes.offsets[length]]), length, &coded)
  }
}
