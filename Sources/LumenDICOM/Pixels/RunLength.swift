// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// RLE Lossless: a table of up to 15 segments, each one byte plane in PackBits.
///
/// - Source: PS3.5 annex G.
enum RunLength {
  /// Byte planes of a frame.
  static func planes(_ header: InstanceHeader) -> Int {
    header.samplesPerPixel * max(1, header.bitsAllocated / 8)
  }

  /// Whether bytes begin with the segment table of such an image.
  static func isHeader(_ bytes: UnsafeRawBufferPointer, _ header: InstanceHeader) -> Bool {
    bytes.count >= 8 && word(bytes, 0) == planes(header) && word(bytes, 1) == 64
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ i: Int) -> Int {
    Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)))
  }

  /// One frame into `out`: samples interleaved, little-endian.
  ///
  /// - Throws: `malformed` when segments are missing, lie outside the frame or end early.
  static func decode(
    _ bytes: UnsafeRawBufferPointer, pixels: Int, samples: Int, bytesPerSample: Int,
    into out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) {
    let planes = samples * bytesPerSample
    guard bytes.count >= 64, word(bytes, 0) == planes, planes <= 15 else {
      throw ImageError(
        .malformed, "RLE frame has \(bytes.count < 64 ? 0 : word(bytes, 0)) segments, expected \(planes)")
    }
    precondition(out.count == pixels * planes, "a buffer of one frame")
    // Room behind each plane lets runs be written in whole vectors.
    let pitch = pixels + 160
    let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: planes * pitch)
    defer { scratch.deallocate() }
    for segment in 0..<planes {
      let start = word(bytes, 1 + segment)
      // Segments are in order; the next one or the frame's end bounds this one.
      let end = segment + 1 < planes ? word(bytes, 2 + segment) : bytes.count
      guard start >= 64, start <= end, end <= bytes.count else {
        throw ImageError(.malformed, "RLE segment \(segment + 1) lies outside its frame")
      }
      let done = unpack(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), scratch + segment * pitch, pixels)
      guard done == pixels else {
        throw ImageError(.malformed, "RLE segment \(segment + 1) has \(done) of \(pixels) pixels")
      }
    }
    join(scratch, pitch, pixels, samples, bytesPerSample, out)
  }

  /// PackBits into a plane with 160 bytes to spare; bytes unpacked, at most `count`.
  private static func unpack(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutablePointer<UInt8>, _ count: Int
  ) -> Int {
    guard let from = source.baseAddress else { return 0 }
    let end = source.count, to = UnsafeMutableRawPointer(target)
    var i = 0, done = 0
    while i < end && done < count {
      let control = Int(from.load(fromByteOffset: i, as: Int8.self))
      i &+= 1
      if control >= 0 {
        let n = min(control &+ 1, end &- i)
        if n <= 16 && i &+ 16 <= end {
          to.storeBytes(
            of: from.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self), toByteOffset: done,
            as: SIMD16<UInt8>.self)
        } else {
          memcpy(to + done, from + i, n)
        }
        i &+= n
        done &+= n
      } else if control > -128 {
        guard i < end else { break }
        let n = 1 &- control, value = SIMD16(repeating: from.load(fromByteOffset: i, as: UInt8.self))
        var k = 0
        repeat {
          to.storeBytes(of: value, toByteOffset: done &+ k, as: SIMD16<UInt8>.self)
          k &+= 16
        } while k < n
        i &+= 1
        done &+= n
      }
    }
    return min(done, count)
  }

  /// Byte planes, the most significant of each sample first, to interleaved little-endian samples.
  private static func join(
    _ planes: UnsafeMutablePointer<UInt8>, _ pitch: Int, _ pixels: Int, _ samples: Int, _ size: Int,
    _ out: UnsafeMutableRawBufferPointer
  ) {
    guard let to = out.baseAddress else { return }
    if samples == 1 && size == 1 {
      memcpy(to, planes, pixels)
    } else if samples == 1 && size == 2 {
      let words = to.assumingMemoryBound(to: UInt16.self), low = planes + pitch
      for p in 0..<pixels { words[p] = UInt16(truncatingIfNeeded: planes[p]) << 8 | UInt16(truncatingIfNeeded: low[p]) }
    } else {
      let step = samples * size, bytes = to.assumingMemoryBound(to: UInt8.self)
      for s in 0..<samples {
        for b in 0..<size {
          let plane = planes + (s * size + size - 1 - b) * pitch, first = s * size + b
          for p in 0..<pixels { bytes[p &* step &+ first] = plane[p] }
        }
      }
    }
  }
}
