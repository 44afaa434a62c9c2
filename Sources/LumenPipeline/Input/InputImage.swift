// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenDICOM
import LumenFormats

/// One image that a command was given: a file of any format, or a folder with one DICOM series.
public struct InputImage: Sendable {
  /// What is wanted of it.
  public struct Options: Sendable, Equatable {
    /// What happens to slices that do not lie on a regular grid.
    public var geometry = GeometryPolicy.error
    /// Which values a pixel of DICOM has.
    public var values = PixelValues.modality
    /// Which volume of several, from 1; nil for the only one.
    public var volume: Int?
    /// What may be allocated.
    public var limits = Limits.standard
    /// The defaults.
    public init() {}
  }

  /// The grey levels.
  public let volume: AnyVolume
  /// The DICOM series it was read from; nil for other formats.
  public let series: Series?
  /// What the user has to know about it: irregular slices, volumes left aside.
  public let notes: [String]

  /// Reads an image.
  ///
  /// - Throws: `notFound`, `io`; `invalidParameter` for several volumes and none chosen, for colour, and for values that
  ///   the format does not have; what the reader found wrong.
  public init(contentsOf path: String, _ options: Options = Options()) throws(ImageError) {
    let files = Files.isFolder(path) ? try Files.list([path]) : [path]
    let isDICOM =
      if Files.isFolder(path) { true } else { DICOMFile.isDICOM(try Files.head(path, ImageFormat.headBytes)) }
    guard isDICOM else {
      guard options.values == .modality else {
        throw ImageError(
          .invalidParameter, "values \(options.values.rawValue) are asked for, which only DICOM has", place: path)
      }
      series = nil
      notes = []
      guard case .grey(let grey) = try ImageFile.read(path, volume: options.volume, limits: options.limits) else {
        throw ImageError(
          .invalidParameter, "is a colour picture, expected grey levels", place: path,
          hint: "convert it to luminance first")
      }
      volume = grey
      return
    }
    let inventory = Inventory.scan(files)
    do throws(ImageError) {
      if files.count == 1, let error = inventory.rejected.first?.error { throw error }
      let divided = options.geometry == .split ? try inventory.splitting() : inventory
      let (series, note) = try divided.choose(options.volume)
      let image = try series.read(policy: options.geometry, values: options.values, limits: options.limits)
      self.series = series
      notes = (note.map { [$0] } ?? []) + image.findings.map(\.description)
      volume = try image.grey
    } catch {
      throw error.place?.hasPrefix(path) == true ? error : error.at(path)
    }
  }
}
