// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenCodecs

/// An image and how it is written as lossless JPEG.
private struct LosslessStream: CustomTestStringConvertible {
  var columns = 19
  var rows = 11
  var bits = 12
  var components = 1
  var predictor = 1
  /// Rows between restart markers.
  var restarts = 0
  /// Whether codes have 1, 2 … 16, 16 bits instead of 1 and 8.
  var isSkewed = false
  /// Whether values jump over their whole range.
  var isNoise = false

  var testDescription: String {
    "\(bits) bits, \(components) components, predictor \(predictor), restarts \(restarts)\(isSkewed ? ", skewed" : "")\(isNoise ? ", noise" : "")"
  }

  var values: [Int] {
    var state: UInt64 = 42
    return (0..<columns * rows * components).map { i in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let random = Int(state >> 33)
      let (x, y) = (i / components % columns, i / components / columns)
      // Half of the range away from where a row begins, among others: a difference of 2^15.
      if isNoise && random % 4 == 0 { return random >> 3 & 1 << (bits - 1) }
      return (isNoise ? random : (x * x + 3 * y) << bits / 400 + random % 5) & ((1 << bits) - 1)
    }
  }

  /// The categories of a component's table in the order of their codes.
  private func categories(_ component: Int) -> [Int] {
    (0...16).map { isSkewed ? ($0 * 5 + component * 3 + 2) % 17 : component == 1 ? 16 - $0 : $0 }
  }

  private func length(_ index: Int) -> Int { isSkewed ? min(index + 1, 16) : index == 0 ? 1 : 8 }

  private func code(_ index: Int) -> Int {
    isSkewed ? (index == 16 ? 0xFFFF : 1 << (index + 1) - 2) : index == 0 ? 0 : 0x80 + index - 1
  }

  var bytes: [UInt8] {
    var out: [UInt8] = [0xFF, 0xD8]
    func segment(_ marker: UInt8, _ body: [UInt8]) {
      out += [0xFF, marker, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
    }
    func word(_ v: Int) -> [UInt8] { [UInt8(v >> 8), UInt8(v & 255)] }
    segment(0xE0, [1, 2, 3])
    let parts = (0..<components).map { UInt8($0 + 1) }
    segment(0xC3, [UInt8(bits)] + word(rows) + word(columns) + [UInt8(components)] + parts.flatMap { [$0, 0x11, 0] })
    var counts = [UInt8](repeating: 0, count: 16)
    for i in 0...16 { counts[length(i) - 1] += 1 }
    // The second component has a table of its own.
    for (id, c) in [(0, 0), (3, 1)] { segment(0xC4, [UInt8(id)] + counts + categories(c).map { UInt8($0) }) }
    let indices = [0, 1].map { c in
      let order = categories(c)
      return (0...16).map { category in order.firstIndex(of: category) ?? 0 }
    }
    if restarts > 0 { segment(0xDD, word(restarts * columns)) }
    segment(
      0xDA, [UInt8(components)] + parts.flatMap { [$0, $0 == 2 ? 0x30 : 0x00] } + [UInt8(predictor), 0, 0])
    let v = values, width = columns * components
    var bitBuffer = 0, bitCount = 0
    func put(_ value: Int, _ length: Int) {
      for i in (0..<length).reversed() {
        bitBuffer = bitBuffer << 1 | (value >> i & 1)
        bitCount += 1
        guard bitCount == 8 else { continue }
        out.append(UInt8(bitBuffer))
        if bitBuffer == 0xFF { out.append(0) }
        (bitBuffer, bitCount) = (0, 0)
      }
    }
    func align() { while bitCount > 0 { put(1, 1) } }
    for y in 0..<rows {
      let isFirst = y == 0 || (restarts > 0 && y % restarts == 0)
      if isFirst && y > 0 {
        align()
        out += [0xFF, 0xD0 + UInt8((y / restarts - 1) % 8)]
      }
      for i in 0..<width {
        let at = y * width + i
        let guess: Int
        if i < components {
          guess = isFirst ? 1 << (bits - 1) : v[at - width]
        } else {
          let a = v[at - components], b = isFirst ? 0 : v[at - width], c = isFirst ? 0 : v[at - width - components]
          switch isFirst ? 1 : predictor {
          case 1: guess = a
          case 2: guess = b
          case 3: guess = c
          case 4: guess = a + b - c
          case 5: guess = a + (b - c) >> 1
          case 6: guess = b + (a - c) >> 1
          default: guess = (a + b) >> 1
          }
        }
        let word = (v[at] - guess) & 0xFFFF, difference = word > 0x8000 ? word - 0x10000 : word
        var category = 0
        while category < 16 && abs(difference) >= 1 << category { category += 1 }
        let index = indices[i % components == 1 ? 1 : 0][category]
        put(code(index), length(index))
        if category < 16 { put((difference < 0 ? difference - 1 : difference) & ((1 << category) - 1), category) }
      }
    }
    align()
    return out + [0xFF, 0xD9]
  }

  static let all: [LosslessStream] = {
    var all = (1...7).flatMap { p in
      [2, 8, 12, 16].flatMap { bits in
        [1, 3].map { LosslessStream(bits: bits, components: $0, predictor: p, restarts: p % 3, isNoise: p % 2 == 0) }
      }
    }
    all += [1, 3, 4].map { LosslessStream(bits: 16, components: $0, predictor: 4, isSkewed: true, isNoise: true) }
    all += [LosslessStream(columns: 1, rows: 9, restarts: 1), LosslessStream(columns: 300, rows: 40, restarts: 2)]
    return all
  }()
}

/// The samples by one of the two decoders; nil where it refuses them.
private func samples(_ bytes: [UInt8], isPlain: Bool) -> [UInt8]? {
  bytes.withUnsafeBytes { b in
    guard let markers = try? JPEGMarkers(b), let header = try? markers.header() else { return nil }
    var out = [UInt8](repeating: 0, count: header.byteCount)
    let isDone = out.withUnsafeMutableBytes { o in
      if isPlain { return LosslessJPEG(markers)?.decode(b, into: o) ?? false }
      return (try? markers.ijg(b, into: o)) != nil
    }
    return isDone ? out : nil
  }
}

@Suite("Lossless JPEG · oracle: the IJG library, and what was encoded")
struct LosslessJPEGOracle {
  @Test(arguments: LosslessStream.all) fileprivate func decodesExactly(stream: LosslessStream) throws {
    let bytes = stream.bytes, plain = try #require(samples(bytes, isPlain: true))
    let expected = stream.values.flatMap { v in stream.bits <= 8 ? [UInt8(v)] : [UInt8(v & 255), UInt8(v >> 8)] }
    #expect(plain == expected)
    #expect(samples(bytes, isPlain: false) == expected)
  }

