// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenCodecs
import LumenDICOM

/// Image files of every format that Lumen knows: read by content, written by the extension of the name.
public enum ImageFile {
  /// Reads a file; its first bytes decide the format, its name does not.
  ///
  /// - Parameter volume: the number of the volume, from 1, for a file with several: time points, channels, components,
  ///   pictures of one colour DICOM series. DICOM needs none where only one can be meant: localizers are left aside, and
  ///   of time points the first is taken, as ``Inventory/choose(_:)`` does.
  /// - Throws: `notFound` and `io`; `unsupported` with the name of a format that is recognised but not read;
  ///   `invalidParameter` for a file with several volumes and none chosen (the error says how many); what the decoder
  ///   found wrong. The path is the error's place.
  public static func read(
    _ path: String, volume: Int? = nil, limits: Limits = .standard
  ) throws(ImageError) -> DecodedImage {
    let head = try Files.head(path, ImageFormat.headBytes)
    guard let format = ImageFormat.detect(head) else { throw ImageFormat.unknown(head).at(path) }
    guard format.isReadable else { throw format.notRead.at(path) }
    if let volume, volume != 1, ![.nifti, .nrrd, .metaImage, .tiff, .gzip, .dicom].contains(format) {
      throw ImageError(.invalidParameter, "volume \(volume) of a file with one, expected 1", place: path)
    }
    if format == .dicom { return try dicom([path], volume, place: path, limits: limits) }
    do throws(ImageError) {
      let contents = try FileContents(file: path, limits: limits)
      if let samples = try samples(contents, format, path, limits) { return try samples.image(volume) }
      return try decode(Array(contents.bytes()), format, limits: limits)
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

  /// The image that is meant among the files: ``Inventory/choose(_:)``; of one colour series the picture of the number.
  static func dicom(
    _ files: [String], _ volume: Int?, place: String, limits: Limits
  ) throws(ImageError) -> DecodedImage {
    let inventory = Inventory.scan(files, limits: limits)
    if inventory.series.isEmpty, files.count == 1, let error = inventory.rejected.first?.error { throw error }
    do throws(ImageError) {
      let isPicture = inventory.series.count == 1 && inventory.series[0].isColour
      let series = try inventory.choose(isPicture ? nil : volume).series
      if let volume, isPicture, !(1...max(1, series.size.slices)).contains(volume) {
        throw ImageError(.invalidParameter, "picture \(volume) is asked for, there are \(series.size.slices)")
      }
      guard !series.isColour || series.size.slices == 1 || (isPicture && volume != nil) else {
        throw ImageError(
          .invalidParameter, "holds \(series.size.slices) colour pictures, expected one",
          hint: isPicture ? "choose one by its number as volume" : "read the file or the series for itself")
      }
      switch try series.read(limits: limits).pixels {
      case .grey(let grey): return .grey(grey)
      case .colour(let pictures):
        let number = isPicture ? volume ?? 1 : 1
        guard pictures.indices.contains(number - 1) else {
          throw ImageError(.malformed, "the DICOM series has no picture \(number)")
        }
        return .colour(pictures[number - 1])
      }
    } catch {
      throw error.place?.hasPrefix(place) == true ? error : error.at(place)
    }
  }

  /// Every grey volume of a DICOM file.
  static func dicomVolumes(_ path: String, limits: Limits) throws(ImageError) -> [AnyVolume] {
    let inventory = Inventory.scan([path], limits: limits)
    if let error = inventory.rejected.first?.error { throw error }
    do throws(ImageError) {
      var volumes: [AnyVolume] = [], room = limits
      for series in inventory.series {
        guard !series.isColour else {
          throw ImageError(
            .invalidParameter, "is a colour picture, expected grey levels", hint: "convert it to luminance first")
        }
        let volume = try series.read(limits: room).grey
        room.decodedBytes -= volume.size.count * volume.kind.bytes
        volumes.append(volume)
      }
      return volumes
    } catch {
      throw error.place?.hasPrefix(path) == true ? error : error.at(path)
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
      ? try ImageFile.dicom(Files.list([path]), volume, place: path, limits: .standard)
      : try ImageFile.read(path, volume: volume)
    guard case .grey(let volume) = image else {
      throw ImageError(
        .invalidParameter, "is a colour picture, expected grey levels", place: path,
        hint: "convert it to luminance first")
    }
    self = volume
  }
}
