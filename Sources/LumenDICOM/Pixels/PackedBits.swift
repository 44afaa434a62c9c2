// SPDX-License-Identifier: Apache-2.0

/// Samples that do not fill whole bytes, least significant bit first.
///
/// - Source: PS3.5 8.1.1 and annex D.
enum PackedBits {
  /// Single bits to bytes of 0 and 1.
  static func expand(_ bytes: [UInt8], from first: Int, to out: UnsafeMutableRawBufferPointer) {
    var i = 0
    while i < out.count && (first + i) & 7 != 0 {
      out[i] = bytes[(first + i) >> 3] >> UInt8((first + i) & 7) & 1
      i += 1
    }
    // Eight at a time: copy the byte to all lanes, keep one bit in each, move it to the bottom.
    while i + 8 <= out.count {
      let lanes = UInt64(bytes[(first + i) >> 3]) &* 0x0101_0101_0101_0101 & 0x8040_2010_0804_0201
      let ones = (lanes &+ 0x7F7F_7F7F_7F7F_7F7F) >> 7 & 0x0101_0101_0101_0101
      out.storeBytes(of: ones.littleEndian, toByteOffset: i, as: UInt64.self)
      i += 8
    }
    while i < out.count {
      out[i] = bytes[(first + i) >> 3] >> UInt8((first + i) & 7) & 1
      i += 1
    }
  }

  /// Samples of 2 to 31 bits, one after the other, to whole little-endian samples.
  static func expand(
    _ bytes: [UInt8], from first: Int, width: Int, bytesPerSample: Int, to out: UnsafeMutableRawBufferPointer
  ) {
    let mask = UInt64(1) << UInt64(width) - 1
    for i in 0..<out.count / bytesPerSample {
      let bit = first + i * width
      var value: UInt64 = 0
      for (k, at) in (bit >> 3...(bit + width - 1) >> 3).enumerated() { value |= UInt64(bytes[at]) << UInt64(8 * k) }
      value = value >> UInt64(bit & 7) & mask
      for b in 0..<bytesPerSample { out[i * bytesPerSample + b] = UInt8(truncatingIfNeeded: value >> UInt64(8 * b)) }
    }
  }
}
