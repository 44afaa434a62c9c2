// SPDX-License-Identifier: Apache-2.0
import CPNG
import LumenCodecs
public import LumenCore

/// Portable Network Graphics: 8 or 16-bit grey and colour pictures, decoded and encoded by libpng.
///
/// - Range: stored values. Greys of 1, 2 and 4 bits are not scaled to 255; gamma, colour profile and significant bits
///   are not applied.
/// - Shape: grey becomes one slice with 1 mm spacing; palette, RGB and RGBA become colour. Transparency is dropped,
///   not blended: a pixel keeps its colour whatever its alpha.
/// - Source: PNG specification, third edition; all five colour types, 1 to 16 bits, interlaced or not.
public enum PNG {
  /// Decodes a file.
  ///
  /// - Throws: `malformed` for broken chunks, checksums, pixels or a cut file; `limitExceeded` before anything is
  ///   allocated for a size that the limits or the file's length rule out.
  public static func read(_ bytes: [UInt8], limits: Limits = .standard) throws(ImageError) -> DecodedImage {
    let raster = try raster(bytes, limits: limits)
    return raster.channels <= 2 ? .grey(raster.grey) : .colour(raster.colour)
  }

  /// The gamma that the file states for its samples (chunk gAMA), which ``read(_:limits:)`` does not apply; nil for none.
  public static func gamma(of bytes: [UInt8]) -> Double? {
    func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    var at = 8
    // The chunk comes before the palette and the pixels.
    while at + 12 <= bytes.count {
      let length = number(at), type = bytes[at + 4..<at + 8]
      if type.elementsEqual("gAMA".utf8), length == 4, at + 16 <= bytes.count {
        return number(at + 8) > 0 ? Double(number(at + 8)) / 100_000 : nil
      }
      if type.elementsEqual("IDAT".utf8) || length > bytes.count { return nil }
      at += length + 12
    }
    return nil
  }

  /// The decoded samples with all their channels.
  static func raster(_ bytes: [UInt8], limits: Limits) throws(ImageError) -> Raster {
    try bytes.withUnsafeBufferPointer { file throws(ImageError) in
      guard let base = file.baseAddress else { throw ImageError(.malformed, "PNG: the file is empty") }
      var info = lumen_png_info()
      var message = Message()
      guard let image = message.fill({ lumen_png_open(base, file.count, &info, $0) }) else {
        throw ImageError(.malformed, "PNG: \(message.text)")
      }
      defer { lumen_png_close(image) }
      let (columns, rows, channels) = (Int(info.columns), Int(info.rows), Int(info.channels))
      // Samples of colour are 16-bit in memory, beside the decoded bytes.
      let palette = info.is_palette != 0
      let perPixel = channels * Int(info.bits) / 8 + (palette ? 9 : channels > 2 ? 6 : 0)
      _ = try limits.checkedBytes(columns: columns, rows: rows, slices: 1, bytesPerVoxel: perPixel)
      let stored = (columns * Int(info.stored_bits) + 7) / 8 * rows
      guard stored <= file.count.multipliedSaturating(limits.expansion) else {
        throw ImageError(
          .limitExceeded,
          "PNG: \(columns) × \(rows) pixels need \(stored) bytes, "
            + "more than \(limits.expansion) times the \(file.count) bytes of the file"
        )
      }
      let rowBytes = columns * channels * Int(info.bits) / 8
      var failed: Int32 = 0
      let samples = [UInt8](unsafeUninitializedCapacity: rowBytes * rows) { out, count in
        failed = message.fill { lumen_png_read(image, out.baseAddress, rowBytes, $0) }
        count = failed == 0 ? rowBytes * rows : 0
      }
      guard failed == 0 else {
        throw ImageError(.malformed, "PNG: \(message.text)", hint: "the file is damaged or cut; fetch it again")
      }
      let raster = Raster(columns: columns, rows: rows, channels: channels, bits: Int(info.bits), bytes: samples)
      return palette ? try expanded(raster, &info) : raster
    }
  }

  /// The colours that the indices name.
  private static func expanded(_ indices: Raster, _ info: inout lumen_png_info) throws(ImageError) -> Raster {
    let entries = min(Int(info.entries), 256)
    let colours = withUnsafeBytes(of: &info.palette) { Array($0) }
    if let wrong = indices.bytes.first(where: { $0 >= entries }) {
      throw ImageError(.malformed, "PNG: a pixel names entry \(wrong) of a palette of \(entries)")
    }
    var raster = indices
    raster.channels = 3
    raster.bytes = [UInt8](unsafeUninitializedCapacity: indices.bytes.count * 3) { out, count in
      for (i, index) in indices.bytes.enumerated() {
        for c in 0..<3 { out[3 &* i &+ c] = colours[3 &* Int(index) &+ c] }
      }
      count = indices.bytes.count * 3
    }
    return raster
  }

  /// Encodes a colour picture; samples of other than 8 or 16 bits are scaled to the next of them. Deterministic for one version of libpng and zlib.
  public static func encode(_ image: ColourImage) throws(ImageError) -> [UInt8] {
    try encode(Raster(image))
  }

  /// Encodes one slice of 8 or 16-bit unsigned grey levels; the geometry is not kept.
  ///
  /// - Throws: `invalidParameter` for several slices or another stored type.
  public static func encode(_ volume: AnyVolume) throws(ImageError) -> [UInt8] {
    try encode(Raster(volume, format: .png))
  }

  static func encode(_ raster: Raster) throws(ImageError) -> [UInt8] {
    guard let columns = UInt32(exactly: raster.columns), let rows = UInt32(exactly: raster.rows) else {
      throw ImageError(.invalidParameter, "PNG: \(raster.columns) × \(raster.rows) pixels are too many")
    }
    var message = Message()
    var out: UnsafeMutablePointer<UInt8>?
    var count = 0
    let failed = raster.bytes.withUnsafeBufferPointer { pixels in
      message.fill {
        lumen_png_encode(
          pixels.baseAddress, columns, rows, UInt32(raster.channels), UInt32(raster.bits), &out, &count, $0)
      }
    }
    guard failed == 0, let out else { throw ImageError(.io, "PNG cannot be encoded: \(message.text)") }
    defer { lumen_png_free(out) }
    return Array(UnsafeBufferPointer(start: out, count: count))
  }
}
