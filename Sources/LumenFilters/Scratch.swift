// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Runs `body` with zeroed scratch memory of one parallel range, 64-byte aligned.
@inline(__always)
func withScratch<T: Numeric & BitwiseCopyable>(
  of type: T.Type, _ count: Int, _ body: (UnsafeMutablePointer<T>) -> Void
) {
  let raw = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<T>.stride, alignment: 64)
  defer { raw.deallocate() }
  let scratch = raw.bindMemory(to: T.self, capacity: count)
  scratch.initialize(repeating: .zero, count: count)
  body(scratch)
}

/// Rounded up to whole vectors of 16.
@inline(__always)
func roundUp(_ n: Int) -> Int { (n &+ 15) & ~15 }

/// Throws unless a result volume that is to be reused has the size of the input.
func requireSize(of result: Geometry, _ input: Geometry) throws(ImageError) {
  guard result.size == input.size else {
    throw ImageError(.invalidParameter, "the result has a size of \(result.size), expected \(input.size)")
  }
}
