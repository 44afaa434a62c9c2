// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Synchronization
import Testing

/// The only suite that changes the width; results of other suites do not depend on it.
@Suite("Parallel · property: the same for any number of threads", .serialized)
struct ParallelTests {
  func atWidth<R>(_ width: Int, _ body: () throws -> R) rethrows -> R {
    let before = Parallel.width
    Parallel.width = width
    defer { Parallel.width = before }
    return try body()
  }

  @Test(arguments: 1...8)
  func everyIndexOnce(_ width: Int) {
    atWidth(width) {
      for n in [0, 1, 2, 7, 31, 1000, 4097] {
        for grain in [0, 1, 3, 64, 10_000] {
          let hits = Volume<UInt8>(Geometry(size: Size(columns: max(n, 1), rows: 1))) { out in
            out.update(repeating: 0)
            nonisolated(unsafe) let p = out.baseAddress!
            parallelFor(n, grain: grain) { range in for i in range { p[i] &+= 1 } }
            parallelForUneven(n, grain: grain) { range in for i in range { p[i] &+= 1 } }
          }
          #expect(hits.withVoxels { $0.prefix(n).allSatisfy { $0 == 2 } }, "n \(n), grain \(grain)")
        }
      }
    }
  }

  @Test func rangesAreNotShorterThanTheGrain() {
    atWidth(4) {
      let shortest = Mutex(Int.max)
      parallelFor(1000, grain: 100) { range in shortest.withLock { $0 = min($0, range.count) } }
      #expect(shortest.withLock { $0 } >= 62, "10 blocks of 100 asked for; at most rounding makes them shorter")
    }
  }

  @Test func unevenRangesShrink() {
    atWidth(2) {
      let lengths = Mutex([Int: Int]())
      parallelForUneven(800) { range in lengths.withLock { $0[range.lowerBound] = range.count } }
      let inOrder = lengths.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
      #expect(inOrder.first == 100 && inOrder.last == 1 && inOrder == inOrder.sorted(by: >))
    }
  }

  @Test func nestedLoopsFinish() {
    atWidth(4) {
      let sum = Mutex(0)
      parallelFor(16) { outer in
        for _ in outer { parallelFor(16) { inner in sum.withLock { $0 += inner.count } } }
      }
      #expect(sum.withLock { $0 } == 256)
    }
  }

  @Test func floatingPointSumsAreTheSameBits() {
    // Values of very different size: any other order of summation changes the last bits.
    let values = (0..<100_003).map { i in
      Float(Int32(truncatingIfNeeded: i &* 2_654_435_761)) * (i % 7 == 0 ? 1e6 : 1e-3)
    }
    func sum() -> Float {
      parallelReduce(values.count, block: 1009, Float(0)) { range in
        var s: Float = 0
        for i in range { s += values[i] }
        return s
      } combine: {
        $0 += $1
      }
    }
    let reference = atWidth(1, sum)
    for width in [2, 3, 5, 8] {
      for _ in 0..<5 { #expect(atWidth(width, sum).bitPattern == reference.bitPattern) }
    }
    // The order of definition: blocks summed alone, then combined from the first to the last.
    var expected: Float = 0
    for start in stride(from: 0, to: values.count, by: 1009) {
      expected += values[start..<min(start + 1009, values.count)].reduce(0, +)
    }
    #expect(reference.bitPattern == expected.bitPattern)
  }

  @Test func reductionsOfNoneOneAndManyBlocksWithReferences() {
    #expect(
      parallelReduce(0, block: 4, 7) { _ in
        1
      } combine: {
        $0 += $1
      } == 7)
    #expect(
      parallelReduce(3, block: 4, 7) {
        $0.count
      } combine: {
        $0 += $1
      } == 10)
    let text = atWidth(8) {
      parallelReduce(10, block: 3, "") {
        "[\($0.lowerBound)-\($0.upperBound)]"
      } combine: {
        $0 += $1
      }
    }
    #expect(text == "[0-3][3-6][6-9][9-10]")
  }

  @Test(arguments: [1, 2])
  func twoPiecesAreBothDoneAndTheFirstErrorIsThrown(_ width: Int) throws {
    let (a, b) = try atWidth(width) { try together({ () throws(ImageError) in "one" }) { () throws(ImageError) in 2 } }
    #expect(a == "one" && b == 2)
    let done = Atomic<Int>(0)
    let error = #expect(throws: ImageError.self) {
      try atWidth(width) {
        try together({ () throws(ImageError) -> Int in throw ImageError(.notFound, "first") }) {
          () throws(ImageError) -> Int in
          done.add(1, ordering: .relaxed)
          throw ImageError(.io, "second")
        }
      }
    }
    #expect(error?.what == "first" && done.load(ordering: .relaxed) == 1)
  }

  @Test func widthIsAtLeastOne() {
    #expect(atWidth(-3) { Parallel.width } == 1)
    #expect(atWidth(6) { Parallel.width } == 6)
    #expect(Parallel.processors >= 1)
  }
}
