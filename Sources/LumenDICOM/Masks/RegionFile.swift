// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The regions of a DICOM Segmentation or RT Structure Set: listed at once, drawn one by one when asked for. Frames are
/// read from the file each time: it has to stay where it is.
///
///     let file = try RegionFile(contentsOf: "RS.dcm")
///     for region in file.regions { print(region.number, region.name) }
///     let tumour = try file.mask(of: file.region(named: "GTV").number, on: ct.geometry)
///
/// - Source: PS3.3 A.51 (Segmentation), A.87 (Label Map Segmentation), A.19 (RT Structure Set).
public struct RegionFile: Sendable {
  /// How the regions are stored.
  public enum Kind: String, Sendable, CaseIterable {
    /// One bit a voxel; segments may overlap.
    case binary
    /// A fraction a voxel; segments may overlap.
    case fractional
    /// One segment number a voxel.
    case labelMap
    /// Contours.
    case structureSet
  }

  /// How the regions are stored.
  public let kind: Kind
  /// Patient, study, series and instance of the file.
  public let header: InstanceHeader
  /// What the file has, in its order.
  public let regions: [RegionInfo]
  /// What is irregular about the file and, for those with a number, its regions.
  public let findings: [RegionFinding]
  /// The image that the regions were drawn on.
  public let references: ImageReferences

  private enum Content: Sendable {
    case segmentation(Segmentation)
    case structures(StructureSet)
  }
  private let content: Content
  private let path: String

  /// Reads everything but the voxels.
  ///
  /// - Throws: `unsupported` for other DICOM objects; `malformed`, `limitExceeded`, `notFound`, `io`.
  public init(contentsOf path: String, limits: Limits = .standard) throws(ImageError) {
    let handle = try DICOMFile.open(path, limits)
    self.path = path
    do throws(ImageError) {
      header = try InstanceHeader(handle, path: path, limits: limits)
      switch header.sopClassUID {
      case SOPClass.segmentation, SOPClass.labelMapSegmentation:
        let s = try Segmentation(handle, header, limits: limits)
        (kind, regions, findings, references) = (s.kind, s.regions, s.findings, s.references)
        content = .segmentation(s)
      case SOPClass.structureSet:
        let s = try StructureSet(handle, limits: limits)
        (kind, regions, findings, references) = (.structureSet, s.regions, s.findings, s.references)
        content = .structures(s)
      default:
        throw ImageError(
          .unsupported, "SOP Class \(header.sopClassUID) holds no regions, expected a Segmentation or RT Structure Set")
      }
    } catch { throw error.at(path) }
  }

  /// Whether an instance is of a kind that is read here.
  public static func canRead(_ header: InstanceHeader) -> Bool {
    [SOPClass.segmentation, SOPClass.labelMapSegmentation, SOPClass.structureSet].contains(header.sopClassUID)
  }

  /// The grid of a segmentation, from its first frame to its last; nil for contours, which have none of their own.
  public var geometry: Geometry? {
    if case .segmentation(let s) = content { return s.geometry }
    return nil
  }

  /// Whether positions are those in a patient; else the grid is that of pixels or of a slide.
  public var isInPatient: Bool {
    if case .segmentation(let s) = content { return s.isInPatient }
    return true
  }

  /// The region of a name: the only one with exactly this name, or the only one that differs by case.
  ///
  /// - Throws: `notFound` naming the regions there are; `invalidParameter` where several have the name.
  public func region(named name: String) throws(ImageError) -> RegionInfo {
    var found = regions.filter { $0.name == name }
    if found.isEmpty { found = regions.filter { $0.name.lowercased() == name.lowercased() } }
    if let only = found.first, found.count == 1 { return only }
    guard found.isEmpty else {
      throw ImageError(
        .invalidParameter, "\(found.count) regions are called \"\(name)\": numbers \(found.map(\.number))", place: path,
        hint: "choose one by its number")
    }
    throw ImageError(
      .notFound, "no region is called \"\(name)\"", place: path,
      hint: "there are: " + regions.map { $0.name.isEmpty ? "number \($0.number)" : $0.name }.joined(separator: ", "))
  }

  /// A segment on the file's own grid.
  ///
  /// - Parameter threshold: least fraction that counts as inside, for fractional segmentations.
  /// - Throws: `unsupported` for contours, which need an image; `notFound` for a number that the file does not have;
  ///   `malformed` for damaged pixels or frames on no regular grid.
  public func mask(of number: Int, threshold: Double = 0.5) throws(ImageError) -> Mask {
    let s = try segmentation()
    _ = try info(number)
    do { return try s.mask(number, threshold: threshold) } catch { throw error.at(path) }
  }