  @Test func streamsOfOtherEncodersArePlain() {
    for stream in SampleStream.all where stream.name.hasPrefix("jpegLossless") {
      let plain = samples(stream.bytes, isPlain: true)
      #expect(plain != nil && plain == samples(stream.bytes, isPlain: false), "\(stream.name)")
    }
  }

  @Test("what is taken from a damaged stream, the library takes too, with the same samples")
  func damagedStreams() {
    var taken = 0
    for stream in [
      LosslessStream(restarts: 3), LosslessStream(bits: 8, components: 3, predictor: 5),
      LosslessStream(bits: 16, isSkewed: true, isNoise: true),
    ] {
      let bytes = stream.bytes
      for at in 2..<bytes.count {
        for flip: UInt8 in [0x01, 0x10, 0x80, 0xFF] {
          var damaged = bytes
          damaged[at] ^= flip
          guard let plain = samples(damaged, isPlain: true) else { continue }
          taken += 1
          #expect(samples(damaged, isPlain: false) == plain, "byte \(at) of \(stream.testDescription), \(flip)")
        }
        #expect(samples(Array(bytes[..<at]), isPlain: true) == nil)
      }
    }
    #expect(taken > 100)
  }

  @Test("streams that the library refuses or warns of are left to it")
  func oddStreams() throws {
    let bytes = LosslessStream(bits: 8, components: 3).bytes
    let frame = try #require((0..<bytes.count).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC3 })
    let tables = try #require((0..<bytes.count).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC4 })
    func inserted(_ more: [UInt8], at: Int) -> [UInt8] { bytes[..<at] + more + bytes[at...] }
    var long = inserted([0], at: frame + 19)
    long[frame + 3] += 1
    var twins = bytes
    for at in bytes.indices.dropFirst(frame) where bytes[at] == 2 && [0x11, 0x30].contains(bytes[at + 1]) {
      twins[at] = 1
    }
    let many =
      [0xFF, 0xC4, 2, 0x11, 1] + [UInt8](repeating: 0, count: 14) + [255, 255] + [UInt8](repeating: 1, count: 510)
    let odd = [
      "two images begin": inserted([0xFF, 0xD8], at: 2), "a stuffed byte between segments": inserted([0xFF, 0], at: 2),
      "a long frame header": long, "two components of one name": twins,
      "a table of 510 codes": inserted(many, at: tables),
      "Adobe's transform of 9": inserted(
        [0xFF, 0xEE, 0, 14, 0x41, 0x64, 0x6F, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 9], at: 2),
      "DNL": inserted([0xFF, 0xDC, 0, 4, 0, 11], at: tables),
      "a table for DCT": inserted(
        [0xFF, 0xC4, 0, 20, 0x10, 1] + [UInt8](repeating: 0, count: 15) + [1], at: tables),
    ]
    #expect(samples(bytes, isPlain: true) != nil)
    for (name, stream) in odd { #expect(samples(stream, isPlain: true) == nil, "\(name)") }
  }
}
