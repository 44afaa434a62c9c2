// SPDX-License-Identifier: Apache-2.0

/// SHA-1 in hexadecimal: the fingerprint of images in PyRadiomics' results. Not for security.
///
/// - Source: RFC 3174; the same as SimpleITK `Hash` of the voxels in memory order.
struct SHA1 {
  private var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
  private var schedule = [UInt32](repeating: 0, count: 80)

  /// The digest of bytes.
  static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA1()
    let whole = bytes.count / 64
    for block in 0..<whole { hash.add(UnsafeRawBufferPointer(rebasing: bytes[block * 64..<block * 64 + 64])) }
    var tail = Array(bytes[(whole * 64)...]) + [0x80]
    while tail.count % 64 != 56 { tail.append(0) }
    let bits = UInt64(bytes.count) * 8
    for shift in stride(from: UInt64(56), through: 0, by: -8) { tail.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    tail.withUnsafeBytes { tail in
      for block in 0..<tail.count / 64 {
        hash.add(UnsafeRawBufferPointer(rebasing: tail[block * 64..<block * 64 + 64]))
      }
    }
    return hash.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  private mutating func add(_ block: UnsafeRawBufferPointer) {
    schedule.withUnsafeMutableBufferPointer { w in
      for i in 0..<16 { w[i] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)) }
      for i in 16..<80 {
        let x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]
        w[i] = x << 1 | x >> 31
      }
      var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
      for i in 0..<80 {
        let f: UInt32, k: UInt32
        switch i {
        case ..<20: (f, k) = (b & c | ~b & d, 0x5A82_7999)
        case ..<40: (f, k) = (b ^ c ^ d, 0x6ED9_EBA1)
        case ..<60: (f, k) = (b & c | b & d | c & d, 0x8F1B_BCDC)
        default: (f, k) = (b ^ c ^ d, 0xCA62_C1D6)
        }
        let t = (a << 5 | a >> 27) &+ f &+ e &+ k &+ w[i]
        (e, d, c, b, a) = (d, c, b << 30 | b >> 2, a, t)
      }
      for (i, x) in [a, b, c, d, e].enumerated() { state[i] = state[i] &+ x }
    }
  }
}