  /// A region on the grid of an image.
  ///
  /// - Parameters:
  ///   - frameOfReferenceUID: that of the image; "" when it is not known, then it is not compared.
  ///   - resample: whether a segmentation on another grid may be resampled; contours never need it.
  ///   - threshold: least fraction that counts as inside, for fractional segmentations.
  /// - Throws: as ``drawing(of:on:options:)``.
  public func mask(
    of number: Int, on image: Geometry, frameOfReferenceUID: String = "", resample: Bool = false,
    threshold: Double = 0.5
  ) throws(ImageError) -> Mask {
    var options = DrawingOptions()
    options.frameOfReferenceUID = frameOfReferenceUID
    options.resample = resample
    options.threshold = threshold
    return try drawing(of: number, on: image, options: options).mask
  }

  /// How regions become voxels.
  public struct DrawingOptions: Sendable, Equatable {
    /// Frame of Reference UID of the image; "" when it is not known, then it is not compared.
    public var frameOfReferenceUID = ""
    /// Whether regions in another frame of reference are drawn as if it were the image's, and frames without position in
    /// the patient pixel on pixel.
    public var anyFrame = false
    /// Whether a segmentation on another grid may be resampled.
    public var resample = false
    /// Least fraction that counts as inside, for fractional segmentations.
    public var threshold = 0.5
    /// Whether points and open contours set the voxels they run through; else they set none.
    public var marksPoints = false
    /// The defaults.
    public init() {}
  }

  /// A region on the grid of an image, and what was irregular when it was drawn.
  ///
  /// - Throws: `notFound` for a number that the file does not have; `malformed` for contours or frames that cannot be
  ///   drawn; `invalidParameter` for a region without area, outside the image, in another frame of reference, without
  ///   position in the patient, or on another grid (which axis, how many mm).
  public func drawing(
    of number: Int, on image: Geometry, options: DrawingOptions = DrawingOptions()
  ) throws(ImageError) -> (mask: Mask, findings: [RegionFinding]) {
    let region = try info(number), known = findings.filter { $0.region ?? number == number }
    do throws(ImageError) {
      if !options.anyFrame { try requireFrame(options.frameOfReferenceUID, region) }
      switch content {
      case .segmentation(let s):
        let own = try s.mask(number, threshold: options.threshold)
        if !s.isInPatient, own.geometry.difference(from: image) != nil {
          guard options.anyFrame else {
            throw ImageError(
              .invalidParameter,
              "the segmentation has no position in the patient: where it lies in the image is not known",
              hint: "--any-frame lays it on an image of its size, pixel on pixel")
          }
          if own.size == image.size { return (own.with(image), known) }
        }
        return (try own.placed(on: image, resample: options.resample), known)
      case .structures(let s):
        if let finding = known.first(where: \.isError) { throw finding.error }
        guard let index = s.regions.firstIndex(where: { $0.number == number }), !s.rois[index].contours.isEmpty else {
          throw ImageError(.invalidParameter, "region \(number) has no contours")
        }
        let raster = try ContourRaster(s.rois[index], region, on: image, marksPoints: options.marksPoints)
        let (mask, findings) = raster.draw()
        return (mask, known + findings)
      }
    } catch { throw error.at(path) }
  }

  /// Positions in different frames of reference have nothing to do with each other, PS3.3 C.7.4.1.
  private func requireFrame(_ image: String, _ region: RegionInfo) throws(ImageError) {
    let own = region.frameOfReferenceUID
    let frames = own.isEmpty ? references.frameOfReferenceUIDs : [own]
    guard image.isEmpty || frames.isEmpty || frames.contains(image) else {
      throw ImageError(
        .invalidParameter, "region \(region.number) lies in another frame of reference than the image",
        hint: "is it of another study? --any-frame takes both frames for the same")
    }
  }

  /// Every segment in one volume, names included.
  ///
  /// - Throws: `invalidParameter` where segments overlap; `unsupported` for contours.
  public func labelMap(threshold: Double = 0.5) throws(ImageError) -> LabelMap {
    let s = try segmentation()
    do { return try s.labels(threshold: threshold) } catch { throw error.at(path) }
  }

  /// The share of each voxel that belongs to a segment, 0 … 1, on the file's own grid.
  ///
  /// - Throws: as ``mask(of:threshold:)``.
  public func fractions(of number: Int) throws(ImageError) -> Volume<Float> {
    let s = try segmentation()
    _ = try info(number)
    do { return try s.fractions(number) } catch { throw error.at(path) }
  }

  private func segmentation() throws(ImageError) -> Segmentation {
    guard case .segmentation(let s) = content else {
      throw ImageError(
        .unsupported, "contours have no grid of their own", place: path, hint: "draw them on the grid of their image")
    }
    return s
  }

  private func info(_ number: Int) throws(ImageError) -> RegionInfo {
    guard let region = regions.first(where: { $0.number == number }) else {
      throw ImageError(
        .notFound, "there is no region \(number)", place: path,
        hint: "there are: " + regions.map { String($0.number) }.joined(separator: ", "))
    }
    return region
  }
}
