// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenDICOM
import LumenFormats

/// The regions of a file: DICOM Segmentation, RT Structure Set, or a label map of any format. Listed at once, drawn one
/// by one on the grid of an image.
public struct RegionSource: Sendable {
  /// One region.
  public struct Region: Sendable, Hashable, Codable {
    /// Segment or ROI number, or label.
    public let number: Int
    /// Its name; "label 3" where the file has none.
    public let name: String
    /// Whether the file gives the name.
    public let isNamed: Bool
    /// Which of several label maps it is in.
    let layer: Int
  }

  /// How regions meet an image.
  public struct Placing: Sendable, Hashable, Codable {
    /// Frame of Reference UID of the image; "" when it is not known.
    public var frameOfReferenceUID = ""
    /// Whether a mask on another grid may be resampled (nearest neighbour); contours never need it.
    public var resample = false
    /// Whether DICOM regions in another frame of reference, or without position in the patient, are drawn all the same.
    public var anyFrame = false

    /// How regions meet the image of a series; nil: of another format.
    public init(on series: Series? = nil, resample: Bool = false, anyFrame: Bool = false) {
      frameOfReferenceUID = series?.instances.first?.frameOfReferenceUID ?? ""
      self.resample = resample
      self.anyFrame = anyFrame
    }
  }

  /// What a file says of its regions, before any is drawn.
  public struct Listing: Sendable, Equatable, Codable {
    /// The regions in the file's order.
    public var regions: [Region]
    /// What is irregular about the file.
    public var notes: [String]
    /// Series Instance UIDs of the images that a DICOM file was drawn on.
    public var series: [String]

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
            .notFound, "no region is called \"\(name)\"",
            hint: "there are: " + regions.prefix(50).map(\.name).joined(separator: ", "))
        }
        guard found.count == 1 else {
          throw ImageError(
            .invalidParameter, "\(found.count) regions are called \"\(name)\"",
            hint: "choose one by its number: " + found.map { "\($0.number)" }.joined(separator: ", "))
        }
        chosen.append(first)
      }
      return chosen
    }

    /// The same with texts that are data.
    var bounded: Listing {
      var copy = self
      copy.regions = regions.map {
        Region(number: $0.number, name: $0.name.bounded, isNamed: $0.isNamed, layer: $0.layer)
      }
      copy.notes = notes.map(\.bounded)
      return copy
    }
  }

  /// What the file says of its regions.
  public let listing: Listing
  /// The file when it is a DICOM object, for references to it.
  let file: RegionFile?
  private let maps: [StoredLabels]
  private let path: String

  /// Opens a file of regions; DICOM regions are not drawn yet.
  ///
  /// - Throws: `invalidParameter` for a file without regions or with voxels that are no labels; what the reader found
  ///   wrong.
  public init(contentsOf path: String, limits: Limits = .standard) throws(ImageError) {
    self.path = path
    if let file = try Self.file(path, limits) {
      self.file = file
      maps = []
      listing = Listing(
        regions: file.regions.map {
          Region(
            number: $0.number, name: $0.name.isEmpty ? "label \($0.number)" : $0.name, isNamed: !$0.name.isEmpty,
            layer: 0)
        },
        notes: file.findings.filter { $0.region == nil }.map(\.description), series: file.references.seriesInstanceUIDs)
    } else {
      maps = try ImageFile.labels(path, limits: limits)
      file = nil
      var regions: [Region] = []
      for (layer, map) in maps.enumerated() {
        for label in map.labels {
          let name = map.names[label]
          regions.append(
            Region(number: Int(label), name: name ?? "label \(label)", isNamed: name != nil, layer: layer))
        }
      }
      listing = Listing(regions: regions, notes: [], series: [])
    }
    if listing.regions.isEmpty { throw ImageError(.invalidParameter, "the mask is empty", place: path) }
  }

  /// Whether a file is a DICOM object that holds regions, as opposed to an image.
  public static func isRegionObject(_ path: String) throws(ImageError) -> Bool {
    guard DICOMFile.isDICOM(try Files.head(path, ImageFormat.headBytes)) else { return false }
    return try RegionFile.canRead(DICOMFile.header(path))
  }

  private static func file(_ path: String, _ limits: Limits) throws(ImageError) -> RegionFile? {
    guard DICOMFile.isDICOM(try Files.head(path, ImageFormat.headBytes)) else { return nil }
    guard try RegionFile.canRead(DICOMFile.header(path, limits: limits)) else { return nil }
    return try RegionFile(contentsOf: path, limits: limits)
  }

  /// A region on the grid of an image, and what was irregular when it was drawn.
  ///
  /// - Throws: `invalidParameter` for a mask on another grid (which axis, by how many mm), outside the image or in
  ///   another frame of reference.
  public func mask(
    _ region: Region, on image: Geometry, _ placing: Placing = Placing()
  ) throws(ImageError) -> (mask: Mask, notes: [String]) {
    if let file {
      var options = RegionFile.DrawingOptions()
      options.frameOfReferenceUID = placing.frameOfReferenceUID
      options.resample = placing.resample
      options.anyFrame = placing.anyFrame
      let (mask, findings) = try file.drawing(of: region.number, on: image, options: options)
      // Those of the whole file are in the listing.
      return (mask, findings.filter { $0.region != nil }.map(\.description))
    }
    guard let label = UInt32(exactly: region.number), maps.indices.contains(region.layer) else {
      throw ImageError(.notFound, "no region has the number \(region.number)", place: path)
    }
    do { return (try maps[region.layer].mask(label).placed(on: image, resample: placing.resample), []) } catch {
      throw error.at(path)
    }
  }
}
