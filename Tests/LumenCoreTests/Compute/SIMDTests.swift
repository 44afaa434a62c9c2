// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LumenCore

@Suite("SIMD idioms · property: equal to scalar code")
struct SIMDTests {
  @Test func loadsAndStoresAtAnyAddress() {
    let source = (0..<40).map { Float($0) * 1.5 }
    for offset in 0..<8 {
      var target = [Float](repeating: -1, count: 40)
      source.withUnsafeBufferPointer { s in
        target.withUnsafeMutableBufferPointer { store16(load16(s.baseAddress! + offset), $0.baseAddress! + 3) }
      }
      #expect(Array(target[3..<19]) == Array(source[offset..<offset + 16]))
      #expect(target[2] == -1 && target[19] == -1)
    }
  }

  @Test func smallerAndLargerKeepTheFirstWhenUnordered() {
    let a: SIMD4<Float> = [1, .nan, 5, -0.0], b: SIMD4<Float> = [2, 3, .nan, 0]
    let low = smaller(a, b), high = larger(a, b)
    #expect(low[0] == 1 && low[1].isNaN && low[2] == 5 && low[3].sign == .minus)
    #expect(high[0] == 2 && high[1].isNaN && high[2] == 5 && high[3].sign == .minus)
    #expect(smaller(SIMD4<Int16>(1, 2, -3, 4), SIMD4(0, 5, 6, 4)) == SIMD4(0, 2, -3, 4))
  }

  @Test func multiplyAddIsWithinOneRounding() {
    let a = SIMD16<Float>(repeating: 1.000_000_1), b = SIMD16<Float>(repeating: 3), c = SIMD16<Float>(repeating: -3)
    let exact = Float(Double(a[0]) * 3 - 3)
    #expect(abs(multiplyAdd(a, b, c)[0] - exact) <= Float(3).ulp)
    #expect(multiplyAdd(.init(repeating: 2), .init(repeating: 3), .init(repeating: 4)) == .init(repeating: 10))
  }

  @Test func thisBuildRunsOnThisProcessor() {
    #expect(Processor.complaint == nil)
    #expect(["x86-64-v3", "x86-64", "native"].contains(Processor.level))
  }

  @Test("without the instruction a · b + c is rounded once all the same: every bit of it")
  func fusedWithoutFMA() {
    var random = SplitMix64(seed: 5)
    let special: [UInt32] = [
      0, 0x8000_0000, 1, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x3F80_0000, 0xBF80_0000, 0x3F80_0001, 0x7F7F_FFFF,
      0xFF7F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x3300_0000, 0x3380_0001,
    ]
    var wrong = 0
    for n in 0..<60_000 {
      // Any bits; then exponents near each other, where sums cancel and halves occur; then few mantissa bits: ties.
      func next(_ k: Int) -> Float {
        let bits = UInt32(truncatingIfNeeded: random.next())
        switch n % 4 {
        case 0: return Float(bitPattern: bits)
        case 1: return Float(bitPattern: bits & 0x83FF_FFFF | 0x3C00_0000)
        case 2: return Float(bitPattern: bits & 0x8FF0_0003 | 0x3000_0000)
        default: return Float(bitPattern: special[Int(bits >> 8) % special.count])
        }
      }
      var a = SIMD16<Float>(), b = a, c = a
      for k in 0..<16 { (a[k], b[k], c[k]) = (next(k), next(k), next(k)) }
      let fused = multiplyAddWithoutFMA(a, b, c)
      for k in 0..<16 {
        let expected = c[k].addingProduct(a[k], b[k])
        if !(fused[k].bitPattern == expected.bitPattern || fused[k].isNaN && expected.isNaN) { wrong += 1 }
      }
    }
    #expect(wrong == 0)
  }
}
