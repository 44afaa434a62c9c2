// SPDX-License-Identifier: Apache-2.0
import CJPEG
import LumenCodecs
public import LumenCore

/// JPEG files: grey and colour pictures of 8 and 12 bits, and lossless ones; encoded with 8 bits by libjpeg-turbo.
///
/// - Shape: grey becomes one slice with 1 mm spacing; YCbCr and RGB become RGB. Orientation tags are not applied.
/// - Accuracy: the accurate integer transform with smoothed chroma; lossy, so grey levels differ from the original's.
/// - Source: ISO/IEC 10918-1 baseline, extended sequential, progressive and lossless (process 14), Huffman or (DCT only)
///   arithmetic; JFIF.
public enum JPEG {
  /// Decodes a file.
  ///
  /// - Throws: `unsupported` for CMYK and hierarchical files; `malformed` for damaged or cut data, which is never filled
  ///   in; `limitExceeded` before anything is allocated.
  public static func read(_ bytes: [UInt8], limits: Limits = .standard) throws(ImageError) -> DecodedImage {
    try CodestreamFile.read(bytes, limits: limits)
  }

  /// Encodes a colour picture of up to 8 bits a sample: baseline, chroma subsampled 2 × 2.
  ///
  /// - Parameter quality: 1 … 100, the scale of the IJG library.
  /// - Throws: `invalidParameter` for deeper pictures, sides above 65500 pixels or a quality out of range.
  public static func encode(_ image: ColourImage, quality: Int = 90) throws(ImageError) -> [UInt8] {
    guard image.bits <= 8 else {
      throw ImageError(
        .invalidParameter, "JPEG stores 8 bits a sample, this picture has \(image.bits)", hint: "use PNG")
    }
    return try encode(Raster(image), quality: quality)
  }

  /// Encodes one slice of 8-bit grey levels; lossy, and the geometry is not kept.
  ///
  /// - Parameter quality: 1 … 100, the scale of the IJG library.
  /// - Throws: `invalidParameter` for several slices, another stored type, sides above 65500 or a quality out of range.
  public static func encode(_ volume: AnyVolume, quality: Int = 90) throws(ImageError) -> [UInt8] {
    try encode(Raster(volume, format: .jpeg), quality: quality)
  }

  static func encode(_ raster: Raster, quality: Int) throws(ImageError) -> [UInt8] {
    guard 1...100 ~= quality else {
      throw ImageError(.invalidParameter, "JPEG quality is \(quality), expected 1 … 100")
    }
    guard raster.columns <= 65_500, raster.rows <= 65_500 else {
      throw ImageError(
        .invalidParameter, "JPEG stores up to 65500 × 65500 pixels, these are \(raster.columns) × \(raster.rows)",
        hint: "use PNG")
    }
    var message = Message()
    var out: UnsafeMutablePointer<UInt8>?
    var count = 0
    let failed = raster.bytes.withUnsafeBufferPointer { pixels in
      message.fill {
        lumen_jpeg_encode(
          pixels.baseAddress, UInt32(raster.columns), UInt32(raster.rows), UInt32(raster.channels), Int32(quality),
          &out, &count, $0)
      }
    }
    guard failed == 0, let out else { throw ImageError(.io, "JPEG cannot be encoded: \(message.text)") }
    defer { lumen_jpeg_free(out) }
    return Array(UnsafeBufferPointer(start: out, count: count))
  }
}
