// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenCodecs
import LumenDICOM

/// Image files of every format that Lumen knows: read by content, written by the extension of the name.
public enum ImageFile {
  /// Reads a file; its first bytes decide the format, its name does not. Of colour DICOM frames the first is taken.
  ///
  /// - Throws: `notFound` and `io`; `unsupported` with the name of a format that is recognised but not read; what the
  ///   decoder found wrong. The path is the error's place.
  public static func read(_ path: String, limits: Limits = .standard) throws(ImageError) -> DecodedImage {
    let head = try Files.head(path, ImageFormat.headBytes)
    guard let format = ImageFormat.detect(head) else { throw ImageFormat.unknown(head).at(path) }
    guard format.isReadable else { throw format.notRead.at(path) }
    if format == .dicom { return try dicom([path], place: path, limits: limits) }
    let bytes = try Files.read(path, limits: limits)
    do throws(ImageError) {
      return try decode(bytes, format, limits: limits)
    } catch {
      throw error.at(path)
    }
  }

  private static func decode(
    _ bytes: [UInt8], _ format: ImageFormat, limits: Limits
  ) throws(ImageError) -> DecodedImage {
    switch format {
    case .png: return try PNG.read(bytes, limits: limits)
    case .jpeg: return try JPEG.read(bytes, limits: limits)
    case .nifti: return .grey(try NIfTI.read(bytes, limits: limits))
    case .gzip:
      let inside = try Gzip.head(bytes, ImageFormat.headBytes)
      switch ImageFormat.detect(inside) {
      case .nifti: return .grey(try NIfTI.read(bytes, limits: limits))
      case let other:
        throw ImageError(
          .unsupported,
          "gzip file with \(other.map { "\($0.name) data" } ?? "unknown data") inside; only NIfTI is read so",
          hint: "decompress it first")
      }
    default: throw format.notRead
    }
  }

  /// The image of the one series among the files.
  static func dicom(_ files: [String], place: String, limits: Limits) throws(ImageError) -> DecodedImage {
    let inventory = Inventory.scan(files, limits: limits)
    guard let series = inventory.series.first else {
      if files.count == 1, let error = inventory.rejected.first?.error { throw error }
      throw ImageError(
        .notFound, "no DICOM series with an image among \(files.count) files", place: place,
        hint: inventory.rejected.first.map { "the first file: \($0.error.what)" })
    }
    guard inventory.series.count == 1 else {
      throw ImageError(
        .invalidParameter, "holds \(inventory.series.count) DICOM series, expected one", place: place,
        hint: "name the folder or the files of one series")
    }
    do throws(ImageError) {
      switch try series.read(limits: limits).pixels {
      case .grey(let volume): return .grey(volume)
      case .colour(let frames):
        guard let first = frames.first else { throw ImageError(.malformed, "the DICOM series has no frame") }
        return .colour(first)
      }
    } catch {
      throw error.place?.hasPrefix(place) == true ? error : error.at(place)
    }
  }

  /// Writes a volume whole or not at all: `.nii` and `.nii.gz`; `.png` (one slice, uint8 or uint16) and `.jpg` or
  /// `.jpeg` (one slice, uint8, lossy), which do not keep the geometry.
  ///
  /// - Throws: `invalidParameter` for another extension or a volume that the format cannot hold; `io`.
  public static func write(_ volume: AnyVolume, to path: String) throws(ImageError) {
    let name = path.lowercased()
    if name.hasSuffix(".nii") || name.hasSuffix(".nii.gz") { return try NIfTI.write(volume, to: path) }
    do throws(ImageError) {
      if name.hasSuffix(".png") { return try Files.write(PNG.encode(volume), to: path) }
      if name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") { return try Files.write(JPEG.encode(volume), to: path) }
    } catch {
      throw error.place == nil ? error.at(path) : error
    }
    throw unknownExtension(path, "use .nii, .nii.gz, .png or .jpg")
  }

  /// Writes a colour picture whole or not at all: `.png`, and `.jpg` or `.jpeg` for 8 bits (lossy).
  ///
  /// - Throws: `invalidParameter` for another extension or a picture that the format cannot hold; `io`.
  public static func write(_ image: ColourImage, to path: String) throws(ImageError) {
    let name = path.lowercased()
    do throws(ImageError) {
      if name.hasSuffix(".png") { return try Files.write(PNG.encode(image), to: path) }
      if name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") { return try Files.write(JPEG.encode(image), to: path) }
    } catch {
      throw error.place == nil ? error.at(path) : error
    }
    throw unknownExtension(path, "use .png or .jpg for a colour picture")
  }

  private static func unknownExtension(_ path: String, _ hint: String) -> ImageError {
    ImageError(.invalidParameter, "the extension names no format that is written", place: path, hint: hint)
  }
}

extension AnyVolume {
  /// The volume of a file of any format, or of a folder that holds one DICOM series.
  ///
  ///     let ct = try AnyVolume(contentsOf: "CT/")
  ///
  /// - Throws: as ``ImageFile/read(_:limits:)``; `notFound` for a folder without a series, `invalidParameter` for a
  ///   folder with several (the error says how many) and for a colour picture.
  public init(contentsOf path: String) throws(ImageError) {
    let image =
      Files.isFolder(path)
      ? try ImageFile.dicom(Files.list([path]), place: path, limits: .standard) : try ImageFile.read(path)
    guard case .grey(let volume) = image else {
      throw ImageError(
        .invalidParameter, "is a colour picture, expected grey levels", place: path,
        hint: "convert it to luminance first")
    }
    self = volume
  }
}
