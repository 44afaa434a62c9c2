// SPDX-License-Identifier: Apache-2.0
// Random numbers that are functions of a seed and a place: any order of evaluation and any machine gives the same bits.
// Only + − × ÷ √, which IEEE 754 defines exactly; no sine or logarithm of the C library.

/// SplitMix64 as a function: 64 random bits for a seed and a counter.
///
/// - Source: Steele, Lea, Flood 2014, Fast splittable pseudorandom number generators.
func random(_ seed: UInt64, _ counter: UInt64) -> UInt64 {
  var z = (seed ^ 0x6A09_E667_F3BC_C908) &+ counter &* 0x9E37_79B9_7F4A_7C15 &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}

/// Uniform in 0 ..< 1.
func uniform(_ seed: UInt64, _ counter: UInt64) -> Double { Double(random(seed, counter) >> 11) * 0x1p-53 }

/// Uniform in −1 … 1.
func signed(_ seed: UInt64, _ counter: UInt64) -> Double { 2 * uniform(seed, counter) - 1 }

/// Close to normal with mean 0 and standard deviation 1: the sum of four uniform 16-bit numbers.
func normal(_ seed: UInt64, _ counter: UInt64) -> Double {
  let r = random(seed, counter)
  let sum = (r & 0xFFFF) + (r >> 16 & 0xFFFF) + (r >> 32 & 0xFFFF) + r >> 48
  return (Double(sum) - 131_070) / 37_837.2  // 65536 · √(4 / 12)
}

/// Smooth noise on a lattice of cell size 1: random values at the corners, blended by 3t² − 2t³; about −1.5 … 1.5.
func lattice(_ seed: UInt64, _ p: SIMD3<Double>) -> Double {
  let floor = p.rounded(.down), t = p - floor
  let f = t * t * (3 - 2 * t)
  func corner(_ x: Int, _ y: Int, _ z: Int) -> Double {
    func bits(_ n: Double, _ step: Int) -> UInt64 { UInt64(bitPattern: Int64(n) + Int64(step) + 0x4000) }
    let key = (bits(floor.z, z) &* 0x1_0003 &+ bits(floor.y, y)) &* 0x1_0003 &+ bits(floor.x, x)
    return normal(seed, key)
  }
  func blend(_ a: Double, _ b: Double, _ t: Double) -> Double { a + (b - a) * t }
  func face(_ z: Int) -> Double {
    blend(blend(corner(0, 0, z), corner(1, 0, z), f.x), blend(corner(0, 1, z), corner(1, 1, z), f.x), f.y)
  }
  return blend(face(0), face(1), f.z)
}

/// A UID of the form 2.25.n (PS3.5 B.2) whose n is a version 4 UUID made from a seed and a counter.
func uid(_ seed: UInt64, _ counter: UInt64) -> String {
  let high = random(seed, counter &* 2) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
  let low = random(seed, counter &* 2 &+ 1) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
  return "2.25.\(UInt128(high) << 64 | UInt128(low))"
}
