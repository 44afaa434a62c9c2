// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What is added for a number x.
enum Term: Sendable {
  /// x
  case value
  /// |x − c|
  case distance(from: Double)
  /// (x − c)², (x − c)³, (x − c)⁴
  case square(from: Double), cube(from: Double), fourth(from: Double)
  /// The grey level of x.
  case level(Bins)
}

/// Σ over numbers by blocks of fixed size with four running sums each: the same bits for any number of threads.
func blockSum(_ x: [Double], in range: Range<Int>? = nil, _ term: Term = .value) -> Double {
  let range = range ?? 0..<x.count
  return x.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return 0 }
    nonisolated(unsafe) let p = base + range.lowerBound
    return parallelReduce(range.count, block: 1 << 15, 0.0) { block in
      let (p, n) = (p + block.lowerBound, block.count)
      // One loop a case: a closure that reaches a worker thread is called for every number.
      switch term {
      case .value: return sum(p, n) { $0 }
      case .distance(let c): return sum(p, n) { abs($0 - c) }
      case .square(let c): return sum(p, n) { ($0 - c) * ($0 - c) }
      case .cube(let c): return sum(p, n) { ($0 - c) * ($0 - c) * ($0 - c) }
      case .fourth(let c):
        return sum(p, n) {
          let square = ($0 - c) * ($0 - c)
          return square * square
        }
      case .level(let bins): return sum(p, n) { bins.level($0) }
      }
    } combine: {
      $0 += $1
    }
  }
}

@inline(__always)
private func sum(_ p: UnsafePointer<Double>, _ n: Int, _ f: (Double) -> Double) -> Double {
  var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
  var i = 0
  while i &+ 4 <= n {
    a += f(p[i])
    b += f(p[i &+ 1])
    c += f(p[i &+ 2])
    d += f(p[i &+ 3])
    i &+= 4
  }
  while i < n {
    a += f(p[i])
    i &+= 1
  }
  return (a + b) + (c + d)
}
