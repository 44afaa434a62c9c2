// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenDICOM
import LumenFormats

/// Stored pixel values without a header, for comparing decoders.
///
/// - Shape: frame, row, column, sample; little endian; samples interleaved; the word size of the stored type.
///   DICOM: values before rescale, palettes expanded, YBR as RGB. Other formats: decoded values.
public enum RawExport {
  /// Decodes a file and writes its values, whole or not at all.
  public static func write(_ input: String, to output: String) throws(ImageError) {
    if DICOMFile.isDICOM(try Files.head(input, 512)) {
      let (_, pixels) = try DICOMFile.storedPixels(input)
      switch pixels {
      case .grey(let volume): try Files.write(volume.accept(Bytes()), to: output)
      case .colour(let frames): try Files.write(frames.flatMap(bytes), to: output)
      }
    } else {
      switch try ImageFile.read(input) {
      case .grey(let volume): try Files.write(volume.accept(Bytes()), to: output)
      case .colour(let picture): try Files.write(bytes(picture), to: output)
      }
    }
  }

  private struct Bytes: AnyVolume.Visitor {
    typealias Failure = Never
    func visit<Element: Voxel>(_ volume: Volume<Element>) -> [UInt8] {
      volume.withVoxels { Array(UnsafeRawBufferPointer($0)) }
    }
  }

  private static func bytes(_ picture: ColourImage) -> [UInt8] {
    picture.bits == 8
      ? picture.samples.map { UInt8(truncatingIfNeeded: $0) }
      : picture.samples.withUnsafeBytes { Array($0) }
  }
}
