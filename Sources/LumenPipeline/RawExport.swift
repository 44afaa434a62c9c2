// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenDICOM
import LumenFormats

/// Stored pixel values without a header, for comparing decoders.
///
/// - Shape: frame, row, column, sample; little endian; samples interleaved; the word size of the stored type.
///   DICOM: values before rescale, palette indices, RGB or YBR as stored, JPEG colour as RGB; one byte a pixel for 1-bit
///   images. Other formats: every decoded channel, also alpha and CMYK.
public enum RawExport {
  /// Decodes a file and writes its values, whole or not at all.
  public static func write(_ input: String, to output: String) throws(ImageError) {
    if DICOMFile.isDICOM(try Files.head(input, ImageFormat.headBytes)) {
      return try Files.write(DICOMFile.storedFrames(input).bytes, to: output)
    }
    if let bytes = try ImageFile.storedBytes(input) { return try Files.write(bytes, to: output) }
    try Files.write(ImageFile.samples(input).bytes, to: output)
  }

  /// Writes the values of a series, slice after slice.
  ///
  /// - Throws: `unsupported` for colour; `io`.
  public static func write(_ image: SeriesImage, to output: String) throws(ImageError) {
    try image.grey.accept(Writing(path: output))
  }

  private struct Writing: AnyVolume.Visitor {
    let path: String
    func visit<Element: Voxel>(_ volume: Volume<Element>) throws(ImageError) {
      let done = volume.withVoxels { v in
        Swift.Result { () throws(ImageError) in try Files.write(UnsafeRawBufferPointer(v), to: path) }
      }
      try done.get()
    }
  }
}
