// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// RLE Lossless: a table of up to 15 segments, each one byte plane in PackBits.
///
/// - Source: PS3.5 annex G.
enum RunLength {
  /// One frame: samples interleaved, little-endian.
  ///
  /// - Throws: `malformed` when segments are missing, lie outside the frame or end early.
  static func decode(
    _ bytes: [UInt8], pixels: Int, samples: Int, bytesPerSample: Int
  ) throws(ImageError) -> [UInt8] {
    let planes = samples * bytesPerSample
    func word(_ i: Int) -> Int {
      Int(bytes[4 * i]) | Int(bytes[4 * i + 1]) << 8 | Int(bytes[4 * i + 2]) << 16 | Int(bytes[4 * i + 3]) << 24
    }
    guard bytes.count >= 64, word(0) == planes else {
      throw ImageError(
        .malformed, "RLE frame has \(bytes.count < 64 ? 0 : word(0)) segments, expected \(planes)")
    }
    var out = [UInt8](repeating: 0, count: pixels * planes)
    for segment in 0..<planes {
      let start = word(1 + segment)
      // Segments are in order; the next one or the frame's end bounds this one.
      let end = segment + 1 < planes ? word(2 + segment) : bytes.count
      guard start >= 64, start <= end, end <= bytes.count else {
        throw ImageError(.malformed, "RLE segment \(segment + 1) lies outside its frame")
      }
      // Most significant byte plane first.
      let (sample, byte) = (segment / bytesPerSample, bytesPerSample - 1 - segment % bytesPerSample)
      let first = sample * bytesPerSample + byte
      let done = bytes.withUnsafeBufferPointer { source in
        out.withUnsafeMutableBufferPointer { target in
          unpack(source, start, end, into: target, first: first, stride: planes, count: pixels)
        }
      }
      guard done == pixels else {
        throw ImageError(.malformed, "RLE segment \(segment + 1) has \(done) of \(pixels) pixels")
      }
    }
    return out
  }

  /// PackBits from `source[start ..< end]` to every `stride`-th byte; bytes written, at most `count`.
  private static func unpack(
    _ source: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int,
    into target: UnsafeMutableBufferPointer<UInt8>, first: Int, stride: Int, count: Int
  ) -> Int {
    var i = start, done = 0, to = first
    while i < end && done < count {
      let control = Int(Int8(bitPattern: source[i]))
      i += 1
      if control >= 0 {
        let n = min(control + 1, count - done, end - i)
        for k in 0..<n {
          target[to] = source[i + k]
          to += stride
        }
        i += n
        done += n
      } else if control > -128 {
        guard i < end else { break }
        let n = min(1 - control, count - done), value = source[i]
        for _ in 0..<n {
          target[to] = value
          to += stride
        }
        i += 1
        done += n
      }
    }
    return done
  }
}
