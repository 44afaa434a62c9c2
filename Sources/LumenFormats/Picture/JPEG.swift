// SPDX-License-Identifier: Apache-2.0
import CJPEG
public import LumenCore

/// JPEG files: 8-bit grey and colour pictures, decoded and encoded by libjpeg-turbo.
///
/// - Shape: grey becomes one slice with 1 mm spacing; YCbCr and RGB become RGB. Orientation tags are not applied.
/// - Accuracy: the accurate integer transform with smoothed chroma; lossy, so grey levels differ from the original's.
/// - Source: ISO/IEC 10918-1 baseline, extended sequential and progressive, Huffman or arithmetic, 8 bits; JFIF.
public enum JPEG {
  /// Decodes a file.
  ///
  /// - Throws: `unsupported` for CMYK, 12-bit and lossless files; `malformed` for damaged or cut data, which is never
  ///   filled in; `limitExceeded` before anything is allocated.
  public static func read(_ bytes: [UInt8], limits: Limits = .standard) throws(ImageError) -> DecodedImage {
    let raster = try raster(bytes, limits: limits)
    return raster.channels == 1 ? .grey(raster.grey) : .colour(raster.colour)
  }

  static func raster(_ bytes: [UInt8], limits: Limits) throws(ImageError) -> Raster {
    try bytes.withUnsafeBufferPointer { file throws(ImageError) in
      guard let base = file.baseAddress else { throw ImageError(.malformed, "JPEG: the file is empty") }
      var info = lumen_jpeg_info()
      var message = Message()
      var handle: OpaquePointer?
      let result = message.fill { lumen_jpeg_open(base, file.count, &handle, &info, $0) }
      guard let handle else { throw failure(result, message) }
      defer { lumen_jpeg_close(handle) }
      guard info.components == 1 || info.components == 3 else {
        throw ImageError(
          .unsupported, "JPEG with \(info.components) components\(info.components == 4 ? " (CMYK or YCCK)" : "")",
          hint: "convert it to RGB first")
      }
      let (columns, rows, channels) = (Int(info.columns), Int(info.rows), Int(info.components))
      // Progressive files keep 16-bit coefficients beside the pixels; colour samples are 16-bit in memory.
      let perPixel = channels == 1 ? 3 : 15
      let size =
        try limits.checkedBytes(columns: columns, rows: rows, slices: 1, bytesPerVoxel: perPixel) / perPixel * channels
      guard size <= file.count.multipliedSaturating(limits.expansion) else {
        throw ImageError(
          .limitExceeded,
          "JPEG: \(columns) × \(rows) pixels need \(size) bytes, "
            + "more than \(limits.expansion) times the \(file.count) bytes of the file"
        )
      }
      var failed: Int32 = 0
      let samples = [UInt8](unsafeUninitializedCapacity: size) { out, count in
        failed = message.fill { lumen_jpeg_read(handle, out.baseAddress, $0) }
        count = failed == 0 ? size : 0
      }
      guard failed == 0 else { throw failure(failed, message) }
      return Raster(columns: columns, rows: rows, channels: channels, bits: 8, bytes: samples)
    }
  }

  private static func failure(_ result: Int32, _ message: Message) -> ImageError {
    result == Int32(lumen_jpeg_unsupported)
      ? ImageError(.unsupported, "JPEG: \(message.text)", hint: "convert it to PNG first")
      : ImageError(.malformed, "JPEG: \(message.text)", hint: "the file is damaged or cut; fetch it again")
  }

  /// Encodes a colour picture of 8 bits a sample: baseline, chroma subsampled 2 × 2.
  ///
  /// - Parameter quality: 1 … 100, the scale of the IJG library.
  /// - Throws: `invalidParameter` for 16-bit pictures, sides above 65500 pixels or a quality out of range.
  public static func encode(_ image: ColourImage, quality: Int = 90) throws(ImageError) -> [UInt8] {
    guard image.bits == 8 else {
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
