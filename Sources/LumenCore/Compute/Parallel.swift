// SPDX-License-Identifier: Apache-2.0
import CSIMD
import Dispatch
import Glibc
import Synchronization

/// How many threads one operation may use. Results never depend on it.
public enum Parallel {
  private static let limit = Atomic<Int>(0)

  /// Processors this process may run on: those of its affinity mask.
  public static let processors: Int = {
    let allowed = Int(csimd_cpu_count())
    return allowed > 0 ? allowed : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }()

  /// Most threads of one operation; all processors unless set. A batch lowers it to share the machine among its cases.
  public static var width: Int {
    get {
      let n = limit.load(ordering: .relaxed)
      return n > 0 ? n : processors
    }
    set { limit.store(max(1, newValue), ordering: .relaxed) }
  }
}

/// Runs `body` over disjoint ranges that cover `0 ..< n`, on up to ``Parallel/width`` threads.
///
/// About four ranges a thread, none shorter than `grain` (choose it so that a range is at least 50 µs of work). `body`
/// may write only what its own range owns; it must not accumulate across ranges (use ``parallelReduce``).
public func parallelFor(_ n: Int, grain: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
  guard n > 0 else { return }
  let width = Parallel.width
  let chunks = min(width * 4, (n + grain - 1) / max(grain, 1))
  if chunks <= 1 || width == 1 { return body(0..<n) }
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: min(width, chunks)) { _ in
    while true {
      let k = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if k >= chunks { return }
      body(n * k / chunks..<n * (k + 1) / chunks)
    }
  }
}

/// Combines the results of fixed-size blocks in block order: the same bits for any number of threads.
///
/// - Parameters:
///   - block: elements a block; part of the result's definition for floating point, so a constant at each call site.
///   - initial: what the first block's result is combined into.
public func parallelReduce<R: Sendable>(
  _ n: Int, block: Int, _ initial: R, _ body: @Sendable (Range<Int>) -> R, combine: (inout R, R) -> Void
) -> R {
  let blocks = (n + block - 1) / block
  if blocks == 0 { return initial }
  var result = initial
  if blocks == 1 {
    combine(&result, body(0..<n))
    return result
  }
  let partial = [R](unsafeUninitializedCapacity: blocks) { buffer, count in
    nonisolated(unsafe) let slots = buffer.baseAddress!
    parallelFor(blocks) { range in
      for b in range { (slots + b).initialize(to: body(b * block..<min(n, (b + 1) * block))) }
    }
    count = blocks
  }
  for p in partial { combine(&result, p) }
  return result
}

/// Runs `body` as ``parallelFor(_:grain:_:)`` does, for work whose parts take very different times, such as files: ranges
/// begin as large and shrink to `grain`, so that no thread waits long for the last one.
public func parallelForUneven(_ n: Int, grain: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
  let width = Parallel.width, grain = max(grain, 1)
  if n <= grain || width == 1 { return n > 0 ? body(0..<n) : () }
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: min(width, (n + grain - 1) / grain)) { _ in
    var start = next.load(ordering: .relaxed)
    while start < n {
      let end = min(n, start + max(grain, (n - start) / (width * 4)))
      let claim = next.compareExchange(expected: start, desired: end, ordering: .relaxed)
      if claim.exchanged { body(start..<end) }
      start = next.load(ordering: .relaxed)
    }
  }
}

/// Two pieces of work at once, as far as ``Parallel/width`` allows; both are done even when one fails.
///
/// - Throws: what the first throws, else what the second throws.
public func together<A: Sendable, B: Sendable, E: Error>(
  _ first: @Sendable () throws(E) -> A, _ second: @Sendable () throws(E) -> B
) throws(E) -> (A, B) {
  var a: Result<A, E>?, b: Result<B, E>?
  withUnsafeMutablePointer(to: &a) { a in
    withUnsafeMutablePointer(to: &b) { b in
      nonisolated(unsafe) let (a, b) = (a, b)
      parallelFor(2) { range in
        for k in range {
          if k == 0 {
            a.pointee = Result { () throws(E) in try first() }
          } else {
            b.pointee = Result { () throws(E) in try second() }
          }
        }
      }
    }
  }
  guard let a, let b else { preconditionFailure("parallelFor left a piece of work out") }
  return (try a.get(), try b.get())
}
