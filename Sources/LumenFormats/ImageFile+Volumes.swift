// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension ImageFile {
  /// Every volume of a file in its order: time points of NIfTI, NRRD and MetaImage, channels and frames of TIFF, the
  /// components of a voxel after one another; the volumes of a DICOM file. A file of one volume gives one.
  ///
  /// - Throws: as ``read(_:volume:limits:)``; `invalidParameter` for a colour picture; `limitExceeded` when the volumes do
  ///   not fit the limits together.
  public static func volumes(_ path: String, limits: Limits = .standard) throws(ImageError) -> [AnyVolume] {
    if let file = try samples(path, limits) {
      do throws(ImageError) { return try file.volumes() } catch { throw error.inside(path) }
    }
    if try ImageFormat.detect(Files.head(path, ImageFormat.headBytes)) == .dicom {
      return try dicomVolumes(path, limits: limits)
    }
    guard case .grey(let volume) = try read(path, limits: limits) else {
      throw ImageError(
        .invalidParameter, "is a colour picture, expected grey levels", place: path,
        hint: "convert it to luminance first")
    }
    return [volume]
  }

  /// The samples of a NIfTI, NRRD, MetaImage or TIFF file as they are stored: file order, first axis fastest, all
  /// volumes, little-endian, not scaled; nil for a file of another format.
  ///
  /// - Throws: as ``volumes(_:limits:)``.
  public static func storedBytes(_ path: String, limits: Limits = .standard) throws(ImageError) -> [UInt8]? {
    guard let file = try samples(path, limits) else { return nil }
    do throws(ImageError) { return try file.storedBytes() } catch { throw error.inside(path) }
  }

  /// The label maps of a file, each with the names that a 3D Slicer segmentation gives its labels: one for every layer,
  /// because segments in different layers may overlap and share a label.
  ///
  /// - Throws: as ``volumes(_:limits:)``; `invalidParameter` for voxels that are no labels.
  public static func labels(_ path: String, limits: Limits = .standard) throws(ImageError) -> [StoredLabels] {
    guard let file = try samples(path, limits) else {
      var maps: [StoredLabels] = []
      for volume in try volumes(path, limits: limits) { maps.append(try StoredLabels(volume)) }
      return maps
    }
    do throws(ImageError) {
      var maps: [StoredLabels] = []
      for (layer, volume) in try file.volumes().enumerated() {
        var map = try StoredLabels(volume)
        for segment in file.segments where segment.layer == layer { map.names[segment.label] = segment.name }
        maps.append(map)
      }
      return maps
    } catch {
      throw error.inside(path)
    }
  }

  /// The same as label maps.
  ///
  /// - Throws: as ``labels(_:limits:)``.
  public static func labelMaps(_ path: String, limits: Limits = .standard) throws(ImageError) -> [LabelMap] {
    try labels(path, limits: limits).map(\.map)
  }

  /// The files beside a header that hold its samples: of NRRD and MetaImage with detached headers, of a NIfTI pair; none
  /// for other files and for headers that cannot be read.
  public static func dataFiles(of path: String, limits: Limits = .standard) -> [String] {
    do throws(ImageError) {
      let head = try Files.head(path, limits.textBytes)
      switch ImageFormat.detect(head) {
      case .nrrd: return try NRRD.dataFiles(head, path: path, limits: limits)
      case .metaImage: return try MetaImage.dataFiles(head, path: path, limits: limits)
      case .nifti, .gzip: return [try NIfTI.image(of: path)]
      default: return []
      }
    } catch { return [] }
  }

  /// The opened file when it is one of samples on a grid; nil for another format.
  static func samples(_ path: String, _ limits: Limits) throws(ImageError) -> SampleFile? {
    let head = try Files.head(path, ImageFormat.headBytes)
    guard let format = ImageFormat.detect(head) else { throw ImageFormat.unknown(head).at(path) }
    guard [.nifti, .nrrd, .metaImage, .tiff, .gzip].contains(format) else { return nil }
    do throws(ImageError) {
      return try samples(FileContents(file: path, limits: limits), format, path, limits)
    } catch {
      throw error.inside(path)
    }
  }

  /// What a file holds as samples on a grid; nil for another format.
  static func samples(
    _ contents: FileContents, _ format: ImageFormat, _ path: String, _ limits: Limits
  ) throws(ImageError) -> SampleFile? {
    switch format {
    case .nifti: return try NIfTI.open(contents, path: path, limits: limits)
    case .nrrd: return try NRRD.open(contents, path: path, limits: limits)
    case .metaImage: return try MetaImage.open(contents, path: path, limits: limits)
    case .tiff: return try TIFF.open(Array(contents.bytes()), limits: limits)
    case .gzip:
      let inside = try InflateStream(contents.stream(), limits: limits).bytes(ImageFormat.headBytes)
      switch ImageFormat.detect(inside) {
      case .nifti: return try NIfTI.open(contents, path: path, limits: limits)
      case let other:
        throw ImageError(
          .unsupported,
          "gzip file with \(other.map { "\($0.name) data" } ?? "unknown data") inside; only NIfTI is read so",
          hint: "decompress it first")
      }
    default: return nil
    }
  }
}

extension LabelMap {
  /// The labels of a file of any format, with the names that a 3D Slicer segmentation gives them.
  ///
  /// - Throws: as ``ImageFile/labelMaps(_:limits:)``; `invalidParameter` for a file with several layers.
  public init(contentsOf path: String) throws(ImageError) {
    let maps = try ImageFile.labelMaps(path)
    guard let map = maps.first, maps.count == 1 else {
      throw ImageError(
        .invalidParameter, "holds \(maps.count) layers of labels, expected one", place: path,
        hint: "its segments overlap; read the layers one by one")
    }
    self = map
  }
}

extension ImageError {
  /// The same error with the file as its place, unless it names another file already.
  func inside(_ path: String) -> ImageError { place?.contains("/") == true ? self : at(path) }
}
