// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LumenCore

@Suite("Block pool · property")
struct BlockPoolTests {
  let mebibyte = 1 << 20

  @Test func largeBlocksAreReusedWithinTheirSizeClass() {
    let pool = BlockPool(capacity: 64 << 20)
    let a = pool.take(3 * mebibyte)
    #expect(UInt(bitPattern: a) % UInt(2 << 20) == 0)
    pool.give(a, 3 * mebibyte)
    #expect(pool.keptBytes == 4 * mebibyte)
    let other = pool.take(5 * mebibyte)
    #expect(other != a && pool.keptBytes == 4 * mebibyte)
    let again = pool.take(3 * mebibyte + 17)
    #expect(again == a && pool.keptBytes == 0)
    pool.give(again, 3 * mebibyte + 17)
    pool.give(other, 5 * mebibyte)
    #expect(pool.keptBytes == 10 * mebibyte)
    pool.trim()
    #expect(pool.keptBytes == 0)
  }

  @Test func keptBytesStayWithinTheCapacity() {
    let pool = BlockPool(capacity: 6 * mebibyte)
    let blocks = (0..<5).map { _ in pool.take(2 * mebibyte) }
    #expect(Set(blocks).count == 5)
    for block in blocks {
      pool.give(block, 2 * mebibyte)
      #expect(pool.keptBytes <= 6 * mebibyte)
    }
    #expect(pool.keptBytes == 6 * mebibyte)
    pool.capacity = 2 * mebibyte
    #expect(pool.keptBytes <= 2 * mebibyte && pool.capacity == 2 * mebibyte)
    pool.capacity = 0
    pool.give(pool.take(mebibyte), mebibyte)
    #expect(pool.keptBytes == 0)
  }

  @Test func smallBlocksAreAlignedAndNotKept() {
    let pool = BlockPool(capacity: 64 << 20)
    for bytes in [0, 1, 63, 4096, (1 << 20) - 1] {
      let block = pool.take(bytes)
      #expect(UInt(bitPattern: block) % 64 == 0)
      pool.give(block, bytes)
    }
    #expect(pool.keptBytes == 0)
  }

  @Test func threadsNeverShareABlock() {
    let pool = BlockPool(capacity: 8 << 20)
    let intact = parallelReduce(64, block: 1, true) { range in
      var ok = true
      for i in range {
        let bytes = (1 + i % 3) << 20
        let block = pool.take(bytes)
        let words = block.bindMemory(to: Int.self, capacity: bytes / 8)
        for k in stride(from: 0, to: bytes / 8, by: 512) { words[k] = i }
        for k in stride(from: 0, to: bytes / 8, by: 512) { ok = ok && words[k] == i }
        pool.give(block, bytes)
      }
      return ok
    } combine: {
      $0 = $0 && $1
    }
    #expect(intact && pool.keptBytes <= 8 << 20)
    pool.trim()
  }
}
