// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore

/// Files that are a codestream, or a codestream in its own small container: JPEG, JPEG-LS, JPEG 2000, JPEG XL.
enum CodestreamFile {
  /// Decodes to a grey image or a colour picture.
  ///
  /// - Throws: `unsupported` for other than one or three components, and for colour of more than 16 bits.
  static func read(_ bytes: [UInt8], limits: Limits) throws(ImageError) -> DecodedImage {
    try bytes.withUnsafeBytes { file in
      Result { () throws(ImageError) in
        let header = try Codestream.header(file, limits: limits)
        guard header.components == 1 || header.components == 3 else {
          throw ImageError(
            .unsupported,
            "\(header.codec.name) with \(header.components) components\(header.components == 4 ? " (CMYK or YCCK)" : "")",
            hint: "convert it to RGB first")
        }
        if header.components == 3 && (header.bits > 16 || header.isSigned) {
          throw ImageError(
            .unsupported, "\(header.codec.name) colour of \(header.bits) \(header.isSigned ? "signed " : "")bits")
        }
        // Colour samples are 16-bit in memory, beside the decoded bytes; progressive JPEG keeps coefficients too.
        let room = header.components == 1 ? 8 : 15
        _ = try limits.checkedBytes(columns: header.columns, rows: header.rows, slices: 1, bytesPerVoxel: room)
        let samples = try samples(file, header)
        return header.components == 1 ? .grey(try samples.grey()) : .colour(colour(samples, header))
      }
    }.get()
  }

  /// Every component as decoded; JPEG in YCbCr comes as RGB.
  static func samples(_ bytes: [UInt8], limits: Limits) throws(ImageError) -> ImageSamples {
    try bytes.withUnsafeBytes { file in
      Result { () throws(ImageError) in try samples(file, try Codestream.header(file, limits: limits)) }
    }.get()
  }

  private static func samples(
    _ file: UnsafeRawBufferPointer, _ header: CodestreamHeader
  ) throws(ImageError) -> ImageSamples {
    var failure: ImageError?
    let decoded = [UInt8](unsafeUninitializedCapacity: header.byteCount) { out, count in
      do throws(ImageError) {
        // Files follow JFIF's habit: three components without a word are YCbCr.
        try Codestream.decode(
          file, header,
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(out)[..<header.byteCount]),
          convertsYCC: header.canConvertYCC && header.colour != .rgb,
          threads: header.columns * header.rows >= 4 << 20 ? Parallel.width : 1)
        count = header.byteCount
      } catch { failure = error }
    }
    if let failure { throw failure }
    let kind: VoxelKind =
      switch (header.bytesPerSample, header.isSigned) {
      case (1, false): .uint8
      case (1, true): .int8
      case (2, false): .uint16
      case (2, true): .int16
      case (_, false): .uint32
      case (_, true): .int32
      }
    return ImageSamples(
      columns: header.columns, rows: header.rows, slices: 1, channels: header.components, kind: kind, bytes: decoded)
  }

  private static func colour(_ samples: ImageSamples, _ header: CodestreamHeader) -> ColourImage {
    let raster = Raster(
      columns: samples.columns, rows: samples.rows, channels: 3, bits: 8 * header.bytesPerSample, bytes: samples.bytes)
    var picture = ColourImage(
      columns: raster.columns, rows: raster.rows, bits: header.bits, samples: raster.colour.samples)
    // JPEG's decoder has converted already; other files may name YCbCr.
    if header.codec != .jpeg && header.colour == .ycc { YCbCr.toRGB(&picture.samples, bits: header.bits) }
    return picture
  }
}
