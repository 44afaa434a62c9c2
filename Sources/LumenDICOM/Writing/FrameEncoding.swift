// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenCodecs

/// Compression of native frames by codecs that DCMTK does not have.
enum FrameEncoding {
  /// Replaces native pixel data by compressed frames where the transfer syntax is one of these codecs'.
  static func compress(_ attributes: inout Attributes, _ syntax: TransferSyntax) throws(ImageError) {
    guard syntax == .jpegLSLossless, let pixels = attributes[.pixelData] else { return }
    let columns = attributes.integer(.columns) ?? 0, rows = attributes.integer(.rows) ?? 0
    let samples = attributes.integer(.samplesPerPixel) ?? 1, frames = attributes.integer(.numberOfFrames) ?? 1
    let allocated = attributes.integer(.bitsAllocated) ?? 0, bits = attributes.integer(.bitsStored) ?? allocated
    guard (1...65_535).contains(columns), (1...65_535).contains(rows), samples == 1 || samples == 3,
      (1...1_000_000).contains(frames), bits >= 2, bits <= allocated,
      attributes.integer(.planarConfiguration) ?? 0 == 0
    else {
      throw ImageError(
        .invalidParameter,
        "\(frames) frames of \(columns) × \(rows) with \(samples) samples of \(bits) bits cannot be JPEG-LS")
    }
    let count = columns * rows * samples
    var encoded: [[UInt8]] = []
    switch pixels {
    case .words(var words) where allocated == 16 && words.count == count * frames:
      // What lies above the stored bits, a sign perhaps, is not coded.
      if bits < 16 { for i in words.indices { words[i] &= 1 << UInt16(bits) - 1 } }
      for frame in 0..<frames {
        let slice = words[frame * count..<(frame + 1) * count]
        encoded.append(try frameBytes(slice, columns, rows, samples, max(bits, 9)))
      }
    case .bytes(let bytes) where allocated == 8 && bytes.count == count * frames:
      for frame in 0..<frames {
        encoded.append(try frameBytes(bytes[frame * count..<(frame + 1) * count], columns, rows, samples, bits))
      }
    default:
      throw ImageError(
        .invalidParameter, "the pixel data is not \(frames) frames of \(count) samples of \(allocated) bits")
    }
    attributes[.pixelData] = .encapsulated(EncapsulatedPixels(frames: encoded))
  }

  private static func frameBytes<T: BitwiseCopyable>(
    _ samples: ArraySlice<T>, _ columns: Int, _ rows: Int, _ components: Int, _ bits: Int
  ) throws(ImageError) -> [UInt8] {
    let result = samples.withUnsafeBytes { raw in
      Result { () throws(ImageError) in
        try JPEGLS.encode(raw, columns: columns, rows: rows, components: components, bits: bits)
      }
    }
    return try result.get()
  }
}
