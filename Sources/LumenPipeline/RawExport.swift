// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenDICOM
import LumenFormats

/// Stored pixel values without a header, for comparing decoders.
///
/// - Shape: frame, row, column, sample; little endian; samples interleaved; the word size of the stored type.
///   DICOM: values before rescale, palette indices, RGB or YBR as stored, JPEG colour as RGB; one byte a pixel for 1-bit
///   images. Other formats: every decoded channel, also alpha and CMYK.
public enum RawExport {
  /// Decodes a file and writes its values, whole or not at all.
  public static func write(_ input: String, to output: String) throws(ImageError) {
    let bytes =
      DICOMFile.isDICOM(try Files.head(input, 512))
      ? try DICOMFile.storedFrames(input).bytes : try ImageFile.samples(input).bytes
    try Files.write(bytes, to: output)
  }
}
