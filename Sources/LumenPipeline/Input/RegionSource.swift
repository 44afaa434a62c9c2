// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenDICOM
import LumenFormats

/// The regions of a file: DICOM Segmentation, RT Structure Set, or a label map of any format. Listed at once, drawn one
/// by one on the grid of an image.
public struct RegionSource: Sendable {
  /// One region.
  public struct Region: Sendable, Hashable {
    /// Segment or ROI number, or label.
    public let number: Int
    /// Its name; "label 3" where the file has none.
    public let name: String
  }

  /// The regions in the file's order.
  public let regions: [Region]
  /// What is irregular about the file.
  public let notes: [String]
  /// The file when it is a DICOM object, for references to it.
  let file: RegionFile?
  private let maps: [LabelMap]
  private let path: String

  /// Opens a file of regions; DICOM regions are not drawn yet.
  ///
  /// - Throws: `invalidParameter` for a file without regions; what the reader found wrong.
  public init(contentsOf path: String) throws(ImageError) {
    self.path = path
    if DICOMFile.isDICOM(try Files.head(path, ImageFormat.headBytes)), try RegionFile.canRead(DICOMFile.header(path)) {
      let file = try RegionFile(contentsOf: path)
      self.file = file
      maps = []
      regions = file.regions.map { Region(number: $0.number, name: $0.name.isEmpty ? "label \($0.number)" : $0.name) }
      notes = file.findings.filter { $0.region == nil }.map(\.description)
    } else {
      maps = try ImageFile.labelMaps(path)
      file = nil
      notes = []
      regions = maps.flatMap { map in
        map.labels.map { Region(number: Int($0), name: map.names[$0] ?? "label \($0)") }
      }
    }
    if regions.isEmpty { throw ImageError(.invalidParameter, "the mask is empty", place: path) }
  }

  /// The regions of these names or numbers, in the order asked for; all of them for none.
  ///
  /// - Throws: `notFound` naming the regions there are; `invalidParameter` for a name that several have.
  public func chosen(_ names: [String]) throws(ImageError) -> [Region] {
    if names.isEmpty { return regions }
    var chosen: [Region] = []
    for name in names {
      var found = regions.filter { $0.name == name }
      if found.isEmpty { found = regions.filter { $0.name.lowercased() == name.lowercased() } }
      if found.isEmpty, let number = Int(name) { found = regions.filter { $0.number == number } }
      guard let first = found.first else {
        throw ImageError(
          .notFound, "no region is called \"\(name)\"", place: path,
          hint: "there are: " + regions.map(\.name).joined(separator: ", "))
      }
      guard found.count == 1 else {
        throw ImageError(
          .invalidParameter, "\(found.count) regions are called \"\(name)\"", place: path,
          hint: "choose one by its number: " + found.map { "\($0.number)" }.joined(separator: ", "))
      }
      chosen.append(first)
    }
    return chosen
  }

  /// A region on the grid of an image, and what was irregular when it was drawn.
  ///
  /// - Parameter resample: whether a mask on another grid may be resampled (nearest neighbour); contours never need it.
  /// - Throws: `invalidParameter` for a mask on another grid (which axis, by how many mm) or outside the image.
  public func mask(
    _ region: Region, on image: Geometry, resample: Bool = false
  ) throws(ImageError) -> (mask: Mask, notes: [String]) {
    if let file {
      var options = RegionFile.DrawingOptions()
      options.resample = resample
      let (mask, findings) = try file.drawing(of: region.number, on: image, options: options)
      return (mask, findings.map(\.description))
    }
    guard let label = UInt32(exactly: region.number),
      let map = maps.first(where: { ($0.names[label] ?? "label \(label)") == region.name && $0.labels.contains(label) })
    else { throw ImageError(.notFound, "no region has the number \(region.number)", place: path) }
    do { return (try map.mask(label).placed(on: image, resample: resample), []) } catch { throw error.at(path) }
  }
}
