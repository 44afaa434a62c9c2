// SPDX-License-Identifier: Apache-2.0

/// SHA-256 in lower-case hexadecimal. Only for the table of fixtures, which `sha256sum --check` verifies.
///
/// - Source: FIPS 180-4.
func sha256(_ message: [UInt8]) -> String {
  var h: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  let bits = UInt64(message.count) * 8
  var bytes = message + [0x80]
  bytes += [UInt8](repeating: 0, count: (120 - bytes.count % 64) % 64)
  bytes += (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
  func turn(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
  var w = [UInt32](repeating: 0, count: 64)
  for start in stride(from: 0, to: bytes.count, by: 64) {
    for i in 0..<16 { w[i] = bytes[start + 4 * i..<start + 4 * i + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    for i in 16..<64 {
      let s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >> 3)
      let s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >> 10)
      w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
    }
    var v = h
    for i in 0..<64 {
      let s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)
      let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
      let t1 = v[7] &+ s1 &+ choice &+ roundConstants[i] &+ w[i]
      let s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)
      let t2 = s0 &+ ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]))
      v = [t1 &+ t2, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
    }
    for i in 0..<8 { h[i] &+= v[i] }
  }
  return h.map { word in
    String(repeating: "0", count: word.leadingZeroBitCount / 4) + (word == 0 ? "" : String(word, radix: 16))
  }
  .joined()
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, found with whole numbers only.
private let roundConstants: [UInt32] = {
  let primes = (2..<312).filter { n in (2..<n).allSatisfy { n % $0 != 0 } }
  return primes.map { prime in
    // The largest r with r³ ≤ prime · 2⁹⁶ is the cube root times 2³².
    var r: UInt128 = 0
    for bit in stride(from: 35, through: 0, by: -1) {
      let next = r | 1 << UInt128(bit)
      if next * next * next <= UInt128(prime) << 96 { r = next }
    }
    return UInt32(truncatingIfNeeded: r)
  }
}()
