// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenCodecs
import LumenDICOM

/// Image files of every format that Lumen knows: read by content, written by the extension of the name.
public enum ImageFile {
  /// Reads a file; its first bytes decide the format, its name does not. Of colour DICOM frames the first is taken.
  ///
  /// - Parameter volume: the number of the volume, from 1, for a file with several: time points, channels, components.
  /// - Throws: `notFound` and `io`; `unsupported` with the name of a format that is recognised but not read;
  ///   `invalidParameter` for a file with several volumes and none chosen (the error says how many); what the decoder
  ///   found wrong. The path is the error's place.
  public static func read(
    _ path: String, volume: Int? = nil, limits: Limits = .standard
  ) throws(ImageError) -> DecodedImage {
    let head = try Files.head(path, ImageFormat.headBytes)
    guard let format = ImageFormat.detect(head) else { throw ImageFormat.unknown(head).at(path) }
    guard format.isReadable else { throw format.notRead.at(path) }
    if let volume, volume != 1, ![.nifti, .nrrd, .metaImage, .tiff, .gzip].contains(format) {
      throw ImageError(.invalidParameter, "volume \(volume) of a file with one, expected 1", place: path)
    }
    if format == .dicom { return try dicom([path], place: path, limits: limits) }
    let bytes = try Files.read(path, limits: limits)
    do throws(ImageError) {
      if let samples = try samples(bytes, format, path, limits) { return try samples.image(volume) }
      return try decode(bytes, format, limits: limits)
    } catch {
      throw error.inside(path)
    }
  }

  private static func decode(
    _ bytes: [UInt8], _ format: ImageFormat, limits: Limits
  ) throws(ImageError) -> DecodedImage {
    switch format {
    case .png: return try PNG.read(bytes, limits: limits)
    case .jpeg, .jpegLS, .jpeg2000, .jpegXL: return try CodestreamFile.read(bytes, limits: limits)
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
}

extension AnyVolume {
  /// The volume of a file of any format, or of a folder that holds one DICOM series.
  ///
  ///     let ct = try AnyVolume(contentsOf: "CT/")
  ///
  /// - Parameter volume: the number of the volume, from 1, for a file with several.
  /// - Throws: as ``ImageFile/read(_:volume:limits:)``; `notFound` for a folder without a series, `invalidParameter` for
  ///   a folder with several (the error says how many) and for a colour picture.
  public init(contentsOf path: String, volume: Int? = nil) throws(ImageError) {
    let image =
      Files.isFolder(path)
      ? try ImageFile.dicom(Files.list([path]), place: path, limits: .standard)
      : try ImageFile.read(path, volume: volume)
    guard case .grey(let volume) = image else {
      throw ImageError(
        .invalidParameter, "is a colour picture, expected grey levels", place: path,
        hint: "convert it to luminance first")
    }
    self = volume
  }
}
