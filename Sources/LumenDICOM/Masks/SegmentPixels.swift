// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The frames of an open segmentation, read one at a time when a mask asks for them.
struct SegmentPixels: Sendable {
  private let reader: FrameReader
  /// Bytes of a frame as read.
  let frameBytes: Int
  /// One byte a pixel, or two.
  let isWide: Bool

  /// - Throws: `malformed` and `unsupported` for pixel data that is not that of a segmentation, `limitExceeded`.
  init(_ handle: DICOMHandle, _ header: InstanceHeader, limits: Limits) throws(ImageError) {
    guard header.samplesPerPixel == 1, header.floatBits == 0, [1, 8, 16].contains(header.bitsAllocated) else {
      throw ImageError(
        .unsupported,
        "segments with \(header.samplesPerPixel) samples of \(header.bitsAllocated) bits are not read, expected 1, 8 or 16"
      )
    }
    reader = try FrameReader(handle, header, limits: limits)
    frameBytes = reader.frameBytes
    isWide = header.bitsAllocated == 16
  }

  func read(_ frame: Int, into out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    _ = try reader.read(frame, into: out)
  }
}
